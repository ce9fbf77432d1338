//! Who sends what to whom: all state of a worker, and what becomes of each datagram.
mod allocating;
mod bandwidth;
mod catch_up;
mod connect;
mod dialling;
mod fan_out;
mod feedback;
mod feeding;
mod ingress;
mod layers;
mod lifetime;
mod moving;
mod repair;
mod report;
mod tapping;
mod timer;

pub use allocating::Sharing;
pub use feeding::can_feed;
pub use moving::Tries;
pub use repair::MAX_REPAIRS;
pub use timer::TICK_ROOM;

use crate::agenda::Agenda;
use crate::bandwidth::Outcome;
use crate::chance::Chance;
use crate::counters::{Drops, Reason};
use crate::demux::{self, Kind};
use crate::egress::Egress;
use crate::event::CloseReason;
use crate::event_ring::EventRing;
use crate::frame::Frames;
use crate::handle::{PeerId, SlotId, TapId, TrackId};
use crate::ice::Path;
use crate::peer::Peer;
use crate::rtcp::Ntp;
use crate::slot::Slot;
use crate::stats::Stats;
use crate::table::Table;
use crate::tap::Tap;
use crate::time::Time;
use crate::track::Track;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// No packet that we make is larger than its payload and this: header, extensions, repair number and tag.
pub const PACKET_ROOM: usize = 80;
/// A full UDP payload on Ethernet, for handshakes and reports.
pub const DATAGRAM_ROOM: usize = 1500;

pub struct Router {
    pub peers: Table<PeerId, Peer>,
    pub tracks: Table<TrackId, Track>,
    pub slots: Table<SlotId, Slot>,
    pub taps: Table<TapId, Tap>,
    /// What the taps have read.
    pub frames: Frames,
    pub by_path: HashMap<Path, usize>,
    pub by_ufrag: HashMap<Vec<u8>, usize>,
    /// Those over TCP that were somebody's and are nobody's any more: the connections are to be closed.
    pub parted: Vec<Path>,
    pub out: Egress,
    pub events: EventRing,
    pub agenda: Agenda,
    pub chance: Chance,
    pub drops: Drops,
    /// Room for the decision which viewer is shown what.
    pub sharing: Sharing,
    /// When levels are to be reported next; never while nobody speaks.
    pub levels_due: Time,
    /// What one feedback tells, while it is taken in.
    pub outcomes: Vec<Outcome>,
    /// Of keys on packets of nobody.
    pub tries: Tries,
    /// Peers that broke while another's packet was handled.
    pub broken: Vec<usize>,
    pub ntp_epoch_nanos: u64,
    pub cname: Vec<u8>,
    pub addresses: Vec<SocketAddr>,
}

impl Router {
    pub fn receive(&mut self, datagram: &mut [u8], path: Path, now: Time) {
        match (demux::kind(datagram), self.by_path.get(&path).copied()) {
            (Kind::Stun, _) => self.receive_stun(datagram, path, now),
            (Kind::Unknown, None) => self.drops.count(Reason::UnknownProtocol),
            (Kind::Dtls, None) => self.drops.count(Reason::DtlsBeforeIce),
            (kind, None) => self.receive_from_nobody(kind, datagram, path, now),
            (kind, Some(peer)) => {
                self.contain(peer, now, |router| router.receive_from(peer, kind, datagram, now))
            }
        }
    }

    /// Runs what concerns one peer; if it panics, that peer ends and nobody else.
    pub fn contain(&mut self, peer: usize, now: Time, work: impl FnOnce(&mut Router)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.end(peer, Some(CloseReason::BrokenInvariant), now);
        }
        while let Some(peer) = self.broken.pop() {
            self.end(peer, Some(CloseReason::BrokenInvariant), now);
        }
    }

    pub fn ntp(&self, now: Time) -> Ntp {
        Ntp::from_nanos(self.ntp_epoch_nanos.wrapping_add(now.as_nanos()))
    }

    pub fn stats(&self) -> Stats {
        let id_of = |peer: usize| self.peers[peer].id;
        Stats {
            peers: self.peers.iter().map(|(_, peer)| peer.stats()).collect(),
            tracks: self
                .tracks
                .iter()
                .map(|(_, track)| track.stats(id_of(track.peer)))
                .collect(),
            slots: self
                .slots
                .iter()
                .map(|(_, slot)| slot.stats(id_of(slot.peer), slot.track.map(|track| &self.tracks[track])))
                .collect(),
            dropped: self.drops.clone(),
            events_dropped: self.events.dropped(),
            largest_send_gap_ms: self.out.largest_gap().as_secs_f64() * 1000.0,
        }
    }

    fn receive_from(&mut self, peer: usize, kind: Kind, datagram: &mut [u8], now: Time) {
        self.peers[peer].received(datagram.len());
        let done = match kind {
            Kind::Rtp => self.receive_rtp(peer, datagram, now),
            Kind::Rtcp => self.receive_rtcp(peer, datagram, now),
            Kind::Dtls => self.receive_dtls(peer, datagram, now),
            Kind::Stun | Kind::Unknown => Err(Reason::UnknownProtocol),
        };
        if let (Err(reason), Some(peer)) = (done, self.peers.get_mut(peer)) {
            peer.drops.count(reason);
        }
    }
}

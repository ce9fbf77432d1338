//! One connection: ICE, DTLS, SRTP, and what it publishes and shows.
use crate::allocation::Allocation;
use crate::arrivals::Arrivals;
use crate::clock::PeerClock;
use crate::command::{AddPeer, AddSlot};
use crate::counters::Drops;
use crate::dtls::{Dtls, Fingerprint};
use crate::egress::Link;
use crate::event::Reduced;
use crate::handle::PeerId;
use crate::ice::{Asker, IceDial, IceLite, Path};
use crate::rate::Rate;
use crate::redundancy::Lossy;
use crate::round_trip::RoundTrip;
use crate::slot::{Origin, Slot};
use crate::sources::{ExtensionIds, Sources};
use crate::srtp::Inbound;
use crate::stats::PeerStats;
use crate::time::Time;
use crate::twice::Manner;
use std::time::Duration;

/// A handshake that takes longer than consent lasts will not end.
pub const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);
/// Paths on which a peer is heard at once; browsers check a handful.
const MAX_PATHS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No genuine check yet.
    Checking,
    /// A path is known; DTLS is on its way.
    Securing,
    Connected,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    PathFound,
    Secured,
    End,
}

/// All legal steps.
const STEPS: [(Phase, Step, Phase); 5] = [
    (Phase::Checking, Step::PathFound, Phase::Securing),
    (Phase::Securing, Step::Secured, Phase::Connected),
    (Phase::Checking, Step::End, Phase::Ended),
    (Phase::Securing, Step::End, Phase::Ended),
    (Phase::Connected, Step::End, Phase::Ended),
];

impl Phase {
    pub fn after(self, step: Step) -> Option<Phase> {
        STEPS
            .iter()
            .find(|&&(from, taken, _)| (from, taken) == (self, step))
            .map(|&(_, _, to)| to)
    }
}

struct Spent {
    ssrc: u32,
    sequence: u64,
    timestamp: u32,
}

pub struct Peer {
    pub id: PeerId,
    pub ufrag: String,
    /// By which it is known as well until a restart has led to a path.
    pub former_ufrag: Option<String>,
    pub phase: Phase,
    pub ice: IceLite,
    /// Of a peer that we dial.
    pub dial: Option<IceDial>,
    /// Asks it where it is.
    pub asker: Asker,
    pub dtls: Box<dyn Dtls>,
    pub fingerprint: Fingerprint,
    pub link: Link,
    pub inbound: Option<Inbound>,
    pub ids: ExtensionIds,
    /// For a sender that numbers its packets for its bandwidth estimate.
    pub arrivals: Option<Arrivals>,
    /// On which genuine checks came, oldest first.
    pub paths: Vec<Path>,
    pub sources: Sources,
    pub tracks: Vec<usize>,
    pub slots: Vec<usize>,
    /// Under which we report on what it sends.
    pub own_ssrc: u32,
    pub round_trip: RoundTrip,
    /// Whether what we send it is lost.
    pub lossy: Lossy,
    pub clock: PeerClock,
    pub next_report: Time,
    /// Of what its line is given to carry.
    pub allocation: Allocation,
    pub next_allocation: Time,
    /// Which pictures were told last to be less than they might be.
    pub reduced: Vec<Reduced>,
    /// What was sent of repairs.
    pub repairs: Rate,
    pub datagrams_received: u64,
    pub bytes_received: u64,
    pub drops: Drops,
    began: Time,
    /// When the last unanswered flight of the handshake left.
    flight_sent: Option<Time>,
    /// SSRCs that lived in this connection before, and where their numbers go on: under one key they never start over.
    spent: Vec<Spent>,
}

impl Peer {
    pub fn new(order: AddPeer, index: usize, dtls: Box<dyn Dtls>, own_ssrc: u32, now: Time) -> Peer {
        Peer {
            id: order.peer,
            phase: Phase::Checking,
            ice: IceLite::new(
                &order.local_ufrag,
                &order.local_password,
                &order.remote_ufrag,
                now,
            ),
            dial: None,
            asker: Asker::new(&order.local_ufrag, &order.remote_ufrag, &order.remote_password),
            dtls,
            fingerprint: order.remote_fingerprint,
            link: Link::new(index),
            inbound: None,
            ids: ExtensionIds {
                mid: order.mid_extension,
                rid: order.rid_extension,
                repaired_rid: order.repaired_rid_extension,
                audio_level: order.audio_level_extension,
                transport_cc: order.transport_cc_extension,
                mark: order.mark_extension,
            },
            arrivals: (order.transport_cc_extension != 0).then(Arrivals::new),
            paths: Vec::with_capacity(MAX_PATHS),
            sources: Sources::default(),
            tracks: Vec::new(),
            slots: Vec::new(),
            own_ssrc,
            round_trip: RoundTrip::default(),
            lossy: Lossy::default(),
            clock: PeerClock::default(),
            next_report: Time::NEVER,
            allocation: Allocation::default(),
            next_allocation: Time::ZERO,
            reduced: Vec::new(),
            repairs: Rate::default(),
            datagrams_received: 0,
            bytes_received: 0,
            drops: Drops::default(),
            began: now,
            flight_sent: None,
            spent: Vec::new(),
            ufrag: order.local_ufrag,
            former_ufrag: None,
        }
    }

    /// It keeps each picture that comes, as those do that read marks: what it was sent is not sent anew.
    pub fn takes_frames(&self) -> bool {
        self.ids.mark != 0
    }

    /// Takes a step; an illegal one is a broken invariant.
    pub fn step(&mut self, step: Step) {
        let next = self.phase.after(step);
        self.phase = next.unwrap_or_else(|| panic!("{step:?} is no step from {:?}", self.phase));
    }

    pub fn received(&mut self, len: usize) {
        self.datagrams_received += 1;
        self.bytes_received += len as u64;
    }

    /// Notes a path with a genuine check; returns one that is to be forgotten for it.
    pub fn heard_on(&mut self, path: Path) -> Option<Path> {
        if self.paths.contains(&path) {
            return None;
        }
        let full = self.paths.len() == MAX_PATHS;
        let forgotten = full.then(|| self.paths.iter().position(|&known| Some(known) != self.link.path));
        let forgotten = forgotten.flatten().map(|oldest| self.paths.remove(oldest));
        self.paths.push(path);
        forgotten
    }

    /// Notes that a flight of the handshake left, or that one was answered.
    pub fn flight_sent(&mut self, now: Time) {
        self.flight_sent = Some(now);
    }

    pub fn flight_answered(&mut self, now: Time) {
        if let Some(sent) = self.flight_sent.take() {
            self.round_trip.guess(now.since(sent));
        }
    }

    /// Whether a path is in use by this connection, so that no other may take it.
    pub fn holds(&self, path: &Path, now: Time) -> bool {
        let is_dialled = self.dial.as_ref().is_some_and(|dial| dial.path() == Some(*path));
        is_dialled || self.ice.holds(path, now)
    }

    /// Nothing has proved for too long that the other side wants to hear from us.
    pub fn has_lost_consent(&self, now: Time) -> bool {
        match &self.dial {
            Some(dial) => dial.expired(now),
            None => self.ice.expired(now),
        }
    }

    pub fn handshake_is_late(&self, now: Time) -> bool {
        self.phase != Phase::Connected && now >= self.began + HANDSHAKE_LIMIT
    }

    /// What needs no packet of this connection to happen, tracks and slots aside.
    pub fn deadline(&self) -> Time {
        let handshake = match self.phase {
            Phase::Checking => Time::NEVER,
            Phase::Securing => self.dtls.deadline().min(self.began + HANDSHAKE_LIMIT),
            Phase::Connected | Phase::Ended => self.dtls.deadline(),
        };
        let feedback = self.arrivals.as_ref().map_or(Time::NEVER, Arrivals::due);
        let consent = self
            .dial
            .as_ref()
            .map_or_else(|| self.ice.deadline(), IceDial::deadline);
        let allocation = self.allocation_due();
        consent
            .min(handshake)
            .min(self.next_report)
            .min(feedback)
            .min(allocation)
    }

    /// When what the line carries is shared out next, once it is known.
    pub fn allocation_due(&self) -> Time {
        self.estimate().map_or(Time::NEVER, |_| self.next_allocation)
    }

    /// What the line to a viewer carries, in bit/s; none before that is known.
    pub fn estimate(&self) -> Option<u64> {
        // Without probes to raise it, what is measured of a line that is little used would keep it so.
        self.link.sending.as_ref()?.named
    }

    /// How repairs are sent to it.
    pub fn manner(&self, now: Time) -> Manner {
        Manner::of(self.round_trip.or_default(), self.lossy.is_much(now))
    }

    /// Where a slot's numbers begin: after those of an earlier life of its SSRCs, else where chance says.
    pub fn origin_of(&self, order: &AddSlot, fresh: Origin) -> Origin {
        let spent = |ssrc: u32| self.spent.iter().find(|known| known.ssrc == ssrc);
        let media = spent(order.ssrc).map(|known| (known.sequence, known.timestamp));
        let (sequence, timestamp) = media.unwrap_or((fresh.sequence, fresh.timestamp));
        let repairs = order.rtx_ssrc.and_then(spent).map(|known| known.sequence);
        Origin {
            sequence,
            timestamp,
            rtx_sequence: repairs.unwrap_or(fresh.rtx_sequence),
        }
    }

    /// Remembers the numbers of a slot that goes.
    pub fn spend(&mut self, slot: &Slot) {
        let Origin {
            sequence,
            timestamp,
            rtx_sequence,
        } = slot.next_origin();
        self.spent
            .retain(|known| known.ssrc != slot.ssrc && Some(known.ssrc) != slot.rtx_ssrc);
        self.spent.push(Spent {
            ssrc: slot.ssrc,
            sequence,
            timestamp,
        });
        self.spent.extend(slot.rtx_ssrc.map(|ssrc| Spent {
            ssrc,
            sequence: rtx_sequence,
            timestamp: 0,
        }));
    }

    /// How many SSRCs the connection's key has served for, beside those of living slots.
    pub fn spent(&self) -> usize {
        self.spent.len()
    }

    pub fn stats(&self) -> PeerStats {
        let sending = self.link.sending.as_ref();
        PeerStats {
            peer: self.id,
            connected: self.phase == Phase::Connected,
            remote: self.link.path.map(|path| path.remote),
            round_trip_ms: self
                .round_trip
                .get()
                .map(|round_trip| round_trip.as_secs_f64() * 1000.0),
            datagrams_received: self.datagrams_received,
            bytes_received: self.bytes_received,
            datagrams_sent: self.link.datagrams,
            bytes_sent: self.link.bytes,
            told_arrived: sending.map_or(0, |sending| sending.arrived),
            told_lost: sending.map_or(0, |sending| sending.lost),
            estimate: sending.and_then(|sending| sending.estimate()),
            dropped: self.drops.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_goes_only_the_legal_ways() {
        use Phase::*;
        let reached = |from: Phase| [Step::PathFound, Step::Secured, Step::End].map(|step| from.after(step));
        assert_eq!(reached(Checking), [Some(Securing), None, Some(Ended)]);
        assert_eq!(reached(Securing), [None, Some(Connected), Some(Ended)]);
        assert_eq!(reached(Connected), [None, None, Some(Ended)]);
        assert_eq!(reached(Ended), [None, None, None]);
    }
}

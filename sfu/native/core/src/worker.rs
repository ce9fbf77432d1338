//! One worker: all peers, tracks and slots of a shared-nothing part of the node.
use crate::agenda::Agenda;
use crate::apply;
use crate::chance::Chance;
use crate::command::{Command, CommandError, Fed, FeedError};
use crate::counters::Drops;
use crate::counters::Reason;
use crate::departures;
use crate::dtls::DtlsFactory;
use crate::egress::Egress;
use crate::event::Event;
use crate::event_ring::EventRing;
use crate::frame::{Frame, Frames};
use crate::ice::Path;
use crate::outbox::Outbox;
use crate::packet::MAX_PAYLOAD_LEN;
use crate::router::{Router, Sharing, Tries, MAX_REPAIRS, PACKET_ROOM, TICK_ROOM};
use crate::stats::Stats;
use crate::table::Table;
use crate::time::Time;
use std::collections::HashMap;
use std::net::SocketAddr;

/// Some hundred packets, so that a shell can gather them into few calls.
const SMALLEST_ARENA: usize = 512 << 10;
/// Eight packets of one publisher leave in runs if all of them fit, with the room for one kept free.
const ROOM_FOR_BURSTS: usize = 9;
/// RFC 3550 section 6.5: an item of a source description has an eight-bit length.
const MAX_CNAME_LEN: usize = 255;

#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// Nanoseconds from the NTP epoch (1900) to node time 0; sender reports carry node time by it.
    pub ntp_epoch_nanos: u64,
    /// Where first sequence numbers and the like come from; the shell draws it from the system.
    pub seed: u64,
    /// The canonical name in source descriptions (RFC 3550 section 6.5.1).
    pub cname: String,
    /// Of the sockets, in their order: by which of them a candidate can be dialled.
    pub addresses: Vec<SocketAddr>,
}

pub struct Worker {
    pub(crate) router: Router,
    dtls: Box<dyn DtlsFactory>,
    max_burst: usize,
}

impl Worker {
    pub fn new(config: WorkerConfig, dtls: Box<dyn DtlsFactory>) -> Worker {
        let mut cname = config.cname.into_bytes();
        cname.truncate(MAX_CNAME_LEN);
        let router = Router {
            peers: Table::default(),
            tracks: Table::default(),
            slots: Table::default(),
            taps: Table::default(),
            frames: Frames::default(),
            by_path: HashMap::new(),
            by_ufrag: HashMap::new(),
            parted: Vec::new(),
            out: Egress::new(SMALLEST_ARENA),
            events: EventRing::new(),
            agenda: Agenda::default(),
            chance: Chance::new(config.seed),
            drops: Drops::default(),
            sharing: Sharing::default(),
            levels_due: Time::NEVER,
            outcomes: Vec::with_capacity(departures::MOST),
            tries: Tries::default(),
            broken: Vec::new(),
            ntp_epoch_nanos: config.ntp_epoch_nanos,
            cname,
            addresses: config.addresses,
        };
        let mut worker = Worker {
            router,
            dtls,
            max_burst: 0,
        };
        worker.make_room();
        worker
    }

    /// Takes one datagram; decrypts it in place. Flush first when `outbox().free() < max_burst()`.
    pub fn receive(&mut self, datagram: &mut [u8], path: Path, now: Time) {
        self.router.receive(datagram, path, now);
    }

    /// Whether a genuine check has taught this path.
    pub fn knows(&self, path: &Path) -> bool {
        self.router.by_path.contains_key(path)
    }

    /// A path over TCP that is nobody's any more; its connection is to be closed after a flush.
    pub fn parted(&mut self) -> Option<Path> {
        self.router.parted.pop()
    }

    /// A TCP connection has ended.
    pub fn lose_path(&mut self, path: &Path, now: Time) {
        self.router.lose_path(path, now);
    }

    /// What a TCP connection could not carry; of which receiver, if the path is nobody's any more.
    pub fn unsent(&mut self, path: &Path, receiver: Option<u32>, reason: Reason, count: u64) {
        self.router.unsent(path, receiver, reason, count);
    }

    /// Does what is due. It may stop for want of room: then `deadline` stays due and is met after a flush.
    pub fn tick(&mut self, now: Time) {
        self.router.tick(now);
    }

    /// When `tick` wants to be called next.
    pub fn deadline(&self) -> Time {
        self.router.deadline()
    }

    /// Does all of a batch, or nothing of it.
    pub fn apply(&mut self, batch: Vec<Command>, now: Time) -> Result<(), CommandError> {
        let handshakes = apply::check(&self.router, &batch, &mut *self.dtls, now)?;
        apply::perform(&mut self.router, batch, handshakes, now);
        self.make_room();
        Ok(())
    }

    /// The datagrams to send.
    pub fn outbox(&self) -> &Outbox {
        &self.router.out.outbox
    }

    /// Empties the outbox, after its datagrams were sent or given up.
    pub fn sent(&mut self) {
        self.router.out.outbox.clear();
    }

    /// The most bytes that one `receive` prepares; grows only in `apply`.
    pub fn max_burst(&self) -> usize {
        self.max_burst
    }

    pub fn has_events(&self) -> bool {
        !self.router.events.is_empty()
    }

    /// Moves all events to `into`, oldest first.
    pub fn events(&mut self, into: &mut Vec<Event>) {
        self.router.events.drain(into);
    }

    /// Takes encoded frames of feeds: all of them, or none.
    pub fn feed(&mut self, frames: &[Fed], now: Time) -> Result<(), FeedError> {
        self.router.feed(frames, now)
    }

    pub fn has_frames(&self) -> bool {
        !self.router.frames.is_empty()
    }

    /// Moves all frames that taps have read to `into`, oldest first.
    pub fn frames(&mut self, into: &mut Vec<Frame>) {
        self.router.frames.drain(into);
    }

    pub fn stats(&self) -> Stats {
        self.router.stats()
    }

    /// Fits all that must not grow on the steady path to what there is now.
    fn make_room(&mut self) {
        let router = &mut self.router;
        let slots = router
            .tracks
            .iter()
            .map(|(_, track)| track.slots.len())
            .max()
            .unwrap_or(0);
        self.max_burst = TICK_ROOM + slots.max(MAX_REPAIRS) * (MAX_PAYLOAD_LEN + PACKET_ROOM);
        router
            .out
            .outbox
            .grow(SMALLEST_ARENA.max(ROOM_FOR_BURSTS * self.max_burst));
        router.events.fit(router.peers.len(), router.tracks.len());
        router.broken.reserve(router.peers.len());
        for (_, peer) in router.peers.iter_mut() {
            router.sharing.fit(peer.slots.len());
            peer.allocation.fit(peer.slots.len());
        }
    }
}

//! TCP connections that carry media beside the sockets: taken in, read, written to and closed, none waiting for another.
mod listener;
mod wire;

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use forwarder_core::demux::{self, Kind};
use forwarder_core::ice::Path;
use forwarder_core::outbox::Cargo;
use forwarder_core::tcp::{Door, Dropped, Part, LENGTH_LEN, MAX_PACKET_LEN};
use forwarder_core::time::Time;
use rustix::event::epoll;

pub use listener::Listener;
use wire::Wire;

/// More than a node has peers; each takes a descriptor.
const MOST_WIRES: usize = 4096;
/// What one connection may bring before the others have their turn.
const READ_AT_ONCE: usize = 64 << 10;
/// So many connections are taken in before the media has its turn.
const ACCEPTED_AT_ONCE: usize = 16;
/// Guests that nobody has taken over yet; one more is hung up on.
const MOST_GUESTS: usize = 64;
/// Without descriptors or memory the next are taken in after this; they wait in the kernel.
const PAUSE: Duration = Duration::from_secs(1);

/// One connection, in `Wires`; never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireId(u64);

impl WireId {
    /// What marks it among the events of an epoll; the highest bit is set in no other mark but the wake's.
    pub const MARK: u64 = 1 << 63;

    pub fn mark(self) -> u64 {
        WireId::MARK | self.0
    }

    pub fn from_mark(mark: u64) -> WireId {
        WireId(mark & !WireId::MARK)
    }
}

/// What comes to nothing before it belongs to a peer.
#[derive(Default)]
struct Counts {
    refused: u64,
    pushed_out: u64,
    too_late: u64,
    not_a_check: u64,
    too_long: u64,
    accept_failed: u64,
    guest_refused: u64,
}

pub struct Wires {
    listeners: Vec<Listener>,
    wires: HashMap<WireId, Wire>,
    by_path: HashMap<Path, WireId>,
    door: Door<WireId>,
    /// Who came to the front with TLS, to be taken over.
    guests: Vec<OwnedFd>,
    next: u64,
    /// Where a connection's bytes are read, and how far the packets of the present one have been looked at.
    buffer: Box<[u8]>,
    read: (usize, usize),
    /// To be closed once what is under way is done.
    doomed: Vec<WireId>,
    /// When listeners that were paused go on.
    resume_at: Time,
    counts: Counts,
}

impl Wires {
    pub fn new(listeners: Vec<Listener>) -> Wires {
        Wires {
            listeners,
            wires: HashMap::new(),
            by_path: HashMap::new(),
            door: Door::default(),
            guests: Vec::new(),
            next: 0,
            buffer: vec![0; LENGTH_LEN + MAX_PACKET_LEN + READ_AT_ONCE].into(),
            read: (0, 0),
            doomed: Vec::new(),
            resume_at: Time::NEVER,
            counts: Counts::default(),
        }
    }

    pub fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// Takes in who waits at a listener.
    pub fn accept(&mut self, number: usize, epoll: impl AsFd + Copy, now: Time) {
        for _ in 0..ACCEPTED_AT_ONCE {
            match self.listeners[number].accept() {
                Ok(Some((raw, remote))) => {
                    let socket = Path::TCP | number as u16;
                    let is_front = self.listeners[number].is_front;
                    let wire = Wire::new(raw, Path { socket, remote }, is_front);
                    if !wire.is_ok_and(|wire| self.take_in(wire, epoll, now)) {
                        self.counts.refused += 1;
                    }
                }
                Ok(None) => return,
                Err(error) => return self.accept_failed(&error, epoll, now),
            }
        }
    }

    /// Says whether there was room for it.
    fn take_in(&mut self, wire: Wire, epoll: impl AsFd, now: Time) -> bool {
        let id = WireId(self.next);
        let data = epoll::EventData::new_u64(id.mark());
        // An older one along the same path has been reset, which we have not read yet: its remote tries again.
        let is_free = self.wires.len() < MOST_WIRES && !self.by_path.contains_key(&wire.path);
        if !is_free || epoll::add(epoll, wire.socket(), data, epoll::EventFlags::IN).is_err() {
            return false;
        }
        self.next += 1;
        self.by_path.insert(wire.path, id);
        self.wires.insert(id, wire);
        if let Some(first) = self.door.enter(id, now) {
            self.counts.pushed_out += 1;
            self.doomed.push(first);
        }
        true
    }

    /// A connection that broke before it was taken in is nothing; without descriptors all others wait a little.
    fn accept_failed(&mut self, error: &io::Error, epoll: impl AsFd + Copy, now: Time) {
        self.counts.accept_failed += 1;
        let lacks = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
        if error.raw_os_error().is_some_and(|code| lacks.contains(&code)) {
            self.resume_at = now + PAUSE;
            self.listen(epoll, epoll::EventFlags::empty());
        }
    }

    fn listen(&self, epoll: impl AsFd + Copy, interest: epoll::EventFlags) {
        for (number, listener) in self.listeners.iter().enumerate() {
            let data = epoll::EventData::new_u64(Listener::mark(number));
            let _ = epoll::modify(epoll, listener, data, interest);
        }
    }

    /// Reads what has come, for `next`; returns whose it is. A guest is none of ours and stays unread.
    pub fn read(&mut self, id: WireId, epoll: impl AsFd) -> Option<Path> {
        let wire = self.wires.get_mut(&id)?;
        if wire.is_guest() {
            self.hand_over(id, epoll);
            return None;
        }
        match wire.read(&mut self.buffer) {
            Ok(len) => {
                self.read = (0, len);
                Some(wire.path)
            }
            Err(_) => {
                self.doomed.push(id);
                None
            }
        }
    }

    fn hand_over(&mut self, id: WireId, epoll: impl AsFd) {
        let Some(wire) = self.wires.remove(&id) else {
            return;
        };
        self.door.leave(id);
        self.by_path.remove(&wire.path);
        // It would go on waking us, as it stays open.
        let _ = epoll::delete(epoll, wire.socket());
        match self.guests.len() < MOST_GUESTS {
            true => self.guests.push(wire.into_fd()),
            false => self.counts.guest_refused += 1,
        }
    }

    /// Connections that are somebody else's to serve.
    pub fn guests(&mut self) -> &mut Vec<OwnedFd> {
        &mut self.guests
    }

    /// The next whole packet of what was read. Who has not shown a check may send nothing else.
    pub fn next(&mut self, id: WireId) -> Option<&mut [u8]> {
        let wire = self.wires.get_mut(&id)?;
        loop {
            let (at, len) = &mut self.read;
            match wire.splitter.next(&self.buffer[..*len], at) {
                Part::Packet(range) => {
                    let packet = &self.buffer[range.clone()];
                    if !wire.is_admitted && demux::kind(packet) != Kind::Stun {
                        self.counts.not_a_check += 1;
                        self.doomed.push(id);
                        return None;
                    }
                    return Some(&mut self.buffer[range]);
                }
                Part::TooLong if wire.is_admitted => self.counts.too_long += 1,
                Part::TooLong => {
                    self.counts.not_a_check += 1;
                    self.doomed.push(id);
                    return None;
                }
                Part::End => return None,
            }
        }
    }

    pub fn waits(&self, id: WireId) -> bool {
        self.wires.get(&id).is_some_and(|wire| !wire.is_admitted)
    }

    /// A genuine check has come along it.
    pub fn admit(&mut self, id: WireId) {
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.is_admitted = true;
            self.door.leave(id);
        }
    }

    /// Queues a packet; `write` sends it. None when the connection has ended.
    pub fn push(&mut self, path: &Path, cargo: Cargo, packet: &[u8], now: Time) -> Option<Dropped> {
        let wire = self.wires.get_mut(self.by_path.get(path)?)?;
        Some(wire.queue().push(cargo, packet, now))
    }

    /// Writes to the connection of a path what it takes; the rest leaves when it can take more.
    pub fn write_to(&mut self, path: &Path, epoll: impl AsFd) {
        if let Some(&id) = self.by_path.get(path) {
            self.write(id, epoll);
        }
    }

    fn write(&mut self, id: WireId, epoll: impl AsFd) {
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        let done = wire.write().and_then(|_| wire.ask_for_turn(id, epoll));
        if done.is_err() {
            self.doomed.push(id);
        }
    }

    /// The connection can take more: what became too old goes, the rest leaves. Returns whose it is and what went.
    pub fn goes_on(&mut self, id: WireId, epoll: impl AsFd, now: Time) -> Option<(Path, Dropped)> {
        let wire = self.wires.get_mut(&id)?;
        let (path, dropped) = (wire.path, wire.queue().expire(now));
        self.write(id, epoll);
        Some((path, dropped))
    }

    /// To be closed: its peer has ended, or has other paths now.
    pub fn part(&mut self, path: &Path) {
        self.doomed.extend(self.by_path.get(path));
    }

    /// Closes one that is to be closed, and returns whose it was.
    pub fn close_next(&mut self) -> Option<Path> {
        while let Some(id) = self.doomed.pop() {
            self.door.leave(id);
            if let Some(wire) = self.wires.remove(&id) {
                self.by_path.remove(&wire.path);
                return Some(wire.path);
            }
        }
        None
    }

    pub fn deadline(&self) -> Time {
        self.door.deadline().min(self.resume_at)
    }

    /// Ends those that showed no check in time, and listens again.
    pub fn tick(&mut self, epoll: impl AsFd + Copy, now: Time) {
        while let Some(id) = self.door.overdue(now) {
            self.counts.too_late += 1;
            self.doomed.push(id);
        }
        if self.resume_at <= now {
            self.resume_at = Time::NEVER;
            self.listen(epoll, epoll::EventFlags::IN);
        }
    }

    /// What came to nothing, by reason.
    pub fn dropped(&self) -> [(&'static str, u64); 7] {
        let counts = &self.counts;
        [
            ("tcp_refused", counts.refused),
            ("tcp_pushed_out", counts.pushed_out),
            ("tcp_check_too_late", counts.too_late),
            ("tcp_not_a_check", counts.not_a_check),
            ("tcp_packet_too_long", counts.too_long),
            ("tcp_accept_failed", counts.accept_failed),
            ("tcp_guest_refused", counts.guest_refused),
        ]
    }
}

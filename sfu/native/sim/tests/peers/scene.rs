//! A node, people and a link each way to every one of them, in virtual time.
use crate::node;
use crate::person::{vp8, Person, SECTION};
use forwarder_core::command::{AddSlot, AddTrack, Command, Encoding, Kind};
use forwarder_core::handle::{SlotId, TrackId};
use forwarder_core::time::Time;
use forwarder_core::worker::Worker;
use forwarder_sim::link::{Conditions, Link};
use std::collections::HashSet;
use std::time::Duration;

/// A link may take so long to bring a handshake through, in virtual time.
const PATIENCE_MS: u64 = 20_000;
const TRACK: TrackId = TrackId(1);
const PUBLISHED_SSRC: u32 = 10;
const VIEWED_SSRC: u32 = 7_000;

/// Both directions between a person and the node.
struct Line {
    up: Link<Vec<u8>>,
    down: Link<Vec<u8>>,
}

pub struct Scene {
    pub now: Time,
    pub people: Vec<Person>,
    worker: Worker,
    node_digest: Vec<u8>,
    lines: Vec<Line>,
    seed: u64,
    /// Receiver, SSRC and number of every media packet that left the node.
    numbers: HashSet<(usize, u32, u16)>,
    twice: Vec<(usize, u32, u16)>,
}

impl Scene {
    pub fn new(seed: u64) -> Scene {
        let (worker, node_digest) = node::worker(seed);
        Scene {
            now: Time::from_millis(1_000),
            people: Vec::new(),
            worker,
            node_digest,
            lines: Vec::new(),
            seed,
            numbers: HashSet::new(),
            twice: Vec::new(),
        }
    }

    /// A connected person whose video is track 1. Links begin to be bad once it is connected: OpenSSL repeats its
    /// flights by a clock of its own.
    pub fn publisher(&mut self, down: Conditions, up: Conditions) -> usize {
        let at = self.arrive();
        self.people[at].publish(PUBLISHED_SSRC);
        let peer = self.people[at].peer;
        self.order(Command::AddTrack(AddTrack {
            track: TRACK,
            peer,
            kind: Kind::Video,
            mid: SECTION.into(),
            codecs: vec![vp8()],
            encodings: vec![Encoding {
                ssrc: PUBLISHED_SSRC,
                rtx_ssrc: Some(PUBLISHED_SSRC + 1),
                rid: None,
            }],
            open: true,
            mark: 0,
        }));
        self.connect(at, down, up);
        at
    }

    /// A connected person that watches track 1.
    pub fn viewer(&mut self, down: Conditions, up: Conditions) -> usize {
        let at = self.arrive();
        self.people[at].watch(VIEWED_SSRC);
        let (peer, slot) = (self.people[at].peer, SlotId(at as u32));
        self.order(Command::AddSlot(AddSlot {
            slot,
            peer,
            kind: Kind::Video,
            mid: SECTION.into(),
            ssrc: VIEWED_SSRC,
            rtx_ssrc: Some(VIEWED_SSRC + 1),
            codecs: vec![vp8()],
            numbered: false,
        }));
        self.connect(at, down, up);
        self.order(Command::BindSlot {
            slot,
            track: Some(TRACK),
        });
        at
    }

    pub fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while self.now < end {
            self.step(end);
        }
    }

    /// Packets that the links lost.
    pub fn lost(&self) -> u64 {
        self.lines
            .iter()
            .map(|line| line.up.tally().lost_in_all() + line.down.tally().lost_in_all())
            .sum()
    }

    /// A viewer that is sent the same number twice would have a broken SRTP nonce, or a duplicate.
    pub fn assert_no_number_twice(&self) {
        assert!(!self.numbers.is_empty());
        assert_eq!(self.twice, []);
        for line in &self.lines {
            assert!(line.up.tally().explains(line.up.under_way()));
            assert!(line.down.tally().explains(line.down.under_way()));
        }
    }

    fn arrive(&mut self) -> usize {
        let at = self.people.len();
        let mut person = Person::new(at as u32 + 1, node::address(), &self.node_digest, self.now);
        self.order(Command::AddPeer(person.order()));
        self.people.push(person);
        let clean = Conditions::wire(Duration::from_millis(20));
        let line = Line {
            up: Link::new(clean.clone(), 1),
            down: Link::new(clean, 1),
        };
        self.lines.push(line);
        at
    }

    fn connect(&mut self, at: usize, down: Conditions, up: Conditions) {
        for _ in 0..PATIENCE_MS / 10 {
            if self.people[at].is_connected {
                break;
            }
            self.pass(10);
        }
        assert!(self.people[at].is_connected, "person {at} does not connect");
        self.pass(200);
        let seed = self.seed * 1_000 + 2 * at as u64;
        self.lines[at] = Line {
            up: Link::new(up, seed),
            down: Link::new(down, seed + 1),
        };
    }

    fn order(&mut self, command: Command) {
        self.worker
            .apply(vec![command], self.now)
            .expect("a legal command");
        self.flush();
    }

    fn step(&mut self, end: Time) {
        let lines = self
            .lines
            .iter()
            .map(|line| line.up.deadline().min(line.down.deadline()));
        let people = self.people.iter().map(|person| person.deadline);
        let due = lines
            .chain(people)
            .min()
            .unwrap_or(Time::NEVER)
            .min(self.worker.deadline());
        self.now = due.max(self.now).min(end);
        let now = self.now;
        for at in 0..self.people.len() {
            while let Some(mut arrived) = self.lines[at].up.deliver(now) {
                self.worker
                    .receive(&mut arrived.packet, self.people[at].path, now);
                self.flush();
            }
            while let Some(arrived) = self.lines[at].down.deliver(now) {
                self.people[at].receive(&arrived.packet, now);
            }
            if self.people[at].deadline <= now {
                self.people[at].tick(now);
                // str0m may want the same moment again; a millisecond later is soon enough.
                let soonest = now + Duration::from_millis(1);
                self.people[at].deadline = self.people[at].deadline.max(soonest);
            }
            for datagram in self.people[at].take_out() {
                let bytes = datagram.len();
                self.lines[at].up.push(datagram, bytes, now);
            }
        }
        if self.worker.deadline() <= now {
            self.worker.tick(now);
            self.flush();
        }
    }

    fn flush(&mut self) {
        let outbox = self.worker.outbox();
        for datagram in outbox.datagrams() {
            let bytes = outbox.bytes(datagram);
            let Some(at) = self.people.iter().position(|person| person.path == datagram.path) else {
                continue;
            };
            if let Some(number) = media_number(bytes) {
                let number = (at, number.0, number.1);
                if !self.numbers.insert(number) {
                    self.twice.push(number);
                }
            }
            self.lines[at].down.push(bytes.to_vec(), bytes.len(), self.now);
        }
        self.worker.sent();
        let mut events = Vec::new();
        self.worker.events(&mut events);
    }
}

/// SSRC and number of an RTP packet; none of any other datagram (RFC 7983, RFC 5761).
fn media_number(bytes: &[u8]) -> Option<(u32, u16)> {
    use forwarder_core::demux::{kind, Kind};
    (kind(bytes) == Kind::Rtp).then(|| {
        let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        (word(8), word(0) as u16)
    })
}

//! A worker with people around it, on a stepped clock: what the conversations are played on.
#![allow(dead_code)] // Each test binary plays only some of the parts.
pub mod camera;
pub mod handshake;
pub mod media;
pub mod person;
pub mod pipe;

use forwarder_core::command::{Command, CommandError};
use forwarder_core::counters::Reason;
use forwarder_core::event::Event;
use forwarder_core::handle::{PeerId, SlotId, TrackId};
use forwarder_core::ice::Path;
use forwarder_core::outbox::Cargo;
use forwarder_core::srtp::Profile;
use forwarder_core::stats::{PeerStats, SlotStats, TrackStats};
use forwarder_core::time::Time;
use forwarder_core::worker::{Worker, WorkerConfig};
use handshake::Handshakes;
use person::Person;
use std::time::Duration;

/// Node time 0 in NTP time: some moment of the year 2026.
pub const NTP_EPOCH_NANOS: u64 = 3_990_000_000 * 1_000_000_000;

/// A datagram that left the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at: Time,
    pub path: Path,
    pub cargo: Cargo,
    pub bytes: Vec<u8>,
}

pub struct Stage {
    pub worker: Worker,
    pub now: Time,
    /// What left and was not collected by anybody yet.
    pub sent: Vec<Sent>,
    pub events: Vec<Event>,
    people: u32,
}

impl Stage {
    pub fn new() -> Stage {
        Stage::with(Profile::AeadAes128Gcm, 1)
    }

    pub fn with(profile: Profile, seed: u64) -> Stage {
        let config = WorkerConfig {
            ntp_epoch_nanos: NTP_EPOCH_NANOS,
            seed,
            cname: "stage".into(),
            addresses: vec!["192.0.2.100:5000".parse().unwrap()],
        };
        let worker = Worker::new(config, Box::new(Handshakes { profile }));
        Stage {
            worker,
            now: Time::from_millis(60_000),
            sent: Vec::new(),
            events: Vec::new(),
            people: 0,
        }
    }

    /// Lets time pass in steps of a millisecond.
    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now = self.now + Duration::from_millis(1);
            self.settle();
        }
    }

    /// Does what is due now, and hands on what was prepared.
    pub fn settle(&mut self) {
        self.flush();
        for _ in 0..1_000 {
            if self.worker.deadline() > self.now {
                return;
            }
            self.worker.tick(self.now);
            self.flush();
        }
        panic!("the worker's deadline does not move");
    }

    pub fn receive(&mut self, bytes: &[u8], path: Path) {
        let mut datagram = bytes.to_vec();
        self.worker.receive(&mut datagram, path, self.now);
        self.settle();
    }

    pub fn apply(&mut self, batch: Vec<Command>) -> Result<(), CommandError> {
        let done = self.worker.apply(batch, self.now);
        self.settle();
        done
    }

    pub fn order(&mut self, command: Command) {
        self.apply(vec![command]).expect("a legal command");
    }

    pub fn bind(&mut self, slot: u32, track: impl Into<Option<u32>>) {
        self.order(Command::BindSlot {
            slot: SlotId(slot),
            track: track.into().map(TrackId),
        });
    }

    pub fn open(&mut self, track: u32, open: bool) {
        self.order(Command::OpenTrack {
            track: TrackId(track),
            open,
        });
    }

    /// A person that has connected.
    pub fn join(&mut self) -> Person {
        let mut person = self.arrive();
        person.connect(self);
        self.take_events();
        person
    }

    /// A person that the worker knows of and who has sent nothing yet.
    pub fn arrive(&mut self) -> Person {
        self.people += 1;
        let person = Person::new(self.people);
        self.order(Command::AddPeer(person.order()));
        person
    }

    pub fn take_events(&mut self) -> Vec<Event> {
        self.worker.events(&mut self.events);
        std::mem::take(&mut self.events)
    }

    pub fn peer(&self, peer: PeerId) -> PeerStats {
        self.worker
            .stats()
            .peers
            .into_iter()
            .find(|stats| stats.peer == peer)
            .expect("a living peer")
    }

    pub fn track(&self, track: u32) -> TrackStats {
        self.worker
            .stats()
            .tracks
            .into_iter()
            .find(|stats| stats.track.0 == track)
            .expect("a living track")
    }

    pub fn slot(&self, slot: u32) -> SlotStats {
        self.worker
            .stats()
            .slots
            .into_iter()
            .find(|stats| stats.slot.0 == slot)
            .expect("a living slot")
    }

    /// How many datagrams of nobody were dropped for this reason.
    pub fn dropped(&self, reason: Reason) -> u64 {
        self.worker.stats().dropped.get(reason)
    }

    fn flush(&mut self) {
        let outbox = self.worker.outbox();
        let taken = outbox.datagrams().iter().map(|datagram| Sent {
            at: self.now,
            path: datagram.path,
            cargo: datagram.cargo,
            bytes: outbox.bytes(datagram).to_vec(),
        });
        self.sent.extend(taken);
        self.worker.sent();
    }
}

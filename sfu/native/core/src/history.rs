//! The one plain copy of each packet of a stream, from which all repairs and late starts are served.
use crate::command::Kind;
use crate::keyframe::Held;
use crate::packet::{Packet, MAX_PAYLOAD_LEN};
use crate::time::Time;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// What a history may become. It starts small and doubles while it cannot hold `keep`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub keep: Duration,
    pub first_bytes: usize,
    pub max_bytes: usize,
    pub first_entries: usize,
    pub max_entries: usize,
}

impl Limits {
    pub const fn of(kind: Kind) -> Limits {
        match kind {
            // 4 s of audio at 20 ms a packet are 200, and at 10 ms it grows.
            Kind::Audio => Limits {
                keep: Duration::from_secs(4),
                first_bytes: 32 << 10,
                max_bytes: 256 << 10,
                first_entries: 256,
                max_entries: 1024,
            },
            // A repair over a satellite needs several round trips of 600 ms.
            Kind::Video => Limits {
                keep: Duration::from_secs(4),
                first_bytes: 256 << 10,
                max_bytes: 4 << 20,
                first_entries: 512,
                max_entries: 8192,
            },
        }
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    New,
    Duplicate,
    TooOld,
    TooLarge,
}

#[derive(Clone, Copy)]
struct Entry {
    sequence: u64,
    /// Position in the endless row of bytes of which the ring holds the last part.
    at: u64,
    arrival: Time,
    timestamp: u32,
    len: u16,
    codec: u8,
    marker: bool,
    starts: bool,
    level: Option<u8>,
    mark: u32,
}

/// Where a known packet lies whose bytes were overwritten before the ring grew.
const LOST: u64 = u64::MAX;

/// No packet has this number: extended sequence numbers begin above 65535.
const EMPTY: Entry = Entry {
    sequence: 0,
    at: 0,
    arrival: Time::ZERO,
    timestamp: 0,
    len: 0,
    codec: 0,
    marker: false,
    starts: false,
    level: None,
    mark: 0,
};

pub struct History {
    limits: Limits,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    written: u64,
    highest: u64,
    lap_began: Option<Time>,
    wants_bytes: bool,
    wants_entries: bool,
}

impl History {
    pub fn new(limits: Limits) -> History {
        History {
            limits,
            entries: vec![EMPTY; limits.first_entries],
            bytes: vec![0; limits.first_bytes],
            written: 0,
            highest: 0,
            lap_began: None,
            wants_bytes: false,
            wants_entries: false,
        }
    }

    /// Keeps a packet that was not seen before.
    pub fn store(&mut self, packet: &Packet<'_>) -> Stored {
        if packet.payload.len() > MAX_PAYLOAD_LEN {
            return Stored::TooLarge;
        }
        match self.verdict(packet.sequence) {
            Stored::New => self.put(packet),
            refused => return refused,
        }
        Stored::New
    }

    /// The newest sequence number, 0 before the first packet.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    pub fn get(&self, sequence: u64) -> Option<Packet<'_>> {
        let entry = &self.entries[self.place(sequence)];
        if entry.sequence != sequence || sequence == 0 || !self.holds(entry) {
            return None;
        }
        let start = (entry.at % self.bytes.len() as u64) as usize;
        Some(Packet {
            sequence,
            timestamp: entry.timestamp,
            arrival: entry.arrival,
            marker: entry.marker,
            codec: entry.codec,
            level: entry.level,
            starts: entry.starts,
            mark: entry.mark,
            payload: &self.bytes[start..start + entry.len as usize],
        })
    }

    /// How much there is from a number on.
    pub fn held_from(&self, sequence: u64) -> Held {
        let known = (sequence..=self.highest).filter_map(|sequence| self.get(sequence));
        known.fold(Held::default(), |held, packet| Held {
            packets: held.packets + 1,
            bytes: held.bytes + packet.payload.len(),
        })
    }

    /// Grows if the last laps were too short; allocates, so it is called from `tick` only.
    pub fn grow(&mut self) {
        if std::mem::take(&mut self.wants_entries) && self.entries.len() < self.limits.max_entries {
            self.grow_entries();
        }
        if std::mem::take(&mut self.wants_bytes) && self.bytes.len() < self.limits.max_bytes {
            self.grow_bytes();
        }
    }

    pub fn wants_growth(&self) -> bool {
        self.wants_bytes || self.wants_entries
    }

    fn verdict(&self, sequence: u64) -> Stored {
        if sequence + self.entries.len() as u64 <= self.highest {
            return Stored::TooOld;
        }
        match self.entries[self.place(sequence)].sequence {
            known if known == sequence => Stored::Duplicate,
            _ => Stored::New,
        }
    }

    fn put(&mut self, packet: &Packet<'_>) {
        let at = self.reserve(packet.payload.len(), packet.arrival);
        let start = (at % self.bytes.len() as u64) as usize;
        self.bytes[start..start + packet.payload.len()].copy_from_slice(packet.payload);
        let place = self.place(packet.sequence);
        let replaced = &self.entries[place];
        if replaced.sequence != 0 && packet.arrival.since(replaced.arrival) < self.limits.keep {
            self.wants_entries = self.entries.len() < self.limits.max_entries;
        }
        self.highest = self.highest.max(packet.sequence);
        self.entries[place] = Entry {
            sequence: packet.sequence,
            at,
            arrival: packet.arrival,
            timestamp: packet.timestamp,
            len: packet.payload.len() as u16,
            codec: packet.codec,
            marker: packet.marker,
            starts: packet.starts,
            level: packet.level,
            mark: packet.mark,
        };
    }

    /// Room that does not wrap round the end of the ring.
    fn reserve(&mut self, len: usize, now: Time) -> u64 {
        let ring = self.bytes.len() as u64;
        let left = ring - self.written % ring;
        if left < len as u64 {
            self.written += left;
        }
        if self.written % ring == 0 {
            self.begin_lap(now);
        }
        let at = self.written;
        self.written += len as u64;
        at
    }

    fn begin_lap(&mut self, now: Time) {
        let lap = self.lap_began.replace(now).map(|began| now.since(began));
        self.wants_bytes |=
            lap.is_some_and(|lap| lap < self.limits.keep) && self.bytes.len() < self.limits.max_bytes;
    }

    fn place(&self, sequence: u64) -> usize {
        (sequence % self.entries.len() as u64) as usize
    }

    fn holds(&self, entry: &Entry) -> bool {
        entry.at != LOST && self.written - entry.at <= self.bytes.len() as u64
    }

    fn grow_entries(&mut self) {
        let grown = vec![EMPTY; self.entries.len() * 2];
        let old = std::mem::replace(&mut self.entries, grown);
        for entry in old.into_iter().filter(|entry| entry.sequence != 0) {
            let place = self.place(entry.sequence);
            self.entries[place] = entry;
        }
    }

    fn grow_bytes(&mut self) {
        let kept = self.places_by_age();
        let ring = self.bytes.len();
        let mut grown = vec![0; ring * 2];
        let mut end = 0;
        for &place in &kept {
            let entry = &mut self.entries[place];
            let (start, len) = (entry.at as usize % ring, entry.len as usize);
            grown[end..end + len].copy_from_slice(&self.bytes[start..start + len]);
            entry.at = end as u64;
            end += len;
        }
        self.lap_began = kept.first().map(|&place| self.entries[place].arrival);
        self.bytes = grown;
        self.written = end as u64;
    }

    /// The packets whose bytes are still there, oldest first; the others are marked as lost.
    fn places_by_age(&mut self) -> Vec<usize> {
        let mut kept = Vec::new();
        for place in 0..self.entries.len() {
            if !self.holds(&self.entries[place]) {
                self.entries[place].at = LOST;
            } else if self.entries[place].sequence != 0 {
                kept.push(place);
            }
        }
        kept.sort_unstable_by_key(|&place| self.entries[place].at);
        kept
    }
}

//! Keyframes: asking for them, merged; and the group since the last one, kept for who comes late.
use crate::packet::Packet;
use crate::time::Time;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Many viewers that join at once cost the publisher one keyframe.
const SMALLEST_INTERVAL: Duration = Duration::from_millis(500);
/// Asked in vain this often, a publisher is taken not to listen.
const MAX_REPEATS: u8 = 10;
/// What is older starts a viewer too far behind.
const MAX_GROUP_AGE: Duration = Duration::from_secs(2);
const MAX_GROUP_BYTES: usize = 1 << 20;
/// Packets missing just before a keyframe's first known one may belong to it.
const MAX_LEADING_GAP: u64 = 4;

/// The requests for keyframes of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Requests {
    wanted: bool,
    last_sent: Option<Time>,
    repeats: u8,
}

impl Requests {
    pub fn want(&mut self) {
        self.wanted = true;
        self.repeats = 0;
    }

    pub fn satisfied(&mut self) {
        self.wanted = false;
    }

    /// Whether to send a request now; it is then taken as sent.
    pub fn take_due(&mut self, now: Time, round_trip: Duration) -> bool {
        if now < self.deadline(round_trip) {
            return false;
        }
        self.last_sent = Some(now);
        self.repeats += 1;
        self.wanted = self.repeats < MAX_REPEATS;
        true
    }

    pub fn deadline(&self, round_trip: Duration) -> Time {
        match (self.wanted, self.last_sent) {
            (false, _) => Time::NEVER,
            (true, None) => Time::ZERO,
            (true, Some(sent)) => sent + self.interval(round_trip),
        }
    }

    /// A repeat of an unanswered request also waits for the answer to have had the time to come.
    fn interval(&self, round_trip: Duration) -> Duration {
        match self.repeats {
            0 => SMALLEST_INTERVAL.max(round_trip),
            _ => SMALLEST_INTERVAL.max(round_trip * 2),
        }
    }
}

/// What a viewer that asks for a keyframe was given, and what there is for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    /// When a keyframe last began to leave for it.
    pub keyframe: Option<Time>,
    /// When it last got the kept group because it asked.
    pub group: Option<Time>,
    /// When the group that is kept began, if that is whole.
    pub kept: Option<Time>,
}

/// What becomes of a viewer's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It asked before it could have what it asks for.
    OnItsWay,
    /// The kept group, which costs neither publisher nor other viewers anything.
    Group,
    /// A new keyframe of the publisher's.
    Ask,
}

impl Given {
    /// `viewer` and `publisher` are how far away they are. A group is no older than a new keyframe would be late, and comes
    /// as seldom as that: who loses a third of all asks for ever, and more packets would not help.
    pub fn answer(&self, viewer: Duration, publisher: Duration, now: Time) -> Answer {
        if self.keyframe.is_some_and(|left| now < left + viewer) {
            return Answer::OnItsWay;
        }
        let was_given = self
            .group
            .is_some_and(|given| now < given + SMALLEST_INTERVAL.max(viewer));
        let is_fresh = self
            .kept
            .is_some_and(|began| now <= began + SMALLEST_INTERVAL.max(publisher));
        if is_fresh && !was_given {
            Answer::Group
        } else {
            Answer::Ask
        }
    }
}

/// Where in a stream's history the last keyframe begins, and how much followed it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Group {
    start: Option<Start>,
    held: Held,
    /// Number and codec of the newest packet.
    newest: Option<(u64, u8)>,
}

/// What has arrived from some packet on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub packets: u64,
    pub bytes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Start {
    sequence: u64,
    timestamp: u32,
    codec: u8,
    at: Time,
}

impl Group {
    /// Takes in a new packet; whether it begins a keyframe that was not known. `held_from` counts what is known from a
    /// number on: a keyframe's beginning may come last, as a repair.
    pub fn packet(&mut self, packet: &Packet<'_>, held_from: impl FnOnce(u64) -> Held) -> bool {
        let newest = self.is_newest(packet);
        if newest && self.start.is_some_and(|start| start.codec != packet.codec) {
            self.forget();
        }
        let begins = packet.starts && !self.same_picture(packet) && (newest || self.is_later_start(packet));
        if begins {
            let sequence = if newest {
                self.leading(packet)
            } else {
                packet.sequence
            };
            self.start = Some(Start {
                sequence,
                timestamp: packet.timestamp,
                codec: packet.codec,
                at: packet.arrival,
            });
            self.held = if newest {
                Held::default()
            } else {
                held_from(sequence + 1)
            };
        }
        if self.start.is_some_and(|start| packet.sequence >= start.sequence) {
            self.held.packets += 1;
            self.held.bytes += packet.payload.len();
        }
        if newest {
            self.newest = Some((packet.sequence, packet.codec));
        }
        begins
    }

    /// Forgets the group: what was sent before must not be seen.
    pub fn forget(&mut self) {
        self.start = None;
    }

    /// The first sequence number of the group, if it is whole, small and young enough to start a viewer with.
    pub fn usable(&self, now: Time) -> Option<u64> {
        let start = self.start?;
        let (newest, _) = self.newest?;
        let whole = self.held.packets == newest + 1 - start.sequence;
        let fits = now.since(start.at) <= MAX_GROUP_AGE && self.held.bytes <= MAX_GROUP_BYTES;
        (whole && fits).then_some(start.sequence)
    }

    /// When the group began, if it is usable.
    pub fn usable_since(&self, now: Time) -> Option<Time> {
        self.usable(now).and(self.start).map(|start| start.at)
    }

    /// Where the picture begins that a packet with `starts` opens, counting missed packets in front of it.
    pub fn start_of(&self, packet: &Packet<'_>) -> u64 {
        match self.start {
            Some(start) if start.timestamp == packet.timestamp => start.sequence.min(packet.sequence),
            _ => packet.sequence,
        }
    }

    fn same_picture(&self, packet: &Packet<'_>) -> bool {
        self.start
            .is_some_and(|start| start.timestamp == packet.timestamp)
    }

    fn is_newest(&self, packet: &Packet<'_>) -> bool {
        self.newest.is_none_or(|(newest, _)| packet.sequence > newest)
    }

    fn is_later_start(&self, packet: &Packet<'_>) -> bool {
        self.newest.is_some_and(|(_, codec)| codec == packet.codec)
            && self.start.is_none_or(|start| packet.sequence > start.sequence)
    }

    fn leading(&self, packet: &Packet<'_>) -> u64 {
        match self.newest {
            Some((newest, _)) if packet.sequence - newest <= MAX_LEADING_GAP + 1 => newest + 1,
            _ => packet.sequence,
        }
    }
}

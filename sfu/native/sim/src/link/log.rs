//! What became of packets, so that every loss is explained.
use forwarder_core::time::Time;
use std::time::Duration;

/// Why a packet was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The queue before the bottleneck was full.
    Queue,
    /// The bottleneck never passes anything again.
    Outage,
    Random,
    Burst,
}

impl Cause {
    pub const ALL: [Cause; 4] = [Cause::Queue, Cause::Outage, Cause::Random, Cause::Burst];

    pub const fn name(self) -> &'static str {
        match self {
            Cause::Queue => "queue",
            Cause::Outage => "outage",
            Cause::Random => "random",
            Cause::Burst => "burst",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Arrives { queued: Duration, at: Time },
    Lost(Cause),
}

/// One packet's way through a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    pub number: u64,
    pub bytes: usize,
    pub entered: Time,
    pub fate: Fate,
}

/// How many packets went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub pushed: u64,
    pub delivered: u64,
    pub duplicated: u64,
    /// By `Cause`, in the order of `Cause::ALL`.
    pub lost: [u64; Cause::ALL.len()],
}

impl Tally {
    pub fn lost(&self, cause: Cause) -> u64 {
        self.lost[cause as usize]
    }

    pub fn lost_in_all(&self) -> u64 {
        self.lost.iter().sum()
    }

    /// Whether each packet is delivered, lost for a known cause, or one of so many under way.
    pub fn explains(&self, under_way: usize) -> bool {
        self.pushed + self.duplicated == self.delivered + self.lost_in_all() + under_way as u64
    }
}

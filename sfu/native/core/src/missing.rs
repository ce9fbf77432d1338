//! Which packets of a stream are missed, and when to ask for them: once per round trip and a quarter, not oftener.
use crate::command::Kind;
use crate::time::Time;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Packets that overtake each other by less than this are not missed.
const REORDERING: Duration = Duration::from_millis(5);
/// A retry before the answer can be here asks for the same packet twice.
const SMALLEST_RETRY: Duration = Duration::from_millis(20);
/// What comes later than this is of no use to a viewer.
const SMALLEST_WINDOW: Duration = Duration::from_secs(3);
const MAX_TRIES: u8 = 10;

#[derive(Clone, Copy, Debug)]
struct Gap {
    sequence: u64,
    noticed: Time,
    first_asked: Option<Time>,
    last_asked: Time,
    tries: u8,
}

/// What the arrival of a packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    InOrder,
    /// Some between it and the highest before are missed now.
    AfterGap,
    /// It was missed; how long ago it was first asked for, if it was.
    Filled(Option<Duration>),
    /// It had been given up, or was never expected.
    Late,
    /// So much is missing that only a keyframe helps.
    Torn,
}

pub struct Missing {
    /// Rising by sequence.
    gaps: Vec<Gap>,
    capacity: usize,
    highest: Option<u64>,
    next_due: Time,
}

impl Missing {
    pub fn new(kind: Kind) -> Missing {
        let capacity = match kind {
            Kind::Audio => 128,
            Kind::Video => 1024,
        };
        Missing {
            gaps: Vec::with_capacity(capacity),
            capacity,
            highest: None,
            next_due: Time::NEVER,
        }
    }

    pub fn arrived(&mut self, sequence: u64, now: Time) -> Arrival {
        let Some(highest) = self.highest else {
            self.highest = Some(sequence);
            return Arrival::InOrder;
        };
        if sequence <= highest {
            return self.fill(sequence, now);
        }
        self.highest = Some(sequence);
        self.miss(highest + 1, sequence, now)
    }

    /// Hands the sequence numbers to ask for now to `ask`, at most `limit`, in rising order.
    pub fn due(&mut self, now: Time, round_trip: Duration, limit: usize, mut ask: impl FnMut(u64)) {
        if now < self.next_due {
            return;
        }
        let window = SMALLEST_WINDOW.max(round_trip * 4);
        self.gaps.retain(|gap| now.since(gap.noticed) < window);
        let due = |gap: &&mut Gap| gap.due(round_trip) <= now;
        for gap in self.gaps.iter_mut().filter(due).take(limit) {
            gap.tries += 1;
            gap.first_asked.get_or_insert(now);
            gap.last_asked = now;
            ask(gap.sequence);
        }
        self.next_due = self
            .gaps
            .iter()
            .map(|gap| gap.due(round_trip))
            .min()
            .unwrap_or(Time::NEVER);
    }

    pub fn deadline(&self) -> Time {
        self.next_due
    }

    fn fill(&mut self, sequence: u64, now: Time) -> Arrival {
        let Ok(place) = self.gaps.binary_search_by_key(&sequence, |gap| gap.sequence) else {
            return Arrival::Late;
        };
        let gap = self.gaps.remove(place);
        if self.gaps.is_empty() {
            self.next_due = Time::NEVER;
        }
        // An answer to one of several asks does not say which; since the first is never too short.
        Arrival::Filled(gap.first_asked.map(|asked| now.since(asked)))
    }

    fn miss(&mut self, from: u64, to: u64, now: Time) -> Arrival {
        let missed = (to - from) as usize;
        if missed == 0 {
            return Arrival::InOrder;
        }
        if self.gaps.len() + missed > self.capacity {
            // Of a layer that nobody sees nothing is asked for, and its gaps grow old here.
            let waits = |gap: &Gap| gap.tries < MAX_TRIES && now.since(gap.noticed) < SMALLEST_WINDOW;
            self.gaps.retain(waits);
        }
        if self.gaps.len() + missed > self.capacity {
            self.gaps.clear();
            self.next_due = Time::NEVER;
            return Arrival::Torn;
        }
        self.gaps.extend((from..to).map(|sequence| Gap {
            sequence,
            noticed: now,
            first_asked: None,
            last_asked: Time::ZERO,
            tries: 0,
        }));
        self.next_due = self.next_due.min(now + REORDERING);
        Arrival::AfterGap
    }
}

impl Gap {
    fn due(&self, round_trip: Duration) -> Time {
        match self.tries {
            // It still waits for an answer, which shows how long the way has become.
            MAX_TRIES.. => Time::NEVER,
            0 => self.noticed + REORDERING,
            _ => self.last_asked + SMALLEST_RETRY.max(round_trip * 5 / 4),
        }
    }
}

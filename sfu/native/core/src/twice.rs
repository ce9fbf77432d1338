//! Repairs that leave twice: where many are lost, or one costs a long way more, which no picture waits for.
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// From here on a second round of repair comes later than a lesson bears.
const FAR: Duration = Duration::from_millis(400);
/// On a line that loses much, from here on; over a shorter way another round is there as soon as a second repair.
const NOT_NEAR: Duration = Duration::from_millis(80);
/// Longer than most bursts of losses, which would take two that follow each other, and little beside the way.
const SHORTEST_SPACING: Duration = Duration::from_millis(20);
const LONGEST_SPACING: Duration = Duration::from_millis(50);
/// Two reports of one loss come at least this far apart.
const SMALLEST_REPEAT: Duration = Duration::from_millis(10);
/// What is more leaves once.
const MOST_WAITING: usize = 128;

/// How repairs are sent over a way that is so long, and loses much or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How often each leaves.
    pub times: usize,
    /// How much later the second leaves.
    pub spacing: Duration,
    /// For how long a loss that was answered is not answered again.
    pub interval: Duration,
}

impl Manner {
    pub fn of(round_trip: Duration, loses_much: bool) -> Manner {
        let is_twice = round_trip >= FAR || loses_much && round_trip >= NOT_NEAR;
        let spacing = (round_trip / 4).clamp(SHORTEST_SPACING, LONGEST_SPACING);
        // A receiver that does not know how far we are asks until the repair is there; what it asks after that comes no
        // earlier than a round trip behind the first.
        let interval = if is_twice {
            round_trip * 3 / 4
        } else {
            SMALLEST_REPEAT.max(round_trip / 2)
        };
        Manner {
            times: 1 + usize::from(is_twice),
            spacing,
            interval,
        }
    }
}

/// The numbers of repairs that wait to leave once more, the first due first.
pub struct Twice {
    waiting: VecDeque<(u64, Time)>,
}

impl Default for Twice {
    fn default() -> Twice {
        Twice {
            waiting: VecDeque::with_capacity(MOST_WAITING),
        }
    }
}

impl Twice {
    /// A repair has left, and will once more.
    pub fn note(&mut self, sequence: u64, manner: Manner, now: Time) {
        if manner.times > 1 && self.waiting.len() < MOST_WAITING {
            self.waiting.push_back((sequence, now + manner.spacing));
        }
    }

    pub fn take_due(&mut self, now: Time) -> Option<u64> {
        let (sequence, _) = *self.waiting.front().filter(|&&(_, due)| due <= now)?;
        self.waiting.pop_front();
        Some(sequence)
    }

    pub fn deadline(&self) -> Time {
        self.waiting.front().map_or(Time::NEVER, |&(_, due)| due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn who_is_far_or_loses_much_gets_a_repair_twice_and_no_third_while_they_travel() {
        let times = |loses_much| [20, 79, 80, 399, 400, 600].map(|ms| Manner::of(MS(ms), loses_much).times);
        assert_eq!(
            (times(false), times(true)),
            ([1, 1, 1, 1, 2, 2], [1, 1, 2, 2, 2, 2])
        );
        let interval = |ms| Manner::of(MS(ms), false).interval;
        assert_eq!([0, 20, 100].map(interval), [10, 10, 50].map(MS));
        for far in [80, 100, 400, 600, 1_200].map(MS) {
            let manner = Manner::of(far, true);
            // Asked again once both were lost, a round trip after the first.
            assert!(manner.spacing + manner.interval <= far && manner.interval > far / 2);
        }
    }

    #[test]
    fn the_second_leaves_behind_a_burst_and_once() {
        let at = Time::from_millis;
        let mut twice = Twice::default();
        (1..=2).for_each(|sequence| twice.note(sequence, Manner::of(MS(600), false), at(100 + sequence)));
        assert_eq!((twice.deadline(), twice.take_due(at(150))), (at(151), None));
        assert_eq!(
            (twice.take_due(at(151)), twice.take_due(at(151))),
            (Some(1), None)
        );
        assert_eq!(
            (twice.take_due(at(200)), twice.deadline()),
            (Some(2), Time::NEVER)
        );
    }

    #[test]
    fn what_exceeds_the_bound_leaves_once() {
        let mut twice = Twice::default();
        (0..1_000).for_each(|sequence| twice.note(sequence, Manner::of(MS(600), false), Time::ZERO));
        let later = (0..1_000).filter(|_| twice.take_due(Time::from_millis(50)).is_some());
        assert_eq!(later.count(), MOST_WAITING);
    }
}

//! Datagrams that left together, and how much longer one group travelled than the one before
//! (draft-ietf-rmcat-gcc-02 sections 5.1 and 5.2).
use crate::time::Time;
use std::time::Duration;

/// What leaves within it is one group.
const BURST: Duration = Duration::from_millis(5);
/// A queue that lets go at once hands on no longer than this.
const LONGEST_BURST: Duration = Duration::from_millis(100);
/// More than any queue: one of the clocks was set.
const JUMP_NANOS: i64 = 3_000_000_000;
/// So many groups in a row that arrive before their predecessors are of another way.
const REORDERED: u32 = 3;

/// How two groups differ, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// What the later one travelled longer.
    pub delay: f64,
    /// Between their departures.
    pub sent: f64,
    /// When the later one had arrived, by the receiver's clock.
    pub arrived: f64,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: Time,
    last_sent: Time,
    first_arrived: Duration,
    last_arrived: Duration,
}

/// What a datagram that arrived means for its groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Nothing,
    Variation(Variation),
    /// All that was known is of another clock or way.
    Anew,
}

#[derive(Clone, Debug, Default)]
pub struct Groups {
    before: Option<Group>,
    current: Option<Group>,
    reordered: u32,
}

impl Groups {
    pub fn arrived(&mut self, sent: Time, arrived: Duration) -> Step {
        let fresh = Group {
            first_sent: sent,
            last_sent: sent,
            first_arrived: arrived,
            last_arrived: arrived,
        };
        let Some(current) = &mut self.current else {
            self.current = Some(fresh);
            return Step::Nothing;
        };
        if (nanos(arrived, current.last_arrived) - sent_nanos(sent, current.last_sent)).abs() > JUMP_NANOS {
            self.before = None;
            self.current = Some(fresh);
            return Step::Anew;
        }
        if sent < current.first_sent {
            return Step::Nothing;
        }
        if current.holds(sent, arrived) {
            current.last_sent = current.last_sent.max(sent);
            current.last_arrived = current.last_arrived.max(arrived);
            return Step::Nothing;
        }
        let current = *current;
        self.current = Some(fresh);
        self.complete(current)
    }

    fn complete(&mut self, group: Group) -> Step {
        let Some(before) = self.before.replace(group) else {
            return Step::Nothing;
        };
        let arrived = nanos(group.last_arrived, before.last_arrived);
        if arrived < 0 {
            self.before = Some(before);
            self.reordered += 1;
            if self.reordered < REORDERED {
                return Step::Nothing;
            }
            *self = Groups::default();
            return Step::Anew;
        }
        self.reordered = 0;
        let sent = sent_nanos(group.last_sent, before.last_sent);
        Step::Variation(Variation {
            delay: (arrived - sent) as f64 / 1e6,
            sent: sent as f64 / 1e6,
            arrived: group.last_arrived.as_micros() as f64 / 1e3,
        })
    }
}

impl Group {
    /// Whether a datagram is of this group: it left with it, or was let go by a queue together with it.
    fn holds(&self, sent: Time, arrived: Duration) -> bool {
        if sent.since(self.first_sent) <= BURST {
            return true;
        }
        let later = nanos(arrived, self.last_arrived);
        let is_faster = later < sent_nanos(sent, self.last_sent);
        let is_short = arrived.saturating_sub(self.first_arrived) < LONGEST_BURST;
        is_faster && is_short && (0..=BURST.as_nanos() as i64).contains(&later)
    }
}

fn nanos(later: Duration, earlier: Duration) -> i64 {
    (later.as_nanos() as i64).wrapping_sub(earlier.as_nanos() as i64)
}

fn sent_nanos(later: Time, earlier: Time) -> i64 {
    (later.as_nanos() as i64).wrapping_sub(earlier.as_nanos() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn variations(packets: &[(u64, u64)]) -> Vec<f64> {
        let mut groups = Groups::default();
        let steps = packets
            .iter()
            .map(|&(sent, arrived)| groups.arrived(Time::from_millis(sent), MS(arrived)));
        steps
            .filter_map(|step| match step {
                Step::Variation(variation) => Some(variation.delay),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn what_leaves_within_five_milliseconds_is_one_group() {
        let packets = [(0, 50), (4, 55), (20, 70), (24, 80), (40, 100), (60, 120)];
        assert_eq!(variations(&packets), [5.0, 4.0]);
    }

    #[test]
    fn what_a_queue_lets_go_at_once_is_one_group() {
        // Sent each 20 ms, held up, and then handed over together.
        let packets = [(0, 50), (20, 120), (40, 122), (60, 124), (80, 130), (100, 150)];
        assert_eq!(variations(&packets), [14.0, -14.0]);
    }

    #[test]
    fn an_old_packet_changes_nothing() {
        let packets = [(0, 50), (20, 70), (5, 75), (40, 90), (60, 110)];
        assert_eq!(variations(&packets), [0.0, 0.0]);
    }

    #[test]
    fn a_clock_that_was_set_begins_anew() {
        for set_to in [0, 1_000_000] {
            let mut groups = Groups::default();
            for step in 0..10 {
                groups.arrived(Time::from_millis(step * 20), MS(500_000 + step * 20));
            }
            assert_eq!(groups.arrived(Time::from_millis(200), MS(set_to)), Step::Anew);
        }
    }
}

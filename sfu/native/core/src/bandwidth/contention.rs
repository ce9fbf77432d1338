//! Whether a queue is another's: who fills it whatever we do, as TCP does, is not to be waited for.
use crate::time::Time;
use std::time::Duration;

/// For about so long a queue has to stand, and to be gone, until that is believed.
const MEMORY: Duration = Duration::from_secs(3);
/// Of that time, the share with a queue that shows another, and the one that no longer does: TCP empties it now and then.
const BEGINS: f64 = 0.75;
const ENDS: f64 = 0.3;

#[derive(Clone, Copy, Debug, Default)]
pub struct Contention {
    /// The share of the last seconds in which a queue stood, 0 to 1.
    standing: f64,
    seen: Option<Time>,
    is_on: bool,
}

impl Contention {
    /// What is seen now; `is_drained` tells that our own cuts have had their time to empty the queue.
    pub fn saw(&mut self, is_short: bool, is_drained: bool, now: Time) {
        let elapsed = self.seen.map_or(Duration::ZERO, |seen| now.since(seen));
        self.seen = Some(now);
        let weight = (elapsed.as_secs_f64() / MEMORY.as_secs_f64()).min(1.0);
        self.standing += weight * (f64::from(u8::from(!is_short)) - self.standing);
        self.is_on = if self.is_on {
            self.standing > ENDS
        } else {
            is_drained && self.standing > BEGINS
        };
    }

    pub fn is_on(&self) -> bool {
        self.is_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks each 50 ms for so long.
    fn look(contention: &mut Contention, from_ms: u64, to_ms: u64, is_short: bool, is_drained: bool) {
        for ms in (from_ms..to_ms).step_by(50) {
            contention.saw(is_short, is_drained, Time::from_millis(ms));
        }
    }

    #[test]
    fn a_queue_is_anothers_once_it_has_outlasted_our_cuts() {
        let mut contention = Contention::default();
        look(&mut contention, 0, 3_000, false, true);
        assert!(!contention.is_on());
        look(&mut contention, 3_000, 9_000, false, false);
        assert!(!contention.is_on());
        look(&mut contention, 9_000, 9_100, false, true);
        assert!(contention.is_on());
    }

    #[test]
    fn it_stays_anothers_through_a_moment_without_and_no_longer() {
        let mut contention = Contention::default();
        look(&mut contention, 0, 9_000, false, true);
        look(&mut contention, 9_000, 11_000, true, true);
        assert!(contention.is_on());
        look(&mut contention, 11_000, 14_000, true, true);
        assert!(!contention.is_on());
    }
}

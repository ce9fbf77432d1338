//! How long datagrams wait in queues: what they travel longer than the fastest did lately.
use crate::time::Time;
use std::time::Duration;

/// A longer way, or a clock that runs faster, is believed after this long.
const WINDOW: Duration = Duration::from_secs(15);
/// The average is of about so many datagrams.
const SMOOTHED: i64 = 8;

#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    /// The least difference of the two clocks in this window, and in the one before.
    least: Option<i64>,
    before: Option<i64>,
    began: Time,
    average: i64,
}

impl Waiting {
    pub fn arrived(&mut self, sent: Time, arrived: Duration) {
        if sent.since(self.began) >= WINDOW {
            (self.before, self.began) = (self.least.take(), sent);
        }
        // Clocks may have any epoch, and be set: what wraps round here comes back below.
        let travelled = (arrived.as_nanos() as i64).wrapping_sub(sent.as_nanos() as i64);
        let least = self.least.map_or(travelled, |least| least.min(travelled));
        self.least = Some(least);
        let floor = self.before.map_or(least, |before| before.min(least));
        let waited = travelled.saturating_sub(floor);
        self.average = self
            .average
            .saturating_add(waited.saturating_sub(self.average) / SMOOTHED);
    }

    pub fn queue(&self) -> Duration {
        Duration::from_nanos(self.average.max(0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue_after(waiting: &mut Waiting, from: u64, count: u64, delay: u64) -> u64 {
        for step in 0..count {
            let sent = from + step * 10;
            waiting.arrived(
                Time::from_millis(sent),
                Duration::from_millis(900_000 + sent + delay),
            );
        }
        waiting.queue().as_millis() as u64
    }

    #[test]
    fn a_queue_is_what_the_fastest_did_not_wait() {
        let mut waiting = Waiting::default();
        assert_eq!(queue_after(&mut waiting, 0, 100, 300), 0);
        assert!((76..=80).contains(&queue_after(&mut waiting, 1_000, 50, 380)));
        // A way that became longer is no queue, two windows later.
        assert_eq!(queue_after(&mut waiting, 1_500, 3_500, 380), 0);
    }

    #[test]
    fn no_clock_however_odd_overflows() {
        let mut waiting = Waiting::default();
        for arrived in [Duration::MAX, Duration::ZERO, Duration::from_nanos(u64::MAX)] {
            for sent in [Time::NEVER, Time::ZERO, Time::from_millis(7)] {
                waiting.arrived(sent, arrived);
                waiting.queue();
            }
        }
    }
}

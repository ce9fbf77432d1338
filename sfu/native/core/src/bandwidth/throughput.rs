//! How much passes in a time, by a clock that may jump.
use std::time::Duration;

/// Finer than a frame, so that a window has whole buckets enough.
const BUCKET_MS: u64 = 25;
/// More than a window of one second.
const BUCKETS: u64 = 64;
/// After a pause this long what came before it says nothing.
const PAUSE: u64 = 20;

/// Bytes by time.
#[derive(Clone, Debug)]
pub struct Throughput {
    buckets: [u64; BUCKETS as usize],
    newest: u64,
    began: Option<u64>,
}

impl Throughput {
    pub fn new() -> Throughput {
        Throughput {
            buckets: [0; BUCKETS as usize],
            newest: 0,
            began: None,
        }
    }

    pub fn add(&mut self, at: Duration, bytes: u64) {
        let bucket = bucket_of(at);
        let is_elsewhere = bucket > self.newest + PAUSE || bucket + BUCKETS <= self.newest;
        if self.began.is_none() || is_elsewhere {
            self.buckets.fill(0);
            (self.newest, self.began) = (bucket, Some(bucket));
        }
        (self.newest + 1..=bucket).for_each(|passed| self.buckets[place(passed)] = 0);
        self.newest = self.newest.max(bucket);
        self.buckets[place(bucket)] += bytes;
    }

    /// Bit/s in the newest whole buckets; none until half the window has passed.
    pub fn rate(&self, window: Duration) -> Option<u64> {
        self.rate_before(self.newest, window)
    }

    /// The same as seen at `now`, when nothing may have come for a while.
    pub fn rate_at(&self, now: Duration, window: Duration) -> Option<u64> {
        let end = bucket_of(now);
        if end > self.newest + PAUSE {
            return self.began.map(|_| 0);
        }
        self.rate_before(end.max(self.newest), window)
    }

    fn rate_before(&self, end: u64, window: Duration) -> Option<u64> {
        let window = (window.as_millis() as u64 / BUCKET_MS).clamp(2, BUCKETS - PAUSE - 2);
        let known = (end - self.began?.min(end)).min(window);
        if known * 2 < window {
            return None;
        }
        let bytes: u64 = (end - known..end)
            .filter(|bucket| *bucket <= self.newest)
            .map(|bucket| self.buckets[place(bucket)])
            .sum();
        Some(bytes * 8 * 1_000 / (known * BUCKET_MS))
    }
}

fn bucket_of(at: Duration) -> u64 {
    at.as_millis() as u64 / BUCKET_MS
}

fn place(bucket: u64) -> usize {
    (bucket % BUCKETS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn steady(from: u64, to: u64) -> Throughput {
        let mut throughput = Throughput::new();
        (from..to)
            .step_by(10)
            .for_each(|at| throughput.add(MS(at), 1_250));
        throughput
    }

    #[test]
    fn a_steady_stream_has_its_rate_once_half_a_window_has_passed() {
        assert_eq!(steady(7_000, 7_200).rate(MS(500)), None);
        let rate = steady(7_000, 7_350).rate(MS(500)).unwrap();
        assert!((970_000..1_030_000).contains(&rate), "{rate}");
        assert_eq!(steady(7_000, 20_000).rate(MS(500)), Some(1_000_000));
    }

    #[test]
    fn a_clock_that_jumps_or_pauses_begins_anew() {
        for jump in [0, 3_000, 90_000] {
            let mut throughput = steady(10_000, 12_000);
            throughput.add(MS(jump), 1_250);
            assert_eq!(throughput.rate(MS(500)), None, "{jump}");
        }
    }

    #[test]
    fn nothing_sent_for_a_while_is_a_rate_of_nothing() {
        let throughput = steady(10_000, 12_000);
        assert_eq!(throughput.rate_at(MS(12_250), MS(500)), Some(500_000));
        assert_eq!(throughput.rate_at(MS(60_000), MS(500)), Some(0));
    }
}

//! How many bits a second something has lately been.
use crate::time::Time;

/// Four seconds in all: a keyframe or a new slide is a peak, and no reason to take a picture away.
const BUCKETS: u64 = 8;
const BUCKET_NANOS: u64 = 500_000_000;
/// What has just begun is not taken for more than it was.
const SHORTEST: u64 = 2 * BUCKET_NANOS;

#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    bytes: [u32; BUCKETS as usize],
    /// The number of the newest bucket since node time 0, and that of the first; 0 before anything was counted.
    newest: u64,
    first: u64,
}

impl Rate {
    pub fn add(&mut self, bytes: usize, now: Time) {
        let bucket = now.as_nanos() / BUCKET_NANOS;
        if bucket > self.newest {
            let passed = (self.newest + 1).max((bucket + 1).saturating_sub(BUCKETS));
            (passed..=bucket).for_each(|bucket| self.bytes[(bucket % BUCKETS) as usize] = 0);
            self.first = if self.newest + BUCKETS <= bucket {
                bucket
            } else {
                self.first
            };
            self.newest = bucket;
        }
        let place = &mut self.bytes[(self.newest % BUCKETS) as usize];
        *place = place.saturating_add(bytes as u32);
    }

    /// In bit/s.
    pub fn get(&self, now: Time) -> u64 {
        let oldest = (now.as_nanos() / BUCKET_NANOS + 1).saturating_sub(BUCKETS);
        let kept = oldest.max(self.first)..=self.newest;
        let bytes: u64 = kept
            .map(|bucket| u64::from(self.bytes[(bucket % BUCKETS) as usize]))
            .sum();
        let span = now.as_nanos() - (oldest.max(self.first) * BUCKET_NANOS).min(now.as_nanos());
        bytes * 8 * 1_000 / (span.max(SHORTEST) / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_millis(ms)
    }

    /// 1000 bytes each 10 ms are 800 kbit/s.
    fn steady(rate: &mut Rate, ms: std::ops::Range<u64>) {
        ms.step_by(10).for_each(|ms| rate.add(1_000, at(ms)));
    }

    #[test]
    fn a_steady_stream_is_measured_within_a_fortieth_from_its_second_second_on() {
        let mut rate = Rate::default();
        steady(&mut rate, 60_000..61_000);
        for second in 61..80 {
            assert!(rate.get(at(second * 1_000)).abs_diff(800_000) <= 20_000);
            steady(&mut rate, second * 1_000..(second + 1) * 1_000);
        }
    }

    #[test]
    fn what_has_just_begun_or_ended_is_less_and_then_nothing() {
        let mut rate = Rate::default();
        assert_eq!(rate.get(at(5)), 0);
        steady(&mut rate, 60_000..60_500);
        assert_eq!(rate.get(at(60_500)), 400_000);
        steady(&mut rate, 60_500..70_000);
        let falling: Vec<u64> = (70..76).map(|second| rate.get(at(second * 1_000))).collect();
        assert!(
            falling.windows(2).all(|pair| pair[1] < pair[0] || pair[1] == 0),
            "{falling:?}"
        );
        assert_eq!(rate.get(at(75_000)), 0);
    }

    #[test]
    fn a_stream_that_comes_again_begins_anew() {
        let mut rate = Rate::default();
        steady(&mut rate, 60_000..70_000);
        steady(&mut rate, 100_000..101_000);
        assert_eq!(rate.get(at(101_000)), 800_000);
    }
}

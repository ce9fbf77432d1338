//! From a publisher's clock to the node's, so that all that is sent shares one clock.
use crate::rtcp::Ntp;
use crate::time::Time;
use std::time::Duration;

/// How fast a smaller delay is forgotten: the drift of a bad crystal, 200 ppm.
const FORGET_PER_MILLION: i64 = 200;

/// A report that seems later than this, or earlier, was not held up or hurried: the peer's clock was set.
const STEP: i64 = 2_000_000_000;

/// How far the node's clock is ahead of a peer's: the least of what its sender reports say.
#[derive(Clone, Copy, Debug, Default)]
pub struct PeerClock {
    offset: Option<(i64, Time)>,
}

impl PeerClock {
    /// A sender report that left at `ntp` of the peer's clock arrived at `now`; whether the clock was set since the last,
    /// so that earlier reports are of another clock.
    pub fn sample(&mut self, ntp: Ntp, now: Time, round_trip: Option<Duration>) -> bool {
        let travelled = (round_trip.unwrap_or_default() / 2).as_nanos() as i64;
        let sample = (now.as_nanos() as i64)
            .wrapping_sub(ntp.as_nanos() as i64)
            .wrapping_sub(travelled);
        let known = self.offset.map(|(offset, at)| offset + drift(now.since(at)));
        // A wait that long is forgotten with the next report that waits less.
        let was_set = known.is_some_and(|known| sample.saturating_sub(known).saturating_abs() >= STEP);
        let known = known.filter(|_| !was_set);
        self.offset = Some((known.map_or(sample, |known| known.min(sample)), now));
        was_set
    }

    /// Nanoseconds of node time that have passed since the peer's clock showed `ntp`.
    pub fn elapsed_since(&self, ntp: Ntp, now: Time) -> Option<i64> {
        let (offset, _) = self.offset?;
        Some((now.as_nanos() as i64).wrapping_sub((ntp.as_nanos() as i64).wrapping_add(offset)))
    }
}

fn drift(elapsed: Duration) -> i64 {
    elapsed.as_micros() as i64 * FORGET_PER_MILLION / 1_000
}

/// Clock units in a time that may lie in the past.
pub fn units(nanos: i64, clock_rate: u32) -> i64 {
    (i128::from(nanos) * i128::from(clock_rate) / 1_000_000_000) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn ntp(ms: u64) -> Ntp {
        Ntp::from_nanos(3_900_000_000 * SECOND + ms * 1_000_000)
    }

    fn elapsed_ms(clock: &PeerClock, ntp_ms: u64, now_ms: u64) -> i64 {
        (clock
            .elapsed_since(ntp(ntp_ms), Time::from_millis(now_ms))
            .unwrap()
            + 500_000)
            .div_euclid(1_000_000)
    }

    #[test]
    fn the_report_with_the_least_delay_sets_the_clock() {
        let mut clock = PeerClock::default();
        clock.sample(ntp(1_000), Time::from_millis(150), None);
        clock.sample(ntp(2_000), Time::from_millis(1_050), None);
        clock.sample(ntp(3_000), Time::from_millis(2_090), None);
        assert_eq!(elapsed_ms(&clock, 3_000, 2_050), 0);
        assert_eq!(elapsed_ms(&clock, 2_500, 2_050), 500);
    }

    #[test]
    fn half_the_round_trip_is_taken_off() {
        let mut clock = PeerClock::default();
        clock.sample(
            ntp(1_000),
            Time::from_millis(400),
            Some(Duration::from_millis(600)),
        );
        assert_eq!(elapsed_ms(&clock, 1_000, 400), 300);
    }

    #[test]
    fn a_clock_that_is_set_is_followed_both_ways() {
        for set_to_ms in [7_200_000, 50_000_000] {
            let mut clock = PeerClock::default();
            let at = |ms: u64| Time::from_millis(20_000_000 + ms);
            assert!(!clock.sample(ntp(20_000_000), at(10), None));
            assert!(clock.sample(ntp(set_to_ms), at(1_030), None));
            assert_eq!(clock.elapsed_since(ntp(set_to_ms), at(1_030)), Some(0));
            assert!(!clock.sample(ntp(set_to_ms + 1_000), at(2_010), None));
            let elapsed = clock.elapsed_since(ntp(set_to_ms + 1_000), at(2_010)).unwrap();
            assert_eq!((elapsed + 500_000) / 1_000_000, 0);
        }
    }

    #[test]
    fn a_clock_that_drifts_away_is_followed() {
        let mut clock = PeerClock::default();
        for second in 0..1_000 {
            // The peer's clock loses 100 µs each second.
            clock.sample(
                ntp(second * 1_000),
                Time::from_nanos(second * (SECOND + 100_000)),
                None,
            );
        }
        assert!(elapsed_ms(&clock, 999_000, 999_099).abs() <= 1);
    }
}

//! From a publisher's clock to the node's, so that all that is sent shares one clock.
use crate::rtcp::Ntp;
use crate::time::Time;
use std::time::Duration;

/// How fast a smaller delay is forgotten: the drift of a bad crystal, 200 ppm.
const FORGET_PER_MILLION: i64 = 200;

/// A report that seems later than this, or earlier, was not held up or hurried: the peer's clock was set.
const STEP: i64 = 2_000_000_000;
/// A clock that went so much further than its stream was set, or the stream paused; no crystal does that between two reports.
const SEEN_STEP: i64 = 50_000_000;

/// What a report tells of the peer's clock since the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockNews {
    GoesOn,
    /// It was set forward by so many nanoseconds, or back.
    SetBy(i64),
    /// It was set, and nobody can tell by how much: earlier reports are of another clock.
    SetAnew,
}

/// How far the node's clock is ahead of a peer's: the least of what its sender reports say.
#[derive(Clone, Copy, Debug, Default)]
pub struct PeerClock {
    offset: Option<(i64, Time)>,
}

impl PeerClock {
    /// A sender report that left at `ntp` of the peer's clock arrived at `now`; since the last report of its stream the
    /// clock went `ahead` nanoseconds further than the stream.
    pub fn sample(&mut self, ntp: Ntp, now: Time, round_trip: Option<Duration>, ahead: i64) -> ClockNews {
        let travelled = (round_trip.unwrap_or_default() / 2).as_nanos() as i64;
        let sample = (now.as_nanos() as i64)
            .wrapping_sub(ntp.as_nanos() as i64)
            .wrapping_sub(travelled);
        let known = self.offset.map(|(offset, at)| offset + drift(now.since(at)));
        let (known, news) = known.map_or((sample, ClockNews::GoesOn), |known| {
            followed(known, sample, ahead)
        });
        self.offset = Some((known.min(sample), now));
        news
    }

    /// Nanoseconds of node time that have passed since the peer's clock showed `ntp`.
    pub fn elapsed_since(&self, ntp: Ntp, now: Time) -> Option<i64> {
        let (offset, _) = self.offset?;
        Some((now.as_nanos() as i64).wrapping_sub((ntp.as_nanos() as i64).wrapping_add(offset)))
    }
}

/// What is known of the offset once the clock was set, if it was. A step that the arrival does not bear out is the stream's.
fn followed(known: i64, sample: i64, ahead: i64) -> (i64, ClockNews) {
    let (stays, set) = (away(sample, known), known.saturating_sub(ahead));
    if ahead.saturating_abs() >= SEEN_STEP && away(sample, set) < stays.min(STEP) {
        return (set, ClockNews::SetBy(ahead));
    }
    // A wait that long is forgotten with the next report that waits less.
    match stays >= STEP {
        true => (sample, ClockNews::SetAnew),
        false => (known, ClockNews::GoesOn),
    }
}

fn away(one: i64, other: i64) -> i64 {
    one.saturating_sub(other).saturating_abs()
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
        clock.sample(ntp(1_000), Time::from_millis(150), None, 0);
        clock.sample(ntp(2_000), Time::from_millis(1_050), None, 0);
        clock.sample(ntp(3_000), Time::from_millis(2_090), None, 0);
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
            0,
        );
        assert_eq!(elapsed_ms(&clock, 1_000, 400), 300);
    }

    #[test]
    fn a_clock_that_is_set_is_followed_both_ways() {
        for set_to_ms in [7_200_000, 50_000_000] {
            let mut clock = PeerClock::default();
            let at = |ms: u64| Time::from_millis(20_000_000 + ms);
            clock.sample(ntp(20_000_000), at(10), None, 0);
            let news = clock.sample(ntp(set_to_ms), at(1_030), None, 0);
            assert_eq!(news, ClockNews::SetAnew);
            assert_eq!(clock.elapsed_since(ntp(set_to_ms), at(1_030)), Some(0));
            let news = clock.sample(ntp(set_to_ms + 1_000), at(2_010), None, 0);
            assert_eq!(news, ClockNews::GoesOn);
            let elapsed = clock.elapsed_since(ntp(set_to_ms + 1_000), at(2_010)).unwrap();
            assert_eq!((elapsed + 500_000) / 1_000_000, 0);
        }
    }

    #[test]
    fn a_clock_that_is_set_by_a_little_is_followed_by_just_that() {
        for step_ms in [
            -1_900,
            -300,
            -100,
            -60,
            60,
            100,
            300,
            1_900,
            3_600_000,
            -86_400_000,
        ] {
            for wait_ms in [0, 20, 250] {
                let mut clock = PeerClock::default();
                let at = |ms: i64| (100_000_000 + ms) as u64;
                clock.sample(ntp(at(0)), Time::from_millis(at(0)), None, 0);
                let (shown, arrives) = (ntp(at(5_000 + step_ms)), Time::from_millis(at(5_000 + wait_ms)));
                let news = clock.sample(shown, arrives, None, step_ms * 1_000_000);
                // Forward by less than twice the wait looks like no wait: the next report that waits less tells it.
                if step_ms < 0 || step_ms >= 2 * wait_ms {
                    assert_eq!(news, ClockNews::SetBy(step_ms * 1_000_000), "{step_ms} {wait_ms}");
                }
                clock.sample(ntp(at(10_000 + step_ms)), Time::from_millis(at(10_001)), None, 0);
                let elapsed = clock.elapsed_since(ntp(at(10_000 + step_ms)), Time::from_millis(at(10_000)));
                assert!(
                    elapsed.unwrap().abs() <= 2_000_000,
                    "{step_ms} {wait_ms} {elapsed:?}"
                );
            }
        }
    }

    #[test]
    fn a_stream_that_pauses_sets_no_clock() {
        for ahead_ms in [-1_000, -70, 70, 1_000, 60_000] {
            let mut clock = PeerClock::default();
            clock.sample(ntp(1_000), Time::from_millis(1_000), None, 0);
            let news = clock.sample(ntp(6_000), Time::from_millis(6_020), None, ahead_ms * 1_000_000);
            assert_eq!(news, ClockNews::GoesOn, "{ahead_ms}");
            assert!(elapsed_ms(&clock, 6_000, 6_000).abs() <= 1);
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
                0,
            );
        }
        assert!(elapsed_ms(&clock, 999_000, 999_099).abs() <= 1);
    }
}

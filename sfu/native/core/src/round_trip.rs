//! How long the way to a peer and back takes, from whatever proves it.
use crate::time::Time;
use std::time::Duration;

/// A route that became longer is believed after this long.
const WINDOW: Duration = Duration::from_secs(10);

/// The smallest sample of the last one to two windows: queues and a peer's own delays only ever add.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundTrip {
    /// From a handshake, where what was sent again looks like an answer: believed only while nothing better is known.
    guess: Option<Duration>,
    before: Option<Duration>,
    current: Option<Duration>,
    began: Time,
}

impl RoundTrip {
    /// Assumed while nothing is known.
    pub const DEFAULT: Duration = Duration::from_millis(100);

    pub fn guess(&mut self, round_trip: Duration) {
        self.guess = Some(round_trip);
    }

    pub fn sample(&mut self, round_trip: Duration, now: Time) {
        if now.since(self.began) >= WINDOW {
            self.before = self.current.take();
            self.began = now;
        }
        self.current = Some(self.current.map_or(round_trip, |current| current.min(round_trip)));
    }

    pub fn get(&self) -> Option<Duration> {
        match (self.before, self.current) {
            (Some(before), Some(current)) => Some(before.min(current)),
            (before, current) => before.or(current).or(self.guess),
        }
    }

    pub fn or_default(&self) -> Duration {
        self.get().unwrap_or(Self::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_handshake_is_believed_until_something_better_is_known() {
        let mut round_trip = RoundTrip::default();
        round_trip.guess(MS(350));
        assert_eq!(round_trip.get(), Some(MS(350)));
        round_trip.sample(MS(600), Time::from_millis(1_000));
        round_trip.guess(MS(350));
        assert_eq!(round_trip.get(), Some(MS(600)));
    }

    #[test]
    fn the_smallest_sample_counts_until_it_is_two_windows_old() {
        let mut round_trip = RoundTrip::default();
        assert_eq!(round_trip.or_default(), RoundTrip::DEFAULT);
        round_trip.sample(MS(20), Time::from_millis(1_000));
        round_trip.sample(MS(600), Time::from_millis(5_000));
        assert_eq!(round_trip.get(), Some(MS(20)));
        round_trip.sample(MS(600), Time::from_millis(11_000));
        assert_eq!(round_trip.get(), Some(MS(20)));
        round_trip.sample(MS(600), Time::from_millis(22_000));
        assert_eq!(round_trip.get(), Some(MS(600)));
    }
}

//! When and how fast the rate goes up and down (draft-ietf-rmcat-gcc-02 section 5.5).
use super::trend::Signal;
use std::time::Duration;

/// Of what arrived, what is kept when the queue grows: enough to empty it.
pub const KEPT: f64 = 0.85;
/// How fast the rate grows where nothing is known of the capacity.
const GROWTH_PER_SECOND: f64 = 0.08;
/// Near the capacity the rate grows by a datagram for each time that the answer takes, and at least by this.
const LEAST_STEP: f64 = 10_000.0;
/// What detection takes on top of the round trip.
const DETECTION: Duration = Duration::from_millis(100);
/// How much a new sight of the capacity counts.
const SIGHT: f64 = 0.1;
/// Its deviation, as a share of it.
const LEAST_DEVIATION: f64 = 0.03;
const MOST_DEVIATION: f64 = 0.1;
/// So many deviations away it is another capacity.
const FAR: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Increase,
    Hold,
    Decrease,
}

/// The next state, by state and by what the queue does (figure 2 of the draft).
pub const NEXT: [(State, [State; 3]); 3] = {
    use State::*;
    [
        // Under, Normal, Over
        (Increase, [Hold, Increase, Decrease]),
        (Hold, [Hold, Increase, Decrease]),
        (Decrease, [Hold, Hold, Decrease]),
    ]
};

impl State {
    pub fn after(self, signal: Signal) -> State {
        NEXT[self as usize].1[signal as usize]
    }
}

/// Where the queue grew the last times, in bit/s.
#[derive(Clone, Copy, Debug, Default)]
pub struct Capacity {
    mean: Option<f64>,
    /// Squared, as a share of the mean squared.
    variance: f64,
}

impl Capacity {
    pub fn seen(&mut self, rate: u64) {
        let rate = rate as f64;
        if self.is_elsewhere(rate) {
            *self = Capacity::default();
        }
        let mean = self
            .mean
            .map_or(rate, |mean| mean + SIGHT * (rate - mean))
            .max(1.0);
        let share = (rate - mean) / mean;
        self.variance += SIGHT * (share * share - self.variance);
        self.mean = Some(mean);
    }

    pub fn is_near(&self, rate: u64) -> bool {
        self.mean.is_some() && !self.is_elsewhere(rate as f64)
    }

    /// Forgets a capacity that the rate has outgrown; whether it did.
    pub fn outgrown(&mut self, rate: u64) -> bool {
        let is_outgrown = self
            .mean
            .is_some_and(|mean| rate as f64 > mean + self.reach(mean));
        if is_outgrown {
            *self = Capacity::default();
        }
        is_outgrown
    }

    fn is_elsewhere(&self, rate: f64) -> bool {
        self.mean
            .is_some_and(|mean| (rate - mean).abs() > self.reach(mean))
    }

    fn reach(&self, mean: f64) -> f64 {
        mean * FAR * self.variance.sqrt().clamp(LEAST_DEVIATION, MOST_DEVIATION)
    }
}

/// The rate after so long of growing.
pub fn increased(rate: u64, is_near: bool, datagram: u64, round_trip: Duration, elapsed: Duration) -> u64 {
    let seconds = elapsed.as_secs_f64().min(1.0);
    let grown = if is_near {
        let answer = (round_trip + DETECTION).as_secs_f64();
        (datagram as f64 * 8.0 / answer).max(LEAST_STEP) * seconds
    } else {
        rate as f64 * GROWTH_PER_SECOND * seconds
    };
    rate + grown as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_row_and_over_use_always_cuts() {
        for (row, (state, next)) in NEXT.iter().enumerate() {
            assert_eq!(*state as usize, row);
            assert_eq!(next[Signal::Over as usize], State::Decrease);
            assert_eq!(next[Signal::Under as usize], State::Hold);
        }
        assert_eq!(State::Decrease.after(Signal::Normal), State::Hold);
        assert_eq!(State::Hold.after(Signal::Normal), State::Increase);
    }

    #[test]
    fn far_from_the_capacity_it_grows_by_eight_percent_and_near_it_by_a_datagram() {
        let second = Duration::from_secs(1);
        let trip = Duration::from_millis(100);
        assert_eq!(increased(1_000_000, false, 1_200, trip, second), 1_080_000);
        assert_eq!(increased(1_000_000, true, 1_200, trip, second), 1_048_000);
        // However late it is called.
        assert_eq!(increased(1_000_000, false, 1_200, trip, second * 9), 1_080_000);
    }

    #[test]
    fn another_capacity_takes_the_place_of_the_old_one() {
        let mut capacity = Capacity::default();
        assert!(!capacity.is_near(1_000_000));
        capacity.seen(1_000_000);
        assert!(capacity.is_near(950_000) && !capacity.is_near(600_000));
        capacity.seen(500_000);
        assert!(capacity.is_near(500_000) && !capacity.is_near(950_000));
        assert!(!capacity.outgrown(510_000) && capacity.outgrown(900_000));
        assert!(!capacity.is_near(500_000));
    }
}

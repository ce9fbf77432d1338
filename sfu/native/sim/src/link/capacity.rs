//! How many bits a second pass a bottleneck, over time.
use forwarder_core::time::Time;

/// Steps in order of time; without any, everything passes at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    steps: Vec<(Time, u64)>,
}

impl Capacity {
    pub fn unlimited() -> Capacity {
        Capacity::default()
    }

    pub fn constant(bits_per_second: u64) -> Capacity {
        Capacity::schedule(&[(Time::ZERO, bits_per_second)])
    }

    /// Each capacity holds from its time on; the first from the beginning.
    pub fn schedule(steps: &[(Time, u64)]) -> Capacity {
        let starts_at_zero = steps.first().is_none_or(|(at, _)| *at == Time::ZERO);
        let is_in_order = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        assert!(
            starts_at_zero && is_in_order,
            "a schedule begins at 0 and goes forward, not as {steps:?} does"
        );
        Capacity {
            steps: steps.to_vec(),
        }
    }

    pub fn steps(&self) -> &[(Time, u64)] {
        &self.steps
    }

    /// In bits a second; none for no limit.
    pub fn at(&self, now: Time) -> Option<u64> {
        let after = self.steps.partition_point(|(from, _)| *from <= now);
        after.checked_sub(1).map(|at| self.steps[at].1)
    }

    /// When the last of so many bits has passed, if the first may from `start` on; never, if nothing passes any more.
    pub fn pass(&self, bits: u64, start: Time) -> Time {
        // Bits times nanoseconds in a second: exact, so that no rounding adds up within a packet.
        let mut left = u128::from(bits) * 1_000_000_000;
        for (from, to, rate) in self.spans(start) {
            let rate = u128::from(rate);
            let span = u128::from(to.as_nanos() - from.as_nanos());
            if rate > 0 && left <= rate.saturating_mul(span) {
                return Time::from_nanos(from.as_nanos() + left.div_ceil(rate) as u64);
            }
            left = left.saturating_sub(rate * span);
        }
        if self.steps.is_empty() {
            start
        } else {
            Time::NEVER
        }
    }

    /// How many whole bits pass from one time to another.
    pub fn between(&self, start: Time, end: Time) -> u64 {
        let spans = self.spans(start).take_while(|(from, ..)| *from < end);
        let passed: u128 = spans
            .map(|(from, to, rate)| u128::from(rate) * u128::from(to.min(end).as_nanos() - from.as_nanos()))
            .sum();
        (passed / 1_000_000_000) as u64
    }

    /// From, to and rate of what is left of each step after `start`.
    fn spans(&self, start: Time) -> impl Iterator<Item = (Time, Time, u64)> + '_ {
        let first = self.steps.partition_point(|(from, _)| *from <= start).max(1) - 1;
        (first..self.steps.len()).map(move |at| {
            let (from, rate) = self.steps[at];
            let to = self.steps.get(at + 1).map_or(Time::NEVER, |next| next.0);
            (from.max(start), to, rate)
        })
    }
}

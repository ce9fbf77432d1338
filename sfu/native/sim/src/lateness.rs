//! How late something was, again and again, in room that does not grow.
use std::time::Duration;

/// The width of a class.
const CLASS: Duration = Duration::from_micros(10);
/// Up to 100 ms are told apart; what is later is counted as that.
const CLASSES: usize = 10_000;

pub struct Lateness {
    classes: Vec<u64>,
    count: u64,
    worst: Duration,
}

impl Default for Lateness {
    fn default() -> Lateness {
        Lateness {
            classes: vec![0; CLASSES],
            count: 0,
            worst: Duration::ZERO,
        }
    }
}

impl Lateness {
    pub fn note(&mut self, late: Duration) {
        let class = (late.as_nanos() / CLASS.as_nanos()) as usize;
        self.classes[class.min(CLASSES - 1)] += 1;
        self.count += 1;
        self.worst = self.worst.max(late);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn worst(&self) -> Duration {
        self.worst
    }

    /// What so many of a hundred do not exceed, rounded up to a class.
    pub fn percentile(&self, of_a_hundred: u64) -> Duration {
        let wanted = (self.count * of_a_hundred).div_ceil(100);
        let mut met = 0;
        for (class, count) in self.classes.iter().enumerate() {
            met += count;
            if met >= wanted && met > 0 {
                return CLASS * (class as u32 + 1);
            }
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_a_class() {
        let mut lateness = Lateness::default();
        assert_eq!(lateness.percentile(99), Duration::ZERO);
        (1..=1_000).for_each(|us| lateness.note(Duration::from_micros(us)));
        assert_eq!(lateness.percentile(50), Duration::from_micros(510));
        assert_eq!(lateness.percentile(99), Duration::from_micros(1_000));
        lateness.note(Duration::from_secs(2));
        assert_eq!(
            (lateness.percentile(100), lateness.worst()),
            (Duration::from_millis(100), Duration::from_secs(2))
        );
        assert_eq!(lateness.count(), 1_001);
    }
}

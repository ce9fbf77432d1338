//! Which repairs left a moment ago, so that one loss reported twice is repaired once.
use crate::time::Time;
use std::time::Duration;

const REMEMBERED: usize = 512;

pub struct Repeats {
    last: Vec<(u64, Time)>,
}

impl Default for Repeats {
    fn default() -> Repeats {
        Repeats {
            last: vec![(0, Time::ZERO); REMEMBERED],
        }
    }
}

impl Repeats {
    /// Whether a packet may be repeated now; if so it is remembered as repeated.
    pub fn allow(&mut self, sequence: u64, now: Time, interval: Duration) -> bool {
        let place = &mut self.last[sequence as usize % REMEMBERED];
        if place.0 == sequence && now < place.1 + interval {
            return false;
        }
        *place = (sequence, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_packet_is_repeated_once_per_interval() {
        let mut repeats = Repeats::default();
        let mut allow =
            |sequence, ms| repeats.allow(sequence, Time::from_millis(ms), Duration::from_millis(50));
        assert!(allow(7, 100) && !allow(7, 149) && allow(8, 149) && allow(7, 150));
    }
}

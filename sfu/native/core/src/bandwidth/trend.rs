//! Whether the queue on the way grows: a line through the latest delays, against a threshold that adapts
//! (draft-ietf-rmcat-gcc-02 sections 5.3 and 5.4, with the line in place of the Kalman filter).
use super::groups::Variation;

/// Groups that the line is drawn through.
const WINDOW: usize = 20;
/// How much of the old an average keeps.
const SMOOTHING: f64 = 0.9;
/// The slope times the groups seen (at most so many), times the gain, is what the threshold is for.
const MOST_COUNTED: u32 = 60;
const GAIN: f64 = 4.0;
/// Milliseconds that the queue has to seem growing.
const OVER_FOR: f64 = 10.0;
const FIRST_THRESHOLD: f64 = 12.5;
const LEAST_THRESHOLD: f64 = 6.0;
const MOST_THRESHOLD: f64 = 600.0;
/// The threshold goes up slower than down, so that no other flow can starve this one (section 5.4).
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;
/// What is so far above the threshold is a change of the way, nothing to adapt to.
const SPIKE: f64 = 15.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The queue shrinks.
    Under,
    Normal,
    /// The queue grows.
    Over,
}

#[derive(Clone, Debug)]
pub struct Trend {
    /// Of the latest groups: when they arrived, and the smoothed delay then.
    points: [(f64, f64); WINDOW],
    next: usize,
    seen: u32,
    origin: f64,
    accumulated: f64,
    smoothed: f64,
    threshold: f64,
    adapted: f64,
    over_for: f64,
    over_times: u32,
    slope: f64,
    signal: Signal,
    /// The mean of what groups differ by.
    jitter: f64,
}

impl Trend {
    pub fn new() -> Trend {
        Trend {
            points: [(0.0, 0.0); WINDOW],
            next: 0,
            seen: 0,
            origin: 0.0,
            accumulated: 0.0,
            smoothed: 0.0,
            threshold: FIRST_THRESHOLD,
            adapted: 0.0,
            over_for: 0.0,
            over_times: 0,
            slope: 0.0,
            signal: Signal::Normal,
            jitter: 0.0,
        }
    }

    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Milliseconds by which groups differ on average.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    pub fn add(&mut self, variation: Variation) {
        if self.seen == 0 {
            (self.origin, self.adapted) = (variation.arrived, variation.arrived);
        }
        self.seen = self.seen.saturating_add(1);
        self.jitter += (variation.delay.abs() - self.jitter) / 32.0;
        self.accumulated += variation.delay;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.accumulated;
        self.points[self.next] = (variation.arrived - self.origin, self.smoothed);
        self.next = (self.next + 1) % WINDOW;
        if self.seen as usize >= WINDOW {
            self.detect(variation);
        }
    }

    fn detect(&mut self, variation: Variation) {
        let slope = slope(&self.points);
        let weighed = f64::from(self.seen.min(MOST_COUNTED)) * slope * GAIN;
        if weighed > self.threshold {
            self.over_for += variation.sent.max(0.0);
            self.over_times += 1;
            // A queue that grows ever slower mends itself.
            if self.over_for > OVER_FOR && self.over_times > 1 && slope >= self.slope {
                (self.over_for, self.over_times) = (0.0, 0);
                self.signal = Signal::Over;
            }
        } else {
            (self.over_for, self.over_times) = (0.0, 0);
            self.signal = if weighed < -self.threshold {
                Signal::Under
            } else {
                Signal::Normal
            };
        }
        self.slope = slope;
        self.adapt(weighed.abs(), variation.arrived);
    }

    fn adapt(&mut self, weighed: f64, now: f64) {
        let elapsed = (now - self.adapted).clamp(0.0, 100.0);
        self.adapted = now;
        if weighed > self.threshold + SPIKE {
            return;
        }
        let factor = if weighed < self.threshold { DOWN } else { UP };
        let moved = self.threshold + factor * (weighed - self.threshold) * elapsed;
        self.threshold = moved.clamp(LEAST_THRESHOLD, MOST_THRESHOLD);
    }
}

/// Of the line with the least squares; 0 where all points have one time.
fn slope(points: &[(f64, f64); WINDOW]) -> f64 {
    let count = WINDOW as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let (mut above, mut below) = (0.0, 0.0);
    for (x, y) in points {
        above += (x - mean_x) * (y - mean_y);
        below += (x - mean_x) * (x - mean_x);
    }
    if below < 1e-3 {
        return 0.0;
    }
    above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is signalled when each of so many groups, 10 ms apart, travels longer by this.
    fn signal_after(trend: &mut Trend, groups: u32, delay: f64) -> Signal {
        let from = trend.seen;
        for group in 0..groups {
            trend.add(Variation {
                delay,
                sent: 10.0,
                arrived: f64::from(from + group) * 10.0,
            });
        }
        trend.signal()
    }

    #[test]
    fn a_queue_that_grows_shrinks_or_stays_is_told() {
        let mut trend = Trend::new();
        assert_eq!(signal_after(&mut trend, 100, 0.0), Signal::Normal);
        assert_eq!(signal_after(&mut trend, 40, 1.0), Signal::Over);
        assert_eq!(signal_after(&mut trend, 40, 0.0), Signal::Normal);
        assert_eq!(signal_after(&mut trend, 40, -1.0), Signal::Under);
    }

    #[test]
    fn a_drift_of_clocks_is_no_queue() {
        // 200 ppm.
        assert_eq!(signal_after(&mut Trend::new(), 5_000, 0.002), Signal::Normal);
    }

    #[test]
    fn groups_without_time_between_them_have_no_slope() {
        assert_eq!(slope(&[(7.0, 3.0); WINDOW]), 0.0);
    }
}

//! What a run is judged by.
use super::case::{Case, Direction, Tcp};
use super::shown::is_best;
use forwarder_core::time::Time;
use std::time::Duration;

/// How long a controller may take to settle in a new phase.
pub const SETTLING_S: f64 = 5.0;
/// Samples of each flow in a second.
const SAMPLES: f64 = 10.0;
/// Above it an estimate is over its capacity.
pub const MOST: f64 = 1.05;
pub const LEAST: f64 = 0.80;
/// Of a new capacity.
pub const MOST_OF_IT: f64 = 0.9;
/// Fairness is judged by the end of a run.
const FAIRNESS_S: f64 = 60.0;

/// A time in which neither capacity nor the number of flows changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    pub direction: Direction,
    pub from_s: u64,
    pub to_s: u64,
    pub capacity: u64,
    /// After settling: the sum of estimates over the capacity, on average.
    pub utilisation: Option<f64>,
    /// How long media waited at the bottleneck, of a hundred packets the 95th.
    pub queueing_p95_ms: Option<f64>,
    /// After settling: the share of media that was lost; a step down loses before it what it must.
    pub loss: f64,
    /// The same from the beginning of the phase.
    pub loss_in_all: f64,
    /// From its beginning until the estimates no longer exceed it; none if never.
    pub back_under_s: Option<f64>,
    /// From its beginning until they are nine tenths of it; none if never.
    pub most_of_it_s: Option<f64>,
    /// After settling: what media got of the capacity.
    pub throughput: f64,
}

/// A run's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub phases: Vec<Phase>,
    /// Jain's index of the flows' throughput; none for one flow.
    pub fairness: Option<f64>,
    /// Of a stepped source: the share of time on the best layer that fits, and above it.
    pub on_best_layer: f64,
    pub above_best_layer: f64,
    pub has_competitor: bool,
}

struct Passed {
    flow: usize,
    bytes: usize,
    queued: Duration,
    second: f64,
}

struct Sent {
    flow: usize,
    is_lost: bool,
    second: f64,
}

/// Estimate and rate of a flow that sends.
type Sample = Option<(u64, u64)>;

pub struct Recorder {
    passed: Vec<Passed>,
    sent: Vec<Sent>,
    samples: Vec<Vec<Sample>>,
}

impl Recorder {
    pub fn new(case: &Case) -> Recorder {
        Recorder {
            passed: Vec::new(),
            sent: Vec::new(),
            samples: vec![Vec::new(); case.media.len()],
        }
    }

    pub fn sent(&mut self, flow: usize, _bytes: usize, is_lost: bool, now: Time) {
        self.sent.push(Sent {
            flow,
            is_lost,
            second: seconds(now),
        });
    }

    pub fn passed(&mut self, flow: usize, bytes: usize, queued: Duration, now: Time) {
        self.passed.push(Passed {
            flow,
            bytes,
            queued,
            second: seconds(now),
        });
    }

    pub fn sample(&mut self, flow: usize, sample: Sample) {
        self.samples[flow].push(sample);
    }

    pub fn figures(&self, case: &Case) -> Figures {
        let mut phases = Vec::new();
        for direction in [Direction::Forward, Direction::Backward] {
            if case.media.iter().any(|flow| flow.direction == direction) {
                let boundaries = case.boundaries(direction);
                phases.extend(
                    boundaries
                        .windows(2)
                        .map(|pair| self.phase(case, direction, pair[0], pair[1])),
                );
            }
        }
        phases.retain(|phase| phase.capacity > 0);
        let (on_best_layer, above_best_layer) = self.layers(case);
        Figures {
            phases,
            fairness: self.fairness(case),
            on_best_layer,
            above_best_layer,
            has_competitor: case.tcp != Tcp::None,
        }
    }

    fn phase(&self, case: &Case, direction: Direction, from_s: u64, to_s: u64) -> Phase {
        let (from, to) = (from_s as f64, to_s as f64);
        let settled = from + SETTLING_S;
        let flows: Vec<usize> = (0..case.media.len())
            .filter(|at| case.media[*at].direction == direction)
            .collect();
        let is_sending = flows.iter().any(|flow| case.media[*flow].sends_at(from));
        let capacity = case
            .capacity(direction)
            .at(Time::from_millis(1_000 * from_s))
            .unwrap_or(0);
        let capacity = if is_sending { capacity } else { 0 };
        let share = |at: usize| self.sum_at(&flows, at) as f64 / capacity as f64;
        let (first, last) = ((from * SAMPLES) as usize, (to * SAMPLES) as usize);
        let after = |holds: &dyn Fn(f64) -> bool| {
            (first..last)
                .find(|at| holds(share(*at)))
                .map(|at| (at - first) as f64 / SAMPLES)
        };
        let settled_at = (settled * SAMPLES) as usize;
        let mean =
            |from: usize| (from < last).then(|| (from..last).map(share).sum::<f64>() / (last - from) as f64);
        let (loss, loss_in_all) = (self.loss(&flows, settled, to), self.loss(&flows, from, to));
        let passed = self.passed.iter().filter(|one| flows.contains(&one.flow));
        let passed: Vec<&Passed> = passed.filter(|one| (settled..to).contains(&one.second)).collect();
        let bits = 8.0 * passed.iter().map(|one| one.bytes as f64).sum::<f64>();
        Phase {
            direction,
            from_s,
            to_s,
            capacity,
            utilisation: mean(settled_at),
            queueing_p95_ms: p95(passed.iter().map(|one| one.queued.as_secs_f64() * 1e3).collect()),
            loss,
            loss_in_all,
            back_under_s: after(&|share| share <= MOST),
            most_of_it_s: after(&|share| share >= MOST_OF_IT),
            throughput: bits / (to - settled).max(1e-9) / capacity as f64,
        }
    }

    fn loss(&self, flows: &[usize], from: f64, to: f64) -> f64 {
        let sent = self.sent.iter().filter(|one| flows.contains(&one.flow));
        let sent = sent.filter(|one| (from..to).contains(&one.second));
        let (lost, all) = sent.fold((0, 0), |(lost, all), one| {
            (lost + u32::from(one.is_lost), all + 1)
        });
        f64::from(lost) / f64::from(all.max(1))
    }

    fn sum_at(&self, flows: &[usize], at: usize) -> u64 {
        let estimates = flows
            .iter()
            .filter_map(|flow| self.samples[*flow].get(at).copied().flatten());
        estimates.map(|(estimate, _)| estimate).sum()
    }

    fn fairness(&self, case: &Case) -> Option<f64> {
        let forward = |at: &usize| case.media[*at].direction == Direction::Forward;
        let flows: Vec<usize> = (0..case.media.len()).filter(forward).collect();
        let from = case.seconds as f64 - FAIRNESS_S;
        let rates = flows.iter().map(|flow| {
            let passed = self
                .passed
                .iter()
                .filter(|one| one.flow == *flow && one.second >= from);
            passed.map(|one| one.bytes as f64).sum::<f64>()
        });
        let rates: Vec<f64> = rates.collect();
        let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
        (rates.len() > 1 && squares > 0.0)
            .then(|| rates.iter().sum::<f64>().powi(2) / (rates.len() as f64 * squares))
    }

    /// The share of samples in which a flow's layer is the best that fits its fair share, and in which it is above.
    fn layers(&self, case: &Case) -> (f64, f64) {
        let (mut best, mut above, mut all) = (0_u32, 0_u32, 0_u32);
        for (flow, plan) in case.media.iter().enumerate() {
            for (at, sample) in self.samples[flow].iter().enumerate() {
                let Some((_, rate)) = *sample else { continue };
                let now = Time::from_millis((at as f64 * 1e3 / SAMPLES) as u64);
                let peers = (0..case.media.len()).filter(|other| {
                    case.media[*other].direction == plan.direction
                        && self.samples[*other].get(at).is_some_and(Option::is_some)
                });
                let share =
                    case.capacity(plan.direction).at(now).unwrap_or(u64::MAX) / peers.count().max(1) as u64;
                all += 1;
                best += u32::from(is_best(rate, share));
                above += u32::from(rate > share);
            }
        }
        let share = |count: u32| f64::from(count) / f64::from(all.max(1));
        (share(best), share(above))
    }
}

fn seconds(time: Time) -> f64 {
    time.as_nanos() as f64 / 1e9
}

/// The value that 95 of a hundred do not exceed.
fn p95(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let at = (values.len() * 95).div_ceil(100).checked_sub(1)?;
    values.get(at).copied()
}

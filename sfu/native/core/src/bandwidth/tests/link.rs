//! A link and senders on it, in virtual time: just enough to see an estimator live.
use crate::bandwidth::{Departure, Estimator, Limits, Outcome, Probe};
use crate::chance::Chance;
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// A pacer's tick.
const TICK: u64 = 5;
const FEEDBACK: u64 = 50;
const DATAGRAM: u32 = 1_200;
pub const LADDER: [u64; 6] = [150_000, 250_000, 700_000, 1_450_000, 2_500_000, 4_300_000];

/// What a way is like.
#[derive(Clone)]
pub struct Way {
    /// From which second on, how many bit/s.
    pub capacity: Vec<(u64, u64)>,
    pub one_way_ms: u64,
    pub queue_ms: u64,
    pub jitter_ms: u64,
    /// Of a thousand.
    pub loss: u32,
    /// Whether another keeps the queue full, in the teeth of TCP's CUBIC.
    pub is_shared: bool,
}

impl Way {
    pub fn of(capacity: &[(u64, u64)], one_way_ms: u64) -> Way {
        Way {
            capacity: capacity.to_vec(),
            one_way_ms,
            queue_ms: 300,
            jitter_ms: 0,
            loss: 0,
            is_shared: false,
        }
    }

    pub fn capacity_at(&self, ms: u64) -> u64 {
        let begun = self
            .capacity
            .iter()
            .rev()
            .find(|(second, _)| second * 1_000 <= ms);
        begun.map_or(0, |(_, rate)| *rate)
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Source {
    Following,
    Stepped,
}

/// What was seen each 100 ms.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub rate: u64,
    pub layer: u64,
    pub queue_ms: f64,
}

pub struct Flow {
    pub estimator: Estimator,
    source: Source,
    starts_ms: u64,
    /// By how much its way is longer than the others'.
    pub further_ms: u64,
    layer: u64,
    fits_since: Option<u64>,
    backlog: f64,
    credit: f64,
    probe: Option<(Probe, i64)>,
    /// What left, and when it arrives.
    sent: VecDeque<Outcome>,
    feedbacks: VecDeque<(u64, Vec<Outcome>)>,
    pub lost: u64,
    pub all: u64,
    pub samples: Vec<Sample>,
}

impl Flow {
    pub fn new(source: Source, starts_ms: u64) -> Flow {
        let limits = Limits {
            floor: 50_000,
            start: 300_000,
            ceiling: 6_000_000,
        };
        let mut estimator = Estimator::new(limits, Time::from_millis(starts_ms));
        estimator.set_wanted(5_000_000);
        Flow {
            estimator,
            source,
            starts_ms,
            further_ms: 0,
            layer: LADDER[0],
            fits_since: None,
            backlog: 0.0,
            credit: 0.0,
            probe: None,
            sent: VecDeque::new(),
            feedbacks: VecDeque::new(),
            lost: 0,
            all: 0,
            samples: Vec::new(),
        }
    }

    fn media_rate(&mut self, ms: u64) -> u64 {
        let rate = self.estimator.estimate().rate;
        if self.source == Source::Following {
            return rate;
        }
        let fits = *LADDER
            .iter()
            .rev()
            .find(|layer| **layer <= rate)
            .unwrap_or(&LADDER[0]);
        if fits <= self.layer || ms - *self.fits_since.get_or_insert(ms) >= 2_000 {
            (self.layer, self.fits_since) = (fits, None);
        }
        self.layer
    }
}

pub struct Network {
    pub way: Way,
    pub flows: Vec<Flow>,
    chance: Chance,
    free_at: f64,
    last_arrival: Vec<f64>,
}

impl Network {
    pub fn new(way: Way, flows: Vec<Flow>, seed: u64) -> Network {
        Network {
            way,
            last_arrival: vec![0.0; flows.len()],
            flows,
            chance: Chance::new(seed),
            free_at: 0.0,
        }
    }

    pub fn run(self, seconds: u64) -> Network {
        self.run_from(0, seconds)
    }

    pub fn run_from(mut self, from: u64, seconds: u64) -> Network {
        for ms in (from * 1_000..seconds * 1_000).step_by(TICK as usize) {
            for index in 0..self.flows.len() {
                if self.flows[index].starts_ms <= ms {
                    self.step(index, ms);
                }
            }
        }
        self
    }

    fn step(&mut self, index: usize, ms: u64) {
        let now = Time::from_millis(ms);
        self.hear(index, ms);
        let flow = &mut self.flows[index];
        if flow.estimator.deadline() <= now {
            flow.estimator.tick(now);
            assert!(flow.estimator.deadline() > now);
        }
        let rate = flow.media_rate(ms);
        if ms % 35 < TICK {
            flow.backlog += rate as f64 * 0.035 / 8.0;
        }
        if flow.probe.is_none() {
            flow.probe = flow
                .estimator
                .probe(now)
                .map(|probe| (probe, i64::from(probe.bytes)));
        }
        let pace = flow
            .probe
            .map_or(rate as f64 * 1.5, |(probe, _)| probe.rate as f64);
        flow.credit = (flow.credit + pace * TICK as f64 / 8_000.0).min(pace * 0.01 / 8.0 + 1_200.0);
        self.send(index, ms);
        if ms % 100 < TICK {
            let queue_ms = (self.free_at - ms as f64).max(0.0);
            let flow = &mut self.flows[index];
            flow.samples.push(Sample {
                rate: flow.estimator.estimate().rate,
                layer: flow.layer,
                queue_ms,
            });
        }
    }

    fn send(&mut self, index: usize, ms: u64) {
        loop {
            let flow = &mut self.flows[index];
            let padding = flow.probe.map_or(0.0, |_| f64::from(DATAGRAM));
            let len = if flow.backlog > 1.0 {
                flow.backlog.min(f64::from(DATAGRAM))
            } else {
                padding
            };
            if len < 1.0 || flow.credit < len {
                return;
            }
            flow.credit -= len;
            flow.backlog = (flow.backlog - len).max(0.0);
            let departure = Departure {
                sent: Time::from_millis(ms),
                len: len as u32,
                probe: flow.probe.map_or(0, |(probe, _)| probe.id),
            };
            if let Some((_, left)) = &mut flow.probe {
                *left -= len as i64;
                if *left <= 0 {
                    flow.probe = None;
                }
            }
            flow.estimator.sent(len as usize, departure.sent);
            flow.all += 1;
            let arrived = self.pass(index, departure.len, ms);
            self.flows[index].sent.push_back(Outcome { departure, arrived });
        }
    }

    /// When a datagram that leaves now arrives.
    fn pass(&mut self, index: usize, len: u32, ms: u64) -> Option<Duration> {
        let now = ms as f64;
        if self.way.is_shared {
            let left = 1.0 - (now % 4_000.0) / 4_000.0;
            self.free_at = self.free_at.max(now + 300.0 - 120.0 * left.powi(3));
        }
        let begins = self.free_at.max(now);
        let is_lost = self.chance.word() % 1_000 < self.way.loss;
        if begins - now > self.way.queue_ms as f64 || is_lost {
            self.flows[index].lost += 1;
            return None;
        }
        self.free_at = begins + f64::from(len) * 8_000.0 / self.way.capacity_at(ms) as f64;
        let jitter = f64::from(self.chance.word() % 1_000) / 1_000.0 * self.way.jitter_ms as f64;
        let one_way = self.way.one_way_ms + self.flows[index].further_ms;
        let arrives = (self.free_at + one_way as f64 + jitter).max(self.last_arrival[index]);
        self.last_arrival[index] = arrives;
        Some(Duration::from_secs_f64(arrives / 1_000.0))
    }

    /// Feedback leaves the receiver each 50 ms, and reaches the sender.
    fn hear(&mut self, index: usize, ms: u64) {
        let flow = &mut self.flows[index];
        let one_way = self.way.one_way_ms + flow.further_ms;
        if ms % FEEDBACK == 0 {
            let until = Duration::from_millis(ms);
            let come = |outcome: &Outcome| outcome.arrived.is_some_and(|arrived| arrived <= until);
            if let Some(last) = flow.sent.iter().rposition(come) {
                let outcomes: Vec<Outcome> = flow.sent.drain(..=last).collect();
                flow.feedbacks.push_back((ms + one_way, outcomes));
            }
        }
        while flow.feedbacks.front().is_some_and(|(at, _)| *at <= ms) {
            let (_, outcomes) = flow.feedbacks.pop_front().unwrap();
            flow.estimator.feedback(&outcomes, None, Time::from_millis(ms));
        }
    }
}

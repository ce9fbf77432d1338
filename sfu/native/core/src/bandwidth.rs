//! How much a way to a peer carries, as a pure function of what left and what arrived (draft-ietf-rmcat-gcc-02).
mod contention;
mod control;
mod groups;
mod increase;
mod loss;
mod probing;
mod reported;
#[cfg(test)]
mod tests;
mod throughput;
mod trend;
mod waiting;

use crate::round_trip::RoundTrip;
use crate::time::Time;
use contention::Contention;
use groups::{Groups, Step};
use increase::{Capacity, State};
use loss::Loss;
use probing::{Probing, Sight};
use reported::Reported;
use std::time::Duration;
use throughput::Throughput;
use trend::{Signal, Trend};
use waiting::Waiting;

/// One numbered datagram as it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    pub sent: Time,
    /// Bytes on the wire, UDP and IP included.
    pub len: u32,
    /// The probe that it belongs to; 0 for none.
    pub probe: u32,
}

/// What feedback says of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub departure: Departure,
    /// By the receiver's own clock, of any epoch; none if it has not arrived (yet).
    pub arrived: Option<Duration>,
}

/// Between what the estimate stays, and what it is before anything is known; bit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub floor: u64,
    pub start: u64,
    pub ceiling: u64,
}

/// What last set the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Start,
    /// The queue grew.
    Delay,
    /// More was lost than the way itself loses.
    Loss,
    /// A probe arrived.
    Probe,
    /// The peer named a rate (draft-alvestrand-rmcat-remb-03).
    Remb,
    /// Nothing was in the way.
    Increase,
    /// Nothing more was sent than would show whether more goes through.
    Idle,
    /// Feedback stopped coming.
    Silence,
    Ceiling,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Bit/s on the wire, headers included.
    pub rate: u64,
    pub cause: Cause,
    /// How long the newest datagrams waited in queues, by the least delay seen lately.
    pub queue: Duration,
    /// The share that was lost lately, 0 to 1.
    pub loss: f32,
    /// Bit/s that arrived lately.
    pub acknowledged: Option<u64>,
}

/// Datagrams to send at a rate above the estimate, to learn whether the way carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub id: u32,
    /// Bit/s at which it is to leave.
    pub rate: u64,
    /// Bytes that it has at least.
    pub bytes: u32,
    /// Datagrams that it has at least.
    pub count: u32,
}

/// The estimate of one way.
#[derive(Debug)]
pub struct Estimator {
    limits: Limits,
    rate: u64,
    cause: Cause,
    wanted: u64,
    state: State,
    groups: Groups,
    trend: Trend,
    waiting: Waiting,
    acknowledged: Throughput,
    departed: Throughput,
    loss: Loss,
    capacity: Capacity,
    probing: Probing,
    round_trip: RoundTrip,
    /// The mean of what is sent at once, in bytes.
    datagram: u64,
    /// The newest departure that feedback has told of; what is older and arrives was told lost.
    newest: Time,
    missing: u32,
    steered: Time,
    cut: Option<Time>,
    /// Cuts that are still made for a queue that the last one left.
    drains: u8,
    contention: Contention,
    /// When a probe last raised the rate near the capacity, and from where.
    lifted: Option<(Time, u64)>,
    /// Since when a queue is seen near the capacity.
    queued: Option<Time>,
    /// Since when something is sent that nothing is heard of.
    unheard: Option<Time>,
    /// Whether the peer tells when each datagram arrived.
    is_numbered: bool,
    reported: Reported,
}

/// Of what arrives and of what is sent.
const WINDOW: Duration = Duration::from_millis(500);

impl Estimator {
    pub fn new(limits: Limits, now: Time) -> Estimator {
        let ceiling = limits.ceiling.max(1);
        let floor = limits.floor.min(ceiling);
        Estimator {
            limits: Limits {
                floor,
                ceiling,
                ..limits
            },
            rate: limits.start.clamp(floor, ceiling),
            cause: Cause::Start,
            wanted: ceiling,
            state: State::Hold,
            groups: Groups::default(),
            trend: Trend::new(),
            waiting: Waiting::default(),
            acknowledged: Throughput::new(),
            departed: Throughput::new(),
            loss: Loss::new(),
            capacity: Capacity::default(),
            probing: Probing::new(),
            round_trip: RoundTrip::default(),
            datagram: 1_000,
            newest: Time::ZERO,
            missing: 0,
            steered: now,
            cut: None,
            drains: 0,
            contention: Contention::default(),
            lifted: None,
            queued: None,
            unheard: None,
            is_numbered: false,
            reported: Reported::default(),
        }
    }

    /// What one feedback tells, by ascending number; what is told again as arrived was late.
    pub fn feedback(&mut self, outcomes: &[Outcome], round_trip: Option<Duration>, now: Time) {
        let before = self.newest;
        for outcome in outcomes {
            self.told(outcome, before, now);
        }
        let newest = outcomes.iter().rev().find(|outcome| outcome.arrived.is_some());
        let sample = newest.map(|outcome| now.since(outcome.departure.sent));
        if let Some(sample) = round_trip.or(sample) {
            self.round_trip.sample(sample, now);
        }
        self.unheard = None;
        self.is_numbered = true;
        self.steer(now);
        self.plan(now);
    }

    /// A datagram leaves: what is sent below the estimate says nothing about more.
    pub fn sent(&mut self, len: usize, now: Time) {
        self.departed.add(since_zero(now), len as u64);
        self.unheard.get_or_insert(now);
    }

    /// What could be used at most: no probe goes beyond.
    pub fn set_wanted(&mut self, rate: u64) {
        let rate = rate.min(self.limits.ceiling);
        if self.wanted <= self.rate && rate > self.rate {
            self.probing.hurry();
        }
        self.wanted = rate;
    }

    pub fn tick(&mut self, now: Time) {
        if self.silent_at() <= now {
            self.unheard = Some(now);
            self.cut_to((self.rate as f64 * increase::KEPT) as u64, Cause::Silence, now);
        }
        let sight = self.sight(now);
        while let Some(rate) = self.probing.tick(sight, now) {
            self.lift_to(rate, now);
        }
        self.plan(now);
    }

    /// When `tick` is due; after it, always later than its `now`.
    pub fn deadline(&self) -> Time {
        self.silent_at().min(self.probing.deadline())
    }

    /// A probe to send now; to be asked for after each feedback and tick.
    pub fn probe(&mut self, now: Time) -> Option<Probe> {
        self.probing.take(self.round_trip.or_default(), now)
    }

    pub fn estimate(&self) -> Estimate {
        Estimate {
            rate: self.rate,
            cause: self.cause,
            queue: self.waiting.queue(),
            loss: self.loss.recent() as f32,
            acknowledged: self.acknowledged.rate(WINDOW),
        }
    }

    fn told(&mut self, outcome: &Outcome, before: Time, now: Time) {
        let Outcome { departure, arrived } = *outcome;
        let is_late = departure.sent < before;
        if is_late && (arrived.is_none() || self.missing == 0) {
            return;
        }
        self.newest = self.newest.max(departure.sent);
        self.missing = match (is_late, arrived) {
            (true, _) => self.missing - 1,
            (false, None) => self.missing.saturating_add(1),
            (false, Some(_)) => self.missing,
        };
        if let Some(arrived) = arrived {
            self.arrived(&departure, arrived);
        }
        if is_late {
            self.loss.late(departure.sent);
        } else if departure.probe != 0 {
            let sight = self.sight(now);
            if let Some(rate) = self.probing.told(&departure, arrived, sight, now) {
                self.lift_to(rate, now);
            }
        } else if let Some(bound) = self.loss.told(departure.sent, departure.len, arrived.is_none()) {
            self.cut_for_loss(bound, now);
        } else if self.contention.is_on() && self.loss.is_spike() {
            self.cut_for_others(now);
        }
    }

    fn arrived(&mut self, departure: &Departure, arrived: Duration) {
        let len = u64::from(departure.len);
        self.datagram = (self.datagram * 31 + len) / 32;
        self.acknowledged.add(arrived, len);
        // A probe is to queue: neither that it does nor the step that it leaves behind says anything of the rate.
        if departure.probe != 0 {
            self.groups = Groups::default();
            return;
        }
        match self.groups.arrived(departure.sent, arrived) {
            Step::Variation(variation) => self.trend.add(variation),
            Step::Anew => {
                self.trend = Trend::new();
                self.waiting = Waiting::default();
            }
            Step::Nothing => {}
        }
        self.waiting.arrived(departure.sent, arrived);
    }
}

fn since_zero(now: Time) -> Duration {
    Duration::from_nanos(now.as_nanos())
}

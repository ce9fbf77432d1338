//! How much a way to a peer carries, as a pure function of what left and what arrived (draft-ietf-rmcat-gcc-02).
use crate::time::Time;
use std::time::Duration;

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
    estimate: Estimate,
}

impl Estimator {
    pub fn new(limits: Limits, _now: Time) -> Estimator {
        Estimator {
            limits,
            estimate: Estimate {
                rate: limits.start.clamp(limits.floor, limits.ceiling),
                cause: Cause::Start,
                queue: Duration::ZERO,
                loss: 0.0,
                acknowledged: None,
            },
        }
    }

    /// What one feedback tells, by ascending number; what is told again as arrived was late.
    pub fn feedback(&mut self, _outcomes: &[Outcome], _round_trip: Option<Duration>, _now: Time) {}

    /// The rate that a peer without transport-wide numbers names.
    pub fn remb(&mut self, rate: u64, _now: Time) {
        self.estimate.rate = rate.clamp(self.limits.floor, self.limits.ceiling);
        self.estimate.cause = Cause::Remb;
    }

    /// The share lost by a receiver report (RFC 3550 section 6.4.1), of a peer without transport-wide numbers.
    pub fn loss_report(&mut self, fraction: f32, _round_trip: Option<Duration>, _now: Time) {
        self.estimate.loss = fraction;
    }

    /// A datagram leaves: what is sent below the estimate says nothing about more.
    pub fn sent(&mut self, _len: usize, _now: Time) {}

    /// What could be used at most: no probe goes beyond.
    pub fn set_wanted(&mut self, _rate: u64) {}

    pub fn tick(&mut self, _now: Time) {}

    pub fn deadline(&self) -> Time {
        Time::NEVER
    }

    /// A probe to send now.
    pub fn probe(&mut self, _now: Time) -> Option<Probe> {
        None
    }

    pub fn estimate(&self) -> Estimate {
        self.estimate
    }
}

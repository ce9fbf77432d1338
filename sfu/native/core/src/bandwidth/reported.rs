//! The estimate of a peer that tells no arrivals: what it names itself, and what its reports say is lost.
use super::increase;
use super::loss::Observation;
use super::{since_zero, Cause, Estimator};
use crate::time::Time;
use std::time::Duration;

/// A rate that a peer has named counts so long.
const LASTS: Duration = Duration::from_secs(10);
/// After a cut for loss the rate goes up slowly again, for so long.
const CAREFUL: Duration = Duration::from_secs(10);
/// What reports are taken to count: the rate times the time, in datagrams of a usual size.
const DATAGRAM_BITS: f64 = 8_000.0;
const WINDOW: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Default)]
pub struct Reported {
    named: Option<(u64, Time)>,
    last: Option<Time>,
}

impl Reported {
    pub fn ceiling(&self) -> u64 {
        self.named.map_or(u64::MAX, |(rate, _)| rate)
    }

    fn forget(&mut self, now: Time) {
        self.named = self.named.filter(|(_, at)| now.since(*at) < LASTS);
    }
}

impl Estimator {
    /// The rate that a peer without transport-wide numbers names; to others it is a ceiling.
    pub fn remb(&mut self, rate: u64, now: Time) {
        let rate = rate.max(self.limits.floor);
        self.reported.named = Some((rate, now));
        if rate < self.rate {
            self.cut_to(rate, Cause::Remb, now);
        } else if !self.is_numbered && self.since_loss(now) >= CAREFUL {
            self.raise_to(rate, Cause::Remb);
        }
        if !self.is_numbered {
            self.unheard = None;
        }
    }

    /// The share lost by a receiver report (RFC 3550 section 6.4.1), of a peer without transport-wide numbers.
    pub fn loss_report(&mut self, fraction: f32, round_trip: Option<Duration>, now: Time) {
        self.reported.forget(now);
        if let Some(round_trip) = round_trip {
            self.round_trip.sample(round_trip, now);
        }
        if self.is_numbered {
            return;
        }
        self.unheard = None;
        let Some(began) = self.reported.last.replace(now) else {
            return;
        };
        let elapsed = now.since(began);
        let Some(rate) = self.departed.rate_at(since_zero(now), WINDOW) else {
            return;
        };
        let sent = rate as f64 * elapsed.as_secs_f64().min(10.0) / DATAGRAM_BITS;
        let share = f64::from(fraction);
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let seen = Observation {
            began,
            rate: rate as f64,
            sent: sent as u32,
            lost: (sent * share) as u32,
        };
        if let Some(bound) = self.loss.observed(seen) {
            self.cut_for_loss(bound, now);
        } else if self.since_loss(now) < CAREFUL || self.reported.named.is_none() {
            let trip = self.round_trip.or_default();
            let grown = increase::increased(self.rate, false, self.datagram, trip, elapsed);
            self.raise_to(grown.min(rate * 2), Cause::Increase);
        }
    }

    fn since_loss(&self, now: Time) -> Duration {
        match (self.cut, self.cause) {
            (Some(cut), Cause::Loss | Cause::Increase) => now.since(cut),
            _ => Duration::MAX,
        }
    }
}

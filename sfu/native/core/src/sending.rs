//! Congestion control of one connection that we send to: what left, what its receiver tells, what the way carries.
use crate::bandwidth::{Cause, Estimate, Estimator, Limits, Outcome};
use crate::departures::Departures;
use crate::rtcp::ArrivalReport;
use crate::time::Time;
use std::time::Duration;

/// Below the floor not even voices pass; at the start a clear picture does, as publishers begin; the ceiling is a lead's
/// with a picture of each of thirty rooms.
const LIMITS: Limits = Limits {
    floor: 50_000,
    start: 1_200_000,
    ceiling: 50_000_000,
};
/// How often an estimate is told, and by what part it must have changed.
const TELL_INTERVAL: Duration = Duration::from_millis(500);
const TOLD_CHANGE: u64 = 20;

pub struct Sending {
    /// Of a connection in which something is numbered.
    departures: Option<Departures>,
    estimator: Estimator,
    /// Something arrived by transport-wide feedback: no other tells more.
    is_fed: bool,
    pub arrived: u64,
    /// What comes late counts as arrived too.
    pub lost: u64,
    /// What it last named as a rate itself.
    pub named: Option<u64>,
    told: Option<(u64, Cause)>,
    next_telling: Time,
}

impl Sending {
    pub fn new(now: Time) -> Sending {
        Sending {
            departures: None,
            estimator: Estimator::new(LIMITS, now),
            is_fed: false,
            arrived: 0,
            lost: 0,
            named: None,
            told: None,
            next_telling: Time::ZERO,
        }
    }

    /// From now on packets can be numbered.
    pub fn number_packets(&mut self) {
        self.departures.get_or_insert_with(Departures::new);
    }

    /// The transport-wide number of the next packet.
    pub fn number(&self) -> Option<[u8; 2]> {
        Some(self.departures.as_ref()?.number().to_be_bytes())
    }

    /// A packet has left, of so many bytes on the wire.
    pub fn left(&mut self, is_numbered: bool, len: usize, now: Time) {
        if let Some(departures) = self.departures.as_mut().filter(|_| is_numbered) {
            departures.left(len, 0, now);
        }
        self.estimator.sent(len, now);
    }

    /// A packet leaves again under the number that it had.
    pub fn forget(&mut self, number: u16) {
        if let Some(departures) = &mut self.departures {
            departures.forget(number);
        }
    }

    /// Takes transport-wide feedback in; false if it tells of nothing that is remembered.
    pub fn report(
        &mut self,
        report: &ArrivalReport<'_>,
        round_trip: Option<Duration>,
        outcomes: &mut Vec<Outcome>,
        now: Time,
    ) -> bool {
        outcomes.clear();
        let Some(departures) = &mut self.departures else {
            return false;
        };
        let is_known = departures.told(report, now, |outcome| outcomes.push(outcome));
        let arrived = outcomes.iter().filter(|outcome| outcome.arrived.is_some());
        let arrived = arrived.count() as u64;
        self.arrived += arrived;
        self.lost += outcomes.len() as u64 - arrived;
        self.is_fed |= arrived > 0;
        self.estimator.feedback(outcomes, round_trip, now);
        is_known
    }

    /// The receiver names a rate itself.
    pub fn remb(&mut self, rate: u64, now: Time) {
        self.named = Some(rate);
        if !self.is_fed {
            self.estimator.remb(rate, now);
        }
    }

    /// The share that a receiver report tells as lost, of a receiver that is not to tell of each packet.
    pub fn loss(&mut self, fraction: f32, round_trip: Option<Duration>, now: Time) {
        if self.departures.is_none() {
            self.estimator.loss_report(fraction, round_trip, now);
        }
    }

    pub fn deadline(&self) -> Time {
        self.estimator.deadline()
    }

    pub fn tick(&mut self, now: Time) {
        if self.estimator.deadline() <= now {
            self.estimator.tick(now);
        }
    }

    /// What the way carries; none while nothing is known of it.
    pub fn estimate(&self) -> Option<Estimate> {
        let estimate = self.estimator.estimate();
        (estimate.cause != Cause::Start).then_some(estimate)
    }

    /// An estimate that is worth telling and was not told yet.
    pub fn news(&mut self, now: Time) -> Option<(u64, Cause)> {
        let Estimate { rate, cause, .. } = self.estimate().filter(|_| now >= self.next_telling)?;
        let is_old =
            |&(known, why): &(u64, Cause)| why == cause && known.abs_diff(rate) <= known / TOLD_CHANGE;
        if self.told.as_ref().is_some_and(is_old) {
            return None;
        }
        (self.told, self.next_telling) = (Some((rate, cause)), now + TELL_INTERVAL);
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_told_at_most_twice_a_second_and_only_when_it_changed() {
        let at = Time::from_millis;
        let mut sending = Sending::new(at(0));
        assert_eq!(sending.news(at(1)), None);
        sending.remb(1_000_000, at(2));
        assert_eq!(sending.news(at(3)), Some((1_000_000, Cause::Remb)));
        sending.remb(400_000, at(4));
        assert_eq!(sending.news(at(502)), None);
        assert_eq!(sending.news(at(503)), Some((400_000, Cause::Remb)));
        sending.remb(410_000, at(2_000));
        assert_eq!(
            (sending.news(at(2_000)), sending.estimate().unwrap().rate),
            (None, 410_000)
        );
    }
}

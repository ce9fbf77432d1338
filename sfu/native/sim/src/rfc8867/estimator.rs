//! The forwarder's own estimator behind the cases' questions.
use super::controller::{Controller, Probe};
use super::media::PACKET_BYTES;
use super::shown::LADDER;
use forwarder_core::bandwidth::{Departure, Estimator, Limits, Outcome};
use forwarder_core::time::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the cases begin with; the ceiling is far from every capacity.
const LIMITS: Limits = Limits {
    floor: 50_000,
    start: 300_000,
    ceiling: 20_000_000,
};

/// The estimator as the node would run it for one peer.
pub fn estimator(_flow: usize) -> Box<dyn Controller> {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    estimator.set_wanted(LADDER[LADDER.len() - 1]);
    Box::new(Ours {
        estimator,
        departures: BTreeMap::new(),
        round_trip: None,
    })
}

struct Ours {
    estimator: Estimator,
    departures: BTreeMap<u64, Departure>,
    round_trip: Option<Duration>,
}

impl Controller for Ours {
    fn sent(&mut self, number: u64, bytes: usize, probe: Option<u32>, now: Time) {
        let departure = Departure {
            sent: now,
            len: bytes as u32,
            probe: probe.unwrap_or(0),
        };
        self.departures.insert(number, departure);
        self.estimator.sent(bytes, now);
    }

    fn feedback(&mut self, first: u64, arrivals: &[Option<Time>], now: Time) {
        let told = arrivals.iter().zip(first..).filter_map(|(arrived, number)| {
            let departure = *self.departures.get(&number)?;
            let arrived = arrived.map(|at| Duration::from_nanos(at.as_nanos()));
            Some(Outcome { departure, arrived })
        });
        let told: Vec<Outcome> = told.collect();
        let newest = told.iter().rev().find(|outcome| outcome.arrived.is_some());
        if let Some(outcome) = newest {
            let sample = now.since(outcome.departure.sent);
            let before = self.round_trip.unwrap_or(sample);
            self.round_trip = Some((before * 7 + sample) / 8);
        }
        self.departures = self.departures.split_off(&(first + arrivals.len() as u64));
        self.estimator.feedback(&told, self.round_trip, now);
    }

    fn tick(&mut self, now: Time) {
        self.estimator.tick(now);
    }

    fn deadline(&self) -> Time {
        self.estimator.deadline()
    }

    fn probe(&mut self, now: Time) -> Option<Probe> {
        let probe = self.estimator.probe(now)?;
        let bytes = (probe.bytes as usize).max(probe.count as usize * PACKET_BYTES);
        Some(Probe {
            id: probe.id,
            bits_per_second: probe.rate,
            bytes,
        })
    }

    fn estimate(&self) -> u64 {
        self.estimator.estimate().rate
    }
}

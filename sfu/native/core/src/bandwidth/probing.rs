//! Bursts above the rate, to learn whether the way carries more (after draft-ietf-rmcat-gcc-02: it names none).
use super::{Departure, Probe};
use crate::time::Time;
use std::time::Duration;

/// At the start, by how much above the rate.
const FIRST: [f64; 2] = [3.0, 6.0];
/// Later, when less is sent than allowed, so that all of the next step is to be found...
const IDLE: f64 = 2.0;
/// ...and when the rate is used, so that little queues.
const BUSY: f64 = 1.5;
/// A probe is as long as its measure needs: so many times what arrivals waver, within bounds.
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(120);
const JITTERS: u32 = 10;
const LEAST_DATAGRAMS: u32 = 5;
const DATAGRAM: u64 = 1_200;
/// Between probes; longer after each that found nothing.
const EACH: Duration = Duration::from_secs(4);
const MOST_WAIT: Duration = Duration::from_secs(6);
const MOST_REGRET: Duration = Duration::from_secs(60);
/// When it is no time to probe, it is looked again after this.
const LATER: Duration = Duration::from_millis(200);
/// How long results may take, in round trips, and at least.
const ROUND_TRIPS: u32 = 3;
const LEAST_PATIENCE: Duration = Duration::from_secs(1);
/// What of a probe has to arrive.
const ENOUGH: f64 = 0.6;
/// A probe that arrives nearly as fast as it left did not fill the way.
const PASSED: f64 = 0.88;
/// What is taken of a rate that the way carried without, and with, being filled.
const TAKEN: f64 = 0.95;
const TAKEN_FILLED: f64 = 0.85;
/// A full way gives a burst more than its share: only what is clearly more is believed.
const CLEARLY: f64 = 1.1;
/// Who sends little takes little of what others use, too: a probe tells the truth then.
const TAKEN_IDLE: f64 = 0.92;

/// What the way looks like when a probe is planned or told of.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub rate: u64,
    pub wanted: u64,
    pub round_trip: Duration,
    pub jitter: Duration,
    /// What the way loses by itself, 0 to 1.
    pub inherent: f64,
    /// Less is sent than allowed.
    pub is_idle: bool,
    /// Nothing queues and nothing was cut lately.
    pub is_calm: bool,
}

#[derive(Clone, Debug)]
pub struct Probing {
    last_id: u32,
    waiting: [Option<Probe>; 2],
    flights: [Option<Flight>; 2],
    has_begun: bool,
    due: Time,
    wait: Duration,
    /// The wait after the last promise that did not last.
    regret: Duration,
}

/// A probe on its way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    probe: Probe,
    deadline: Time,
    told: u64,
    arrived: u64,
    sent: Option<Span>,
    received: Option<Span>,
}

/// From the first to the last, in nanoseconds, with their bytes.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: (u64, u32),
    last: (u64, u32),
}

impl Probing {
    pub fn new() -> Probing {
        Probing {
            last_id: 0,
            waiting: [None; 2],
            flights: [None; 2],
            has_begun: false,
            due: Time::NEVER,
            wait: EACH,
            regret: EACH,
        }
    }

    pub fn deadline(&self) -> Time {
        let flights = self.flights.iter().flatten().map(|flight| flight.deadline);
        flights.chain([self.due]).min().unwrap_or(Time::NEVER)
    }

    /// The next probe to send. Its result is waited for from now on.
    pub fn take(&mut self, round_trip: Duration, now: Time) -> Option<Probe> {
        let place = self.flights.iter().position(Option::is_none)?;
        let probe = self.waiting.iter_mut().find_map(Option::take)?;
        let takes = Duration::from_millis(u64::from(probe.bytes) * 8_000 / probe.rate.max(1));
        self.flights[place] = Some(Flight {
            probe,
            deadline: now + 2 * takes + (ROUND_TRIPS * round_trip).max(LEAST_PATIENCE),
            told: 0,
            arrived: 0,
            sent: None,
            received: None,
        });
        Some(probe)
    }

    /// Something more could be used: no reason to wait.
    pub fn hurry(&mut self) {
        if self.has_begun {
            self.due = Time::ZERO;
        }
    }

    /// What a probe promised did not last.
    pub fn regret(&mut self, now: Time) {
        self.regret = (self.wait.max(self.regret) * 2).min(MOST_REGRET);
        self.wait = self.regret;
        self.due = self.due.max(now + self.wait);
    }

    /// A cut came: what was planned is void, and what is under way left before it.
    pub fn put_off(&mut self, by: Duration, now: Time) {
        self.waiting = [None; 2];
        self.flights = [None; 2];
        if self.has_begun {
            self.due = self.due.max(now + by);
        }
    }

    /// Plans what is due, once the way is known at all.
    pub fn plan(&mut self, sight: Sight, now: Time) {
        if !self.has_begun {
            self.has_begun = true;
            self.due = now + EACH;
            for factor in FIRST {
                self.ask(factor, sight);
            }
            return;
        }
        if now < self.due {
            return;
        }
        let is_busy = self.flights.iter().any(Option::is_some) || self.waiting.iter().any(Option::is_some);
        if is_busy || !sight.is_calm || sight.wanted <= sight.rate {
            self.due = now + LATER;
            return;
        }
        self.due = now + self.wait.max(ROUND_TRIPS * sight.round_trip);
        self.ask(if sight.is_idle { IDLE } else { BUSY }, sight);
    }

    fn ask(&mut self, factor: f64, sight: Sight) {
        let rate = ((sight.rate as f64 * factor) as u64).min(sight.wanted);
        let Some(place) = self.waiting.iter().position(Option::is_none) else {
            return;
        };
        if rate * 20 < sight.rate * 21 {
            return;
        }
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let long = (JITTERS * sight.jitter).clamp(SHORTEST, LONGEST);
        let bytes = rate / 8 * long.as_millis() as u64 / 1_000;
        self.waiting[place] = Some(Probe {
            id: self.last_id,
            rate,
            bytes: bytes.max(u64::from(LEAST_DATAGRAMS) * DATAGRAM).min(1 << 20) as u32,
            count: LEAST_DATAGRAMS,
        });
    }

    /// What became of a datagram of a probe; the rate to go to, once that is known and above the present one.
    pub fn told(
        &mut self,
        departure: &Departure,
        arrived: Option<Duration>,
        sight: Sight,
        now: Time,
    ) -> Option<u64> {
        let of = |flight: &Option<Flight>| flight.is_some_and(|flight| flight.probe.id == departure.probe);
        let place = self.flights.iter().position(of)?;
        let flight = self.flights[place].as_mut()?;
        flight.note(departure, arrived);
        if flight.told < u64::from(flight.probe.bytes) {
            return None;
        }
        self.end(place, sight, now)
    }

    /// Ends what has waited long enough, by what of it has arrived.
    pub fn tick(&mut self, sight: Sight, now: Time) -> Option<u64> {
        let is_over = |flight: &Option<Flight>| flight.is_some_and(|flight| flight.deadline <= now);
        let place = self.flights.iter().position(is_over)?;
        self.end(place, sight, now)
    }

    fn end(&mut self, place: usize, sight: Sight, now: Time) -> Option<u64> {
        let flight = self.flights[place].take()?;
        let found = flight.result(sight).filter(|found| {
            let is_own = found.is_filled && !sight.is_idle;
            found.rate as f64 > sight.rate as f64 * if is_own { CLEARLY } else { 1.0 }
        });
        let Some(found) = found else {
            self.wait = self.wait.max((self.wait * 3 / 2).min(MOST_WAIT));
            return None;
        };
        self.wait = EACH;
        self.due = self.due.min(now + LATER);
        if found.is_surely_filled {
            self.due = self.due.max(now + EACH);
        }
        Some(found.rate)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    rate: u64,
    is_filled: bool,
    /// More than wavering arrivals alone would make it seem.
    is_surely_filled: bool,
}

impl Flight {
    fn note(&mut self, departure: &Departure, arrived: Option<Duration>) {
        let at = |nanos| (nanos, departure.len);
        self.told += u64::from(departure.len);
        Span::extend(&mut self.sent, at(departure.sent.as_nanos()));
        let Some(arrived) = arrived else {
            return;
        };
        self.arrived += u64::from(departure.len);
        Span::extend(&mut self.received, at(arrived.as_nanos() as u64));
    }

    fn result(&self, sight: Sight) -> Option<Found> {
        let (sent, received) = (self.sent?, self.received?);
        if (self.arrived as f64) < ENOUGH * f64::from(self.probe.bytes) || self.told == 0 {
            return None;
        }
        let left = sent.rate(self.told, sent.last.1, Duration::ZERO);
        // Arrivals that waver look faster or slower than they are: slower is the safe side.
        let came = received.rate(self.arrived, received.first.1, sight.jitter / 2)? / (1.0 - sight.inherent);
        let left = left
            .unwrap_or(self.probe.rate as f64)
            .min(2.0 * self.probe.rate as f64);
        let is_filled = came < PASSED * left;
        let most = received
            .shortened(2 * sight.jitter)
            .rate(self.arrived, received.first.1, Duration::ZERO);
        let is_surely_filled = most.is_some_and(|most| most / (1.0 - sight.inherent) < PASSED * left);
        let taken = match (is_filled, sight.is_idle) {
            (false, _) => TAKEN * came.min(left),
            (true, false) => TAKEN_FILLED * came,
            (true, true) => TAKEN_IDLE * came,
        };
        Some(Found {
            rate: taken as u64,
            is_filled,
            is_surely_filled,
        })
    }
}

impl Span {
    fn extend(span: &mut Option<Span>, at: (u64, u32)) {
        let span = span.get_or_insert(Span { first: at, last: at });
        if at.0 < span.first.0 {
            span.first = at;
        }
        if at.0 >= span.last.0 {
            span.last = at;
        }
    }

    fn shortened(mut self, by: Duration) -> Span {
        self.last.0 = self.last.0.saturating_sub(by.as_nanos() as u64);
        self
    }

    /// Bit/s of all but the bytes at one end; none where no time lies between.
    fn rate(&self, bytes: u64, end: u32, longer: Duration) -> Option<f64> {
        let nanos = self.last.0.saturating_sub(self.first.0);
        if nanos < 1_000_000 {
            return None;
        }
        let seconds = (nanos + longer.as_nanos() as u64) as f64 / 1e9;
        Some(bytes.saturating_sub(u64::from(end)) as f64 * 8.0 / seconds)
    }
}

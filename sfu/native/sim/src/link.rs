//! One direction of a network path without I/O: packets and time go in, packets and a deadline come out.
//!
//! A packet waits in the queue, passes the bottleneck, may be lost on the wire behind it, and travels.
mod capacity;
mod log;
mod loss;
#[cfg(test)]
mod tests;
mod text;

pub use capacity::Capacity;
pub use log::{Cause, Fate, Passage, Tally};
pub use loss::Loss;

use crate::random::Random;
use forwarder_core::time::Time;
use loss::LossState;
use std::collections::BTreeMap;
use std::time::Duration;

/// How much may wait before the bottleneck; who comes later is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    Endless,
    /// As much as the present capacity takes so long for.
    Lasting(Duration),
    Bytes(usize),
}

/// Packets that others overtake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reordering {
    pub share: f64,
    /// By how much such a packet is later than it would have been.
    pub by: Duration,
}

/// What a link does to packets.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    pub capacity: Capacity,
    pub queue: Queue,
    pub loss: Loss,
    /// One way, without waiting and passing.
    pub delay: Duration,
    /// At most so much is added: half of a normal distribution, cut at three deviations.
    pub jitter: Duration,
    /// Whether jitter alone may reorder; else who would overtake arrives with the one before.
    pub jitter_reorders: bool,
    pub reordering: Option<Reordering>,
    /// The share of packets that arrive twice.
    pub duplication: f64,
}

impl Conditions {
    /// A wire that only takes time.
    pub fn wire(delay: Duration) -> Conditions {
        Conditions {
            capacity: Capacity::unlimited(),
            queue: Queue::Endless,
            loss: Loss::None,
            delay,
            jitter: Duration::ZERO,
            jitter_reorders: false,
            reordering: None,
            duplication: 0.0,
        }
    }
}

/// A packet at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<P> {
    pub packet: P,
    /// Which packet it was, counted from 0 as they were pushed.
    pub number: u64,
    pub entered: Time,
    /// How long it waited for others before it.
    pub queued: Duration,
    pub left: Time,
}

pub struct Link<P> {
    conditions: Conditions,
    random: Random,
    loss: LossState,
    /// When the bottleneck has passed all that was let in.
    free_at: Time,
    /// When the latest packet arrives that keeps the order.
    last_arrival: Time,
    /// By arrival; of those that arrive together, as they came.
    under_way: BTreeMap<(Time, u64), Delivery<P>>,
    placed: u64,
    tally: Tally,
    log: Option<Vec<Passage>>,
}

impl<P: Clone> Link<P> {
    pub fn new(conditions: Conditions, seed: u64) -> Link<P> {
        let mut random = Random::new(seed);
        Link {
            loss: LossState::new(conditions.loss, &mut random),
            conditions,
            random,
            free_at: Time::ZERO,
            last_arrival: Time::ZERO,
            under_way: BTreeMap::new(),
            placed: 0,
            tally: Tally::default(),
            log: None,
        }
    }

    /// Writes every packet's fate down from now on.
    pub fn keep_log(&mut self) {
        self.log.get_or_insert_default();
    }

    pub fn log(&self) -> &[Passage] {
        self.log.as_deref().unwrap_or_default()
    }

    pub fn tally(&self) -> Tally {
        self.tally
    }

    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// When `deliver` has something next.
    pub fn deadline(&self) -> Time {
        self.under_way.keys().next().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// Takes a packet in; `now` never goes back. What becomes of it is decided here.
    pub fn push(&mut self, packet: P, bytes: usize, now: Time) -> Fate {
        let number = self.tally.pushed;
        self.tally.pushed += 1;
        let fate = match self.pass(bytes, now) {
            Ok((queued, passed)) => {
                let arrival = self.travel(passed);
                let delivery = Delivery {
                    packet,
                    number,
                    entered: now,
                    queued,
                    left: arrival,
                };
                self.duplicate(&delivery);
                self.place(delivery);
                Fate::Arrives { queued, at: arrival }
            }
            Err(cause) => {
                self.tally.lost[cause as usize] += 1;
                Fate::Lost(cause)
            }
        };
        if let Some(log) = &mut self.log {
            log.push(Passage {
                number,
                bytes,
                entered: now,
                fate,
            });
        }
        fate
    }

    /// The next packet that has arrived by now.
    pub fn deliver(&mut self, now: Time) -> Option<Delivery<P>> {
        let first = self.under_way.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        self.tally.delivered += 1;
        Some(first.remove())
    }

    /// How long it waited, and when its last bit has passed the bottleneck.
    fn pass(&mut self, bytes: usize, now: Time) -> Result<(Duration, Time), Cause> {
        let bits = 8 * bytes as u64;
        let capacity = &self.conditions.capacity;
        let Some(present) = capacity.at(now) else {
            return self.stay_on_the_wire(Duration::ZERO, now);
        };
        let waiting = capacity.between(now, self.free_at);
        let is_full = match self.conditions.queue {
            Queue::Endless => false,
            Queue::Lasting(limit) => {
                u128::from(waiting + bits) * 1_000_000_000 > limit.as_nanos() * u128::from(present)
            }
            Queue::Bytes(limit) => waiting + bits > 8 * limit as u64,
        };
        // An empty queue takes any packet: what passes has left it.
        if is_full && waiting > 0 {
            return Err(Cause::Queue);
        }
        let begins = self.free_at.max(now);
        let passed = capacity.pass(bits, begins);
        if passed == Time::NEVER {
            return Err(Cause::Outage);
        }
        self.free_at = passed;
        self.stay_on_the_wire(begins.since(now), passed)
    }

    fn stay_on_the_wire(&mut self, queued: Duration, passed: Time) -> Result<(Duration, Time), Cause> {
        match self.loss.next(&mut self.random) {
            Some(cause) => Err(cause),
            None => Ok((queued, passed)),
        }
    }

    fn travel(&mut self, passed: Time) -> Time {
        let conditions = &self.conditions;
        let mut arrival = passed + conditions.delay;
        if !conditions.jitter.is_zero() {
            let deviations = self.random.normal().clamp(0.0, 3.0);
            arrival = arrival + conditions.jitter.mul_f64(deviations / 3.0);
        }
        if let Some(Reordering { share, by }) = conditions.reordering {
            if self.random.happens(share) {
                return arrival + by;
            }
        }
        if !conditions.jitter_reorders {
            arrival = arrival.max(self.last_arrival);
            self.last_arrival = arrival;
        }
        arrival
    }

    fn duplicate(&mut self, delivery: &Delivery<P>) {
        if self.random.happens(self.conditions.duplication) {
            self.tally.duplicated += 1;
            self.place(delivery.clone());
        }
    }

    fn place(&mut self, delivery: Delivery<P>) {
        self.placed += 1;
        self.under_way.insert((delivery.left, self.placed), delivery);
    }
}

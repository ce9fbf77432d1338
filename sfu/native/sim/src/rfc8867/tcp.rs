//! A bulk sender with CUBIC's window (RFC 9438) and acknowledgements of single packets: what media competes with.
use super::network::{Packet, Sending, Side};
use crate::random::Random;
use forwarder_core::time::Time;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

const PACKET_BYTES: usize = 1_500;
const ACK_BYTES: usize = 60;
const FIRST_WINDOW: f64 = 10.0;
const BETA: f64 = 0.7;
/// Packets a second cubed (RFC 9438 section 5).
const SCALE: f64 = 0.4;
/// Who overtakes so many is not late but lost.
const OVERTAKEN: u64 = 3;
const PAUSE_S: f64 = 10.0;

/// What a flow has to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    Endless,
    Files(RangeInclusive<u64>),
}

pub struct TcpFlow {
    index: usize,
    load: Load,
    random: Random,
    /// When the next file begins.
    begins: Time,
    /// Packets not sent yet.
    left: u64,
    window: f64,
    threshold: f64,
    /// The window before the last loss, and when that was.
    peak: f64,
    reduced_at: Time,
    /// Losses of packets sent before it cost nothing more.
    recovery: u64,
    number: u64,
    in_flight: BTreeMap<u64, Time>,
    round_trip: Duration,
    variation: Duration,
    heard_at: Time,
    acks: Vec<u64>,
}

impl TcpFlow {
    pub fn new(index: usize, load: Load, begins_at_once: bool, seed: u64) -> TcpFlow {
        let mut random = Random::new(seed);
        let pause = if begins_at_once {
            0.0
        } else {
            PAUSE_S * random.exponential()
        };
        TcpFlow {
            index,
            load,
            random,
            begins: Time::ZERO + Duration::from_secs_f64(pause),
            left: 0,
            window: FIRST_WINDOW,
            threshold: f64::INFINITY,
            peak: 0.0,
            reduced_at: Time::ZERO,
            recovery: 0,
            number: 0,
            in_flight: BTreeMap::new(),
            round_trip: Duration::ZERO,
            variation: Duration::ZERO,
            heard_at: Time::ZERO,
            acks: Vec::new(),
        }
    }

    pub fn deadline(&self) -> Time {
        let can_send = self.left > 0 && (self.in_flight.len() as f64) < self.window;
        let now = Time::ZERO;
        if can_send || !self.acks.is_empty() {
            return now;
        }
        if self.in_flight.is_empty() {
            self.begins
        } else {
            self.heard_at + self.timeout()
        }
    }

    pub fn tick(&mut self, now: Time, out: &mut Vec<Sending>) {
        for number in self.acks.drain(..) {
            let packet = Packet::TcpAck {
                flow: self.index,
                number,
            };
            out.push(Sending {
                from: Side::Receiver,
                flow: self.index,
                packet,
                bytes: ACK_BYTES,
            });
        }
        if self.left == 0 && self.in_flight.is_empty() && self.begins <= now {
            self.begin(now);
        }
        if !self.in_flight.is_empty() && now >= self.heard_at + self.timeout() {
            self.give_up(now);
        }
        while self.left > 0 && (self.in_flight.len() as f64) < self.window {
            if self.in_flight.is_empty() {
                self.heard_at = now;
            }
            let packet = Packet::Tcp {
                flow: self.index,
                number: self.number,
            };
            out.push(Sending {
                from: Side::Sender,
                flow: self.index,
                packet,
                bytes: PACKET_BYTES,
            });
            self.in_flight.insert(self.number, now);
            self.number += 1;
            self.left -= 1;
        }
    }

    pub fn receive(&mut self, packet: &Packet, now: Time) {
        match *packet {
            Packet::Tcp { number, .. } => self.acks.push(number),
            Packet::TcpAck { number, .. } => self.acknowledged(number, now),
            _ => {}
        }
    }

    fn begin(&mut self, now: Time) {
        self.left = match &self.load {
            Load::Endless => u64::MAX / 2,
            Load::Files(bytes) => {
                let span = (bytes.end() - bytes.start()) as f64;
                (bytes.start() + (span * self.random.share()) as u64).div_ceil(PACKET_BYTES as u64)
            }
        };
        (self.window, self.threshold, self.peak) = (FIRST_WINDOW, f64::INFINITY, 0.0);
        self.reduced_at = now;
    }

    fn acknowledged(&mut self, number: u64, now: Time) {
        let Some(sent_at) = self.in_flight.remove(&number) else {
            return;
        };
        self.heard_at = now;
        self.measure(now.since(sent_at));
        let lost: Vec<u64> = self
            .in_flight
            .range(..number.saturating_sub(OVERTAKEN - 1))
            .map(|(number, _)| *number)
            .collect();
        for number in lost {
            self.in_flight.remove(&number);
            self.left += 1;
            if number >= self.recovery {
                self.reduce(now);
            }
        }
        self.grow(now);
        if self.left == 0 && self.in_flight.is_empty() {
            self.begins = now + Duration::from_secs_f64(PAUSE_S * self.random.exponential());
        }
    }

    fn measure(&mut self, sample: Duration) {
        if self.round_trip.is_zero() {
            (self.round_trip, self.variation) = (sample, sample / 2);
            return;
        }
        self.variation = (self.variation * 3 + self.round_trip.abs_diff(sample)) / 4;
        self.round_trip = (self.round_trip * 7 + sample) / 8;
    }

    fn reduce(&mut self, now: Time) {
        self.recovery = self.number;
        self.peak = self.window;
        self.window = (self.window * BETA).max(2.0);
        self.threshold = self.window;
        self.reduced_at = now;
    }

    fn grow(&mut self, now: Time) {
        if self.window < self.threshold {
            self.window += 1.0;
            return;
        }
        let since = now.since(self.reduced_at).as_secs_f64();
        let back = (self.peak * (1.0 - BETA) / SCALE).cbrt();
        let cubic = SCALE * (since - back).powi(3) + self.peak;
        // As fast as Reno would, where that is faster (section 4.3).
        let rounds = since / self.round_trip.as_secs_f64().max(0.001);
        let reno = self.peak * BETA + 3.0 * (1.0 - BETA) / (1.0 + BETA) * rounds;
        let wanted = cubic.max(reno);
        if wanted > self.window {
            self.window += ((wanted - self.window) / self.window).min(0.5);
        }
    }

    fn timeout(&self) -> Duration {
        let measured = self.round_trip + 4 * self.variation;
        if self.round_trip.is_zero() {
            Duration::from_secs(1)
        } else {
            measured.max(Duration::from_millis(200))
        }
    }

    fn give_up(&mut self, now: Time) {
        self.left += self.in_flight.len() as u64;
        self.in_flight.clear();
        self.threshold = (self.window / 2.0).max(2.0);
        (self.peak, self.window) = (self.window, 2.0);
        (self.recovery, self.reduced_at, self.heard_at) = (self.number, now, now);
    }
}

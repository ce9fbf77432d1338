//! One media flow: a source, a paced sender that follows its controller, and a receiver that feeds back.
use super::case::Media;
use super::controller::{Controller, Probe};
use super::network::{Packet, Sending, Side};
use super::shown::Shown;
use crate::random::Random;
use forwarder_core::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const FRAME: Duration = Duration::from_nanos(33_333_333);
pub const PACKET_BYTES: usize = 1_200;
/// What a source sends at most and at least, in bits a second.
const MOST: u64 = 4_300_000;
const LEAST: u64 = 150_000;
/// Frames differ in size by at most so much.
const NOISE: f64 = 0.1;
/// A frame leaves faster than the frames come, so that little waits behind it.
const PACING: f64 = 1.5;
const FEEDBACK_EACH: Duration = Duration::from_millis(50);
/// What a source makes of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Sends as much as the estimate says.
    Following,
    /// Sends the layer that the node's allocation grants it.
    Stepped,
}

pub struct MediaFlow {
    pub plan: Media,
    index: usize,
    source: Source,
    controller: Box<dyn Controller>,
    random: Random,
    shown: Shown,
    next_frame: Time,
    /// Sizes of packets that wait for their turn.
    queue: VecDeque<usize>,
    next_packet: Time,
    number: u64,
    probe: Option<Probe>,
    receiver: Receiver,
}

#[derive(Default)]
struct Receiver {
    arrivals: BTreeMap<u64, Time>,
    /// The next number to tell of.
    first: u64,
    next: Option<Time>,
}

impl MediaFlow {
    pub fn new(
        index: usize,
        plan: Media,
        source: Source,
        controller: Box<dyn Controller>,
        seed: u64,
    ) -> MediaFlow {
        MediaFlow {
            plan,
            index,
            source,
            controller,
            random: Random::new(seed),
            shown: Shown::new(),
            next_frame: Time::from_millis(1_000 * plan.starts_s),
            queue: VecDeque::new(),
            next_packet: Time::ZERO,
            number: 0,
            probe: None,
            receiver: Receiver::default(),
        }
    }

    pub fn estimate(&self) -> u64 {
        self.controller.estimate()
    }

    /// What the source makes just now, in bits a second.
    pub fn rate(&self) -> u64 {
        match self.source {
            Source::Following => self.estimate().clamp(LEAST, MOST),
            Source::Stepped => self.shown.bit_rate(),
        }
    }

    pub fn deadline(&self) -> Time {
        let packet = if self.queue.is_empty() && self.probe.is_none() {
            Time::NEVER
        } else {
            self.next_packet
        };
        let feedback = self.receiver.next.unwrap_or(Time::NEVER);
        let started = if self.number == 0 {
            Time::NEVER
        } else {
            self.controller.deadline()
        };
        self.next_frame.min(packet).min(feedback).min(started)
    }

    pub fn tick(&mut self, now: Time, out: &mut Vec<Sending>) {
        if self.number > 0 && self.controller.deadline() <= now {
            self.controller.tick(now);
        }
        if self.next_frame <= now {
            self.next_frame = self.next_frame + FRAME;
            if self.plan.sends_at(now.as_nanos() as f64 / 1e9) {
                self.shown.decide(self.estimate(), now);
                self.make_frame();
                self.probe = self.probe.or_else(|| self.controller.probe(now));
            }
        }
        while self.next_packet <= now && self.send(now, out) {}
        if self.receiver.next.is_some_and(|next| next <= now) {
            self.feed_back(now, out);
        }
    }

    pub fn receive(&mut self, packet: Packet, now: Time) {
        match packet {
            Packet::Media { number, .. } => {
                self.receiver.arrivals.entry(number).or_insert(now);
                self.receiver.next.get_or_insert(now + FEEDBACK_EACH);
            }
            Packet::Feedback { first, arrivals, .. } => self.controller.feedback(first, &arrivals, now),
            Packet::Tcp { .. } | Packet::TcpAck { .. } => {}
        }
    }

    fn make_frame(&mut self) {
        let noise = 1.0 + NOISE * (2.0 * self.random.share() - 1.0);
        let mut bytes = (self.rate() as f64 * FRAME.as_secs_f64() / 8.0 * noise) as usize;
        while bytes > 0 {
            let packet = bytes.min(PACKET_BYTES);
            self.queue.push_back(packet);
            bytes -= packet;
        }
    }

    /// Sends one packet, media before padding; whether there was one.
    fn send(&mut self, now: Time, out: &mut Vec<Sending>) -> bool {
        let bytes = match (self.queue.pop_front(), &self.probe) {
            (Some(bytes), _) => bytes,
            (None, Some(probe)) => probe.bytes.min(PACKET_BYTES),
            (None, None) => return false,
        };
        let pace = self
            .probe
            .map_or(self.rate().max(LEAST) as f64 * PACING, |probe| {
                probe.bits_per_second as f64
            });
        let takes = Duration::from_secs_f64(8.0 * bytes as f64 / pace);
        // A packet that is late by less than a frame makes up for it.
        self.next_packet = self.next_packet.max(now - Duration::from_millis(5)) + takes;
        self.controller
            .sent(self.number, bytes, self.probe.map(|probe| probe.id), now);
        let packet = Packet::Media {
            flow: self.index,
            number: self.number,
        };
        out.push(Sending {
            from: Side::Sender,
            flow: self.index,
            packet,
            bytes,
        });
        self.number += 1;
        if let Some(probe) = &mut self.probe {
            probe.bytes = probe.bytes.saturating_sub(bytes);
            if probe.bytes == 0 {
                self.probe = self.controller.probe(now);
            }
        }
        true
    }

    fn feed_back(&mut self, now: Time, out: &mut Vec<Sending>) {
        let receiver = &mut self.receiver;
        receiver.next = None;
        let Some((&last, _)) = receiver.arrivals.last_key_value() else {
            return;
        };
        receiver.next = Some(now + FEEDBACK_EACH);
        let first = receiver.first;
        if last < first {
            receiver.arrivals.clear();
            return;
        }
        let arrivals: Vec<Option<Time>> = (first..=last)
            .map(|number| receiver.arrivals.get(&number).copied())
            .collect();
        receiver.arrivals.clear();
        receiver.first = last + 1;
        // Headers, a chunk for each seven packets, one byte of time for each.
        let bytes = 70 + arrivals.len() * 9 / 7;
        let packet = Packet::Feedback {
            flow: self.index,
            first,
            arrivals,
        };
        out.push(Sending {
            from: Side::Receiver,
            flow: self.index,
            packet,
            bytes,
        });
    }
}

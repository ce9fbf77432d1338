//! Flows, bottlenecks and wires of one case, played in virtual time.
use super::case::{Case, Direction, Tcp};
use super::controller::Controller;
use super::figures::{Figures, Recorder};
use super::media::{MediaFlow, Source};
use super::tcp::{Load, TcpFlow};
use crate::link::{Conditions, Fate, Link};
use forwarder_core::time::Time;
use std::time::Duration;

/// TCP's wires are those of a terrestrial path of 100 ms in every case.
const TCP_ONE_WAY: Duration = Duration::from_millis(50);
const SAMPLE_EACH: Duration = Duration::from_millis(100);

#[derive(Clone, Debug)]
pub enum Packet {
    Media {
        flow: usize,
        number: u64,
    },
    Feedback {
        flow: usize,
        first: u64,
        arrivals: Vec<Option<Time>>,
    },
    Tcp {
        flow: usize,
        number: u64,
    },
    TcpAck {
        flow: usize,
        number: u64,
    },
}

/// Which end of its flow a packet leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Sender,
    Receiver,
}

/// A packet that a flow sends.
pub struct Sending {
    pub from: Side,
    pub flow: usize,
    pub packet: Packet,
    pub bytes: usize,
}

/// Makes the controller of a flow, by its index.
pub type MakeController<'a> = &'a dyn Fn(usize) -> Box<dyn Controller>;

/// Plays a case; one seed is one run.
pub fn run(case: &Case, source: Source, make: MakeController<'_>, seed: u64) -> Figures {
    let mut network = Network::new(case, source, make, seed);
    let end = Time::from_millis(1_000 * case.seconds);
    while network.now < end {
        network.step();
    }
    network.recorder.figures(case)
}

enum Flow {
    Media(Box<MediaFlow>),
    Tcp(TcpFlow),
}

struct Network {
    now: Time,
    flows: Vec<Flow>,
    direction: Vec<Direction>,
    /// Shared, by direction; behind them each flow has wires of its own.
    bottlenecks: [Link<(Packet, usize)>; 2],
    wires: Vec<[Link<Packet>; 2]>,
    sample_at: Time,
    recorder: Recorder,
    out: Vec<Sending>,
}

impl Network {
    fn new(case: &Case, source: Source, make: MakeController<'_>, seed: u64) -> Network {
        let bottleneck = |direction: Direction| {
            let conditions = Conditions {
                capacity: case.capacity(direction).clone(),
                queue: case.queue,
                ..Conditions::wire(Duration::ZERO)
            };
            Link::new(conditions, seed)
        };
        let mut network = Network {
            now: Time::ZERO,
            flows: Vec::new(),
            direction: Vec::new(),
            bottlenecks: [bottleneck(Direction::Forward), bottleneck(Direction::Backward)],
            wires: Vec::new(),
            sample_at: Time::ZERO,
            recorder: Recorder::new(case),
            out: Vec::new(),
        };
        for (index, plan) in case.media.iter().enumerate() {
            let flow = MediaFlow::new(index, *plan, source, make(index), seed + index as u64);
            network.add(
                Flow::Media(Box::new(flow)),
                plan.direction,
                plan.one_way,
                case.jitter,
                seed,
            );
        }
        let (count, load) = match &case.tcp {
            Tcp::None => (0, Load::Endless),
            Tcp::Long => (1, Load::Endless),
            Tcp::Short { flows, bytes } => (*flows, Load::Files(bytes.clone())),
        };
        for at in 0..count {
            let index = network.flows.len();
            let flow = TcpFlow::new(index, load.clone(), at < 2, seed + 100 + at as u64);
            network.add(
                Flow::Tcp(flow),
                Direction::Forward,
                TCP_ONE_WAY,
                case.jitter,
                seed,
            );
        }
        network
    }

    fn add(&mut self, flow: Flow, direction: Direction, one_way: Duration, jitter: Duration, seed: u64) {
        let seed = seed + 1_000 * (1 + self.flows.len() as u64);
        let conditions = Conditions {
            jitter,
            ..Conditions::wire(one_way)
        };
        self.wires.push([
            Link::new(conditions.clone(), seed),
            Link::new(conditions, seed + 1),
        ]);
        self.flows.push(flow);
        self.direction.push(direction);
    }

    fn deadline(&self) -> Time {
        let links = self.bottlenecks.iter().map(Link::deadline);
        let wires = self.wires.iter().flatten().map(Link::deadline);
        let flows = self.flows.iter().map(|flow| match flow {
            Flow::Media(flow) => flow.deadline(),
            Flow::Tcp(flow) => flow.deadline(),
        });
        let due = links.chain(wires).chain(flows).min().unwrap_or(Time::NEVER);
        due.min(self.sample_at)
    }

    /// Lets time pass to the next thing that happens, and lets it.
    fn step(&mut self) {
        self.now = self.deadline().max(self.now);
        let now = self.now;
        if self.sample_at <= now {
            self.sample();
        }
        for way in 0..2 {
            while let Some(delivery) = self.bottlenecks[way].deliver(now) {
                let (packet, bytes) = delivery.packet;
                if let Packet::Media { flow, .. } = packet {
                    self.recorder.passed(flow, bytes, delivery.queued, now);
                }
                let flow = packet.flow();
                self.wires[flow][way].push(packet, bytes, now);
            }
        }
        for flow in 0..self.flows.len() {
            for way in 0..2 {
                while let Some(delivery) = self.wires[flow][way].deliver(now) {
                    match &mut self.flows[flow] {
                        Flow::Media(flow) => flow.receive(delivery.packet, now),
                        Flow::Tcp(flow) => flow.receive(&delivery.packet, now),
                    }
                }
            }
            match &mut self.flows[flow] {
                Flow::Media(flow) if flow.deadline() <= now => flow.tick(now, &mut self.out),
                Flow::Tcp(flow) if flow.deadline() <= now => flow.tick(now, &mut self.out),
                _ => {}
            }
        }
        self.push_all();
    }

    fn push_all(&mut self) {
        for Sending {
            from,
            flow,
            packet,
            bytes,
        } in self.out.drain(..)
        {
            let way = match (self.direction[flow], from) {
                (Direction::Forward, Side::Sender) | (Direction::Backward, Side::Receiver) => 0,
                _ => 1,
            };
            let is_media = matches!(packet, Packet::Media { .. });
            let fate = self.bottlenecks[way].push((packet, bytes), bytes, self.now);
            if is_media {
                self.recorder
                    .sent(flow, bytes, matches!(fate, Fate::Lost(_)), self.now);
            }
        }
    }

    fn sample(&mut self) {
        let second = self.now.as_nanos() as f64 / 1e9;
        for (index, flow) in self.flows.iter().enumerate() {
            if let Flow::Media(flow) = flow {
                let is_sending = flow.plan.sends_at(second);
                let (estimate, rate) = (flow.estimate(), flow.rate());
                self.recorder
                    .sample(index, is_sending.then_some((estimate, rate)));
            }
        }
        self.sample_at = self.now + SAMPLE_EACH;
    }
}

impl Packet {
    fn flow(&self) -> usize {
        match self {
            Packet::Media { flow, .. }
            | Packet::Feedback { flow, .. }
            | Packet::Tcp { flow, .. }
            | Packet::TcpAck { flow, .. } => *flow,
        }
    }
}

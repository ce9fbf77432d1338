//! The cases as data. Where their implementations contradict each other, both values are variants.
use crate::link::{Capacity, Queue};
use forwarder_core::time::Time;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Which way media flows; feedback and acknowledgements go the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// A media flow's place and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Media {
    pub direction: Direction,
    pub one_way: Duration,
    pub starts_s: u64,
    pub pauses_s: Option<(u64, u64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Tcp {
    None,
    /// Sends from the beginning to the end.
    Long,
    /// Files of so many bytes, with pauses of 10 s on average; two of the flows begin at once.
    Short {
        flows: usize,
        bytes: RangeInclusive<u64>,
    },
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub name: &'static str,
    /// What tells it from other runs of the same case.
    pub variant: String,
    pub forward: Capacity,
    pub backward: Capacity,
    pub queue: Queue,
    pub jitter: Duration,
    pub media: Vec<Media>,
    pub tcp: Tcp,
    pub seconds: u64,
}

/// With what a case is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    pub one_way: Duration,
    pub jitter: Duration,
}

/// The path that all cases have in common.
pub const TERRESTRIAL: Path = Path {
    one_way: Duration::from_millis(50),
    jitter: Duration::from_millis(30),
};
/// The same by way of a geostationary satellite.
pub const SATELLITE: Path = Path {
    one_way: Duration::from_millis(300),
    jitter: Duration::from_millis(30),
};

const QUEUE: Duration = Duration::from_millis(300);
const KBIT: u64 = 1_000;
const MBIT: u64 = 1_000_000;

/// Every case and variant on this path, in order.
pub fn all(path: Path) -> Vec<Case> {
    let mut cases = vec![
        variable_single(path),
        variable_two(path),
        congested_feedback(path),
    ];
    cases.extend([300, 20, 1_000].map(|queue_ms| same_algorithm(path, Duration::from_millis(queue_ms))));
    cases.extend([3_500, 4_000].map(|kbit| round_trip_fairness(path, kbit * KBIT)));
    cases.extend([300, 20, 1_000].map(|queue_ms| long_tcp(path, Duration::from_millis(queue_ms))));
    cases.extend([100_000..=1_000_000, 30_000..=50_000].map(|bytes| short_tcp(path, bytes)));
    cases.push(pause_and_resume(path));
    cases
}

fn plain(name: &'static str, path: Path, forward: Capacity, seconds: u64) -> Case {
    Case {
        name,
        variant: String::new(),
        forward,
        backward: Capacity::unlimited(),
        queue: Queue::Lasting(QUEUE),
        jitter: path.jitter,
        media: Vec::new(),
        tcp: Tcp::None,
        seconds,
    }
}

fn forward(path: Path, starts_s: u64) -> Media {
    Media {
        direction: Direction::Forward,
        one_way: path.one_way,
        starts_s,
        pauses_s: None,
    }
}

fn steps(steps: &[(u64, u64)]) -> Capacity {
    let steps: Vec<(Time, u64)> = steps
        .iter()
        .map(|(from_s, kbit)| (Time::from_millis(1_000 * from_s), kbit * KBIT))
        .collect();
    Capacity::schedule(&steps)
}

/// 5.1
pub fn variable_single(path: Path) -> Case {
    let capacity = steps(&[(0, 1_000), (40, 2_500), (60, 600), (80, 1_000)]);
    Case {
        media: vec![forward(path, 0)],
        ..plain("5.1", path, capacity, 100)
    }
}

/// 5.2
pub fn variable_two(path: Path) -> Case {
    let capacity = steps(&[(0, 4_000), (25, 2_000), (50, 3_500), (75, 1_000), (100, 2_000)]);
    Case {
        media: vec![forward(path, 0); 2],
        ..plain("5.2", path, capacity, 125)
    }
}

/// 5.3
pub fn congested_feedback(path: Path) -> Case {
    let capacity = steps(&[(0, 2_000), (20, 1_000), (40, 500), (60, 2_000)]);
    let backward = Media {
        direction: Direction::Backward,
        ..forward(path, 0)
    };
    Case {
        backward: steps(&[(0, 2_000), (35, 800), (70, 2_000)]),
        media: vec![forward(path, 0), backward],
        ..plain("5.3", path, capacity, 100)
    }
}

/// 5.4
pub fn same_algorithm(path: Path, queue: Duration) -> Case {
    Case {
        variant: format!("queue {} ms", queue.as_millis()),
        queue: Queue::Lasting(queue),
        media: [0, 20, 40].map(|starts_s| forward(path, starts_s)).to_vec(),
        ..plain("5.4", path, Capacity::constant(3_500 * KBIT), 120)
    }
}

/// 5.5: five flows, each of its own delay; a longer path is longer for all by the same.
pub fn round_trip_fairness(path: Path, capacity: u64) -> Case {
    let delays_ms = [10, 25, 50, 100, 150];
    let more = path.one_way.saturating_sub(TERRESTRIAL.one_way);
    let flows = delays_ms.into_iter().enumerate().map(|(at, delay_ms)| Media {
        one_way: Duration::from_millis(delay_ms) + more,
        ..forward(path, 10 * at as u64)
    });
    Case {
        variant: format!("{} Mbit/s", capacity as f64 / MBIT as f64),
        media: flows.collect(),
        ..plain("5.5", path, Capacity::constant(capacity), 300)
    }
}

/// 5.6
pub fn long_tcp(path: Path, queue: Duration) -> Case {
    Case {
        variant: format!("queue {} ms", queue.as_millis()),
        queue: Queue::Lasting(queue),
        media: vec![forward(path, 5)],
        tcp: Tcp::Long,
        ..plain("5.6", path, Capacity::constant(2 * MBIT), 120)
    }
}

/// 5.7
pub fn short_tcp(path: Path, bytes: RangeInclusive<u64>) -> Case {
    Case {
        variant: format!("files of {}-{} kB", bytes.start() / 1_000, bytes.end() / 1_000),
        media: vec![forward(path, 5); 2],
        tcp: Tcp::Short { flows: 10, bytes },
        ..plain("5.7", path, Capacity::constant(2 * MBIT), 300)
    }
}

/// 5.8
pub fn pause_and_resume(path: Path) -> Case {
    let mut media = vec![forward(path, 0); 3];
    media[0].pauses_s = Some((40, 60));
    Case {
        media,
        ..plain("5.8", path, Capacity::constant(3_500 * KBIT), 120)
    }
}

impl Media {
    pub fn sends_at(&self, second: f64) -> bool {
        let pauses = |(from, to): (u64, u64)| (from as f64..to as f64).contains(&second);
        second >= self.starts_s as f64 && !self.pauses_s.is_some_and(pauses)
    }
}

impl Case {
    pub fn capacity(&self, direction: Direction) -> &Capacity {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Backward => &self.backward,
        }
    }

    /// The seconds at which capacity or the number of flows changes this way, with beginning and end.
    pub fn boundaries(&self, direction: Direction) -> Vec<u64> {
        let steps = self
            .capacity(direction)
            .steps()
            .iter()
            .map(|(at, _)| at.as_nanos() / 1_000_000_000);
        let flows = self.media.iter().filter(|flow| flow.direction == direction);
        let flows = flows.flat_map(|flow| {
            let (from, to) = flow.pauses_s.unwrap_or((flow.starts_s, flow.starts_s));
            [flow.starts_s, from, to]
        });
        let mut all: Vec<u64> = steps.chain(flows).chain([self.seconds]).collect();
        all.retain(|second| *second <= self.seconds);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The same case, over after so many seconds.
    pub fn cut(self, seconds: u64) -> Case {
        Case {
            seconds: seconds.min(self.seconds),
            ..self
        }
    }
}

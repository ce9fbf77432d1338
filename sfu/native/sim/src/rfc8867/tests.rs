//! That the cases judge rightly: who knows the capacity meets every goal, and who does not listen misses them.
mod ours;

use super::case::{self, Case, Direction, Media, Tcp, SATELLITE, TERRESTRIAL};
use super::controller::{Controller, Probe};
use super::media::Source;
use super::report::Run;
use super::{run, Figures};
use crate::link::Capacity;
use forwarder_core::time::Time;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Knows what its flow may send.
struct Knowing {
    case: Case,
    plan: Media,
    share: f64,
    now: Time,
}

impl Controller for Knowing {
    fn sent(&mut self, _: u64, _: usize, _: Option<u32>, now: Time) {
        self.now = now;
    }

    fn feedback(&mut self, _: u64, _: &[Option<Time>], _: Time) {}

    fn tick(&mut self, now: Time) {
        self.now = now;
    }

    fn deadline(&self) -> Time {
        self.now + Duration::from_millis(10)
    }

    fn probe(&mut self, _: Time) -> Option<Probe> {
        None
    }

    fn estimate(&self) -> u64 {
        let second = self.now.as_nanos() as f64 / 1e9;
        let flows = self
            .case
            .media
            .iter()
            .filter(|flow| flow.direction == self.plan.direction);
        let flows = flows.filter(|flow| flow.sends_at(second)).count().max(1) as f64;
        (self.case.capacity(self.plan.direction).at(self.now).unwrap() as f64 * self.share / flows) as u64
    }
}

/// Sends at one rate, and remembers what it was told.
struct Deaf {
    rate: u64,
    told: Rc<RefCell<(u64, u64, u64)>>,
}

impl Controller for Deaf {
    fn sent(&mut self, number: u64, _: usize, _: Option<u32>, _: Time) {
        self.told.borrow_mut().0 = number + 1;
    }

    fn feedback(&mut self, first: u64, arrivals: &[Option<Time>], _: Time) {
        let mut told = self.told.borrow_mut();
        assert_eq!(first, told.1, "feedback goes on where it ended");
        told.1 += arrivals.len() as u64;
        told.2 += arrivals.iter().flatten().count() as u64;
    }

    fn tick(&mut self, _: Time) {}

    fn deadline(&self) -> Time {
        Time::NEVER
    }

    fn probe(&mut self, _: Time) -> Option<Probe> {
        None
    }

    fn estimate(&self) -> u64 {
        self.rate
    }
}

fn knowing(case: &Case, source: Source, share: f64) -> Figures {
    let make = |index: usize| -> Box<dyn Controller> {
        let plan = case.media[index];
        let now = Time::from_millis(1_000 * plan.starts_s);
        Box::new(Knowing {
            case: case.clone(),
            plan,
            share,
            now,
        })
    };
    run(case, source, &make, 1)
}

fn deaf(case: &Case, rates: &[u64]) -> Figures {
    run(
        case,
        Source::Following,
        &|index| {
            Box::new(Deaf {
                rate: rates[index],
                told: Rc::default(),
            })
        },
        1,
    )
}

#[test]
fn who_knows_the_capacity_meets_every_goal() {
    let cases = case::all(TERRESTRIAL)
        .into_iter()
        .filter(|case| case.tcp == Tcp::None);
    for case in cases.chain([case::variable_single(SATELLITE)]) {
        let case = case.cut(100);
        let followed = knowing(&case, Source::Following, 0.92);
        let run = Run {
            stepped: followed.clone(),
            case,
            followed,
        };
        let (met, all) = run.score();
        assert!(met == all && all > 0, "{}", run.table());
    }
}

#[test]
fn who_does_not_listen_misses() {
    let figures = deaf(&case::variable_single(TERRESTRIAL), &[2_000_000]);
    let thin = figures
        .phases
        .iter()
        .find(|phase| phase.capacity == 600_000)
        .unwrap();
    assert_eq!((thin.from_s, thin.to_s, thin.back_under_s), (60, 80, None));
    assert!((0.65..0.75).contains(&thin.loss), "{}", thin.loss);
    assert!(
        (250.0..=300.0).contains(&thin.queueing_p95_ms.unwrap()),
        "{thin:?}"
    );
    assert!((thin.utilisation.unwrap() - 2_000.0 / 600.0).abs() < 0.01);
    assert!((0.98..=1.001).contains(&thin.throughput), "{}", thin.throughput);
    let wide = figures
        .phases
        .iter()
        .find(|phase| phase.capacity == 2_500_000)
        .unwrap();
    assert_eq!(
        (wide.most_of_it_s, wide.back_under_s, wide.loss),
        (None, Some(0.0), 0.0)
    );
    let missed: Vec<&str> = thin
        .goals()
        .iter()
        .filter(|goal| !goal.is_met)
        .map(|goal| goal.name)
        .collect();
    assert_eq!(missed, ["loss", "down", "estimate", "queueing"]);
}

#[test]
fn feedback_tells_of_every_packet_once() {
    let told = Rc::<RefCell<(u64, u64, u64)>>::default();
    let case = case::variable_single(TERRESTRIAL).cut(75);
    let make = |_| -> Box<dyn Controller> {
        Box::new(Deaf {
            rate: 1_500_000,
            told: told.clone(),
        })
    };
    run(&case, Source::Following, &make, 1);
    let (sent, told_of, arrived) = *told.borrow();
    // What the last 400 ms sent waits or is under way, and what the queue dropped did not arrive.
    assert!(
        sent - told_of < 150 && arrived < told_of,
        "{sent} {told_of} {arrived}"
    );
}

#[test]
fn fairness_is_jains() {
    let case = Case {
        forward: Capacity::constant(4_000_000),
        ..case::variable_two(TERRESTRIAL)
    };
    let figures = deaf(&case.cut(70), &[1_000_000, 500_000]);
    assert!(
        (figures.fairness.unwrap() - 0.9).abs() < 0.01,
        "{:?}",
        figures.fairness
    );
}

#[test]
fn a_ladder_is_climbed_with_patience_and_left_at_once() {
    let figures = knowing(&case::variable_single(TERRESTRIAL), Source::Stepped, 1.0);
    // 700 at once, 1450 soon after 40 s (never lowered yet), 250 soon after 60 s, 700 again ten seconds after 80.
    assert!(
        (figures.on_best_layer - 0.88).abs() < 0.02,
        "{}",
        figures.on_best_layer
    );
    assert!(figures.above_best_layer < 0.01, "{}", figures.above_best_layer);
}

#[test]
fn an_endless_tcp_takes_the_link_and_fills_its_queue() {
    let case = case::long_tcp(TERRESTRIAL, Duration::from_millis(300)).cut(60);
    let figures = deaf(&case, &[300_000]);
    let phase = figures.phases.last().unwrap();
    assert!(
        (200.0..=300.0).contains(&phase.queueing_p95_ms.unwrap()),
        "{phase:?}"
    );
    assert!(phase.loss > 0.0 && figures.has_competitor);
    let starved = deaf(&case, &[1_900_000]).phases.last().unwrap().throughput;
    assert!(starved < 0.94, "TCP gets nothing beside {starved}");
}

#[test]
fn short_files_leave_room_between_them() {
    let case = case::short_tcp(TERRESTRIAL, 30_000..=50_000).cut(60);
    let figures = deaf(&case, &[500_000, 500_000]);
    let phase = figures.phases.last().unwrap();
    assert!(
        phase.throughput > 0.45 && phase.queueing_p95_ms.unwrap() > 1.0,
        "{phase:?}"
    );
}

#[test]
fn phases_end_where_something_changes() {
    let case = case::congested_feedback(TERRESTRIAL);
    assert_eq!(case.boundaries(Direction::Forward), [0, 20, 40, 60, 100]);
    assert_eq!(case.boundaries(Direction::Backward), [0, 35, 70, 100]);
    let paused = case::pause_and_resume(TERRESTRIAL);
    assert_eq!(paused.boundaries(Direction::Forward), [0, 40, 60, 120]);
}

#[test]
fn one_seed_is_one_run() {
    let case = case::short_tcp(TERRESTRIAL, 100_000..=1_000_000).cut(20);
    let once = deaf(&case, &[700_000, 700_000]);
    assert_eq!(once, deaf(&case, &[700_000, 700_000]));
}

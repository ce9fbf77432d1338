//! Feedback that stops, lies, comes twice, or never was promised.
use crate::bandwidth::{Cause, Departure, Estimator, Limits, Outcome};
use crate::chance::Chance;
use crate::time::Time;
use std::time::Duration;

const LIMITS: Limits = Limits {
    floor: 50_000,
    start: 300_000,
    ceiling: 5_000_000,
};
const MS: fn(u64) -> Duration = Duration::from_millis;

fn outcome(sent_ms: u64, arrived_ms: Option<u64>) -> Outcome {
    Outcome {
        departure: Departure {
            sent: Time::from_millis(sent_ms),
            len: 1_200,
            probe: 0,
        },
        arrived: arrived_ms.map(MS),
    }
}

/// Sends a datagram each 20 ms over an empty way, with feedback each 100 ms.
fn flow(estimator: &mut Estimator, from_ms: u64, to_ms: u64) {
    for ms in (from_ms..to_ms).step_by(100) {
        let sent = (0..5).map(|step| ms + step * 20);
        sent.clone()
            .for_each(|at| estimator.sent(1_200, Time::from_millis(at)));
        let outcomes: Vec<Outcome> = sent.map(|at| outcome(at, Some(at + 50))).collect();
        estimator.feedback(&outcomes, Some(MS(100)), Time::from_millis(ms + 190));
    }
}

fn tick_until(estimator: &mut Estimator, to_ms: u64) {
    while estimator.deadline() <= Time::from_millis(to_ms) {
        let now = estimator.deadline();
        estimator.tick(now);
        assert!(estimator.deadline() > now);
    }
}

#[test]
fn feedback_that_stops_takes_the_rate_down_gently_to_the_floor() {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    flow(&mut estimator, 0, 5_000);
    let before = estimator.estimate().rate;
    estimator.sent(1_200, Time::from_millis(5_200));
    tick_until(&mut estimator, 6_100);
    assert_eq!(estimator.estimate().rate, before);
    tick_until(&mut estimator, 6_300);
    assert_eq!(estimator.estimate().cause, Cause::Silence);
    assert!(estimator.estimate().rate > before * 8 / 10);
    tick_until(&mut estimator, 60_000);
    assert_eq!(estimator.estimate().rate, LIMITS.floor);
}

#[test]
fn a_pause_of_the_sender_is_no_silence() {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    flow(&mut estimator, 0, 5_000);
    let before = estimator.estimate().rate;
    tick_until(&mut estimator, 60_000);
    assert_eq!(estimator.estimate().rate, before);
    flow(&mut estimator, 60_000, 65_000);
    assert!(estimator.estimate().rate >= before);
}

#[test]
fn feedback_that_comes_twice_changes_nothing() {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    flow(&mut estimator, 0, 5_000);
    let before = estimator.estimate();
    let outcomes: Vec<Outcome> = (0..5)
        .map(|step| outcome(4_000 + step * 20, Some(4_050)))
        .collect();
    estimator.feedback(&outcomes, Some(MS(100)), Time::from_millis(5_090));
    let after = estimator.estimate();
    assert_eq!(
        (before.acknowledged, before.loss),
        (after.acknowledged, after.loss)
    );
}

#[test]
fn a_receivers_clock_that_is_set_is_followed() {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    for ms in (0..20_000).step_by(20) {
        let clock = if ms < 10_000 { 5_000_000 + ms } else { ms - 9_000 };
        estimator.sent(1_200, Time::from_millis(ms));
        estimator.feedback(
            &[outcome(ms, Some(clock))],
            Some(MS(100)),
            Time::from_millis(ms + 100),
        );
    }
    let estimate = estimator.estimate();
    assert_eq!(estimate.queue, Duration::ZERO);
    assert!(estimate.rate >= LIMITS.start, "{estimate:?}");
}

#[test]
fn whatever_is_told_the_rate_stays_within_its_limits() {
    for seed in 0..20 {
        let mut chance = Chance::new(seed);
        let mut estimator = Estimator::new(LIMITS, Time::ZERO);
        let mut ms = 1;
        for _ in 0..400 {
            ms += u64::from(chance.word() % 300);
            let now = Time::from_millis(ms);
            match chance.word() % 8 {
                0 => estimator.remb(chance.next(), now),
                1 => estimator.loss_report(f32::from_bits(chance.word()), None, now),
                2 => estimator.set_wanted(chance.next() >> (chance.word() % 64)),
                3 => estimator.sent((chance.word() % 1_500) as usize, now),
                4 => estimator.tick(now),
                _ => told_anything(&mut estimator, &mut chance, now),
            }
            let probe = estimator.probe(now);
            assert!(probe.is_none_or(|probe| probe.rate <= LIMITS.ceiling && probe.bytes > 0));
            let estimate = estimator.estimate();
            assert!(
                (LIMITS.floor..=LIMITS.ceiling).contains(&estimate.rate),
                "{seed} {estimate:?}"
            );
            assert!((0.0..=1.0).contains(&estimate.loss), "{seed} {estimate:?}");
        }
        estimator.tick(Time::from_millis(ms));
        assert!(estimator.deadline() > Time::from_millis(ms));
    }
}

fn told_anything(estimator: &mut Estimator, chance: &mut Chance, now: Time) {
    let outcomes: Vec<Outcome> = (0..chance.word() % 20)
        .map(|_| Outcome {
            departure: Departure {
                sent: now - MS(u64::from(chance.word() % 3_000)),
                len: chance.word() % 1_500,
                probe: chance.word() % 4,
            },
            arrived: match chance.word() % 4 {
                0 => None,
                1 => Some(Duration::from_nanos(chance.next())),
                2 => Some(Duration::MAX),
                _ => Some(MS(now.as_nanos() / 1_000_000 + u64::from(chance.word() % 500))),
            },
        })
        .collect();
    estimator.feedback(&outcomes, None, now);
}

#[test]
fn a_peer_without_numbers_is_believed_what_it_names() {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    estimator.remb(1_000_000, Time::from_millis(100));
    assert_eq!(estimator.estimate().rate, 1_000_000);
    assert_eq!(estimator.estimate().cause, Cause::Remb);
    estimator.remb(400_000, Time::from_millis(1_100));
    assert_eq!(estimator.estimate().rate, 400_000);
    assert_eq!(estimator.probe(Time::from_millis(1_200)), None);
}

/// Reports each second what a way of so many bit/s lets through of what is sent.
fn reported(inherent: f64, capacity: f64) -> u64 {
    let mut estimator = Estimator::new(LIMITS, Time::ZERO);
    for second in 0..40_u64 {
        let rate = estimator.estimate().rate;
        for step in 0..100 {
            let now = Time::from_millis(second * 1_000 + step * 10);
            estimator.sent((rate / 800) as usize, now);
        }
        let passed = (1.0 - inherent) * (capacity / rate as f64).min(1.0);
        let now = Time::from_millis(second * 1_000 + 999);
        estimator.remb(2_000_000, now);
        estimator.loss_report((1.0 - passed) as f32, Some(MS(100)), now);
    }
    estimator.estimate().rate
}

#[test]
fn reported_loss_is_a_bound_only_where_it_grows_with_the_rate() {
    assert_eq!(reported(0.0, 9e6), 2_000_000);
    assert_eq!(reported(0.05, 9e6), 2_000_000);
    let bounded = reported(0.0, 800_000.0);
    assert!((500_000..1_200_000).contains(&bounded), "{bounded}");
}

//! What the estimator makes of a way that it has not for itself.
use super::link::{Flow, Network, Sample, Source, Way};
use super::{alone, between, mean_rate, percentile, seconds_until};
use crate::bandwidth::probing::{Probing, Sight};
use crate::bandwidth::Departure;
use crate::time::Time;
use std::time::Duration;

/// Jain's index of what flows had in their last so many seconds.
fn fairness(flows: &[Flow], seconds: usize) -> f64 {
    let last = |samples: &[Sample]| mean_rate(&samples[samples.len() - 10 * seconds..]);
    let rates: Vec<f64> = flows.iter().map(|flow| last(&flow.samples)).collect();
    let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
    rates.iter().sum::<f64>().powi(2) / (rates.len() as f64 * squares)
}

#[test]
fn beside_one_who_fills_the_queue_a_quarter_is_kept() {
    for one_way_ms in [50, 300] {
        let way = Way {
            is_shared: true,
            queue_ms: 350,
            ..Way::of(&[(0, 2_000_000)], one_way_ms)
        };
        let flow = alone(&way, Source::Following, 60);
        let share = mean_rate(between(&flow.samples, 20, 60)) / 2e6;
        let lost = flow.lost as f64 / flow.all as f64;
        assert!(share >= 0.25 && lost < 0.1, "{one_way_ms} {share:.2} {lost:.3}");
    }
}

#[test]
fn once_the_other_has_gone_the_queue_is_short_again() {
    let way = Way {
        is_shared: true,
        ..Way::of(&[(0, 2_000_000)], 50)
    };
    let mut network = Network::new(way, vec![Flow::new(Source::Following, 0)], 7).run(30);
    network.way.is_shared = false;
    let network = network.run_from(30, 70);
    let samples = between(&network.flows[0].samples, 50, 70);
    let queue = percentile(samples.iter().map(|sample| sample.queue_ms).collect(), 0.95);
    let share = mean_rate(samples) / 2e6;
    assert!(
        queue <= 100.0 && (0.8..=1.05).contains(&share),
        "{queue:.0} {share:.2}"
    );
}

#[test]
fn ways_of_different_length_are_shared_alike() {
    for one_way_ms in [10, 260] {
        let mut flows = Vec::new();
        for (at, further_ms) in [0, 15, 40, 90, 140].into_iter().enumerate() {
            flows.push(Flow::new(Source::Following, 10_000 * at as u64));
            flows[at].further_ms = further_ms;
        }
        let network = Network::new(Way::of(&[(0, 4_000_000)], one_way_ms), flows, 7).run(240);
        let index = fairness(&network.flows, 120);
        assert!(index >= 0.9, "{one_way_ms} {index:.2}");
    }
}

#[test]
fn several_on_a_short_queue_do_not_run_away() {
    let way = Way {
        queue_ms: 20,
        ..Way::of(&[(0, 3_500_000)], 50)
    };
    let flows = [0, 20_000, 40_000].map(|starts| Flow::new(Source::Following, starts));
    let network = Network::new(way, flows.into(), 7).run(120);
    let sum: f64 = network
        .flows
        .iter()
        .map(|flow| mean_rate(&flow.samples[flow.samples.len() - 600..]))
        .sum();
    assert!((0.8..=1.3).contains(&(sum / 3.5e6)), "{:.2}", sum / 3.5e6);
}

#[test]
fn wavering_arrivals_do_not_hold_a_first_ramp_back() {
    for one_way_ms in [50, 300] {
        let way = Way {
            jitter_ms: 30,
            ..Way::of(&[(0, 3_500_000)], one_way_ms)
        };
        let flow = alone(&way, Source::Following, 15);
        let up = seconds_until(&flow.samples, |rate| rate >= 0.9 * 3.5e6);
        assert!(up <= 10.0, "{one_way_ms} {up}");
    }
}

const SIGHT: Sight = Sight {
    rate: 300_000,
    wanted: 4_000_000,
    round_trip: Duration::from_millis(600),
    jitter: Duration::ZERO,
    inherent: 0.0,
    is_idle: false,
    is_calm: true,
};

#[test]
fn a_probe_that_left_before_a_cut_raises_nothing() {
    let raised = |is_cut: bool| {
        let mut probing = Probing::new();
        probing.plan(SIGHT, Time::ZERO);
        let probe = probing.take(SIGHT.round_trip, Time::ZERO).unwrap();
        if is_cut {
            probing.put_off(Duration::from_secs(2), Time::from_millis(300));
        }
        let raises = (0..6).filter_map(|at| {
            let sent = Time::from_millis(10 * at);
            let departure = Departure {
                sent,
                len: 1_200,
                probe: probe.id,
            };
            let arrived = Duration::from_millis(300 + 10 * at);
            probing.told(&departure, Some(arrived), SIGHT, Time::from_millis(700))
        });
        raises.count()
    };
    assert_eq!((raised(false), raised(true)), (1, 0));
}

#[test]
fn what_wavering_alone_explains_is_tried_again_soon() {
    let due_after = |jitter_ms: u64| {
        let sight = Sight {
            jitter: Duration::from_millis(jitter_ms),
            ..SIGHT
        };
        let mut probing = Probing::new();
        probing.plan(sight, Time::ZERO);
        let probe = probing.take(sight.round_trip, Time::ZERO).unwrap();
        for at in 0..8 {
            let departure = Departure {
                sent: Time::from_millis(10 * at),
                len: 1_200,
                probe: probe.id,
            };
            let arrived = Duration::from_millis(300 + 13 * at);
            probing.told(&departure, Some(arrived), sight, Time::from_millis(700));
        }
        probing.deadline().since(Time::from_millis(700)).as_millis()
    };
    assert_eq!((due_after(0), due_after(8)), (4_000, 200));
}

#[test]
fn a_promise_that_did_not_last_makes_the_next_one_wait() {
    let mut probing = Probing::new();
    let before = |probing: &mut Probing| {
        probing.regret(Time::ZERO);
        probing.deadline()
    };
    let waits = [8, 16, 32, 60, 60].map(|seconds| Time::from_millis(1_000 * seconds));
    probing.plan(SIGHT, Time::ZERO);
    assert_eq!(waits.map(|_| before(&mut probing)), waits);
}

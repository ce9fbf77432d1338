//! What the estimator makes of ways with known capacity, delay and loss.
mod crowd;
mod hearsay;
mod link;

use link::{Flow, Network, Sample, Source, Way};

/// Case 5.1 of RFC 8867.
const VARIABLE: [(u64, u64); 4] = [(0, 1_000_000), (40, 2_500_000), (60, 600_000), (80, 1_000_000)];
const LENGTH: u64 = 20;

fn alone(way: &Way, source: Source, seconds: u64) -> Flow {
    let network = Network::new(way.clone(), vec![Flow::new(source, 0)], 7).run(seconds);
    network.flows.into_iter().next().unwrap()
}

/// From one second to another.
fn between(samples: &[Sample], from: u64, to: u64) -> &[Sample] {
    &samples[from as usize * 10..to as usize * 10]
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    sum / count
}

fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share) as usize]
}

fn mean_rate(samples: &[Sample]) -> f64 {
    mean(samples.iter().map(|sample| sample.rate as f64))
}

/// Seconds until the estimate first is as told.
fn seconds_until(samples: &[Sample], is_so: impl Fn(f64) -> bool) -> f64 {
    let first = samples.iter().position(|sample| is_so(sample.rate as f64));
    first.map_or(f64::INFINITY, |steps| steps as f64 / 10.0)
}

fn follows_the_capacity(way: &Way) {
    let flow = alone(way, Source::Following, 100);
    for (from, to) in [(0, 40), (40, 60), (60, 80), (80, 100)] {
        let capacity = way.capacity_at(from * 1_000) as f64;
        let settled = between(&flow.samples, from + 5, to);
        let share = mean_rate(settled) / capacity;
        let queue = percentile(settled.iter().map(|sample| sample.queue_ms).collect(), 0.95);
        let phase = between(&flow.samples, from, to);
        let up = seconds_until(phase, |rate| rate >= 0.9 * capacity);
        let down = seconds_until(phase, |rate| rate <= capacity);
        let seen = format!("{from}: share {share:.2} queue {queue:.0} up {up} down {down}");
        assert!((0.80..=1.05).contains(&share), "{seen}");
        assert!(queue <= 100.0, "{seen}");
        assert!(up <= 10.0 && down <= 2.0, "{seen}");
    }
}

#[test]
fn a_capacity_that_changes_is_followed() {
    follows_the_capacity(&Way::of(&VARIABLE, 50));
}

#[test]
fn a_capacity_that_changes_is_followed_by_satellite() {
    follows_the_capacity(&Way::of(&VARIABLE, 300));
}

#[test]
fn a_capacity_that_changes_is_followed_where_arrivals_waver() {
    for one_way_ms in [50, 300] {
        follows_the_capacity(&Way {
            jitter_ms: 30,
            ..Way::of(&VARIABLE, one_way_ms)
        });
    }
}

#[test]
fn what_a_way_loses_by_itself_costs_no_rate() {
    for (loss, one_way_ms) in [(20, 50), (20, 300), (100, 50), (100, 300)] {
        let way = Way {
            loss,
            ..Way::of(&[(0, 2_000_000)], one_way_ms)
        };
        let flow = alone(&way, Source::Following, 40);
        let share = mean_rate(between(&flow.samples, 10, 40)) / 2e6;
        // Lost before the narrow place, so that a tenth more may be sent.
        assert!((0.80..=1.12).contains(&share), "{loss} {one_way_ms} {share:.2}");
    }
}

#[test]
fn a_third_lost_is_no_collapse() {
    let way = Way {
        loss: 300,
        ..Way::of(&[(0, 1_000_000)], 300)
    };
    let flow = alone(&way, Source::Following, 40);
    let least = between(&flow.samples, 10, 40)
        .iter()
        .map(|sample| sample.rate)
        .min();
    assert!(least >= Some(600_000), "{least:?}");
}

#[test]
fn a_queue_too_short_to_be_seen_is_found_by_its_losses() {
    let way = Way {
        queue_ms: 20,
        ..Way::of(&[(0, 2_000_000)], 50)
    };
    let flow = alone(&way, Source::Following, 40);
    let share = mean_rate(between(&flow.samples, 10, 40)) / 2e6;
    let lost = flow.lost as f64 / flow.all as f64;
    assert!(
        (0.80..=1.12).contains(&share) && lost < 0.12,
        "{share:.2} {lost:.3}"
    );
}

#[test]
fn a_sender_of_steps_finds_the_next_and_leaves_what_does_not_fit() {
    for one_way_ms in [50, 300] {
        let steps = [(0, 1_900_000), (LENGTH, 6_000_000), (2 * LENGTH, 400_000)];
        let way = Way::of(&steps, one_way_ms);
        let flow = alone(&way, Source::Stepped, 60);
        for (from, layer) in [(0, 1_450_000), (LENGTH, 4_300_000), (2 * LENGTH, 250_000)] {
            let settled = between(&flow.samples, from + 14, from + LENGTH);
            let on_it = settled.iter().filter(|sample| sample.layer == layer).count();
            let seen = format!("one-way {one_way_ms} {layer}: {on_it} of {}", settled.len());
            assert!(on_it * 10 >= settled.len() * 8, "{seen}");
        }
        assert!(flow.lost * 25 < flow.all, "{} of {}", flow.lost, flow.all);
    }
}

#[test]
fn two_flows_share_a_way() {
    for one_way_ms in [50, 300] {
        let flows = vec![
            Flow::new(Source::Following, 0),
            Flow::new(Source::Following, 10_000),
        ];
        let network = Network::new(Way::of(&[(0, 3_000_000)], one_way_ms), flows, 7).run(60);
        let rates = network.flows.iter().map(|flow| {
            let samples = &flow.samples;
            mean_rate(&samples[samples.len() - 300..])
        });
        let rates: Vec<f64> = rates.collect();
        let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
        let jain = rates.iter().sum::<f64>().powi(2) / (2.0 * squares);
        assert!(jain >= 0.9, "{rates:?}");
    }
}

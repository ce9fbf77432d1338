//! The figures as JSON lines for the scoreboard.
use super::figures::Phase;
use super::report::Run;

/// Least and most one-way delay of a satellite's cases is above this.
const FAR_MS: u128 = 250;

/// Of each kind of path: how many goals were missed, and the time on the best layer; then every case with its worst phase.
pub fn rows(runs: &[Run]) -> Vec<String> {
    let mut rows = Vec::new();
    for path in ["terrestrial", "satellite", "terrestrial_still", "satellite_still"] {
        let runs: Vec<&Run> = runs.iter().filter(|run| path_of(run) == path).collect();
        if runs.is_empty() {
            continue;
        }
        let missed: usize = runs.iter().map(|run| run.score().1 - run.score().0).sum();
        let best: f64 = runs.iter().map(|run| run.stepped.on_best_layer).sum();
        rows.push(json(&format!("rfc8867_missed_{path}"), missed as f64, "goals"));
        let best = best / runs.len() as f64;
        rows.push(json(&format!("rfc8867_best_layer_{path}"), best, "share"));
    }
    let of_cases = runs.iter().filter(|run| !path_of(run).ends_with("still"));
    rows.extend(of_cases.flat_map(of_case));
    rows
}

/// As RFC 8867 has it, or with arrivals that do not waver; on the ground, or by satellite.
fn path_of(run: &Run) -> &'static str {
    let nearest = run.case.media.iter().map(|flow| flow.one_way.as_millis()).min();
    match (nearest > Some(FAR_MS), run.case.jitter.is_zero()) {
        (false, false) => "terrestrial",
        (true, false) => "satellite",
        (false, true) => "terrestrial_still",
        (true, true) => "satellite_still",
    }
}

fn of_case(run: &Run) -> Vec<String> {
    let variant: String = run
        .case
        .variant
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let variant = variant.replace("filesof", "").replace('/', "p");
    let parts = [run.case.name, &variant, path_of(run)];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let name = |what: &str| format!("rfc8867_{}_{what}", parts.join("_"));
    let phases = &run.followed.phases;
    let mut rows = Vec::new();
    let ratios = phases.iter().filter_map(|phase| phase.utilisation);
    let ratio = ratios.max_by(|one, other| (one - 0.925).abs().total_cmp(&(other - 0.925).abs()));
    rows.extend(ratio.map(|ratio| json(&name("ratio"), ratio, "of the capacity")));
    let queues = phases.iter().filter_map(|phase| phase.queueing_p95_ms);
    rows.extend(
        queues
            .max_by(f64::total_cmp)
            .map(|queue| json(&name("queue_p95"), queue, "ms")),
    );
    if !run.followed.has_competitor {
        rows.extend(
            slowest(phases, |phase| phase.back_under_s).map(|(s, unit)| json(&name("down"), s, unit)),
        );
        rows.extend(slowest(phases, |phase| phase.most_of_it_s).map(|(s, unit)| json(&name("up"), s, unit)));
    }
    let jain = run.followed.fairness;
    rows.extend(jain.map(|index| json(&name("jain"), index, "index")));
    rows.push(json(&name("best_layer"), run.stepped.on_best_layer, "share"));
    rows
}

/// The longest that it took; a phase that ended before it happened counts with its length, and says so.
fn slowest(phases: &[Phase], took: impl Fn(&Phase) -> Option<f64>) -> Option<(f64, &'static str)> {
    let each = phases.iter().map(|phase| match took(phase) {
        Some(seconds) => (seconds, "s"),
        None => ((phase.to_s - phase.from_s) as f64, "s, never"),
    });
    each.max_by(|one, other| one.0.total_cmp(&other.0))
}

fn json(name: &str, value: f64, unit: &str) -> String {
    format!(r#"{{"name": "{name}", "value": {value:.4}, "unit": "{unit}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfc8867::case::{same_algorithm, variable_single, SATELLITE, TERRESTRIAL};
    use crate::rfc8867::estimator::estimator;
    use std::time::Duration;

    #[test]
    fn every_case_has_its_rows_and_what_never_happened_says_so() {
        let short = Duration::from_millis(300);
        let cases = [
            variable_single(TERRESTRIAL).cut(3),
            same_algorithm(SATELLITE, short).cut(10),
        ];
        let runs = cases.map(|case| Run::of(case, &estimator, 1));
        let rows = rows(&runs).join("\n");
        for name in [
            "missed_terrestrial",
            "5.1_terrestrial_up",
            "5.4_queue300ms_satellite_ratio",
        ] {
            assert!(rows.contains(&format!("\"rfc8867_{name}\"")), "{name} in {rows}");
        }
        let never = Phase {
            back_under_s: None,
            ..runs[0].followed.phases[0].clone()
        };
        assert_eq!(
            slowest(&[never], |phase| phase.back_under_s),
            Some((3.0, "s, never"))
        );
    }
}

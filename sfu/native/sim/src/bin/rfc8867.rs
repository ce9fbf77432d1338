//! `rfc8867 [CASE]`: plays RFC 8867's cases for our estimator and prints each beside its goals, with rows for the scoreboard.
use forwarder_sim::rfc8867::case::{all, Path, SATELLITE, TERRESTRIAL};
use forwarder_sim::rfc8867::estimator::estimator;
use forwarder_sim::rfc8867::report::Run;
use forwarder_sim::rfc8867::rows::rows;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let only = arguments.first();
    let paths = [TERRESTRIAL, SATELLITE];
    let still = paths.map(|path| Path {
        jitter: Duration::ZERO,
        ..path
    });
    let cases = paths.into_iter().chain(still).flat_map(all);
    let cases: Vec<_> = cases
        .filter(|case| only.is_none_or(|name| case.name == name))
        .collect();
    if cases.is_empty() {
        eprintln!("usage: rfc8867 [CASE]; CASE is one of 5.1 to 5.8");
        return ExitCode::from(2);
    }
    let mut runs = Vec::new();
    for case in cases {
        let run = Run::of(case, &estimator, 1);
        println!("{}", run.table());
        runs.push(run);
    }
    rows(&runs).iter().for_each(|row| println!("{row}"));
    ExitCode::SUCCESS
}

//! `fuzz TARGET SECONDS [SEED]`: fuzzes one target, or `all` in turn, and prints the input that breaks a law.
use forwarder_sim::fuzz::{fuzz, target, Target, TARGETS};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const DEFAULT_SEED: u64 = 1;
const MAX_SECONDS: u64 = 24 * 3600;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((targets, seconds, seed)) = read_arguments(&arguments) else {
        let names = TARGETS.map(|target| target.name).join(", ");
        eprintln!("usage: fuzz TARGET SECONDS [SEED]; TARGET is one of {names}, or all");
        return ExitCode::from(2);
    };
    // Every target has its turn, whatever the one before found.
    let broken = targets
        .iter()
        .filter(|target| !run(target, seconds, seed))
        .count();
    if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn read_arguments(arguments: &[String]) -> Option<(Vec<Target>, u64, u64)> {
    let (name, rest) = arguments.split_first()?;
    let targets = if name == "all" {
        TARGETS.to_vec()
    } else {
        vec![target(name)?]
    };
    let seconds = rest
        .first()?
        .parse()
        .ok()
        .filter(|seconds| *seconds <= MAX_SECONDS)?;
    let seed = rest.get(1).map_or(Some(DEFAULT_SEED), |seed| seed.parse().ok())?;
    Some((targets, seconds, seed))
}

/// Whether every law held.
fn run(target: &Target, seconds: u64, seed: u64) -> bool {
    let end = Instant::now() + Duration::from_secs(seconds);
    // The clock is read once in 256 executions: it costs as much as one.
    match fuzz(target, seed, |executions| {
        executions % 256 != 0 || Instant::now() < end
    }) {
        Ok(report) => {
            println!(
                "{}: {} executions, {} outcomes",
                target.name, report.executions, report.outcomes
            );
            true
        }
        Err(finding) => {
            let hex: String = finding.input.iter().map(|byte| format!("{byte:02x}")).collect();
            println!(
                "{}: seed {seed}, execution {}: {hex}",
                target.name, finding.after_executions
            );
            false
        }
    }
}

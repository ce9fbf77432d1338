//! Seeded fuzzing of every parser that reads bytes from the network, on the stable toolchain.
mod codec;
mod mutation;
mod rtcp;
mod rtp;
mod srtp;
mod stun;
mod tcp;

use crate::random::Random;
use mutation::mutate;
use std::collections::HashSet;
use std::panic::catch_unwind;

/// More inputs than that are not kept as seeds of others.
const MAX_CORPUS: usize = 2048;

/// Something that is fed with bytes and panics when a law is broken.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// Valid inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Returns a number that tells kinds of outcome apart: inputs with a new one become seeds.
    pub run: fn(&[u8]) -> u64,
}

/// Every target by name.
pub const TARGETS: [Target; 10] = [
    Target {
        name: "stun",
        seeds: stun::seeds,
        run: stun::read,
    },
    Target {
        name: "ice",
        seeds: stun::seeds,
        run: stun::check,
    },
    Target {
        name: "rtp",
        seeds: rtp::seeds,
        run: rtp::read,
    },
    Target {
        name: "extension",
        seeds: rtp::extension_seeds,
        run: rtp::read_extension,
    },
    Target {
        name: "red",
        seeds: rtp::redundant_seeds,
        run: rtp::read_redundant,
    },
    Target {
        name: "rtcp",
        seeds: rtcp::seeds,
        run: rtcp::read,
    },
    Target {
        name: "codec",
        seeds: codec::seeds,
        run: codec::read,
    },
    Target {
        name: "frame",
        seeds: codec::frame_seeds,
        run: codec::put_together,
    },
    Target {
        name: "tcp",
        seeds: tcp::seeds,
        run: tcp::read,
    },
    Target {
        name: "srtp",
        seeds: srtp::seeds,
        run: srtp::open,
    },
];

pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// A run without a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub executions: u64,
    /// How many kinds of outcome there were.
    pub outcomes: usize,
}

/// An input that breaks a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub input: Vec<u8>,
    pub after_executions: u64,
}

/// Runs mutated seeds until `goes_on` (asked with the number of executions) says no. One seed is one run.
pub fn fuzz(
    target: &Target,
    seed: u64,
    mut goes_on: impl FnMut(u64) -> bool,
) -> Result<Report, Box<Finding>> {
    let mut random = Random::new(seed);
    let mut corpus = (target.seeds)();
    let mut outcomes = HashSet::new();
    let mut executions = 0;
    for input in &corpus {
        outcomes.insert(execute(target, input, &mut executions)?);
    }
    while goes_on(executions) {
        let input = mutate(&corpus, &mut random);
        let is_new = outcomes.insert(execute(target, &input, &mut executions)?);
        if is_new && corpus.len() < MAX_CORPUS {
            corpus.push(input);
        }
    }
    Ok(Report {
        executions,
        outcomes: outcomes.len(),
    })
}

fn execute(target: &Target, input: &[u8], executions: &mut u64) -> Result<u64, Box<Finding>> {
    *executions += 1;
    let run = target.run;
    catch_unwind(|| run(input)).map_err(|_| {
        Box::new(Finding {
            input: input.to_vec(),
            after_executions: *executions,
        })
    })
}

/// Folds parts of an outcome into one number (FNV-1a over words).
fn outcome(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(0xCBF2_9CE4_8422_2325, |hash, part| {
        (hash ^ part).wrapping_mul(0x100_0000_01B3)
    })
}

//! A short run of every fuzz target, and that the fuzzer finds what is there to be found.
use forwarder_sim::fuzz::{fuzz, target, Target, TARGETS};

const EXECUTIONS: u64 = 100_000;

fn survives(name: &str, least_outcomes: usize) {
    let target = target(name).unwrap();
    match fuzz(&target, 2, |executions| executions < EXECUTIONS) {
        Ok(report) => assert!(
            report.outcomes >= least_outcomes,
            "{name}: only {} outcomes",
            report.outcomes
        ),
        Err(finding) => panic!("{name} fails with {:02x?}", finding.input),
    }
}

#[test]
fn stun_survives() {
    survives("stun", 20);
}

#[test]
fn ice_survives() {
    survives("ice", 6);
}

#[test]
fn rtp_survives() {
    survives("rtp", 20);
}

#[test]
fn extension_survives() {
    survives("extension", 20);
}

#[test]
fn redundancy_survives() {
    survives("red", 8);
}

#[test]
fn rtcp_survives() {
    survives("rtcp", 50);
}

#[test]
fn codec_survives() {
    survives("codec", 20);
}

#[test]
fn frame_survives() {
    survives("frame", 20);
}

#[test]
fn tcp_survives() {
    survives("tcp", 50);
}

#[test]
fn srtp_survives() {
    survives("srtp", 10);
}

#[test]
fn every_target_is_run_above() {
    assert_eq!(
        TARGETS.map(|target| target.name),
        [
            "stun",
            "ice",
            "rtp",
            "extension",
            "red",
            "rtcp",
            "codec",
            "frame",
            "tcp",
            "srtp"
        ]
    );
    assert!(target("nothing").is_none());
}

/// A parser with a mistake three steps away from its seed: a length that is believed.
fn careless(input: &[u8]) -> u64 {
    match input {
        [b'L', len, rest @ ..] if rest.first() == Some(&b'!') => {
            assert!(
                usize::from(*len) <= rest.len(),
                "the length goes beyond the input"
            );
            2
        }
        [b'L', ..] => 1,
        _ => 0,
    }
}

#[test]
fn a_planted_mistake_is_found_and_one_seed_is_one_run() {
    let planted = Target {
        name: "careless",
        seeds: || vec![b"L\x02?ab".to_vec()],
        run: careless,
    };
    let first = fuzz(&planted, 7, |executions| executions < EXECUTIONS).unwrap_err();
    let second = fuzz(&planted, 7, |executions| executions < EXECUTIONS).unwrap_err();
    assert_eq!(first, second);
    assert!(first.input.starts_with(b"L") && first.input[2] == b'!');
}

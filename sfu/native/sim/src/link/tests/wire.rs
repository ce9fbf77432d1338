//! What the wire behind the bottleneck does, and how conditions are written.
use super::*;

/// Pushes packets a millisecond apart and returns which were lost.
fn losses(loss: Loss, seed: u64, count: u64) -> Vec<bool> {
    let mut link = Link::new(
        Conditions {
            loss,
            ..Conditions::wire(ms(10))
        },
        seed,
    );
    let fates = (0..count).map(|at| link.push(at, MTU, millis(at)));
    fates.map(|fate| matches!(fate, Fate::Lost(_))).collect()
}

fn share(lost: &[bool]) -> f64 {
    lost.iter().filter(|lost| **lost).count() as f64 / lost.len() as f64
}

fn bursts(lost: &[bool]) -> Vec<usize> {
    let runs = lost.chunk_by(|a, b| a == b).filter(|run| run[0]);
    runs.map(<[bool]>::len).collect()
}

#[test]
fn independent_loss_has_its_share_and_no_memory() {
    for (seed, wanted) in [(1, 0.02), (2, 0.1), (3, 0.3), (4, 0.5)] {
        let lost = losses(Loss::Random(wanted), seed, 100_000);
        // Five deviations of a binomial share.
        let bound = 5.0 * (wanted * (1.0 - wanted) / 100_000.0_f64).sqrt();
        assert!(
            (share(&lost) - wanted).abs() < bound,
            "{wanted}: {}",
            share(&lost)
        );
        let bursts = bursts(&lost);
        let mean = bursts.iter().sum::<usize>() as f64 / bursts.len() as f64;
        assert!(
            (mean * (1.0 - wanted) - 1.0).abs() < 0.05,
            "{wanted}: bursts of {mean}"
        );
    }
}

#[test]
fn bursts_have_their_share_and_their_mean_length() {
    for (seed, wanted, length) in [(1, 0.02, 3.0), (2, 0.1, 3.0), (3, 0.1, 8.0), (4, 0.3, 3.0)] {
        let lost = losses(
            Loss::Bursts {
                share: wanted,
                mean: length,
            },
            seed,
            400_000,
        );
        assert!(
            (share(&lost) / wanted - 1.0).abs() < 0.06,
            "{wanted}: {}",
            share(&lost)
        );
        let bursts = bursts(&lost);
        let mean = bursts.iter().sum::<usize>() as f64 / bursts.len() as f64;
        assert!((mean / length - 1.0).abs() < 0.05, "{length}: bursts of {mean}");
        // Lengths are geometric: the longest is many times the mean.
        assert!(*bursts.iter().max().unwrap() as f64 > 5.0 * length);
    }
}

#[test]
fn jitter_is_bounded_and_keeps_the_order() {
    let conditions = Conditions {
        jitter: ms(30),
        ..Conditions::wire(ms(50))
    };
    let mut link = Link::new(conditions, 9);
    (0..10_000).for_each(|at| {
        link.push(at, MTU, millis(at));
    });
    let arrived = drain(&mut link);
    assert!(arrived
        .windows(2)
        .all(|pair| pair[0].packet + 1 == pair[1].packet));
    let took = arrived
        .iter()
        .map(|delivery| delivery.left.since(delivery.entered));
    assert!(took.clone().all(|took| (ms(50)..=ms(80)).contains(&took)));
    assert!(took.clone().max().unwrap() > ms(75) && took.min().unwrap() == ms(50));
}

#[test]
fn jitter_reorders_only_when_asked() {
    let conditions = Conditions {
        jitter: ms(30),
        jitter_reorders: true,
        ..Conditions::wire(ms(50))
    };
    let mut link = Link::new(conditions, 9);
    (0..1_000).for_each(|at| {
        link.push(at, MTU, millis(at));
    });
    let arrived = drain(&mut link);
    assert!(arrived.windows(2).any(|pair| pair[0].packet > pair[1].packet));
    // Half of the packets get no jitter at all.
    let prompt = arrived
        .iter()
        .filter(|one| one.left.since(one.entered) == ms(50))
        .count();
    assert!((400..600).contains(&prompt), "{prompt}");
}

#[test]
fn reordered_packets_are_late_by_the_same_and_hold_nobody_up() {
    let reordering = Some(Reordering {
        share: 0.1,
        by: ms(7),
    });
    let mut link = Link::new(
        Conditions {
            reordering,
            ..Conditions::wire(ms(50))
        },
        5,
    );
    (0..10_000).for_each(|at| {
        link.push(at, MTU, millis(at));
    });
    let arrived = drain(&mut link);
    let late = arrived
        .iter()
        .filter(|one| one.left.since(one.entered) == ms(57))
        .count();
    let prompt = arrived
        .iter()
        .filter(|one| one.left.since(one.entered) == ms(50))
        .count();
    assert_eq!(late + prompt, 10_000);
    assert!((850..1_150).contains(&late), "{late}");
}

#[test]
fn copies_arrive_right_behind_and_are_counted() {
    let mut link = Link::new(
        Conditions {
            duplication: 0.2,
            ..Conditions::wire(ms(50))
        },
        5,
    );
    (0..10_000).for_each(|at| {
        link.push(at, MTU, millis(at));
    });
    let arrived = drain(&mut link);
    let copies = arrived.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert_eq!(arrived.len(), 10_000 + copies);
    assert_eq!(link.tally().duplicated, copies as u64);
    assert!((1_800..2_200).contains(&copies), "{copies}");
}

#[test]
#[should_panic(expected = "no bursts of 1 packets lose 0.6 of all")]
fn bursts_that_cannot_be_are_refused() {
    let loss = Loss::Bursts {
        share: 0.6,
        mean: 1.0,
    };
    Link::<u64>::new(
        Conditions {
            loss,
            ..Conditions::wire(ms(0))
        },
        1,
    );
}

#[test]
fn conditions_are_read_from_words() {
    let text = "delay=300ms jitter=5ms rate=0s:2mbit,40s:500kbit queue=300ms loss=2% burst=3 reorder=1%/20ms duplicate=0.5%";
    let wanted = Conditions {
        capacity: Capacity::schedule(&[(millis(0), 2_000_000), (millis(40_000), 500_000)]),
        queue: Queue::Lasting(ms(300)),
        loss: Loss::Bursts {
            share: 0.02,
            mean: 3.0,
        },
        jitter: ms(5),
        reordering: Some(Reordering {
            share: 0.01,
            by: ms(20),
        }),
        duplication: 0.005,
        ..Conditions::wire(ms(300))
    };
    assert_eq!(text.parse(), Ok(wanted));
    assert_eq!("".parse(), Ok(Conditions::wire(ms(0))));
    let bytes: Conditions = "queue=64kB rate=1.5mbit loss=10%".parse().unwrap();
    assert_eq!(
        (bytes.queue, bytes.loss),
        (Queue::Bytes(64_000), Loss::Random(0.1))
    );
}

#[test]
fn wrong_words_are_refused_with_a_sentence() {
    for (text, sentence) in [
        ("delay", "delay is not of the form name=value"),
        ("delay=3", "3 ends neither in ms nor in s"),
        ("delay=-3ms", "-3 is no number from 0 on"),
        ("rate=5gbit", "5gbit ends neither in kbit nor in mbit"),
        (
            "rate=1s:2mbit",
            "the rates 1s:2mbit do not begin at 0s and go forward",
        ),
        ("loss=2", "2 does not end in %"),
        ("loss=200%", "200% is more than all"),
        ("loss=60% burst=1", "no bursts of 1 packets lose 0.6 of all"),
        ("reorder=1%", "1% is not of the form 1%/20ms"),
    ] {
        assert_eq!(text.parse::<Conditions>(), Err(sentence.to_owned()));
    }
    assert!("colour=red"
        .parse::<Conditions>()
        .unwrap_err()
        .starts_with("a link has no colour; it has delay,"));
}

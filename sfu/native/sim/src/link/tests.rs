//! The laws of a link, one by one, and that its log explains every packet.
use super::*;

mod wire;

const MTU: usize = 1_250;

fn millis(ms: u64) -> Time {
    Time::from_millis(ms)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Everything that arrives in the end, with no hole in the account.
fn drain(link: &mut Link<u64>) -> Vec<Delivery<u64>> {
    let mut arrived = Vec::new();
    while link.deadline() != Time::NEVER {
        let at = link.deadline();
        while let Some(delivery) = link.deliver(at) {
            assert_eq!(delivery.left, at);
            arrived.push(delivery);
        }
        assert!(link.tally().explains(link.under_way()));
    }
    arrived
}

#[test]
fn a_wire_only_takes_its_time() {
    let mut link = Link::new(Conditions::wire(ms(50)), 1);
    assert_eq!(link.deadline(), Time::NEVER);
    link.push(7, MTU, millis(3));
    assert_eq!(link.deadline(), millis(53));
    assert_eq!(link.deliver(millis(53) - Duration::from_nanos(1)), None);
    let delivery = link.deliver(millis(53)).unwrap();
    assert_eq!(
        (delivery.packet, delivery.entered, delivery.queued),
        (7, millis(3), Duration::ZERO)
    );
    assert_eq!(link.deadline(), Time::NEVER);
}

#[test]
fn packets_pass_the_bottleneck_one_by_one_at_its_rate() {
    // 1250 bytes take exactly 10 ms of 1 Mbit/s.
    let capacity = Capacity::constant(1_000_000);
    let mut link = Link::new(
        Conditions {
            capacity,
            ..Conditions::wire(ms(50))
        },
        1,
    );
    (0..100).for_each(|at| assert!(matches!(link.push(at, MTU, millis(0)), Fate::Arrives { .. })));
    for (at, delivery) in drain(&mut link).iter().enumerate() {
        let at = at as u64;
        assert_eq!((delivery.packet, delivery.left), (at, millis(60 + 10 * at)));
        assert_eq!(delivery.queued, ms(10 * at));
    }
}

#[test]
fn no_rounding_adds_up_over_an_hour() {
    let capacity = Capacity::constant(1_234_567);
    let mut link = Link::new(
        Conditions {
            capacity,
            ..Conditions::wire(Duration::ZERO)
        },
        1,
    );
    let packets = 3_600_u64 * 1_234_567 / (8 * 997);
    let mut last = Time::ZERO;
    for at in 0..packets {
        let Fate::Arrives { at, .. } = link.push(at, 997, last) else {
            panic!("a lost packet")
        };
        last = at;
    }
    let exact = packets as f64 * 8.0 * 997.0 / 1_234_567.0;
    assert!((last.as_nanos() as f64 / 1e9 - exact).abs() < 0.001, "{last:?}");
}

#[test]
fn a_change_of_capacity_holds_within_a_packet_too() {
    let capacity = Capacity::schedule(&[
        (millis(0), 1_000_000),
        (millis(105), 2_000_000),
        (millis(108), 0),
        (millis(208), 500_000),
    ]);
    // 5 ms at 1 Mbit/s, 3 ms at twice that, 100 ms of nothing, and of the last thousand bits nothing is left.
    assert_eq!(capacity.pass(10_000, millis(100)), Time::from_nanos(107_500_000));
    assert_eq!(capacity.pass(11_000, millis(100)), millis(108));
    assert_eq!(capacity.pass(12_000, millis(100)), millis(210));
    assert_eq!(capacity.between(millis(100), millis(210)), 12_000);
    assert_eq!(
        (capacity.at(millis(104)), capacity.at(millis(105))),
        (Some(1_000_000), Some(2_000_000))
    );
}

#[test]
fn a_queue_in_time_drops_who_would_wait_longer() {
    let capacity = Capacity::constant(1_000_000);
    let queue = Queue::Lasting(ms(300));
    let mut link = Link::new(
        Conditions {
            capacity,
            queue,
            ..Conditions::wire(ms(0))
        },
        1,
    );
    let fates: Vec<Fate> = (0..40).map(|at| link.push(at, MTU, millis(0))).collect();
    let taken = fates
        .iter()
        .filter(|fate| matches!(fate, Fate::Arrives { .. }))
        .count();
    assert_eq!((taken, link.tally().lost(Cause::Queue)), (30, 10));
    // One has passed, so there is room for one.
    assert!(matches!(link.push(40, MTU, millis(10)), Fate::Arrives { queued, .. } if queued == ms(290)));
    assert_eq!(link.push(41, MTU, millis(10)), Fate::Lost(Cause::Queue));
}

#[test]
fn after_a_step_down_a_queue_in_time_is_as_long_as_the_new_capacity_makes_it() {
    let capacity = Capacity::schedule(&[(millis(0), 2_000_000), (millis(100), 500_000)]);
    let queue = Queue::Lasting(ms(300));
    let mut link = Link::new(
        Conditions {
            capacity,
            queue,
            ..Conditions::wire(ms(0))
        },
        1,
    );
    // At 90 ms 500 kbit wait. At 100 ms 480 kbit do, which now last 960 ms: none is let in before 150 kbit are left.
    (0..50).for_each(|at| assert!(matches!(link.push(at, MTU, millis(90)), Fate::Arrives { .. })));
    assert_eq!(link.push(50, MTU, millis(100)), Fate::Lost(Cause::Queue));
    assert_eq!(link.push(51, MTU, millis(779)), Fate::Lost(Cause::Queue));
    assert!(matches!(link.push(52, MTU, millis(781)), Fate::Arrives { .. }));
}

#[test]
fn a_queue_in_bytes_drops_what_exceeds_them() {
    let capacity = Capacity::constant(1_000_000);
    let queue = Queue::Bytes(10 * MTU);
    let mut link = Link::new(
        Conditions {
            capacity,
            queue,
            ..Conditions::wire(ms(0))
        },
        1,
    );
    (0..20).for_each(|at| {
        link.push(at, MTU, millis(0));
    });
    assert_eq!(link.tally().lost(Cause::Queue), 10);
    assert!(matches!(link.push(20, 625, millis(5)), Fate::Arrives { .. }));
    assert_eq!(link.push(21, 1, millis(5)), Fate::Lost(Cause::Queue));
    assert_eq!(drain(&mut link).len(), 11);
}

#[test]
fn an_outage_holds_one_packet_and_ends_when_capacity_returns() {
    let capacity = Capacity::schedule(&[
        (millis(0), 1_000_000),
        (millis(100), 0),
        (millis(30_100), 1_000_000),
    ]);
    let queue = Queue::Lasting(ms(300));
    let mut link = Link::new(
        Conditions {
            capacity,
            queue,
            ..Conditions::wire(ms(0))
        },
        1,
    );
    assert!(matches!(link.push(0, MTU, millis(200)), Fate::Arrives { at, .. } if at == millis(30_110)));
    assert_eq!(link.push(1, MTU, millis(300)), Fate::Lost(Cause::Queue));
    let dead = Capacity::schedule(&[(millis(0), 1_000_000), (millis(100), 0)]);
    let mut link = Link::new(
        Conditions {
            capacity: dead,
            ..Conditions::wire(ms(0))
        },
        1,
    );
    assert_eq!(link.push(0, MTU, millis(200)), Fate::Lost(Cause::Outage));
}

#[test]
fn the_log_explains_every_packet_of_a_bad_link() {
    let conditions = Conditions {
        capacity: Capacity::schedule(&[
            (millis(0), 2_000_000),
            (millis(500), 500_000),
            (millis(1_500), 3_000_000),
        ]),
        queue: Queue::Lasting(ms(100)),
        loss: Loss::Bursts {
            share: 0.1,
            mean: 3.0,
        },
        jitter: ms(20),
        duplication: 0.01,
        ..Conditions::wire(ms(300))
    };
    let mut link = Link::new(conditions, 3);
    link.keep_log();
    for at in 0..1_000 {
        link.push(at, 700, millis(2 * at));
        while link.deliver(millis(2 * at)).is_some() {}
    }
    drain(&mut link);
    let log = link.log();
    assert_eq!(log.len(), 1_000);
    for cause in Cause::ALL {
        let logged = log.iter().filter(|one| one.fate == Fate::Lost(cause)).count() as u64;
        assert_eq!(logged, link.tally().lost(cause), "{}", cause.name());
        assert_eq!(
            logged > 0,
            matches!(cause, Cause::Queue | Cause::Burst),
            "{}",
            cause.name()
        );
    }
    let arrived = log
        .iter()
        .filter(|one| matches!(one.fate, Fate::Arrives { .. }))
        .count() as u64;
    assert_eq!(arrived + link.tally().lost_in_all(), 1_000);
    assert!(log
        .iter()
        .enumerate()
        .all(|(at, one)| one.number == at as u64 && one.entered == millis(2 * at as u64)));
}

#[test]
fn one_seed_is_one_run() {
    let run = |seed| {
        let loss = Loss::Random(0.2);
        let mut link = Link::new(
            Conditions {
                loss,
                jitter: ms(5),
                ..Conditions::wire(ms(1))
            },
            seed,
        );
        (0..500)
            .map(|at| link.push(at, MTU, millis(at)))
            .collect::<Vec<Fate>>()
    };
    assert_eq!(run(4), run(4));
    assert_ne!(run(4), run(5));
}

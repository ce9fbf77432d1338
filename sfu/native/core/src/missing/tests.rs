use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn at(ms: u64) -> Time {
    Time::from_millis(ms)
}

fn asked(missing: &mut Missing, now: Time, round_trip: Duration) -> Vec<u64> {
    let mut sequences = Vec::new();
    missing.due(now, round_trip, 100, |sequence| sequences.push(sequence));
    sequences
}

/// Asks each millisecond for a while; returns when the one gap was asked for.
fn times_asked(round_trip: Duration) -> Vec<u64> {
    let mut missing = Missing::new(Kind::Video);
    missing.arrived(65_536, at(0));
    missing.arrived(65_538, at(0));
    (0..10_000)
        .filter(|&ms| !asked(&mut missing, at(ms), round_trip).is_empty())
        .collect()
}

#[test]
fn packets_in_order_are_never_asked_for() {
    let mut missing = Missing::new(Kind::Audio);
    for sequence in 65_536..66_000 {
        assert_eq!(missing.arrived(sequence, at(sequence)), Arrival::InOrder);
    }
    assert_eq!(missing.deadline(), Time::NEVER);
}

#[test]
fn an_overtaken_packet_is_not_asked_for() {
    let mut missing = Missing::new(Kind::Video);
    missing.arrived(65_536, at(0));
    assert_eq!(missing.arrived(65_538, at(1)), Arrival::AfterGap);
    assert_eq!(asked(&mut missing, at(5), MS(20)), []);
    assert_eq!(missing.arrived(65_537, at(5)), Arrival::Filled(None));
    assert_eq!(missing.deadline(), Time::NEVER);
}

#[test]
fn a_retry_waits_for_one_and_a_quarter_round_trips() {
    assert_eq!(times_asked(MS(600)), [5, 755, 1_505, 2_255]);
    assert_eq!(times_asked(MS(20))[..3], [5, 30, 55]);
    assert_eq!(times_asked(MS(1))[..3], [5, 25, 45]);
}

#[test]
fn ten_tries_are_the_most() {
    assert_eq!(times_asked(MS(20)).len(), 10);
}

#[test]
fn a_repair_never_tells_too_short_a_round_trip() {
    let mut missing = Missing::new(Kind::Video);
    missing.arrived(65_536, at(0));
    missing.arrived(65_539, at(0));
    assert_eq!(asked(&mut missing, at(5), MS(20)), [65_537, 65_538]);
    assert_eq!(missing.arrived(65_537, at(30)), Arrival::Filled(Some(MS(25))));
    assert_eq!(asked(&mut missing, at(40), MS(20)), [65_538]);
    assert_eq!(missing.arrived(65_538, at(50)), Arrival::Filled(Some(MS(45))));
    assert_eq!(missing.arrived(65_538, at(51)), Arrival::Late);
}

#[test]
fn no_more_than_the_limit_is_asked_for_at_once() {
    let mut missing = Missing::new(Kind::Video);
    missing.arrived(65_536, at(0));
    missing.arrived(65_636, at(0));
    let mut first = 0;
    missing.due(at(5), MS(20), 60, |_| first += 1);
    assert_eq!((first, asked(&mut missing, at(5), MS(20)).len()), (60, 39));
}

#[test]
fn gaps_that_nobody_asks_about_are_forgotten_one_by_one() {
    let mut missing = Missing::new(Kind::Video);
    for step in 0..3_000 {
        let arrival = missing.arrived(65_536 + step * 2, at(step * 100));
        assert!(step == 0 || arrival == Arrival::AfterGap, "{step}: {arrival:?}");
    }
    assert_eq!(asked(&mut missing, at(299_910), MS(20)).len(), 30);
}

#[test]
fn a_gap_that_is_too_wide_is_not_asked_for() {
    let mut missing = Missing::new(Kind::Video);
    missing.arrived(65_536, at(0));
    assert_eq!(missing.arrived(70_000, at(0)), Arrival::Torn);
    assert_eq!(asked(&mut missing, at(5), MS(20)), []);
    assert_eq!(missing.arrived(70_001, at(6)), Arrival::InOrder);
}

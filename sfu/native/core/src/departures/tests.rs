use super::*;
use crate::arrivals::Arrivals;
use crate::rtcp::{packets, ArrivalReport, Packet, Writer};

const LEN: usize = 1_000;

fn at(us: u64) -> Time {
    Time::from_nanos(us * 1_000)
}

/// Everything that is ready to be told, as the sender reads it.
fn tell(arrivals: &mut Arrivals, departures: &mut Departures, now: Time) -> Vec<Outcome> {
    let mut told = Vec::new();
    while let Some(feedback) = arrivals.feedback() {
        let mut buffer = [0; 1_280];
        let mut writer = Writer::new(&mut buffer);
        writer
            .transport_cc(1, 7, feedback.base, feedback.count, &feedback.statuses)
            .unwrap();
        let len = writer.len();
        let Packet::TransportCc(raw) = packets(&buffer[..len]).next().unwrap().unwrap() else {
            panic!()
        };
        let report = ArrivalReport::read(raw.body).unwrap();
        assert!(departures.told(&report, now, |packet| told.push(packet)));
    }
    told
}

/// Sends packets a millisecond apart; those that `arrives` names come 30 ms later.
fn send(
    departures: &mut Departures,
    arrivals: &mut Arrivals,
    steps: std::ops::Range<u64>,
    arrives: impl Fn(u64) -> bool,
) {
    for step in steps {
        let number = departures.number();
        departures.left(LEN, 0, at(step * 1_000));
        if arrives(step) {
            arrivals.packet(number, 7, at(step * 1_000 + 30_000));
        }
    }
}

/// Between the two clocks; the first reference time begins a turn later.
fn delays(told: &[Outcome]) -> Vec<Option<u64>> {
    let turn = (1u64 << 24) * 64_000_000;
    told.iter()
        .map(|packet| {
            Some((packet.arrived?.as_nanos() as u64 - turn - packet.departure.sent.as_nanos()) / 1_000)
        })
        .collect()
}

#[test]
fn what_a_receiver_tells_is_matched_to_what_left_across_the_wrap() {
    let (mut departures, mut arrivals) = (Departures::new(), Arrivals::new());
    let mut all = Vec::new();
    for step in (0..140_000).step_by(50) {
        send(&mut departures, &mut arrivals, step..step + 50, |step| {
            step % 7 != 3
        });
        all.extend(tell(&mut arrivals, &mut departures, at((step + 80) * 1_000)));
    }
    // The last told of arrived; what was lost behind it nobody has missed yet.
    let expected: Vec<Option<u64>> = (0..all.len() as u64)
        .map(|step| (step % 7 != 3).then_some(30_000))
        .collect();
    assert!(all.len() > 139_000);
    assert_eq!(delays(&all), expected);
    assert!(all
        .iter()
        .zip(0..)
        .all(|(packet, step)| packet.departure.sent == at(step * 1_000)
            && packet.departure.len as usize == LEN));
}

#[test]
fn a_packet_is_lost_once_and_may_still_arrive_once() {
    let (mut departures, mut arrivals) = (Departures::new(), Arrivals::new());
    send(&mut departures, &mut arrivals, 0..3, |step| step != 1);
    let told = tell(&mut arrivals, &mut departures, at(50_000));
    assert_eq!(delays(&told), [Some(30_000), None, Some(30_000)]);
    arrivals.packet(1, 7, at(61_000));
    let told = tell(&mut arrivals, &mut departures, at(70_000));
    assert_eq!(
        (delays(&told), told[0].departure.sent),
        (vec![Some(60_000)], at(1_000))
    );
}

#[test]
fn what_left_twice_is_of_no_use_and_what_is_told_of_nothing_is_known_as_that() {
    let (mut departures, mut arrivals) = (Departures::new(), Arrivals::new());
    send(&mut departures, &mut arrivals, 0..3, |step| step != 1);
    departures.forget(1);
    departures.forget(3);
    let told = tell(&mut arrivals, &mut departures, at(50_000));
    assert_eq!(delays(&told), [Some(30_000), Some(30_000)]);
    let body = |base: u8, run: u8| [0, base, 0, run, 0, 0, 0, 0, 0, run];
    for (base, run, is_known) in [(2, 1, true), (2, 9, true), (3, 9, false), (200, 9, false)] {
        let body = body(base, run);
        let report = ArrivalReport::read(&body).unwrap();
        assert_eq!(
            departures.told(&report, at(60_000), |_| panic!()),
            is_known,
            "{base}"
        );
    }
}

#[test]
fn the_receivers_clock_goes_on_when_its_24_bits_turn() {
    let mut departures = Departures::new();
    let mut arrived = Vec::new();
    for (number, reference) in [0xff_fffe_u32, 0xff_ffff, 0, 1, 0xff_ffff]
        .into_iter()
        .enumerate()
    {
        departures.left(LEN, 0, at(0));
        let [_, high, middle, low] = reference.to_be_bytes();
        let body = [0, number as u8, 0, 1, high, middle, low, 0, 0x20, 1, 4];
        let report = ArrivalReport::read(&body).unwrap();
        assert!(departures.told(&report, at(1_000), |packet| arrived.push(packet.arrived.unwrap())));
    }
    let steps: Vec<u128> = arrived
        .iter()
        .map(|&time| (time - arrived[0]).as_millis() / 64)
        .collect();
    assert_eq!(steps, [0, 1, 2, 3, 1]);
}

#[test]
fn an_old_packets_number_is_not_taken_for_a_new_ones() {
    let mut departures = Departures::new();
    for step in 0..MOST as u64 + 10 {
        departures.left(LEN, 0, at(step * 1_000));
    }
    let body = [0, 0, 0, 20, 0, 0, 0, 0, 0, 20];
    let report = ArrivalReport::read(&body).unwrap();
    let mut sent = Vec::new();
    departures.told(&report, at(5_000_000), |packet| sent.push(packet.departure.sent));
    assert_eq!(sent, (10..20).map(|step| at(step * 1_000)).collect::<Vec<_>>());
}

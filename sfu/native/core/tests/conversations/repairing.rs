use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::demux::{kind, Kind};
use forwarder_core::dtls::Role;
use std::collections::BTreeSet;

fn lesson(stage: &mut Stage, video: bool) -> (Person, Person) {
    let (publisher, viewer) = (stage.join(), stage.join());
    let track = if video { video_track } else { audio_track };
    stage.order(Command::AddTrack(track(1, publisher.peer, 10)));
    let slot = if video { video_slot } else { audio_slot };
    stage.order(Command::AddSlot(slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (publisher, viewer)
}

/// The sequence numbers that the publisher is asked for, with the time in ms since the conversation began.
fn asked(publisher: &mut Person, stage: &mut Stage) -> Vec<(u64, Vec<u16>)> {
    let began = 60_000_000_000;
    let nacks = publisher
        .told(stage)
        .into_iter()
        .filter_map(|(at, told)| match told {
            Told::Nack { ssrc: 10, lost } => Some(((at.as_nanos() - began) / 1_000_000, lost)),
            _ => None,
        });
    nacks.collect()
}

/// A publisher whose side of the handshake takes its time.
fn distant(stage: &mut Stage, round_trip: u64) -> Person {
    let mut publisher = Person::new(50);
    publisher.role = Role::Active;
    stage.order(Command::AddPeer(publisher.order()));
    publisher.check(stage, true);
    stage.pass(round_trip);
    publisher.shake_hands(stage);
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    publisher
}

/// Loses a packet; returns after how many ms each ask for it leaves, in the next three seconds.
fn asks_for_a_loss(stage: &mut Stage, publisher: &mut Person, stream: &mut Stream) -> Vec<u64> {
    let mut packets = stream.picture(true, 3);
    let lost = packets.remove(1);
    publisher.send_all(stage, &packets);
    asked(publisher, stage);
    let began = (stage.now.as_nanos() - 60_000_000_000) / 1_000_000;
    stage.pass(3_100);
    let asked = asked(publisher, stage);
    assert!(asked.iter().all(|(_, asked)| asked == &[lost.sequence]));
    asked.into_iter().map(|(at, _)| at - began).collect()
}

#[test]
fn a_lost_packet_is_asked_for_once_per_round_trip_and_a_quarter() {
    for (round_trip, expected) in [(20, vec![5, 30, 55, 80]), (600, vec![5, 755, 1_505, 2_255])] {
        let mut stage = Stage::new();
        let mut publisher = distant(&mut stage, round_trip);
        let times = asks_for_a_loss(&mut stage, &mut publisher, &mut Stream::vp8(10));
        assert_eq!(times[..4], expected);
        assert!(times.len() <= 10);
    }
}

#[test]
fn a_repaired_publisher_that_moves_away_is_asked_less_often() {
    let mut stage = Stage::new();
    let mut publisher = distant(&mut stage, 20);
    let mut stream = Stream::vp8(10);
    for _ in 0..3 {
        let mut packets = stream.picture(true, 3);
        let lost = packets.remove(1);
        publisher.send_all(&mut stage, &packets);
        stage.pass(605);
        publisher.send(&mut stage, &lost.as_rtx(11, VP8_RTX, lost.sequence));
        publisher.check(&mut stage, true);
        stage.pass(10_000);
    }
    let times = asks_for_a_loss(&mut stage, &mut publisher, &mut stream);
    assert_eq!(times[..4], [5, 755, 1_505, 2_255]);
}

#[test]
fn an_overtaken_packet_is_not_asked_for() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, true);
    let mut packets = Stream::vp8(10).picture(true, 6);
    packets.swap(2, 3);
    for packet in &packets {
        publisher.send(&mut stage, packet);
        stage.pass(1);
    }
    stage.pass(1_000);
    assert_eq!(
        (asked(&mut publisher, &mut stage), viewer.see(&mut stage).len()),
        (vec![], 6)
    );
}

#[test]
fn a_codec_without_nack_is_never_asked_for_repairs() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    let mut order = audio_track(1, publisher.peer, 10);
    order.codecs[0].nack = false;
    stage.order(Command::AddTrack(order));
    let mut stream = Stream::opus(10);
    publisher.send(&mut stage, &stream.sound(1));
    stream.sound(1);
    publisher.send(&mut stage, &stream.sound(1));
    stage.pass(1_000);
    assert_eq!(
        (asked(&mut publisher, &mut stage), stage.track(1).lost),
        (vec![], 1)
    );
}

#[test]
fn every_packet_arrives_through_seeded_loss_both_ways() {
    for (sequence, seed) in [(1_000, 1u64), (65_000, 2), (32_000, 3)] {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage, true);
        let mut chance = seed;
        let mut lose = |percent: u64| {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % 100 < percent
        };
        let mut stream = Stream::vp8(10).starting_at(sequence, 0);
        let mut published: Vec<Rtp> = Vec::new();
        let mut got: BTreeSet<u16> = BTreeSet::new();
        let mut highest: Option<u16> = None;
        let mut rtx = 0;
        for at in 0..300 {
            let picture = stream.picture(at == 0, 4);
            published.extend(picture.iter().cloned());
            let kept: Vec<Rtp> = picture.into_iter().filter(|_| at == 0 || !lose(10)).collect();
            publisher.send_all(&mut stage, &kept);
            for _ in 0..4 {
                stage.pass(10);
                for (_, lost) in asked(&mut publisher, &mut stage) {
                    for sequence in lost.into_iter().filter(|_| !lose(10)) {
                        let packet = published
                            .iter()
                            .find(|packet| packet.sequence == sequence)
                            .unwrap();
                        rtx += 1;
                        let packet = packet.as_rtx(11, VP8_RTX, rtx);
                        publisher.send(&mut stage, &packet);
                    }
                }
                for packet in viewer.see(&mut stage) {
                    if at > 0 && lose(10) {
                        continue;
                    }
                    let (sequence, name) = match packet.ssrc {
                        7_000 => (packet.sequence, &packet.payload[10..12]),
                        _ => (
                            u16::from_be_bytes([packet.payload[0], packet.payload[1]]),
                            &packet.payload[12..14],
                        ),
                    };
                    got.insert(u16::from_be_bytes([name[0], name[1]]));
                    let newest = |known: u16| {
                        if (sequence.wrapping_sub(known) as i16) > 0 {
                            sequence
                        } else {
                            known
                        }
                    };
                    highest = Some(highest.map_or(sequence, newest));
                }
                let missed = missing(&got, sequence, published.len() as u16, highest.unwrap());
                if !missed.is_empty() {
                    viewer.nack(&mut stage, 7_000, &missed);
                }
            }
        }
        let wanted: BTreeSet<u16> = (0..1_160).map(|at| sequence.wrapping_add(at)).collect();
        let never: Vec<&u16> = wanted.difference(&got).collect();
        assert!(never.is_empty(), "{never:?}");
    }
}

/// What a receiver would ask for: the slot's numbers of packets not seen, up to the highest.
fn missing(got: &BTreeSet<u16>, first_in: u16, count: u16, highest_out: u16) -> Vec<u16> {
    let last = (0..count)
        .rev()
        .map(|at| first_in.wrapping_add(at))
        .find(|name| got.contains(name))
        .unwrap();
    let offset = highest_out.wrapping_sub(last);
    let span = last.wrapping_sub(first_in).min(count);
    let lost = (0..span)
        .map(|at| first_in.wrapping_add(at))
        .filter(|name| !got.contains(name));
    lost.map(|name| name.wrapping_add(offset)).take(100).collect()
}

#[test]
fn a_viewer_gets_its_repair_in_the_repair_stream() {
    for wrap in [1_000, 65_533] {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage, true);
        publisher.send_all(&mut stage, &Stream::vp8(10).starting_at(wrap, 7).picture(true, 5));
        let seen = viewer.see(&mut stage);
        viewer.nack(&mut stage, 7_000, &[seen[1].sequence, seen[4].sequence]);
        let repairs = viewer.see(&mut stage);
        assert_eq!(repairs.len(), 2);
        for (repair, original) in repairs.iter().zip([&seen[1], &seen[4]]) {
            let expected = original.as_rtx(7_001, 21, repair.sequence);
            assert_eq!(repair, &expected);
        }
        assert_eq!(repairs[1].sequence, repairs[0].sequence.wrapping_add(1));
        assert_eq!((stage.slot(1).repairs, stage.slot(1).nacks_received), (2, 1));
    }
}

#[test]
fn without_a_repair_stream_the_identical_bytes_come_again() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, false);
    let mut stream = Stream::opus(10);
    for _ in 0..3 {
        publisher.send(&mut stage, &stream.sound(1));
    }
    let media = |stage: &Stage| -> Vec<Vec<u8>> {
        let media = stage.sent.iter().filter(|sent| kind(&sent.bytes) == Kind::Rtp);
        media.map(|sent| sent.bytes.clone()).collect()
    };
    let originals = media(&stage);
    let seen = viewer.see(&mut stage);
    viewer.nack(&mut stage, 7_000, &[seen[1].sequence]);
    let again = media(&stage);
    assert_eq!(again, [originals[1].clone()]);
}

#[test]
fn one_loss_reported_twice_is_repaired_once_per_half_round_trip() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, true);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 5));
    let lost = viewer.see(&mut stage)[2].sequence;
    let mut repairs = 0;
    for _ in 0..30 {
        viewer.nack(&mut stage, 7_000, &[lost]);
        repairs += viewer.see(&mut stage).len();
        stage.pass(2);
    }
    // While no round trip is known, 100 ms are assumed.
    assert_eq!(
        (repairs, stage.slot(1).dropped.get(Reason::RepairTooSoon)),
        (2, 28)
    );
}

#[test]
fn a_flood_of_requests_is_answered_within_a_bound() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, true);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 200));
    let all: Vec<u16> = viewer
        .see(&mut stage)
        .iter()
        .map(|packet| packet.sequence)
        .collect();
    viewer.nack(&mut stage, 7_000, &all);
    assert_eq!(viewer.see(&mut stage).len(), 64);
    assert_eq!(stage.slot(1).dropped.get(Reason::RepairTooMany), 136);
}

#[test]
fn what_is_no_longer_kept_is_not_repaired_and_counted() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, true);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 5));
    let first = viewer.see(&mut stage)[0].sequence;
    viewer.nack(
        &mut stage,
        7_000,
        &[first.wrapping_sub(5), first.wrapping_add(500)],
    );
    assert_eq!(
        (
            viewer.see(&mut stage),
            stage.slot(1).dropped.get(Reason::RepairNotKept)
        ),
        (vec![], 2)
    );
}

#[test]
fn an_empty_repair_is_dropped_and_counted() {
    let mut stage = Stage::new();
    let (mut publisher, _viewer) = lesson(&mut stage, true);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 1));
    let empty = Rtp {
        payload: Vec::new(),
        ..Stream::vp8(10).picture(false, 1).remove(0).as_rtx(11, VP8_RTX, 1)
    };
    publisher.send(&mut stage, &empty);
    assert_eq!(stage.track(1).dropped.get(Reason::EmptyRepair), 1);
}

use crate::stage::media::*;
use crate::stage::person::{Heard, Person, Told};
use crate::stage::{Stage, NTP_EPOCH_NANOS};
use forwarder_core::command::Command;
use forwarder_core::rtcp::{Ntp, ReportBlock, SenderInfo};

fn lesson(stage: &mut Stage) -> (Person, Person) {
    let (publisher, viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (publisher, viewer)
}

fn play(stage: &mut Stage, person: &mut Person, stream: &mut Stream, packets: usize) {
    for _ in 0..packets {
        person.send(stage, &stream.sound(50));
        stage.pass(20);
    }
}

fn reports(told: Vec<(forwarder_core::time::Time, Told)>) -> Vec<(u64, SenderInfo)> {
    let of = |(at, told): (forwarder_core::time::Time, Told)| match told {
        Told::SenderReport(info) => Some((at.as_nanos(), info)),
        _ => None,
    };
    told.into_iter().filter_map(of).collect()
}

#[test]
fn a_publisher_is_told_each_second_what_arrived() {
    let mut stage = Stage::new();
    let (mut publisher, _viewer) = lesson(&mut stage);
    let mut stream = Stream::opus(10).starting_at(65_500, 0);
    play(&mut stage, &mut publisher, &mut stream, 40);
    stream.sound(1);
    play(&mut stage, &mut publisher, &mut stream, 160);
    let blocks: Vec<ReportBlock> = publisher
        .told(&mut stage)
        .into_iter()
        .filter_map(|(_, told)| match told {
            Told::ReceiverReport(blocks) => blocks.first().copied(),
            _ => None,
        })
        .collect();
    assert_eq!(blocks.len(), 4);
    assert!(blocks.iter().all(|block| block.ssrc == 10 && block.jitter < 100));
    assert_eq!(
        blocks
            .iter()
            .map(|block| block.cumulative_lost)
            .collect::<Vec<_>>(),
        [1, 1, 1, 1]
    );
    assert!(blocks[0].fraction_lost > 0 && blocks[1].fraction_lost == 0);
    assert!(blocks[3].highest_sequence > 65_536);
}

#[test]
fn a_report_about_another_ssrc_begins_anew() {
    let mut stage = Stage::new();
    let (mut publisher, _viewer) = lesson(&mut stage);
    let mut before = Stream::opus(10).starting_at(65_530, 0);
    play(&mut stage, &mut publisher, &mut before, 20);
    (0..10).for_each(|_| drop(before.sound(1)));
    play(&mut stage, &mut publisher, &mut before, 40);
    stage.pass(200);
    publisher.told(&mut stage);
    let mut after = Stream::opus(20).starting_at(40_000, 7);
    play(&mut stage, &mut publisher, &mut after, 120);
    let blocks: Vec<ReportBlock> = publisher
        .told(&mut stage)
        .into_iter()
        .filter_map(|(_, told)| match told {
            Told::ReceiverReport(blocks) => blocks.first().copied(),
            _ => None,
        })
        .collect();
    let last = blocks.last().unwrap();
    assert_eq!((last.ssrc, last.cumulative_lost, last.fraction_lost), (20, 0, 0));
    assert!((40_000..40_120).contains(&last.highest_sequence));
}

#[test]
fn a_viewer_is_told_each_second_what_was_sent_in_node_time() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::opus(10);
    play(&mut stage, &mut publisher, &mut stream, 150);
    let (mut media, mut reports) = (Vec::new(), 0);
    for (at, heard) in viewer.hear_at(&mut stage) {
        match heard {
            Heard::Media(packet) => media.push((at, packet.timestamp)),
            Heard::Told(Told::SenderReport(report)) => {
                reports += 1;
                let (sent_at, timestamp) = *media.last().unwrap();
                assert_eq!(report.ntp, Ntp::from_nanos(NTP_EPOCH_NANOS + at.as_nanos()));
                let elapsed = at.since(sent_at).as_micros() as u32 * 48 / 1_000;
                assert_eq!(report.rtp_timestamp, timestamp.wrapping_add(elapsed));
                let count = media.len() as u32;
                assert_eq!((report.packet_count, report.octet_count), (count, count * 88));
            }
            _ => {}
        }
    }
    assert!(reports >= 3);
}

#[test]
fn reports_follow_the_publishers_clock_so_that_its_tracks_stay_together() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::opus(10);
    play(&mut stage, &mut publisher, &mut stream, 10);
    let arrival = stage.now.as_nanos();
    // By its own clock, a year off, the publisher says: sound of this moment was marked 4800 units later.
    let ntp = Ntp::from_nanos(NTP_EPOCH_NANOS + arrival - 31_536_000_000_000_000);
    let rtp_timestamp = stream.next.timestamp.wrapping_add(4_800);
    let info = SenderInfo {
        ssrc: 10,
        ntp,
        rtp_timestamp,
        packet_count: 10,
        octet_count: 800,
    };
    publisher.tell(&mut stage, |writer| writer.sender_report(&info, &[]).unwrap());
    let heard = viewer.see(&mut stage);
    let offset = heard[0].timestamp.wrapping_sub(50_000);
    play(&mut stage, &mut publisher, &mut stream, 60);
    let reports = reports(viewer.told(&mut stage));
    for (at, report) in reports {
        let elapsed = ((at - arrival) * 48 / 1_000_000) as u32;
        let expected = rtp_timestamp.wrapping_add(offset).wrapping_add(elapsed);
        assert!(
            (report.rtp_timestamp.wrapping_sub(expected) as i32).abs() <= 48,
            "{report:?}"
        );
    }
}

#[test]
fn a_publisher_that_sets_its_clock_does_not_move_its_tracks_apart() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    stage.order(Command::AddTrack(audio_track(2, publisher.peer, 20)));
    stage.order(Command::AddSlot(audio_slot(2, viewer.peer, 8_000)));
    stage.bind(2, 2);
    let (mut one, mut two) = (Stream::opus(10), Stream::opus(20));
    let say = |stage: &mut Stage, publisher: &mut Person, stream: &Stream, hours: u64| {
        let info = SenderInfo {
            ssrc: stream.next.ssrc,
            ntp: Ntp::from_nanos(NTP_EPOCH_NANOS + stage.now.as_nanos() - hours * 3_600_000_000_000),
            rtp_timestamp: stream.next.timestamp,
            ..SenderInfo::default()
        };
        publisher.tell(stage, |writer| writer.sender_report(&info, &[]).unwrap());
    };
    for at in 0..200 {
        if at == 50 {
            say(&mut stage, &mut publisher, &one, 0);
            say(&mut stage, &mut publisher, &two, 0);
        }
        if at == 100 {
            say(&mut stage, &mut publisher, &two, 1);
        }
        publisher.send(&mut stage, &two.sound(50));
        play(&mut stage, &mut publisher, &mut one, 1);
    }
    let mut newest = std::collections::HashMap::new();
    for (at, heard) in viewer.hear_at(&mut stage) {
        match heard {
            Heard::Media(packet) => drop(newest.insert(packet.ssrc, (at, packet.timestamp))),
            Heard::Told(Told::SenderReport(report)) => {
                let (sent_at, timestamp) = newest[&report.ssrc];
                let elapsed = at.since(sent_at).as_micros() as u32 * 48 / 1_000;
                let off = report.rtp_timestamp.wrapping_sub(timestamp.wrapping_add(elapsed)) as i32;
                assert!(off.abs() <= 48 * 21, "{off} units");
            }
            _ => {}
        }
    }
}

#[test]
fn a_viewers_report_tells_loss_and_round_trip() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::opus(10);
    stage.pass(21_000);
    play(&mut stage, &mut publisher, &mut stream, 60);
    let (at, report) = *reports(viewer.told(&mut stage)).last().unwrap();
    let waited = (stage.now.as_nanos() - at) / 1_000_000;
    stage.pass(80);
    let block = ReportBlock {
        ssrc: 7_000,
        fraction_lost: 64,
        last_sender_report: report.ntp.middle(),
        delay_since_sender_report: (waited * 65_536 / 1_000) as u32,
        ..ReportBlock::default()
    };
    viewer.tell(&mut stage, |writer| writer.receiver_report(1, &[block]).unwrap());
    assert_eq!(stage.slot(1).fraction_lost, 0.25);
    let known = stage.peer(viewer.peer).round_trip_ms.unwrap();
    assert!(known == 0.0 || (known - 80.0).abs() < 1.0, "{known} ms");
    viewer.check(&mut stage, true);
    stage.pass(11_000);
    viewer.tell(&mut stage, |writer| {
        writer
            .receiver_report(
                1,
                &[ReportBlock {
                    last_sender_report: 0,
                    ..block
                }],
            )
            .unwrap()
    });
    assert_eq!(stage.slot(1).fraction_lost, 0.25);
}

#[test]
fn everything_is_named() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    play(&mut stage, &mut publisher, &mut Stream::opus(10), 60);
    for person in [&mut publisher, &mut viewer] {
        let names = person
            .told(&mut stage)
            .into_iter()
            .filter(|(_, told)| *told == Told::Name(b"stage".to_vec()));
        assert!(names.count() >= 1);
    }
}

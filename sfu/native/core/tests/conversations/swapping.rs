use crate::stage::media::*;
use crate::stage::person::{Heard, Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddSlot, AddTrack, Codec, Command};
use forwarder_core::counters::Reason;
use forwarder_core::handle::TrackId;

/// Two publishers with a track each, and a viewer with one slot, bound to the first.
fn lesson(stage: &mut Stage, video: bool) -> (Person, Person, Person) {
    let (first, second) = (stage.join(), stage.join());
    let track = if video { video_track } else { audio_track };
    stage.order(Command::AddTrack(track(1, first.peer, 10)));
    stage.order(Command::AddTrack(track(2, second.peer, 20)));
    let viewer = stage.join();
    let slot = if video { video_slot } else { audio_slot };
    stage.order(Command::AddSlot(slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (first, second, viewer)
}

fn sequences(seen: &[Rtp]) -> Vec<u16> {
    seen.iter().map(|packet| packet.sequence).collect()
}

#[test]
fn what_was_lost_before_a_swap_is_repaired_after_it() {
    for wrap in [1_000, 65_534] {
        let mut stage = Stage::new();
        let (mut first, mut second, mut viewer) = lesson(&mut stage, true);
        first.send_all(&mut stage, &Stream::vp8(10).starting_at(wrap, 7).picture(true, 4));
        let before = viewer.see(&mut stage);
        stage.bind(1, 2);
        second.send_all(&mut stage, &Stream::h264(20).picture(true, 2));
        let after = viewer.see(&mut stage);
        viewer.nack(&mut stage, 7_000, &[before[2].sequence, after[1].sequence]);
        let repairs = viewer.see(&mut stage);
        let expected = [
            before[2].as_rtx(7_001, 21, repairs[0].sequence),
            after[1].as_rtx(7_001, 23, repairs[0].sequence.wrapping_add(1)),
        ];
        assert_eq!(repairs, expected);
    }
}

#[test]
fn sound_lost_before_a_swap_comes_again_byte_for_byte() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = lesson(&mut stage, false);
    let mut stream = Stream::opus(10);
    first.send_all(&mut stage, &[stream.sound(1), stream.sound(1)]);
    let before = stage
        .sent
        .iter()
        .find(|sent| sent.path == viewer.path && sent.bytes[0] >= 128);
    let before = before.unwrap().bytes.clone();
    let seen = viewer.see(&mut stage);
    stage.bind(1, 2);
    second.send(&mut stage, &Stream::opus(20).sound(1));
    viewer.see(&mut stage);
    viewer.nack(&mut stage, 7_000, &[seen[0].sequence]);
    let again = stage
        .sent
        .iter()
        .find(|sent| sent.path == viewer.path && sent.bytes == before);
    assert!(again.is_some());
}

#[test]
fn what_a_track_sends_after_a_swap_is_no_repair() {
    let mut stage = Stage::new();
    let (mut first, _, mut viewer) = lesson(&mut stage, true);
    let mut stream = Stream::vp8(10);
    first.send_all(&mut stage, &stream.picture(true, 2));
    let last = viewer.see(&mut stage)[1].sequence;
    stage.bind(1, 2);
    first.send_all(&mut stage, &stream.picture(false, 2));
    viewer.nack(&mut stage, 7_000, &[last.wrapping_add(1), last.wrapping_add(2)]);
    assert_eq!(
        (
            viewer.see(&mut stage),
            stage.slot(1).dropped.get(Reason::RepairNotKept)
        ),
        (vec![], 2)
    );
}

#[test]
fn a_closed_or_removed_track_repairs_nothing_of_before() {
    for close in [
        Command::OpenTrack {
            track: TrackId(1),
            open: false,
        },
        Command::RemoveTrack(TrackId(1)),
    ] {
        let mut stage = Stage::new();
        let (mut first, mut second, mut viewer) = lesson(&mut stage, true);
        first.send_all(&mut stage, &Stream::vp8(10).picture(true, 2));
        let lost = viewer.see(&mut stage)[0].sequence;
        stage.bind(1, 2);
        second.send_all(&mut stage, &Stream::vp8(20).picture(true, 1));
        viewer.see(&mut stage);
        stage.order(close);
        viewer.nack(&mut stage, 7_000, &[lost]);
        assert_eq!(viewer.see(&mut stage), []);
    }
}

#[test]
fn a_flood_of_requests_makes_no_more_than_the_media_once_again() {
    let mut stage = Stage::new();
    let (mut first, _, mut viewer) = lesson(&mut stage, true);
    let mut stream = Stream::vp8(10);
    for at in 0..100 {
        first.send_all(&mut stage, &stream.picture(at == 0, 10));
    }
    let all = sequences(&viewer.see(&mut stage));
    let mut repairs = 0;
    for _ in 0..40 {
        for some in all.chunks(60) {
            viewer.nack(&mut stage, 7_000, some);
        }
        repairs += viewer
            .see(&mut stage)
            .iter()
            .map(|packet| packet.payload.len())
            .sum::<usize>();
        stage.pass(60);
    }
    assert!((900_000..1 << 20).contains(&repairs), "{repairs}");
    assert!(stage.slot(1).dropped.get(Reason::RepairTooMany) > 10_000);
}

#[test]
fn a_swap_back_starts_with_the_kept_group_under_new_numbers() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = lesson(&mut stage, true);
    let (mut one, mut two) = (Stream::vp8(10).starting_at(65_500, 0), Stream::vp8(20));
    let mut seen = Vec::new();
    first.send_all(&mut stage, &one.picture(true, 5));
    second.send_all(&mut stage, &two.picture(true, 5));
    for round in 0..12 {
        for _ in 0..3 {
            first.send_all(&mut stage, &one.picture(false, 4));
            second.send_all(&mut stage, &two.picture(false, 4));
            stage.pass(40);
        }
        seen.extend(viewer.see(&mut stage));
        stage.bind(1, 1 + (round + 1) % 2);
    }
    assert!(seen.len() > 250);
    for pair in seen.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert!((pair[1].timestamp.wrapping_sub(pair[0].timestamp) as i32) >= 0);
        let (before, after) = (vp8_numbers(&pair[0].payload), vp8_numbers(&pair[1].payload));
        let new = pair[1].timestamp != pair[0].timestamp;
        assert_eq!(after.0, (before.0 + u16::from(new)) & 0x7fff);
    }
}

#[test]
fn vp9_pictures_are_numbered_on_through_swaps_and_repairs() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = lesson(&mut stage, true);
    let (mut one, mut two) = (Stream::vp9(10), Stream::vp9(20));
    two.picture = (0x7ffe, 254, 0);
    let mut seen = Vec::new();
    for round in 0..6 {
        for at in 0..4 {
            first.send_all(&mut stage, &one.picture(at == 0, 2));
            second.send_all(&mut stage, &two.picture(at == 0, 2));
            stage.pass(40);
        }
        seen.extend(viewer.see(&mut stage));
        stage.bind(1, 1 + (round + 1) % 2);
    }
    for pair in seen.windows(2) {
        let (before, after) = (vp9_numbers(&pair[0].payload), vp9_numbers(&pair[1].payload));
        let new = pair[1].timestamp != pair[0].timestamp;
        assert_eq!(after.0, (before.0 + u16::from(new)) & 0x7fff);
        assert_eq!(after.1, before.1.wrapping_add(u8::from(new)));
    }
    // Before it comes the kept group of the last swap.
    let last = seen.last().unwrap();
    viewer.nack(&mut stage, 7_000, &[last.sequence]);
    let repair = viewer.see(&mut stage).pop().unwrap();
    assert_eq!(repair, last.as_rtx(7_001, 25, repair.sequence));
}

#[test]
fn a_slot_goes_from_vp9_to_av1_at_a_keyframe_only() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = lesson(&mut stage, true);
    first.send_all(&mut stage, &Stream::vp9(10).picture(true, 2));
    stage.bind(1, 2);
    let mut stream = Stream::av1(20);
    second.send_all(&mut stage, &stream.picture(false, 2));
    second.send_all(&mut stage, &stream.picture(true, 2));
    let seen = viewer.see(&mut stage);
    let types: Vec<u8> = seen.iter().map(|packet| packet.payload_type).collect();
    assert_eq!(types, [24, 24, 26, 26]);
    assert_eq!(seen[2].sequence, seen[1].sequence.wrapping_add(1));
}

#[test]
fn a_publisher_that_begins_anew_is_asked_for_a_keyframe_and_its_clock_is_told_at_once() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    let order = AddTrack {
        encodings: Vec::new(),
        ..video_track(1, publisher.peer, 0)
    };
    stage.order(Command::AddTrack(order));
    let mut viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    let named = |packet: &Rtp| Rtp {
        mid: Some("t1".into()),
        ..packet.clone()
    };
    let send = |stage: &mut Stage, publisher: &mut Person, packets: Vec<Rtp>| {
        packets
            .iter()
            .for_each(|packet| publisher.send(stage, &named(packet)));
    };
    let mut stream = Stream::vp8(555);
    send(&mut stage, &mut publisher, stream.picture(true, 2));
    stage.pass(300);
    publisher.hear(&mut stage);
    viewer.hear(&mut stage);
    let mut anew = Stream::vp8(556).starting_at(40_000, 9);
    send(&mut stage, &mut publisher, anew.picture(false, 1));
    let told: Vec<Told> = publisher
        .told(&mut stage)
        .into_iter()
        .map(|(_, told)| told)
        .collect();
    assert!(told.contains(&Told::Pli(556)), "{told:?}");
    send(&mut stage, &mut publisher, anew.picture(true, 1));
    let heard = viewer.hear(&mut stage);
    let reported =
        |heard: &Heard| matches!(heard, Heard::Told(Told::SenderReport(report)) if report.ssrc == 7_000);
    assert!(heard.iter().any(reported));
}

#[test]
fn each_codec_is_repaired_under_its_own_payload_type() {
    let mut stage = Stage::new();
    let (publisher, mut viewer) = (stage.join(), stage.join());
    let mut publisher = publisher;
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    // The viewer has the codecs in another order than the publisher.
    let slot = video_slot(1, viewer.peer, 7_000);
    let codecs: Vec<Codec> = slot.codecs.iter().rev().cloned().collect();
    stage.order(Command::AddSlot(AddSlot { codecs, ..slot }));
    stage.bind(1, 1);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    stream.next.payload_type = H264;
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    let seen = viewer.see(&mut stage);
    viewer.nack(&mut stage, 7_000, &sequences(&seen));
    let types: Vec<u8> = viewer
        .see(&mut stage)
        .iter()
        .map(|packet| packet.payload_type)
        .collect();
    assert_eq!(types, [21, 23]);
}

#[test]
fn quick_swaps_to_and_fro_do_not_make_the_slots_clock_run_ahead() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = lesson(&mut stage, true);
    let mut streams = [Stream::vp8(10), Stream::vp8(20).starting_at(9_000, 77)];
    let mut seen = Vec::new();
    let began = stage.now;
    for at in 0..150 {
        let is_keyframe = at % 25 == 0;
        first.send_all(&mut stage, &streams[0].picture(is_keyframe, 1));
        second.send_all(&mut stage, &streams[1].picture(is_keyframe, 1));
        // Each swap brings a group of up to a second, which ends at the present.
        if at % 3 == 2 && at < 140 {
            stage.bind(1, 1 + at / 3 % 2);
        }
        stage.pass(40);
        seen.extend(viewer.see(&mut stage));
    }
    let steps: Vec<i32> = seen
        .windows(2)
        .map(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp) as i32)
        .collect();
    assert!(steps.iter().all(|&step| step > 0), "{steps:?}");
    let shown = seen.last().unwrap().timestamp.wrapping_sub(seen[0].timestamp);
    let passed = stage.now.since(began).as_millis() as u32 * 90;
    assert!(shown.abs_diff(passed) <= 9_000, "{shown} {passed}");
}

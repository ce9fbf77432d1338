use crate::stage::camera::{Camera, RIDS};
use crate::stage::media::*;
use crate::stage::person::{Heard, Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddTap, Command, H264Form};
use forwarder_core::frame::Frame;
use forwarder_core::handle::{SlotId, TapId, TrackId};
use std::time::Duration;

fn choose(stage: &mut Stage, rid: impl Into<Option<&'static str>>) {
    stage.order(Command::ChooseLayer {
        slot: SlotId(1),
        rid: rid.into().map(str::to_owned),
    });
}

fn viewer(stage: &mut Stage) -> Person {
    let viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    viewer
}

/// A lesson in which every layer's clock is known and the slot shows the low one.
fn lesson(stage: &mut Stage) -> (Camera, Person) {
    let (mut camera, viewer) = (Camera::new(stage), viewer(stage));
    choose(stage, "l");
    stage.bind(1, 1);
    (0..3).for_each(|layer| camera.report(stage, layer));
    camera.picture(stage, &[0, 1, 2]);
    choose(stage, "l");
    camera.picture(stage, &[0, 1, 2]);
    camera.pictures(stage, 3);
    camera.asked(stage);
    (camera, viewer)
}

/// How many packets each picture that was seen has.
fn pictures(seen: &[Rtp]) -> Vec<usize> {
    seen.chunk_by(|a, b| a.timestamp == b.timestamp)
        .map(<[Rtp]>::len)
        .collect()
}

fn assert_seamless(seen: &[Rtp]) {
    for pair in seen.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        let (before, after) = (vp8_numbers(&pair[0].payload), vp8_numbers(&pair[1].payload));
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!(step <= 3_601, "{step}");
        assert_eq!(after.0, (before.0 + u16::from(step > 0)) & 0x7fff);
    }
}

#[test]
fn a_slot_changes_to_the_chosen_layer_at_its_keyframe_without_a_break() {
    for (chosen, packets) in [("m", 2), ("h", 4)] {
        let mut stage = Stage::new();
        let (mut camera, mut viewer) = lesson(&mut stage);
        let before = viewer.see(&mut stage);
        choose(&mut stage, chosen);
        camera.pictures(&mut stage, 3);
        let layer = RIDS.iter().position(|rid| *rid == chosen).unwrap();
        assert_eq!(camera.asked(&mut stage), [10 + layer as u32 * 10]);
        camera.picture(&mut stage, &[layer]);
        camera.pictures(&mut stage, 2);
        let seen = viewer.see(&mut stage);
        let counts = pictures(&seen);
        // The old layer's packet of the picture at which it changes may still have left.
        let changed = counts
            .iter()
            .position(|&count| count == packets)
            .expect("the layer is shown");
        assert!((3..=4).contains(&changed), "{counts:?}");
        assert!(counts[..changed].iter().all(|&count| count == 1), "{counts:?}");
        assert_eq!(counts[changed..], vec![packets; 3]);
        assert_seamless(&[before, seen].concat());
        assert_eq!(stage.slot(1).rid.as_deref(), Some(chosen));
    }
}

#[test]
fn up_and_down_again_for_long_keeps_every_number() {
    let mut stage = Stage::new();
    let (mut camera, mut viewer) = lesson(&mut stage);
    let mut seen = viewer.see(&mut stage);
    for round in 0..60 {
        choose(&mut stage, RIDS[(round * 2 + 1) % 3]);
        camera.pictures(&mut stage, 2);
        camera.picture(&mut stage, &[0, 1, 2]);
        camera.report(&mut stage, round % 3);
        seen.extend(viewer.see(&mut stage));
    }
    assert_seamless(&seen);
    let first = seen.first().unwrap();
    let span = seen.last().unwrap().timestamp.wrapping_sub(first.timestamp);
    assert!(span.abs_diff((3 * 60 + 4) * 3_600) <= 3_600 + 60, "{span}");
}

#[test]
fn a_layer_without_a_sender_report_is_not_changed_to() {
    let mut stage = Stage::new();
    let (mut camera, mut viewer) = (Camera::new(&mut stage), viewer(&mut stage));
    stage.bind(1, 1);
    camera.report(&mut stage, 0);
    camera.picture(&mut stage, &[0, 1, 2]);
    choose(&mut stage, "h");
    camera.picture(&mut stage, &[0, 1, 2]);
    camera.pictures(&mut stage, 30);
    assert!(pictures(&viewer.see(&mut stage)).iter().all(|&count| count == 1));
    camera.report(&mut stage, 2);
    camera.pictures(&mut stage, 30);
    camera.picture(&mut stage, &[2]);
    assert_eq!(pictures(&viewer.see(&mut stage)).last(), Some(&4));
}

#[test]
fn the_first_layer_shown_needs_no_report() {
    let mut stage = Stage::new();
    let (mut camera, mut viewer) = (Camera::new(&mut stage), viewer(&mut stage));
    camera.picture(&mut stage, &[0, 1, 2]);
    camera.pictures(&mut stage, 2);
    choose(&mut stage, "h");
    stage.bind(1, 1);
    camera.pictures(&mut stage, 2);
    assert_eq!(pictures(&viewer.see(&mut stage)), [4; 5]);
}

#[test]
fn a_chosen_layer_that_falls_silent_gives_way_and_comes_back() {
    let mut stage = Stage::new();
    let (mut camera, mut viewer) = lesson(&mut stage);
    choose(&mut stage, "m");
    camera.picture(&mut stage, &[1]);
    for at in 0..150 {
        let low = camera.layers[0].picture(at % 25 == 0, 1);
        camera.person.send_all(&mut stage, &low);
        camera.layers[1].next.timestamp = camera.layers[1].next.timestamp.wrapping_add(3_600);
        stage.pass(40);
    }
    assert_eq!(pictures(&viewer.see(&mut stage)).last(), Some(&1));
    camera.pictures(&mut stage, 30);
    camera.picture(&mut stage, &[0, 1, 2]);
    camera.pictures(&mut stage, 2);
    assert_eq!(pictures(&viewer.see(&mut stage)).last(), Some(&2));
}

#[test]
fn every_layer_that_somebody_sees_is_repaired() {
    let mut stage = Stage::new();
    let (mut camera, mut viewer) = lesson(&mut stage);
    let mut other = stage.join();
    stage.order(Command::AddSlot(video_slot(2, other.peer, 7_000)));
    stage.order(Command::ChooseLayer {
        slot: SlotId(2),
        rid: Some("h".into()),
    });
    stage.bind(2, 1);
    camera.picture(&mut stage, &[0, 2]);
    camera.person.told(&mut stage);
    for at in [0, 2] {
        let mut packets = camera.layers[at].picture(false, 3);
        packets.remove(1);
        camera.person.send_all(&mut stage, &packets);
    }
    stage.pass(10);
    let told = camera.person.told(&mut stage).into_iter();
    let asked: Vec<u32> = told
        .filter_map(|(_, told)| match told {
            Told::Nack { ssrc, .. } => Some(ssrc),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [10, 30]);
    viewer.hear(&mut stage);
    other.hear(&mut stage);
}

#[test]
fn reports_follow_the_layer_that_is_shown() {
    let mut stage = Stage::new();
    let (mut camera, mut viewer) = lesson(&mut stage);
    choose(&mut stage, "h");
    camera.picture(&mut stage, &[2]);
    viewer.hear(&mut stage);
    let before = stage.now;
    for _ in 0..25 {
        camera.picture(&mut stage, &[]);
    }
    let heard = viewer.hear_at(&mut stage);
    let media = heard.iter().find_map(|(at, heard)| match heard {
        Heard::Media(packet) => Some((at.since(before).as_millis() as u32, packet.timestamp)),
        _ => None,
    });
    let report = heard.iter().rev().find_map(|(at, heard)| match heard {
        Heard::Told(Told::SenderReport(report)) => {
            Some((at.since(before).as_millis() as u32, report.rtp_timestamp))
        }
        _ => None,
    });
    let (media, report) = (media.unwrap(), report.unwrap());
    let expected = media.1.wrapping_add((report.0 - media.0) * 90);
    assert!(report.1.abs_diff(expected) < 20, "{report:?} {expected}");
}

#[test]
fn a_tap_reads_the_layer_it_names() {
    let mut stage = Stage::new();
    let (mut camera, _viewer) = lesson(&mut stage);
    stage.order(Command::AddTap(AddTap {
        tap: TapId(1),
        track: TrackId(1),
        rid: Some("m".into()),
        window: Duration::from_secs(1),
        while_closed: false,
        form: H264Form::AnnexB,
    }));
    camera.picture(&mut stage, &[0, 1, 2]);
    camera.pictures(&mut stage, 2);
    let mut frames: Vec<Frame> = Vec::new();
    stage.worker.frames(&mut frames);
    assert!(
        frames.len() >= 3
            && frames
                .iter()
                .all(|frame| frame.ssrc == 20 && frame.lost_packets == 0)
    );
}

#[test]
fn a_tap_asks_for_a_keyframe_of_the_layer_that_it_reads() {
    let mut stage = Stage::new();
    let (mut camera, _viewer) = lesson(&mut stage);
    stage.order(Command::AddTap(AddTap {
        tap: TapId(1),
        track: TrackId(1),
        rid: Some("m".into()),
        window: Duration::from_millis(100),
        while_closed: false,
        form: H264Form::AnnexB,
    }));
    camera.picture(&mut stage, &[0, 1, 2]);
    stage.pass(1_000);
    camera.asked(&mut stage);
    let mut torn = camera.layers[1].picture(false, 4);
    torn.remove(1);
    camera.person.send_all(&mut stage, &torn);
    stage.pass(101);
    assert_eq!(camera.asked(&mut stage), [20]);
}

#[test]
fn sound_has_no_layers_to_choose_from() {
    let mut stage = Stage::new();
    let viewer = stage.join();
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    for slot in [1, 9] {
        let rid = Some("h".into());
        let order = Command::ChooseLayer {
            slot: SlotId(slot),
            rid,
        };
        stage.apply(vec![order]).unwrap_err();
    }
}

#[test]
fn a_layer_that_has_ended_is_asked_for_a_keyframe_only_once_it_is_back() {
    let mut stage = Stage::new();
    let (mut camera, _viewer) = lesson(&mut stage);
    choose(&mut stage, "h");
    camera.pictures(&mut stage, 3);
    assert!(camera.asked(&mut stage).contains(&30));
    camera
        .person
        .tell(&mut stage, |writer| writer.goodbye(&[30]).unwrap());
    for _ in 0..100 {
        for (layer, packets) in [(0, 1), (1, 2)] {
            let picture = camera.layers[layer].picture(false, packets);
            camera.person.send_all(&mut stage, &picture);
        }
        stage.pass(40);
    }
    assert!(!camera.asked(&mut stage).contains(&30));
    camera.pictures(&mut stage, 2);
    assert!(camera.asked(&mut stage).contains(&30));
}

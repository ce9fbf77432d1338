use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::command::{AddTrack, Command};
use forwarder_core::event::Event;

fn lesson(stage: &mut Stage, video: bool, open: bool) -> (Person, Person) {
    let (publisher, viewer) = (stage.join(), stage.join());
    let order = if video { video_track } else { audio_track }(1, publisher.peer, 10);
    stage.order(Command::AddTrack(AddTrack { open, ..order }));
    let slot = if video { video_slot } else { audio_slot };
    stage.order(Command::AddSlot(slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (publisher, viewer)
}

#[test]
fn a_closed_track_is_silence_though_it_is_received_and_reported() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, false, false);
    let mut stream = Stream::opus(10);
    for _ in 0..60 {
        publisher.send(&mut stage, &stream.sound(20));
        stage.pass(20);
    }
    assert_eq!(viewer.see(&mut stage), []);
    assert_eq!((stage.track(1).packets, stage.slot(1).packets), (60, 0));
    assert!(!publisher.told(&mut stage).is_empty());
    assert!(stage
        .take_events()
        .iter()
        .any(|event| matches!(event, Event::AudioLevels(_))));
}

#[test]
fn sound_goes_on_at_once_when_the_floor_is_given_and_stops_at_once_when_it_is_taken() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, false, false);
    let mut stream = Stream::opus(10).starting_at(65_500, 0);
    let mut said = 0u16;
    for round in 0..20 {
        stage.open(1, round % 2 == 0);
        for _ in 0..5 {
            publisher.send(&mut stage, &stream.sound(20));
            stage.pass(20);
        }
        let seen = viewer.see(&mut stage);
        assert_eq!(seen.len(), if round % 2 == 0 { 5 } else { 0 });
        said += seen.len() as u16;
    }
    assert_eq!(said, 50);
}

#[test]
fn the_numbers_of_a_slot_have_no_hole_where_the_floor_was_taken() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, false, true);
    let mut stream = Stream::opus(10);
    for open in [true, false, true] {
        stage.open(1, open);
        publisher.send(&mut stage, &stream.sound(20));
        stage.pass(20);
    }
    let seen = viewer.see(&mut stage);
    assert_eq!(seen[1].sequence, seen[0].sequence.wrapping_add(1));
    assert_eq!(seen[1].timestamp.wrapping_sub(seen[0].timestamp), 1_920);
}

#[test]
fn what_was_said_while_closed_is_never_heard_not_even_as_a_repair() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, true, false);
    let mut stream = Stream::vp8(10);
    let hidden = stream.picture(true, 4);
    publisher.send_all(
        &mut stage,
        &[hidden[0].clone(), hidden[1].clone(), hidden[3].clone()],
    );
    stage.open(1, true);
    publisher.send(&mut stage, &hidden[2].as_rtx(11, VP8_RTX, 1));
    publisher.send_all(&mut stage, &stream.picture(false, 2));
    stage.pass(100);
    assert_eq!(viewer.see(&mut stage), []);
    let shown = stream.picture(true, 2);
    publisher.send_all(&mut stage, &shown);
    let seen = viewer.see(&mut stage);
    assert_eq!(seen.len(), 2);
    assert!(seen
        .iter()
        .zip(&shown)
        .all(|(seen, shown)| seen.payload[10..] == shown.payload[10..]));
    let first = seen[0].sequence;
    viewer.nack(
        &mut stage,
        7_000,
        &[
            first.wrapping_sub(2),
            first.wrapping_sub(1),
            first.wrapping_add(9),
        ],
    );
    assert_eq!(viewer.see(&mut stage), []);
}

#[test]
fn a_viewer_cannot_have_repaired_what_the_floor_has_closed() {
    for video in [false, true] {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage, video, true);
        let packets = if video {
            Stream::vp8(10).picture(true, 2)
        } else {
            vec![Stream::opus(10).sound(1)]
        };
        publisher.send_all(&mut stage, &packets);
        let first = viewer.see(&mut stage)[0].sequence;
        stage.open(1, false);
        viewer.nack(&mut stage, 7_000, &[first]);
        assert_eq!(viewer.see(&mut stage), []);
    }
}

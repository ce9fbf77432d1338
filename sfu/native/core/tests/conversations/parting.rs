//! Streams that end, are replaced, or turn out to be another's.
use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::command::{AddTrack, Command, Encoding};
use forwarder_core::counters::Reason;
use forwarder_core::event::Event;
use forwarder_core::handle::TrackId;

fn say_goodbye(stage: &mut Stage, publisher: &mut Person, ssrc: u32) {
    publisher.tell(stage, |writer| writer.goodbye(&[ssrc]).unwrap());
}

fn stalls(stage: &mut Stage) -> usize {
    let stalled = Event::TrackStalled { track: TrackId(1) };
    stage
        .take_events()
        .iter()
        .filter(|event| **event == stalled)
        .count()
}

/// A camera with two layers, SSRCs 555 and 556.
fn two_layers(stage: &mut Stage) -> Person {
    let publisher = stage.join();
    let encoding = |ssrc, rid: &str| Encoding {
        ssrc,
        rtx_ssrc: None,
        rid: Some(rid.into()),
    };
    stage.order(Command::AddTrack(AddTrack {
        encodings: vec![encoding(555, "l"), encoding(556, "h")],
        ..video_track(1, publisher.peer, 0)
    }));
    publisher
}

#[test]
fn a_farewell_ends_the_layer_it_names_and_no_other() {
    let mut stage = Stage::new();
    let mut publisher = two_layers(&mut stage);
    let (mut low, mut high) = (Stream::vp8(555), Stream::vp8(556));
    publisher.send_all(&mut stage, &low.picture(true, 1));
    publisher.send_all(&mut stage, &high.picture(true, 1));
    stage.take_events();
    say_goodbye(&mut stage, &mut publisher, 556);
    assert_eq!(stalls(&mut stage), 0);
    publisher.send_all(&mut stage, &low.picture(false, 1));
    assert_eq!(stage.take_events(), []);
    say_goodbye(&mut stage, &mut publisher, 555);
    assert_eq!(stalls(&mut stage), 1);
}

#[test]
fn what_was_sent_before_a_farewell_and_comes_after_it_does_not_revive_the_stream() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    let mut stream = Stream::opus(10);
    let sounds: Vec<Rtp> = (0..4).map(|_| stream.sound(1)).collect();
    publisher.send_all(&mut stage, &[sounds[0].clone(), sounds[2].clone()]);
    say_goodbye(&mut stage, &mut publisher, 10);
    stage.take_events();
    publisher.send(&mut stage, &sounds[1]);
    assert_eq!(stage.take_events(), []);
    publisher.send(&mut stage, &sounds[3]);
    assert!(matches!(stage.take_events()[..], [Event::TrackFlowing { .. }]));
}

#[test]
fn a_farewell_makes_room_for_the_next_ssrc_at_once() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 555)));
    publisher.send(&mut stage, &Stream::opus(555).sound(1));
    say_goodbye(&mut stage, &mut publisher, 555);
    publisher.send(&mut stage, &Stream::opus(556).sound(1));
    assert_eq!(stage.track(1).packets, 2);
}

#[test]
fn a_farewell_of_somebody_elses_stream_ends_nothing() {
    let mut stage = Stage::new();
    let (mut publisher, mut other) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    publisher.send(&mut stage, &Stream::opus(10).sound(1));
    stage.take_events();
    say_goodbye(&mut stage, &mut other, 10);
    assert_eq!(stalls(&mut stage), 0);
}

#[test]
fn an_ssrc_that_was_replaced_never_moves_to_another_track() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    for track in [
        audio_track(1, publisher.peer, 0),
        audio_track(2, publisher.peer, 0),
    ] {
        let encodings = vec![];
        stage.order(Command::AddTrack(AddTrack { encodings, ..track }));
    }
    let (mut one, mut two) = (Stream::opus(555), Stream::opus(556));
    let mut send = |stage: &mut Stage, stream: &mut Stream, mid: &str| {
        let mid = Some(mid.into());
        publisher.send(
            stage,
            &Rtp {
                mid,
                ..stream.sound(1)
            },
        );
        stage.pass(200);
    };
    send(&mut stage, &mut one, "t1");
    send(&mut stage, &mut one, "t2");
    send(&mut stage, &mut two, "t1");
    send(&mut stage, &mut one, "t2");
    assert_eq!((stage.track(1).packets, stage.track(2).packets), (4, 0));
}

#[test]
fn a_repair_of_the_stream_before_is_not_taken_for_one_of_the_stream_now() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    let mut before = Stream::vp8(10);
    publisher.send_all(&mut stage, &before.picture(true, 2));
    stage.pass(200);
    let mut now = Stream::vp8(20);
    publisher.send_all(&mut stage, &now.picture(true, 2));
    let old = before.picture(false, 1).remove(0).as_rtx(11, VP8_RTX, 1);
    publisher.send(&mut stage, &old);
    assert_eq!(stage.track(1).last_sequence, now.next.sequence.wrapping_sub(1));
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::UnknownSsrc), 1);
    let lost = now.picture(false, 3);
    publisher.send_all(&mut stage, &[lost[0].clone(), lost[2].clone()]);
    publisher.send(&mut stage, &lost[1].as_rtx(21, VP8_RTX, 1));
    assert_eq!(stage.track(1).repaired, 1);
}

#[test]
fn a_track_forgets_what_turns_out_to_be_anothers() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    let mut viewer = stage.join();
    stage.order(Command::AddTrack(AddTrack {
        encodings: vec![],
        ..video_track(1, publisher.peer, 0)
    }));
    let mut theirs = Stream::vp8(555).starting_at(40_000, 7);
    publisher.send_all(&mut stage, &theirs.picture(true, 3));
    stage.order(Command::AddTrack(video_track(2, publisher.peer, 555)));
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    assert_eq!(viewer.see(&mut stage), []);
    let mut ours = Stream::vp8(666).starting_at(10, 9);
    let named = |packet: Rtp| Rtp {
        mid: Some("t1".into()),
        ..packet
    };
    let picture: Vec<Rtp> = ours.picture(true, 3).into_iter().map(named).collect();
    publisher.send_all(&mut stage, &picture);
    assert_eq!(viewer.see(&mut stage).len(), 3);
    assert_eq!(stage.track(1).dropped.get(Reason::TooOld), 0);
}

#[test]
fn a_repair_restores_the_payload_type_that_it_stands_for() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    for (mut stream, repair, shown) in [(Stream::vp8(10), VP8_RTX, 20), (Stream::h264(10), H264_RTX, 22)] {
        stream.next.sequence += u16::from(repair) * 10;
        let picture = stream.picture(true, 3);
        publisher.send_all(&mut stage, &[picture[0].clone(), picture[2].clone()]);
        publisher.send(&mut stage, &picture[1].as_rtx(11, repair, u16::from(repair)));
        let types: Vec<u8> = viewer
            .see(&mut stage)
            .iter()
            .map(|seen| seen.payload_type)
            .collect();
        assert_eq!(types, [shown; 3]);
    }
}

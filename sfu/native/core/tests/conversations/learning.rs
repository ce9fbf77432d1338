use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddTrack, Command, Encoding};
use forwarder_core::counters::Reason;
use forwarder_core::rtcp::{Ntp, SenderInfo};

fn publisher_of(stage: &mut Stage, tracks: &[AddTrack]) -> Person {
    let publisher = stage.join();
    for track in tracks {
        stage.order(Command::AddTrack(AddTrack {
            peer: publisher.peer,
            encodings: vec![],
            ..track.clone()
        }));
    }
    publisher
}

fn nobody() -> forwarder_core::handle::PeerId {
    forwarder_core::handle::PeerId(0)
}

#[test]
fn an_undeclared_ssrc_is_learned_by_its_mid() {
    let mut stage = Stage::new();
    let tracks = [audio_track(1, nobody(), 0), audio_track(2, nobody(), 0)];
    let mut publisher = publisher_of(&mut stage, &tracks);
    let mut stream = Stream::opus(555);
    let named = Rtp {
        mid: Some("t2".into()),
        ..stream.sound(1)
    };
    publisher.send(&mut stage, &named);
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!((stage.track(1).packets, stage.track(2).packets), (0, 2));
}

#[test]
fn an_undeclared_ssrc_is_learned_by_its_payload_type_only_where_that_is_clear() {
    let mut stage = Stage::new();
    let tracks = [
        audio_track(1, nobody(), 0),
        video_track(2, nobody(), 0),
        video_track(3, nobody(), 0),
    ];
    let mut publisher = publisher_of(&mut stage, &tracks);
    publisher.send(&mut stage, &Stream::opus(555).sound(1));
    publisher.send_all(&mut stage, &Stream::vp8(666).picture(true, 1));
    assert_eq!(stage.track(1).packets, 1);
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::UnknownSsrc), 1);
}

#[test]
fn an_undeclared_repair_stream_is_learned_with_its_track() {
    let mut stage = Stage::new();
    let mut publisher = publisher_of(&mut stage, &[video_track(1, nobody(), 0)]);
    let packets = Stream::vp8(555).picture(true, 3);
    publisher.send_all(&mut stage, &[packets[0].clone(), packets[2].clone()]);
    publisher.send(&mut stage, &packets[1].as_rtx(777, VP8_RTX, 40_000));
    assert_eq!((stage.track(1).repaired, stage.track(1).packets), (1, 3));
}

#[test]
fn a_stream_that_goes_on_under_another_ssrc_is_followed_once_the_first_is_silent() {
    let mut stage = Stage::new();
    let mut publisher = publisher_of(&mut stage, &[audio_track(1, nobody(), 0)]);
    let mut viewer = stage.join();
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    let (mut one, mut two) = (Stream::opus(555), Stream::opus(556).starting_at(40_000, 9));
    publisher.send(&mut stage, &one.sound(1));
    publisher.send(&mut stage, &two.sound(1));
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::UnknownSsrc), 1);
    stage.pass(200);
    publisher.send(&mut stage, &two.sound(1));
    publisher.send(&mut stage, &one.sound(1));
    let seen = viewer.see(&mut stage);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].sequence, seen[0].sequence.wrapping_add(1));
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::UnknownSsrc), 2);
}

#[test]
fn layers_are_learned_by_rid_and_the_richest_is_shown_from_its_keyframe_on() {
    let mut stage = Stage::new();
    let mut publisher = publisher_of(&mut stage, &[video_track(1, nobody(), 0)]);
    let mut viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    let layer = |packets: Vec<Rtp>, rid: &str| -> Vec<Rtp> {
        let name = |packet: Rtp| Rtp {
            mid: Some("t1".into()),
            rid: Some(rid.into()),
            ..packet
        };
        packets.into_iter().map(name).collect()
    };
    let (mut low, mut high) = (Stream::vp8(555), Stream::vp8(556).starting_at(30_000, 70));
    let mut seen = Vec::new();
    for at in 0..100 {
        if at == 1 {
            report_clock(&mut stage, &mut publisher, 555);
            report_clock(&mut stage, &mut publisher, 556);
        }
        publisher.send_all(&mut stage, &layer(low.picture(at % 25 == 0, 1), "l"));
        publisher.send_all(&mut stage, &layer(high.picture(at % 25 == 0, 4), "h"));
        stage.pass(40);
        seen.extend(viewer.see(&mut stage));
    }
    assert!(seen
        .windows(2)
        .all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
    let name = |packet: &Rtp| u16::from_be_bytes([packet.payload[10], packet.payload[11]]);
    let first_high = seen
        .iter()
        .position(|packet| name(packet) >= 30_000)
        .expect("the rich layer is shown");
    assert!((25..=51).contains(&first_high), "{first_high}");
    assert!(seen[first_high..].iter().all(|packet| name(packet) >= 30_000));
    assert!(stage.track(1).dropped.get(Reason::UnusedLayer) > 0);
    let repair = high.picture(false, 3);
    publisher.send_all(&mut stage, &[repair[0].clone(), repair[2].clone()]);
    let rtx = Rtp {
        rid: None,
        repaired_rid: Some("h".into()),
        mid: Some("t1".into()),
        ..repair[1].as_rtx(9, VP8_RTX, 1)
    };
    publisher.send(&mut stage, &rtx);
    assert_eq!(stage.track(1).repaired, 1);
}

#[test]
fn a_declared_ssrc_needs_no_extension() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    let encodings = vec![Encoding {
        ssrc: 4_242,
        rtx_ssrc: None,
        rid: None,
    }];
    stage.order(Command::AddTrack(AddTrack {
        encodings,
        ..video_track(1, publisher.peer, 0)
    }));
    publisher.send_all(&mut stage, &Stream::vp8(4_242).picture(true, 2));
    assert_eq!(stage.track(1).packets, 2);
}

/// A sender report of no particular moment.
fn report_clock(stage: &mut Stage, publisher: &mut Person, ssrc: u32) {
    let info = SenderInfo {
        ssrc,
        ntp: Ntp::from_nanos(stage.now.as_nanos()),
        ..SenderInfo::default()
    };
    publisher.tell(stage, |writer| writer.sender_report(&info, &[]).unwrap());
}

#[test]
fn a_layer_without_a_clock_is_not_changed_to() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    let encoding = |ssrc, rid: &str| Encoding {
        ssrc,
        rtx_ssrc: None,
        rid: Some(rid.into()),
    };
    let encodings = vec![encoding(555, "l"), encoding(556, "h")];
    stage.order(Command::AddTrack(AddTrack {
        encodings,
        ..video_track(1, publisher.peer, 0)
    }));
    let (mut low, mut high) = (Stream::vp8(555), Stream::vp8(556).starting_at(30_000, 70));
    for at in 0..100 {
        publisher.send_all(&mut stage, &low.picture(at % 25 == 0, 1));
        publisher.send_all(&mut stage, &high.picture(at % 25 == 0, 4));
        stage.pass(40);
    }
    assert_eq!(stage.track(1).last_sequence, low.next.sequence.wrapping_sub(1));
}

#[test]
fn an_ssrc_learned_for_one_track_goes_to_the_track_that_declares_it() {
    let mut stage = Stage::new();
    let mut publisher = publisher_of(&mut stage, &[audio_track(1, nobody(), 0)]);
    let mut stream = Stream::opus(555);
    publisher.send(&mut stage, &stream.sound(1));
    stage.order(Command::AddTrack(audio_track(2, publisher.peer, 555)));
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!((stage.track(1).packets, stage.track(2).packets), (1, 1));
}

#[test]
fn a_learned_stream_that_begins_without_its_keyframe_is_asked_for_one_at_once() {
    let mut stage = Stage::new();
    let mut publisher = publisher_of(&mut stage, &[video_track(1, nobody(), 0)]);
    let viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    publisher.told(&mut stage);
    for ssrc in [555, 556] {
        let picture = Stream::vp8(ssrc).picture(true, 3);
        publisher.send_all(&mut stage, &picture[1..]);
        stage.pass(1_000);
        let told = publisher.told(&mut stage);
        assert!(told.iter().any(|(_, told)| *told == Told::Pli(ssrc)), "{told:?}");
    }
}

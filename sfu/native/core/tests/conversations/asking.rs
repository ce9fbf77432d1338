//! When a tap asks for a keyframe.
use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddTap, Command, H264Form};
use forwarder_core::frame::Frame;
use forwarder_core::handle::{TapId, TrackId};
use forwarder_core::time::Time;
use std::time::Duration;

/// A publisher with one track, tapped and a second old.
fn lesson(stage: &mut Stage, stream: &mut Stream) -> Person {
    let mut publisher = stage.join();
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddTap(AddTap {
        tap: TapId(1),
        track: TrackId(1),
        rid: None,
        window: Duration::from_millis(200),
        while_closed: false,
        form: H264Form::AnnexB,
    }));
    play(stage, &mut publisher, &picture(stream, true));
    stage.pass(1_000);
    assert_eq!(frames(stage).len(), 1);
    publisher.hear(stage);
    publisher
}

fn play(stage: &mut Stage, person: &mut Person, packets: &[Rtp]) {
    person.send_all(stage, packets);
    stage.pass(40);
}

/// A picture of two packets.
fn picture(stream: &mut Stream, is_keyframe: bool) -> Vec<Rtp> {
    let mut packets = stream.picture(is_keyframe, 2);
    if packets[1].payload_type == H264 {
        packets[1].payload[1] |= 0x40; // the unit ends here
    }
    packets
}

/// A picture of two packets of which the second belongs nowhere.
fn malformed(stream: &mut Stream, is_keyframe: bool) -> Vec<Rtp> {
    let mut packets = picture(stream, is_keyframe);
    packets[1].payload = match packets[1].payload_type {
        H264 => vec![0x7c, 0x81, 1],
        AV1 => vec![0x10],
        _ => vec![0x80],
    };
    packets
}

fn frames(stage: &mut Stage) -> Vec<Frame> {
    let mut frames = Vec::new();
    stage.worker.frames(&mut frames);
    frames
}

/// When keyframes were asked for.
fn asked(stage: &mut Stage, person: &mut Person) -> Vec<Time> {
    let told = person.told(stage).into_iter();
    told.filter_map(|(at, told)| (told == Told::Pli(10)).then_some(at))
        .collect()
}

#[test]
fn malformed_pictures_have_one_keyframe_asked_for_and_are_a_loss() {
    for make in [Stream::vp8, Stream::h264, Stream::vp9, Stream::av1] {
        let (mut stage, mut stream) = (Stage::new(), make(10));
        let mut publisher = lesson(&mut stage, &mut stream);
        let at = stage.now;
        for _ in 0..3 {
            play(&mut stage, &mut publisher, &malformed(&mut stream, false));
        }
        assert_eq!(asked(&mut stage, &mut publisher), [at]);
        assert_eq!(frames(&mut stage), []);
        play(&mut stage, &mut publisher, &picture(&mut stream, true));
        let [frame] = frames(&mut stage).try_into().unwrap();
        assert_eq!((frame.is_keyframe, frame.lost_packets), (true, 6));
        stage.pass(2_000);
        assert_eq!(asked(&mut stage, &mut publisher), []);
    }
}

#[test]
fn a_keyframe_that_is_of_no_use_is_asked_for_again_after_the_interval() {
    for is_torn in [false, true] {
        let (mut stage, mut stream) = (Stage::new(), Stream::vp8(10));
        let mut publisher = lesson(&mut stage, &mut stream);
        play(&mut stage, &mut publisher, &malformed(&mut stream, false));
        let [first] = asked(&mut stage, &mut publisher).try_into().unwrap();
        let mut useless = malformed(&mut stream, true);
        if is_torn {
            useless = stream.picture(true, 3);
            useless.remove(1);
        }
        play(&mut stage, &mut publisher, &useless);
        stage.pass(400);
        assert_eq!(asked(&mut stage, &mut publisher), [], "torn: {is_torn}");
        stage.pass(100);
        assert_eq!(
            asked(&mut stage, &mut publisher),
            [first + Duration::from_millis(500)],
            "torn: {is_torn}"
        );
        play(&mut stage, &mut publisher, &stream.picture(true, 1));
        assert_eq!(frames(&mut stage).len(), 1);
        stage.pass(2_000);
        assert_eq!(asked(&mut stage, &mut publisher), []);
    }
}

#[test]
fn keyframes_that_never_are_of_use_are_not_asked_for_without_end() {
    let (mut stage, mut stream) = (Stage::new(), Stream::vp8(10));
    let mut publisher = lesson(&mut stage, &mut stream);
    play(&mut stage, &mut publisher, &malformed(&mut stream, false));
    let mut times = asked(&mut stage, &mut publisher);
    for _ in 0..30 {
        play(&mut stage, &mut publisher, &malformed(&mut stream, true));
        stage.pass(460);
        times.extend(asked(&mut stage, &mut publisher));
    }
    assert_eq!(times.len(), 11);
    play(&mut stage, &mut publisher, &stream.picture(true, 1));
    play(&mut stage, &mut publisher, &malformed(&mut stream, false));
    assert_eq!(asked(&mut stage, &mut publisher).len(), 1);
}

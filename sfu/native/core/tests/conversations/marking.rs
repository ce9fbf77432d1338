use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddTap, AddTrack, Command, H264Form};
use forwarder_core::frame::Frame;
use forwarder_core::handle::{TapId, TrackId};
use std::time::Duration;

const FIRST: u32 = 0xaabb_ccdd;
const SECOND: u32 = 7;

fn marked(order: AddTrack, mark: u32) -> Command {
    Command::AddTrack(AddTrack { mark, ..order })
}

fn marks(seen: &[Rtp]) -> Vec<Option<u32>> {
    seen.iter().map(|packet| packet.mark).collect()
}

#[test]
fn each_packet_and_its_repair_tell_whose_they_are_across_a_swap() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = (stage.join(), stage.join(), stage.join());
    stage.order(marked(video_track(1, first.peer, 10), FIRST));
    stage.order(marked(video_track(2, second.peer, 20), SECOND));
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    first.send_all(&mut stage, &Stream::vp8(10).picture(true, 2));
    let before = viewer.see(&mut stage);
    stage.bind(1, 2);
    second.send_all(&mut stage, &Stream::vp8(20).picture(true, 1));
    let after = viewer.see(&mut stage);
    assert_eq!(
        (marks(&before), marks(&after)),
        (vec![Some(FIRST); 2], vec![Some(SECOND)])
    );
    viewer.nack(&mut stage, 7_000, &[before[1].sequence, after[0].sequence]);
    assert_eq!(marks(&viewer.see(&mut stage)), [Some(FIRST), Some(SECOND)]);
}

#[test]
fn a_track_without_a_mark_tells_nothing() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    publisher.send(&mut stage, &Stream::opus(10).sound(1));
    assert_eq!(marks(&viewer.see(&mut stage)), [None]);
}

fn tapped(stage: &mut Stage) -> Person {
    let publisher = stage.join();
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddTap(AddTap {
        tap: TapId(1),
        track: TrackId(1),
        rid: None,
        window: Duration::from_millis(500),
        while_closed: false,
        form: H264Form::AnnexB,
    }));
    publisher
}

fn frames(stage: &mut Stage) -> Vec<Frame> {
    let mut frames = Vec::new();
    stage.worker.frames(&mut frames);
    frames
}

#[test]
fn each_frame_that_is_tapped_tells_whose_it_is() {
    let mut stage = Stage::new();
    let mut publisher = tapped(&mut stage);
    let mut stream = Stream::vp8(10);
    for mark in [None, Some(FIRST), Some(SECOND)] {
        stream.next.mark = mark;
        publisher.send_all(&mut stage, &stream.picture(true, 2));
    }
    let told: Vec<Option<u32>> = frames(&mut stage).iter().map(|frame| frame.mark).collect();
    assert_eq!(told, [None, Some(FIRST), Some(SECOND)]);
}

#[test]
fn what_was_lost_of_one_is_not_put_down_to_the_next() {
    let mut stage = Stage::new();
    let mut publisher = tapped(&mut stage);
    let mut stream = Stream::vp8(10);
    stream.next.mark = Some(FIRST);
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    stream.picture(false, 3);
    stream.next.mark = Some(SECOND);
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    stage.pass(600);
    let frames = frames(&mut stage);
    assert_eq!(frames.len(), 3);
    assert_eq!((frames[1].mark, frames[1].lost_packets), (Some(SECOND), 0));
    assert!(frames[1].lost.is_zero());
}

#[test]
fn a_tap_asks_for_a_keyframe_and_goes_on_where_it_is() {
    let mut stage = Stage::new();
    let mut publisher = tapped(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    publisher.told(&mut stage);
    stage.pass(600);
    stage.order(Command::RequestTapKeyframe(TapId(1)));
    let told = publisher.told(&mut stage);
    assert!(told.iter().any(|(_, told)| *told == Told::Pli(10)), "{told:?}");
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    assert_eq!(frames(&mut stage).len(), 2);
    assert!(stage.apply(vec![Command::RequestTapKeyframe(TapId(9))]).is_err());
}

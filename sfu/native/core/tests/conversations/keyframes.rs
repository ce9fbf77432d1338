use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::handle::TrackId;
use forwarder_core::time::Time;

fn lesson(stage: &mut Stage) -> (Person, Person) {
    let publisher = stage.join();
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    let viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    (publisher, viewer)
}

fn play(stage: &mut Stage, person: &mut Person, stream: &mut Stream, pictures: usize, packets: usize) {
    for _ in 0..pictures {
        person.send_all(stage, &stream.picture(false, packets));
        stage.pass(40);
    }
}

/// When keyframes were asked for.
fn asked(person: &mut Person, stage: &mut Stage) -> Vec<Time> {
    let is_request = |told: &Told| matches!(told, Told::Pli(10) | Told::Fir { ssrc: 10, .. });
    person
        .told(stage)
        .into_iter()
        .filter(|(_, told)| is_request(told))
        .map(|(at, _)| at)
        .collect()
}

fn sent_sequences(seen: &[Rtp]) -> Vec<u16> {
    seen.iter()
        .map(|packet| u16::from_be_bytes([packet.payload[10], packet.payload[11]]))
        .collect()
}

#[test]
fn a_picture_never_starts_but_at_a_keyframe() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    stage.bind(1, 1);
    play(&mut stage, &mut publisher, &mut stream, 5, 2);
    assert_eq!(
        (
            viewer.see(&mut stage),
            stage.slot(1).dropped.get(Reason::AwaitingKeyframe)
        ),
        (vec![], 10)
    );
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    assert_eq!(sent_sequences(&viewer.see(&mut stage)), [1_010, 1_011]);
}

#[test]
fn a_late_viewer_gets_the_kept_group_and_then_the_present() {
    for wrap in [1_000, 65_500] {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage);
        let mut stream = Stream::vp8(10).starting_at(wrap, u32::MAX - 50_000);
        publisher.send_all(&mut stage, &stream.picture(true, 3));
        stage.pass(40);
        play(&mut stage, &mut publisher, &mut stream, 20, 3);
        assert_eq!(viewer.see(&mut stage), []);
        stage.bind(1, 1);
        for _ in 0..6 {
            publisher.send_all(&mut stage, &stream.picture(false, 3));
            stage.pass(40);
        }
        let seen = viewer.see(&mut stage);
        assert_eq!(
            sent_sequences(&seen),
            (0..81).map(|at| wrap.wrapping_add(at)).collect::<Vec<_>>()
        );
        assert!(seen
            .windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
        assert_eq!(asked(&mut publisher, &mut stage), []);
    }
}

#[test]
fn the_kept_group_leaves_in_short_bursts() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 100));
    stage.bind(1, 1);
    let (mut bursts, mut seen) = (Vec::new(), 0);
    while seen < 100 {
        let burst = viewer.see(&mut stage).len();
        bursts.push(burst);
        seen += burst;
        stage.pass(5);
    }
    assert_eq!(bursts, [16, 16, 16, 16, 16, 16, 4]);
}

#[test]
fn a_group_older_than_two_seconds_starts_nobody() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 3));
    play(&mut stage, &mut publisher, &mut stream, 51, 1);
    publisher.told(&mut stage);
    stage.bind(1, 1);
    assert_eq!(
        (viewer.see(&mut stage), asked(&mut publisher, &mut stage)),
        (vec![], vec![stage.now])
    );
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
}

#[test]
fn many_requests_become_one_per_500_ms() {
    let mut stage = Stage::new();
    let (mut publisher, _) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    let mut viewers: Vec<Person> = (0..20).map(|_| stage.join()).collect();
    for (slot, viewer) in (10..).zip(&viewers) {
        stage.order(Command::AddSlot(video_slot(slot, viewer.peer, 7_000)));
        stage.bind(slot, 1);
    }
    let began = stage.now;
    for _ in 0..100 {
        viewers
            .iter_mut()
            .for_each(|viewer| viewer.pli(&mut stage, 7_000));
        stage.order(Command::RequestKeyframe(TrackId(1)));
        stage.pass(10);
    }
    let times = asked(&mut publisher, &mut stage);
    assert_eq!(times.first(), Some(&began));
    assert!(
        times
            .windows(2)
            .all(|pair| pair[1].since(pair[0]).as_millis() >= 500),
        "{times:?}"
    );
    assert_eq!(times.len(), 3);
    assert_eq!(stage.slot(10).keyframe_requests_received, 100);
    assert_eq!(stage.track(1).keyframe_requests_sent, 3);
}

#[test]
fn without_pli_a_full_intra_request_is_sent() {
    let mut stage = Stage::new();
    let (mut publisher, _) = (stage.join(), ());
    let mut order = video_track(1, publisher.peer, 10);
    order.codecs.iter_mut().for_each(|codec| codec.pli = false);
    stage.order(Command::AddTrack(order));
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 1));
    publisher.told(&mut stage);
    stage.order(Command::RequestKeyframe(TrackId(1)));
    stage.pass(500);
    let fir: Vec<Told> = publisher
        .told(&mut stage)
        .into_iter()
        .map(|(_, told)| told)
        .collect();
    assert!(fir.contains(&Told::Fir {
        ssrc: 10,
        sequence: 1
    }));
}

#[test]
fn a_viewer_that_cannot_start_asks_again_until_a_keyframe_comes() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    stage.bind(1, 1);
    play(&mut stage, &mut publisher, &mut stream, 50, 1);
    let times = asked(&mut publisher, &mut stage);
    assert_eq!(times.len(), 5, "{times:?}");
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    play(&mut stage, &mut publisher, &mut stream, 50, 1);
    assert_eq!(
        (asked(&mut publisher, &mut stage), viewer.see(&mut stage).len()),
        (vec![], 51)
    );
}

#[test]
fn a_keyframe_whose_first_packet_is_late_is_still_whole() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::h264(10);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    let mut parameters = stream.picture(false, 1).remove(0);
    parameters.payload = vec![0x67, 1, 2, 3];
    let mut picture = stream.picture(true, 2);
    picture
        .iter_mut()
        .for_each(|packet| packet.timestamp = parameters.timestamp);
    stage.bind(1, 1);
    publisher.send_all(&mut stage, &picture);
    publisher.send(&mut stage, &parameters.as_rtx(11, H264_RTX, 1));
    let seen = viewer.see(&mut stage);
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[2].sequence.wrapping_add(1), seen[0].sequence);
    assert_eq!(seen[2].payload, parameters.payload);
}

#[test]
fn a_group_with_a_hole_starts_nobody_until_it_is_filled() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    let picture = stream.picture(true, 4);
    publisher.send_all(
        &mut stage,
        &[picture[0].clone(), picture[1].clone(), picture[3].clone()],
    );
    publisher.told(&mut stage);
    stage.bind(1, 1);
    assert_eq!(viewer.see(&mut stage), []);
    assert_eq!(asked(&mut publisher, &mut stage).len(), 1);
    stage.bind(1, None);
    publisher.send(&mut stage, &picture[2].as_rtx(11, VP8_RTX, 1));
    stage.bind(1, 1);
    assert_eq!(
        sent_sequences(&viewer.see(&mut stage)),
        [1_000, 1_001, 1_002, 1_003]
    );
}

#[test]
fn a_keyframe_that_is_whole_only_by_a_repair_of_its_beginning_is_kept() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    let picture = stream.picture(true, 3);
    stage.order(Command::RequestKeyframe(TrackId(1)));
    publisher.send_all(&mut stage, &picture[1..]);
    publisher.send(&mut stage, &picture[0].as_rtx(11, VP8_RTX, 1));
    stage.pass(2_000);
    assert_eq!(asked(&mut publisher, &mut stage).len(), 1, "the answer was seen");
    let (_, mut stream) = (stage.track(1), stream);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    assert_eq!(stage.track(1).keyframes, 1);
    assert_eq!(viewer.see(&mut stage), []);
}

#[test]
fn a_viewer_that_waits_gets_all_of_a_keyframe_whose_beginning_came_late() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    stage.bind(1, 1);
    let picture = stream.picture(true, 3);
    publisher.send_all(&mut stage, &picture[1..]);
    publisher.send(&mut stage, &picture[0].as_rtx(11, VP8_RTX, 1));
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    assert_eq!(
        sent_sequences(&viewer.see(&mut stage)),
        [1_001, 1_002, 1_003, 1_004]
    );
}

#[test]
fn a_group_of_the_codec_before_starts_nobody() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    stream.next.payload_type = H264;
    publisher.send_all(&mut stage, &stream.picture(false, 2));
    stage.bind(1, 1);
    assert_eq!(viewer.see(&mut stage), []);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
}

#[test]
fn an_empty_packet_begins_no_group() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    let mut padding = stream.picture(true, 1).remove(0);
    padding.payload.clear();
    publisher.send(&mut stage, &padding);
    stage.bind(1, 1);
    let seen = viewer.see(&mut stage);
    assert_eq!((seen.len(), seen[1].payload.len()), (2, 0));
    assert_eq!(stage.track(1).keyframes, 1);
}

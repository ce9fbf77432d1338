//! What follows the round-trip time: repairs that leave twice, sound that is kept, keyframes that are not asked for again.
use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::demux::{kind, Kind};
use forwarder_core::dtls::Role;
use forwarder_core::time::Time;

const WRAPS: [u16; 3] = [1_000, 65_530, 32_766];

/// Somebody whose side of the handshake takes so long.
fn distant(stage: &mut Stage, number: u32, round_trip: u64) -> Person {
    let mut person = Person::new(number);
    person.role = Role::Active;
    person.takes_frames = false;
    stage.order(Command::AddPeer(person.order()));
    person.check(stage, true);
    stage.pass(round_trip);
    person.shake_hands(stage);
    person.hear(stage);
    person
}

/// A publisher and a viewer that are so far from the node.
fn lesson(stage: &mut Stage, publisher: u64, viewer: u64) -> (Person, Person) {
    let publisher = distant(stage, 50, publisher);
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    let viewer = distant(stage, 51, viewer);
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (publisher, viewer)
}

/// In how many ms from now each repair leaves, while the viewer asks for a packet each 100 ms for so long.
fn repairs(stage: &mut Stage, viewer: &mut Person, lost: u16, asks: u64, ms: u64) -> Vec<u64> {
    let began = stage.now;
    let mut left = Vec::new();
    for at in 0..ms {
        if at % 100 == 0 && at < asks {
            viewer.nack(stage, 7_000, &[lost]);
        }
        let seen = viewer.hear_at(stage);
        left.extend(seen.iter().filter(|(_, heard)| is_repair(heard)).map(|(at, _)| {
            let since = at.since(began);
            since.as_millis() as u64
        }));
        stage.pass(1);
    }
    left
}

fn is_repair(heard: &crate::stage::person::Heard) -> bool {
    matches!(heard, crate::stage::person::Heard::Media(packet) if packet.ssrc == 7_001)
}

fn keyframe_requests(person: &mut Person, stage: &mut Stage) -> Vec<Time> {
    let told = person.told(stage).into_iter();
    told.filter(|(_, told)| matches!(told, Told::Pli(10)))
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn over_a_long_way_a_repair_leaves_twice_and_no_third_time_while_it_travels() {
    for wrap in WRAPS {
        // Both ask until the repair is there; it takes the far one 600 ms to be heard and answered.
        for (round_trip, asks, expected) in [
            (600, 600, vec![0, 50, 500, 550]),
            (40, 50, vec![0]),
            (399, 100, vec![0]),
        ] {
            let mut stage = Stage::new();
            let (mut publisher, mut viewer) = lesson(&mut stage, 20, round_trip);
            publisher.send_all(&mut stage, &Stream::vp8(10).starting_at(wrap, 7).picture(true, 5));
            let lost = viewer.see(&mut stage)[2].sequence;
            assert_eq!(
                repairs(&mut stage, &mut viewer, lost, asks, 900),
                expected,
                "{round_trip}"
            );
        }
    }
}

#[test]
fn the_second_repair_is_the_same_packet_under_a_number_of_its_own() {
    for wrap in WRAPS {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage, 20, 600);
        publisher.send_all(&mut stage, &Stream::vp8(10).starting_at(wrap, 7).picture(true, 5));
        let original = viewer.see(&mut stage)[3].clone();
        viewer.nack(&mut stage, 7_000, &[original.sequence]);
        stage.pass(60);
        let seen = viewer.see(&mut stage);
        let expected = |at: usize| original.as_rtx(7_001, 21, seen[at].sequence);
        assert_eq!(seen, [expected(0), expected(1)]);
        assert_eq!(seen[1].sequence, seen[0].sequence.wrapping_add(1));
        assert_eq!(stage.slot(1).repairs, 2);
    }
}

#[test]
fn what_no_slot_shows_any_more_does_not_leave_a_second_time() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, 20, 600);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 5));
    let lost = viewer.see(&mut stage)[2].sequence;
    viewer.nack(&mut stage, 7_000, &[lost]);
    assert_eq!(viewer.see(&mut stage).len(), 1);
    stage.open(1, false);
    stage.pass(100);
    assert_eq!(viewer.see(&mut stage), []);
    assert_eq!(stage.slot(1).dropped.get(Reason::RepairNotKept), 1);
}

#[test]
fn sound_is_kept_for_four_seconds() {
    for wrap in WRAPS {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = (distant(&mut stage, 50, 20), distant(&mut stage, 51, 600));
        stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
        stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
        stage.bind(1, 1);
        let mut stream = Stream::opus(10).starting_at(wrap, 7);
        publisher.send(&mut stage, &stream.sound(30));
        let sent = |stage: &Stage| -> Vec<Vec<u8>> {
            let media = stage.sent.iter().filter(|sent| kind(&sent.bytes) == Kind::Rtp);
            media.map(|sent| sent.bytes.clone()).collect()
        };
        let first = sent(&stage);
        let lost = viewer.see(&mut stage)[0].sequence;
        for _ in 0..195 {
            stage.pass(20);
            publisher.send(&mut stage, &stream.sound(30));
        }
        viewer.see(&mut stage);
        viewer.nack(&mut stage, 7_000, &[lost]);
        assert_eq!(sent(&stage), first);
    }
}

#[test]
fn a_request_made_before_the_keyframe_could_be_there_asks_nobody() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage, 20, 600);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 3));
    publisher.told(&mut stage);
    for _ in 0..5 {
        stage.pass(100);
        viewer.pli(&mut stage, 7_000);
    }
    assert_eq!(keyframe_requests(&mut publisher, &mut stage), []);
    let left = viewer.see(&mut stage);
    assert_eq!(left.len(), 3, "and the keyframe left once");
}

#[test]
fn a_young_group_answers_a_request_and_the_numbers_go_on() {
    for wrap in WRAPS {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage, 600, 40);
        let mut stream = Stream::vp8(10).starting_at(wrap, u32::MAX - 9_000);
        publisher.send_all(&mut stage, &stream.picture(true, 2));
        for _ in 0..5 {
            stage.pass(40);
            publisher.send_all(&mut stage, &stream.picture(false, 1));
        }
        publisher.told(&mut stage);
        viewer.see(&mut stage);
        viewer.pli(&mut stage, 7_000);
        stage.pass(40);
        publisher.send_all(&mut stage, &stream.picture(false, 1));
        let seen = viewer.see(&mut stage);
        let names: Vec<u16> = seen
            .iter()
            .map(|packet| u16::from_be_bytes([packet.payload[10], packet.payload[11]]).wrapping_sub(wrap))
            .collect();
        assert_eq!(names, (0..8).collect::<Vec<_>>());
        assert!(seen.windows(2).all(|pair| {
            pair[1].sequence == pair[0].sequence.wrapping_add(1)
                && (pair[1].timestamp.wrapping_sub(pair[0].timestamp) as i32) >= 0
        }));
        assert_eq!(keyframe_requests(&mut publisher, &mut stage), []);
    }
}

#[test]
fn who_takes_frames_is_given_no_picture_anew() {
    for wrap in WRAPS {
        let mut stage = Stage::new();
        let mut publisher = distant(&mut stage, 50, 600);
        stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
        let mut recorder = stage.join();
        stage.order(Command::AddSlot(video_slot(1, recorder.peer, 7_000)));
        stage.bind(1, 1);
        let mut stream = Stream::vp8(10).starting_at(wrap, u32::MAX - 9_000);
        publisher.send_all(&mut stage, &stream.picture(true, 2));
        stage.pass(40);
        publisher.send_all(&mut stage, &stream.picture(false, 1));
        stage.pass(360);
        publisher.told(&mut stage);
        assert_eq!(recorder.see(&mut stage).len(), 3);
        recorder.pli(&mut stage, 7_000);
        stage.pass(600);
        assert_eq!(recorder.see(&mut stage), []);
        assert_eq!(keyframe_requests(&mut publisher, &mut stage).len(), 1);
    }
}

#[test]
fn a_viewer_that_asks_for_ever_is_no_storm_for_publisher_or_line() {
    for (round_trip, interval) in [(40, 500), (600, 600)] {
        let mut stage = Stage::new();
        let (mut publisher, mut viewer) = lesson(&mut stage, round_trip, round_trip);
        let mut stream = Stream::vp8(10);
        let (mut asked, mut left) = (Vec::new(), 0);
        for at in 0..10_000 {
            if at % 40 == 0 {
                // Each request is answered, a round trip later.
                let is_due = asked.last().is_some_and(|&last: &Time| {
                    stage.now.since(last).as_millis() as u64 / 40 == round_trip / 40
                });
                publisher.send_all(&mut stage, &stream.picture(at == 0 || is_due, 4));
            }
            if at % 200 == 100 {
                viewer.pli(&mut stage, 7_000);
            }
            stage.pass(1);
            asked.extend(keyframe_requests(&mut publisher, &mut stage));
            left += viewer.see(&mut stage).len();
        }
        let gaps: Vec<u64> = asked
            .windows(2)
            .map(|pair| pair[1].since(pair[0]).as_millis() as u64)
            .collect();
        assert!(gaps.iter().all(|&gap| gap >= interval), "{gaps:?}");
        assert!(asked.len() <= 10_000 / interval as usize + 1, "{}", asked.len());
        // Of a thousand packets: what is kept is given again no more than once in the same time.
        assert!(left <= 3_000, "{left}");
    }
}

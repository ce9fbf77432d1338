use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::command::{Codec, Command};
use forwarder_core::counters::Reason;
use forwarder_core::event::Event;
use forwarder_core::handle::TrackId;
use forwarder_core::srtp::Profile;

/// A publisher and viewers, each with a slot for it.
fn lesson(stage: &mut Stage, viewers: u32, video: bool) -> (Person, Vec<Person>) {
    let publisher = stage.join();
    let track = if video { video_track } else { audio_track };
    let slot = if video { video_slot } else { audio_slot };
    stage.order(Command::AddTrack(track(1, publisher.peer, 10)));
    let viewers = (1..=viewers).map(|viewer| {
        let person = stage.join();
        stage.order(Command::AddSlot(slot(viewer, person.peer, 7_000)));
        stage.bind(viewer, 1);
        person
    });
    let viewers = viewers.collect();
    (publisher, viewers)
}

#[test]
fn sound_reaches_every_slot_with_the_slots_own_header() {
    for profile in Profile::ALL {
        let mut stage = Stage::with(profile, 1);
        let mut people: Vec<Person> = (0..3).map(|_| stage.arrive()).collect();
        for person in &mut people {
            person.profile = profile;
            person.connect(&mut stage);
        }
        let (publisher, viewers) = people.split_first_mut().unwrap();
        stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
        for (index, viewer) in (1..).zip(viewers.iter()) {
            stage.order(Command::AddSlot(audio_slot(index, viewer.peer, 7_000 + index)));
            stage.bind(index, 1);
        }
        let sent = Stream::opus(10).sound(42);
        publisher.send(&mut stage, &sent);
        for (index, viewer) in (1..).zip(viewers) {
            let [seen] = viewer.see(&mut stage).try_into().unwrap();
            let expected = Rtp {
                payload_type: 63,
                ssrc: 7_000 + index,
                mid: Some(format!("s{index}")),
                sequence: seen.sequence,
                timestamp: seen.timestamp,
                ..sent.clone()
            };
            assert_eq!(seen, expected);
        }
    }
}

#[test]
fn numbers_rise_without_a_gap_through_every_wrap() {
    for (sequence, timestamp) in [(0, 0), (65_530, u32::MAX - 2_000), (32_760, 1 << 31)] {
        let mut stage = Stage::new();
        let (mut publisher, mut viewers) = lesson(&mut stage, 1, false);
        let mut stream = Stream::opus(10).starting_at(sequence, timestamp);
        for _ in 0..140 {
            // Three times round the sequence numbers in steps that stay within the window.
            for _ in 0..3 {
                publisher.send(&mut stage, &stream.sound(50));
            }
            stage.pass(1);
        }
        let seen = viewers[0].see(&mut stage);
        assert_eq!(seen.len(), 420);
        for pair in seen.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), 960);
        }
    }
}

#[test]
fn two_hundred_thousand_packets_cross_three_roll_overs_on_both_sides() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewers) = lesson(&mut stage, 1, false);
    let mut stream = Stream::opus(10).starting_at(65_000, 0);
    let mut expected: Option<u16> = None;
    for _ in 0..200 {
        for _ in 0..1_000 {
            let datagram = publisher.seal(&stream.sound(50));
            stage.receive(&datagram, publisher.path);
        }
        for seen in viewers[0].see(&mut stage) {
            assert_eq!(seen.sequence, expected.unwrap_or(seen.sequence));
            expected = Some(seen.sequence.wrapping_add(1));
        }
    }
    assert_eq!(stage.slot(1).packets, 200_000);
}

#[test]
fn payload_types_are_found_by_codec_name() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewers) = lesson(&mut stage, 1, true);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 1));
    assert_eq!(viewers[0].see(&mut stage)[0].payload_type, 20);
    let mut h264 = Stream::h264(10).starting_at(1_001, 90_000);
    publisher.send_all(&mut stage, &h264.picture(true, 1));
    assert_eq!(viewers[0].see(&mut stage)[0].payload_type, 22);
}

#[test]
fn a_slot_without_the_codec_gets_nothing_and_counts_it() {
    let mut stage = Stage::new();
    let (mut publisher, _) = lesson(&mut stage, 0, true);
    let mut viewer = stage.join();
    let mut slot = video_slot(1, viewer.peer, 7_000);
    slot.codecs.retain(|codec| codec.name == "H264");
    stage.order(Command::AddSlot(slot));
    stage.bind(1, 1);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 3));
    assert_eq!(viewer.see(&mut stage), []);
    assert!(stage.slot(1).dropped.get(Reason::CodecNotNegotiated) > 0);
}

#[test]
fn a_packet_that_comes_twice_leaves_once() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewers) = lesson(&mut stage, 1, true);
    let pictures = Stream::vp8(10).picture(true, 2);
    publisher.send_all(&mut stage, &pictures);
    publisher.send(&mut stage, &pictures[1].as_rtx(11, VP8_RTX, 500));
    assert_eq!(viewers[0].see(&mut stage).len(), 2);
    assert_eq!(stage.track(1).duplicates, 1);
    let datagram = publisher.seal(&Stream::opus(999).sound(1));
    stage.receive(&datagram, publisher.path);
    stage.receive(&datagram, publisher.path);
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::SrtpReplay), 1);
}

#[test]
fn bad_bytes_are_dropped_and_counted_and_harm_nobody() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewers) = lesson(&mut stage, 1, false);
    let mut stream = Stream::opus(10);
    let mut broken = publisher.seal(&stream.sound(1));
    *broken.last_mut().unwrap() ^= 1;
    stage.receive(&broken, publisher.path);
    stage.receive(&[0x80, 111, 1], publisher.path);
    let forged_report = [[0x80, 200, 0, 6].as_slice(), &[0x85; 44]].concat();
    stage.receive(&forged_report, publisher.path);
    stage.receive(&[0x99; 1_000], publisher.path);
    let dropped = stage.peer(publisher.peer).dropped;
    assert_eq!(
        (dropped.get(Reason::MalformedRtp), viewers[0].see(&mut stage)),
        (2, vec![])
    );
    assert_eq!(dropped.get(Reason::SrtpAuthentication), 2);
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!(viewers[0].see(&mut stage).len(), 1);
}

#[test]
fn a_padding_packet_keeps_its_number_and_carries_nothing() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewers) = lesson(&mut stage, 1, true);
    let mut stream = Stream::vp8(10);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    let mut padding = stream.picture(false, 1).remove(0);
    padding.payload.clear();
    publisher.send(&mut stage, &padding);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    let seen = viewers[0].see(&mut stage);
    assert_eq!(
        seen.iter()
            .map(|packet| packet.payload.is_empty())
            .collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(seen[2].sequence, seen[0].sequence.wrapping_add(2));
}

#[test]
fn a_track_flows_stalls_and_flows_again() {
    let mut stage = Stage::new();
    let (mut publisher, _viewers) = lesson(&mut stage, 1, false);
    let mut stream = Stream::opus(10);
    let flowing = || Event::TrackFlowing {
        track: TrackId(1),
        codec: "opus".into(),
        ssrc: 10,
    };
    let states = |stage: &mut Stage| -> Vec<Event> {
        stage
            .take_events()
            .into_iter()
            .filter(|event| !matches!(event, Event::AudioLevels(_)))
            .collect()
    };
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!(states(&mut stage), [flowing()]);
    stage.pass(1_999);
    assert_eq!(states(&mut stage), []);
    stage.pass(1);
    assert_eq!(states(&mut stage), [Event::TrackStalled { track: TrackId(1) }]);
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!(states(&mut stage), [flowing()]);
    publisher.tell(&mut stage, |writer| writer.goodbye(&[10]).unwrap());
    assert_eq!(states(&mut stage), [Event::TrackStalled { track: TrackId(1) }]);
}

#[test]
fn the_loudest_level_of_200_ms_is_told() {
    let mut stage = Stage::new();
    let (mut publisher, _viewers) = lesson(&mut stage, 1, false);
    let mut stream = Stream::opus(10);
    let levels = |stage: &mut Stage| -> Vec<Event> {
        stage
            .take_events()
            .into_iter()
            .filter(|event| matches!(event, Event::AudioLevels(_)))
            .collect()
    };
    for level in [0x80 | 60, 30, 90] {
        publisher.send(&mut stage, &stream.sound(level));
        stage.pass(20);
    }
    assert_eq!(levels(&mut stage), []);
    stage.pass(140);
    assert_eq!(levels(&mut stage), [Event::AudioLevels(vec![(TrackId(1), 30)])]);
    stage.pass(1_000);
    assert_eq!(levels(&mut stage), []);
}

#[test]
fn silence_of_the_node_is_a_gap_only_while_something_flows() {
    let mut stage = Stage::new();
    let (mut publisher, _viewers) = lesson(&mut stage, 1, false);
    stage.pass(5_000);
    let mut stream = Stream::opus(10);
    publisher.send(&mut stage, &stream.sound(1));
    stage.pass(300);
    publisher.send(&mut stage, &stream.sound(1));
    let gap = stage.worker.stats().largest_send_gap_ms;
    assert!((250.0..=300.0).contains(&gap), "{gap} ms");
    stage.pass(10_000);
    publisher.send(&mut stage, &stream.sound(1));
    assert!(stage.worker.stats().largest_send_gap_ms < 2_001.0);
}

#[test]
fn a_codec_is_found_whatever_the_case_of_its_name() {
    let mut stage = Stage::new();
    let (mut publisher, _) = lesson(&mut stage, 0, false);
    let mut viewer = stage.join();
    let codecs = vec![Codec {
        name: "OPUS".into(),
        payload_type: 9,
        ..opus_codec()
    }];
    stage.order(Command::AddSlot(forwarder_core::command::AddSlot {
        codecs,
        ..audio_slot(1, viewer.peer, 7)
    }));
    stage.bind(1, 1);
    publisher.send(&mut stage, &Stream::opus(10).sound(1));
    assert_eq!(viewer.see(&mut stage)[0].payload_type, 9);
}

use crate::stage::media::*;
use crate::stage::person::{Heard, Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddFeed, Command, Fed, Kind};
use forwarder_core::event::Event;
use forwarder_core::handle::{PeerId, SlotId, TrackId};
use forwarder_core::rtcp::Ntp;
use std::time::Duration;

fn feed_of(peer: PeerId, kind: Kind) -> AddFeed {
    let codec = if kind == Kind::Audio {
        opus_codec()
    } else {
        h264_codec()
    };
    AddFeed {
        track: TrackId(1),
        peer,
        kind,
        codec,
    }
}

/// A connection with a slot that shows what we feed.
fn lesson(stage: &mut Stage, kind: Kind) -> Person {
    let viewer = stage.join();
    let slot = if kind == Kind::Audio {
        audio_slot
    } else {
        video_slot
    };
    let bind = Command::BindSlot {
        slot: SlotId(1),
        track: Some(TrackId(1)),
    };
    let batch = vec![
        Command::AddFeed(feed_of(viewer.peer, kind)),
        Command::AddSlot(slot(1, viewer.peer, 7_000)),
        bind,
    ];
    stage.apply(batch).unwrap();
    viewer
}

fn picture(timestamp: u32, is_keyframe: bool, len: usize) -> Fed {
    let slice = [&[if is_keyframe { 0x65 } else { 0x41 }, 0x80][..], &vec![7; len]].concat();
    let parameters: &[u8] = if is_keyframe {
        &[0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2]
    } else {
        &[]
    };
    Fed {
        track: TrackId(1),
        timestamp,
        captured: None,
        data: [parameters, &[0, 0, 0, 1], &slice].concat(),
    }
}

fn feed(stage: &mut Stage, frames: &[Fed]) {
    stage.worker.feed(frames, stage.now).unwrap();
    stage.settle();
}

#[test]
fn fed_pictures_reach_a_slot_in_packets_and_can_be_repaired() {
    let mut stage = Stage::new();
    let mut viewer = lesson(&mut stage, Kind::Video);
    let mut seen = Vec::new();
    for at in 0..5 {
        feed(
            &mut stage,
            &[picture(
                (u32::MAX - 5_000).wrapping_add(at * 3_600),
                at == 0,
                30_000,
            )],
        );
        stage.pass(40);
        seen.extend(viewer.see(&mut stage));
    }
    assert!(seen
        .windows(2)
        .all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
    assert_eq!(
        (
            seen[0].payload_type,
            &seen[0].payload[..],
            seen.iter().filter(|packet| packet.marker).count()
        ),
        (22, &[0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 2][..], 5)
    );
    let steps: Vec<u32> = seen
        .windows(2)
        .map(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp))
        .collect();
    assert!(steps.iter().all(|&step| step == 0 || step == 3_600));
    viewer.nack(&mut stage, 7_000, &[seen[9].sequence]);
    assert_eq!(viewer.see(&mut stage)[0].payload[2..], seen[9].payload);
}

#[test]
fn a_large_picture_leaves_in_bursts() {
    let mut stage = Stage::new();
    let mut viewer = lesson(&mut stage, Kind::Video);
    feed(&mut stage, &[picture(0, true, 60_000)]);
    let mut bursts = Vec::new();
    for _ in 0..5 {
        bursts.push(viewer.see(&mut stage).len());
        stage.pass(5);
    }
    assert_eq!(bursts[..3], [16, 16, 16]);
    assert_eq!(bursts.iter().sum::<usize>(), 1 + 60_001usize.div_ceil(1_128));
}

#[test]
fn fed_sound_keeps_its_timestamps_and_its_clock_is_that_of_capture() {
    let mut stage = Stage::new();
    let mut viewer = lesson(&mut stage, Kind::Audio);
    let mut seen = Vec::new();
    for at in 0..100u32 {
        let captured = Some(stage.now - Duration::from_millis(500));
        feed(
            &mut stage,
            &[Fed {
                track: TrackId(1),
                timestamp: at * 960,
                captured,
                data: vec![at as u8; 80],
            }],
        );
        stage.pass(20);
        seen.extend(viewer.hear(&mut stage));
    }
    let sounds: Vec<Rtp> = seen
        .iter()
        .filter_map(|heard| match heard {
            Heard::Media(packet) => Some(packet.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        (sounds.len(), sounds[7].payload.len(), sounds[0].payload_type),
        (100, 80, 63)
    );
    let report = seen.iter().rev().find_map(|heard| match heard {
        Heard::Told(Told::SenderReport(report)) => Some(*report),
        _ => None,
    });
    // What the report calls now was captured 500 ms before it was fed.
    let report = report.unwrap();
    let fed = seen
        .iter()
        .position(|heard| matches!(heard, Heard::Told(Told::SenderReport(known)) if *known == report));
    let newest = seen[..fed.unwrap()].iter().rev().find_map(|heard| match heard {
        Heard::Media(packet) => Some(packet.timestamp),
        _ => None,
    });
    let ahead = report.rtp_timestamp.wrapping_sub(newest.unwrap());
    assert!(
        (24_000..=24_960).contains(&ahead),
        "{ahead} {:?}",
        report.ntp == Ntp(0)
    );
}

#[test]
fn who_feeds_hears_that_a_keyframe_is_wanted_and_nobody_else_is_asked() {
    let mut stage = Stage::new();
    let mut viewer = lesson(&mut stage, Kind::Video);
    let wanted = Event::KeyframeWanted { track: TrackId(1) };
    assert_eq!(stage.take_events(), std::slice::from_ref(&wanted));
    feed(&mut stage, &[picture(0, true, 100)]);
    stage.pass(600);
    stage.take_events();
    for _ in 0..10 {
        viewer.pli(&mut stage, 7_000);
    }
    assert_eq!(stage.take_events(), [wanted]);
    stage.pass(3_000);
    let asked = |told: &Told| matches!(told, Told::Pli(_) | Told::Fir { .. } | Told::Nack { .. });
    assert!(!viewer.told(&mut stage).iter().any(|(_, told)| asked(told)));
}

#[test]
fn frames_that_cannot_be_are_refused_with_all_of_their_batch() {
    let mut stage = Stage::new();
    let mut viewer = lesson(&mut stage, Kind::Video);
    let good = picture(0, true, 100);
    let wrong = [
        Fed {
            track: TrackId(9),
            ..good.clone()
        },
        Fed {
            data: Vec::new(),
            ..good.clone()
        },
        Fed {
            data: vec![0x65, 1, 2],
            ..good.clone()
        },
        Fed {
            data: vec![0; (1 << 20) + 1],
            ..good.clone()
        },
    ];
    for frame in wrong {
        let error = stage.worker.feed(&[good.clone(), frame], stage.now).unwrap_err();
        assert_eq!(error.index, 1);
    }
    stage.settle();
    assert_eq!(viewer.see(&mut stage), []);
    let mut order = feed_of(viewer.peer, Kind::Video);
    order.track = TrackId(2);
    order.codec.name = "AV1".into();
    stage.apply(vec![Command::AddFeed(order)]).unwrap_err();
}

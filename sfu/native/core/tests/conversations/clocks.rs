//! When pictures were captured, by what publishers tell of their clocks, and without it.
use crate::stage::camera::{Camera, RIDS};
use crate::stage::media::*;
use crate::stage::person::{Heard, Person, Told};
use crate::stage::{Stage, NTP_EPOCH_NANOS};
use forwarder_core::command::{AddTap, Command, H264Form};
use forwarder_core::frame::Frame;
use forwarder_core::handle::{SlotId, TapId, TrackId};
use forwarder_core::rtcp::{Ntp, SenderInfo};
use std::time::Duration;

const HOUR_NANOS: u64 = 3_600_000_000_000;
/// First timestamps of the layers: of which some wrap while they are looked at.
const WRAPS: [[u32; 3]; 3] = [
    [1_000, 1 << 31, 7],
    [u32::MAX - 9_000, u32::MAX, 0],
    [u32::MAX - 80_000, (1 << 31) - 1, u32::MAX - 3_600],
];

fn tap(tap: u32, rid: Option<&str>) -> Command {
    Command::AddTap(AddTap {
        tap: TapId(tap),
        track: TrackId(1),
        rid: rid.map(str::to_owned),
        window: Duration::from_millis(200),
        while_closed: false,
        form: H264Form::AnnexB,
    })
}

/// A camera of which every layer is tapped and sends.
fn lesson(stage: &mut Stage, timestamps: [u32; 3]) -> Camera {
    let mut camera = Camera::new(stage);
    for (layer, first) in camera.layers.iter_mut().zip(timestamps) {
        layer.next.timestamp = first;
    }
    camera.picture(stage, &[0, 1, 2]);
    for (number, rid) in RIDS.into_iter().enumerate() {
        stage.order(tap(1 + number as u32, Some(rid)));
    }
    camera
}

fn frames(stage: &mut Stage) -> Vec<Frame> {
    let mut frames = Vec::new();
    stage.worker.frames(&mut frames);
    frames
}

/// Each layer's frames are told to be of the moment when they were sent, or of none.
fn assert_known(stage: &mut Stage, known: [bool; 3]) {
    let frames = frames(stage);
    for (number, is_known) in known.into_iter().enumerate() {
        let of_layer: Vec<&Frame> = frames
            .iter()
            .filter(|frame| frame.tap == TapId(1 + number as u32))
            .collect();
        assert!(!of_layer.is_empty());
        for frame in of_layer {
            let late = frame
                .captured
                .map(|at| at.as_nanos().abs_diff(frame.arrived.as_nanos()));
            assert_eq!(
                late.map(|late| late < 100_000),
                is_known.then_some(true),
                "{late:?}"
            );
        }
    }
}

#[test]
fn a_layers_pictures_have_a_time_from_its_own_report_on() {
    for timestamps in WRAPS {
        let mut stage = Stage::new();
        let mut camera = lesson(&mut stage, timestamps);
        let mut known = [false; 3];
        camera.pictures(&mut stage, 3);
        assert_known(&mut stage, known);
        for layer in [2, 0, 1] {
            camera.report(&mut stage, layer);
            known[layer] = true;
            camera.pictures(&mut stage, 7);
            assert_known(&mut stage, known);
        }
    }
}

#[test]
fn a_clock_that_is_set_moves_no_layer_whichever_reports_first() {
    for timestamps in WRAPS {
        for set_by_ms in [-86_400_000, -3_600_000, -1_900, -300, -60, 60, 1_900, 3_600_000] {
            let mut stage = Stage::new();
            let mut camera = lesson(&mut stage, timestamps);
            let clock = |stage: &Stage, ms: i64| {
                Ntp::from_nanos(NTP_EPOCH_NANOS + stage.now.as_nanos()).later(ms * 1_000_000)
            };
            (0..3).for_each(|layer| camera.report(&mut stage, layer));
            camera.pictures(&mut stage, 5);
            frames(&mut stage);
            for layer in [1, 2, 0, 1] {
                let shown = clock(&stage, set_by_ms);
                camera.report_by(&mut stage, layer, shown);
                camera.pictures(&mut stage, 5);
                assert_known(&mut stage, [true; 3]);
            }
        }
    }
}

#[test]
fn a_clock_that_is_set_while_its_stream_pauses_is_forgotten_of_every_layer_until_it_reports_again() {
    for timestamps in WRAPS {
        let mut stage = Stage::new();
        let mut camera = lesson(&mut stage, timestamps);
        (0..3).for_each(|layer| camera.report(&mut stage, layer));
        camera.pictures(&mut stage, 5);
        frames(&mut stage);
        let set = |stage: &Stage| Ntp::from_nanos(NTP_EPOCH_NANOS + stage.now.as_nanos() - HOUR_NANOS);
        // Ten seconds of its stream that nobody sent: by how much the clock was set cannot be told.
        camera.layers[1].next.timestamp = camera.layers[1].next.timestamp.wrapping_add(900_000);
        let now = set(&stage);
        camera.report_by(&mut stage, 1, now);
        camera.pictures(&mut stage, 5);
        assert_known(&mut stage, [false, true, false]);
        for layer in [0, 2] {
            let now = set(&stage);
            camera.report_by(&mut stage, layer, now);
        }
        camera.pictures(&mut stage, 5);
        assert_known(&mut stage, [true; 3]);
    }
}

#[test]
fn a_publisher_without_a_clock_tells_no_time_and_its_layers_are_not_changed() {
    let mut stage = Stage::new();
    let mut camera = lesson(&mut stage, WRAPS[1]);
    let mut viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    let first = stage.slot(1).rid;
    for rid in RIDS {
        stage.order(Command::ChooseLayer {
            slot: SlotId(1),
            rid: Some(rid.into()),
        });
        for _ in 0..3 {
            // RFC 3550 section 6.4.1: who has no clock writes zero.
            (0..3).for_each(|layer| camera.report_by(&mut stage, layer, Ntp(0)));
            camera.picture(&mut stage, &[0, 1, 2]);
            camera.pictures(&mut stage, 24);
        }
    }
    assert_known(&mut stage, [false; 3]);
    assert_eq!(stage.slot(1).rid, first);
    assert_told_when_seen(&mut stage, &mut viewer, 3_600);
}

/// What a viewer is told of the slot's clock is what it saw, to a picture's length.
fn assert_told_when_seen(stage: &mut Stage, viewer: &mut Person, picture: u32) {
    let (mut newest, mut reports) = (None, 0);
    for (at, heard) in viewer.hear_at(stage) {
        match heard {
            Heard::Media(packet) => newest = Some((at, packet.timestamp)),
            Heard::Told(Told::SenderReport(report)) => {
                let (sent_at, timestamp) = newest.expect("a picture before its report");
                let elapsed = at.since(sent_at).as_micros() as u32 * 90 / 1_000;
                let off = report.rtp_timestamp.wrapping_sub(timestamp.wrapping_add(elapsed)) as i32;
                assert!(off.unsigned_abs() <= picture, "{off} units");
                reports += 1;
            }
            _ => {}
        }
    }
    assert!(reports >= 3);
}

/// Marks the packets of a picture as of a temporal layer.
fn of_temporal_layer(mut packets: Vec<Rtp>, layer: u8) -> Vec<Rtp> {
    for packet in &mut packets {
        match packet.payload_type {
            VP8 => packet.payload[5] |= layer << 6,
            _ => packet.payload[3] |= layer << 5,
        }
    }
    packets
}

#[test]
fn upper_temporal_layers_go_and_come_without_a_loss_and_on_one_clock() {
    for (make, first) in [
        (Stream::vp8 as fn(u32) -> Stream, 7),
        (Stream::vp8, u32::MAX - 3_600 * 41),
        (Stream::vp9, u32::MAX - 3_600 * 60),
    ] {
        let (mut stage, mut stream) = (Stage::new(), make(10).starting_at(65_500, first));
        let (mut publisher, mut viewer) = (stage.join(), stage.join());
        stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
        stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
        stage.bind(1, 1);
        stage.order(tap(1, None));
        let report = SenderInfo {
            ssrc: 10,
            ntp: Ntp::from_nanos(NTP_EPOCH_NANOS + stage.now.as_nanos()),
            rtp_timestamp: stream.next.timestamp,
            ..SenderInfo::default()
        };
        let mut steps = Vec::new();
        for at in 0..120 {
            let layer = [0, 2, 1, 2][at % 4];
            let is_left_out = (40..80).contains(&at) && layer > 0;
            if is_left_out {
                stream.next.timestamp = stream.next.timestamp.wrapping_add(3_600);
            } else {
                publisher.send_all(&mut stage, &of_temporal_layer(stream.picture(at == 0, 2), layer));
                steps.push(at as u32);
            }
            if at == 0 {
                publisher.tell(&mut stage, |writer| writer.sender_report(&report, &[]).unwrap());
            }
            stage.pass(40);
        }
        let frames = frames(&mut stage);
        assert_eq!(frames.len(), steps.len());
        for (frame, step) in frames.iter().zip(&steps) {
            assert_eq!((frame.lost_packets, frame.lost), (0, Duration::ZERO));
            assert_eq!(frame.timestamp - frames[0].timestamp, u64::from(step * 3_600));
        }
        let known = frames[1..].iter().map(|frame| frame.captured.unwrap());
        let late = known
            .zip(&frames[1..])
            .map(|(at, frame)| at.as_nanos().abs_diff(frame.arrived.as_nanos()));
        assert!(late.max().unwrap() < 100_000);
        assert_told_when_seen(&mut stage, &mut viewer, 90);
    }
}

use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::{Stage, NTP_EPOCH_NANOS};
use forwarder_core::codec::Codec;
use forwarder_core::command::{AddTap, Command, H264Form};
use forwarder_core::frame::Frame;
use forwarder_core::handle::{TapId, TrackId};
use forwarder_core::rtcp::{Ntp, SenderInfo};
use std::time::Duration;

fn tap(tap: u32, track: u32) -> AddTap {
    AddTap {
        tap: TapId(tap),
        track: TrackId(track),
        rid: None,
        window: Duration::from_millis(1_000),
        while_closed: false,
        form: H264Form::AnnexB,
    }
}

/// A publisher with one track, tapped.
fn lesson(stage: &mut Stage, video: bool) -> Person {
    let publisher = stage.join();
    let track = if video { video_track } else { audio_track };
    stage.order(Command::AddTrack(track(1, publisher.peer, 10)));
    stage.order(Command::AddTap(tap(1, 1)));
    publisher
}

fn frames(stage: &mut Stage) -> Vec<Frame> {
    let mut frames = Vec::new();
    stage.worker.frames(&mut frames);
    frames
}

fn play(stage: &mut Stage, person: &mut Person, packets: &[Rtp]) {
    person.send_all(stage, packets);
    stage.pass(40);
}

/// What a VP8 picture of these packets holds, without descriptors.
fn vp8_data(packets: &[Rtp]) -> Vec<u8> {
    packets
        .iter()
        .flat_map(|packet| packet.payload[6..].to_vec())
        .collect()
}

fn asked_for_keyframes(person: &mut Person, stage: &mut Stage) -> usize {
    let told = person.told(stage);
    told.iter().filter(|(_, told)| *told == Told::Pli(10)).count()
}

#[test]
fn pictures_come_whole_and_in_order_whatever_overtakes_what() {
    for wrap in [1_000, 65_531] {
        let mut stage = Stage::new();
        let mut publisher = lesson(&mut stage, true);
        let mut stream = Stream::vp8(10).starting_at(wrap, u32::MAX - 4_000);
        let pictures: Vec<Vec<Rtp>> = (0..3).map(|at| stream.picture(at == 0, 4)).collect();
        let mut sent = pictures.concat();
        sent.swap(1, 2);
        sent.swap(4, 6);
        publisher.send_all(&mut stage, &sent);
        let frames = frames(&mut stage);
        let data: Vec<Vec<u8>> = frames.iter().map(|frame| frame.data.clone()).collect();
        assert_eq!(
            data,
            pictures
                .iter()
                .map(|packets| vp8_data(packets))
                .collect::<Vec<_>>()
        );
        assert!(frames[0].is_keyframe && !frames[1].is_keyframe);
        assert!(frames
            .windows(2)
            .all(|pair| pair[1].timestamp == pair[0].timestamp + 3_600));
        assert!(frames
            .iter()
            .all(|frame| (frame.codec, frame.ssrc, frame.lost_packets) == (Codec::Vp8, 10, 0)));
    }
}

#[test]
fn a_repair_within_the_window_leaves_no_trace() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    let mut stream = Stream::vp8(10);
    let first = stream.picture(true, 4);
    let lost = first[2].clone();
    play(&mut stage, &mut publisher, &[&first[..2], &first[3..]].concat());
    for _ in 0..20 {
        play(&mut stage, &mut publisher, &stream.picture(false, 1));
    }
    assert_eq!(frames(&mut stage), []);
    publisher.send(&mut stage, &lost.as_rtx(11, VP8_RTX, 1));
    let frames = frames(&mut stage);
    assert_eq!((frames.len(), frames[0].data.clone()), (21, vp8_data(&first)));
    assert!(frames
        .iter()
        .all(|frame| frame.lost_packets == 0 && frame.lost.is_zero()));
}

#[test]
fn a_loss_is_given_up_after_the_window_and_written_down() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    let mut stream = Stream::vp8(10);
    play(&mut stage, &mut publisher, &stream.picture(true, 2));
    let mut torn = stream.picture(false, 4);
    torn.remove(1);
    play(&mut stage, &mut publisher, &torn);
    play(&mut stage, &mut publisher, &stream.picture(false, 1));
    assert_eq!(frames(&mut stage).len(), 1);
    publisher.hear(&mut stage);
    stage.pass(919);
    assert_eq!(
        (
            frames(&mut stage),
            asked_for_keyframes(&mut publisher, &mut stage)
        ),
        (vec![], 0)
    );
    stage.pass(1);
    assert_eq!(asked_for_keyframes(&mut publisher, &mut stage), 1);
    play(&mut stage, &mut publisher, &stream.picture(false, 1));
    let keyframe = stream.picture(true, 2);
    play(&mut stage, &mut publisher, &keyframe);
    let [frame] = frames(&mut stage).try_into().unwrap();
    assert_eq!(frame.data, vp8_data(&keyframe));
    // One packet lost, and the three of its picture and the two pictures after it are of no use.
    assert_eq!((frame.lost_packets, frame.lost), (6, Duration::from_millis(160)));
}

#[test]
fn a_lost_first_packet_of_a_picture_is_noticed() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    let mut stream = Stream::vp8(10);
    play(&mut stage, &mut publisher, &stream.picture(true, 1));
    play(&mut stage, &mut publisher, &stream.picture(true, 3)[1..]);
    play(&mut stage, &mut publisher, &stream.picture(true, 1));
    stage.pass(1_000);
    let frames = frames(&mut stage);
    assert_eq!(
        frames.iter().map(|frame| frame.lost_packets).collect::<Vec<_>>(),
        [0, 3]
    );
}

#[test]
fn sound_goes_on_behind_a_loss() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, false);
    let mut stream = Stream::opus(10);
    let sounds: Vec<Rtp> = (0..5).map(|_| stream.sound(3)).collect();
    publisher.send_all(&mut stage, &[&sounds[..2], &sounds[3..]].concat());
    assert_eq!(frames(&mut stage).len(), 2);
    stage.pass(1_000);
    let frames = frames(&mut stage);
    let data: Vec<&[u8]> = frames.iter().map(|frame| &frame.data[..]).collect();
    assert_eq!(data, [&sounds[3].payload[..], &sounds[4].payload[..]]);
    assert_eq!(
        (frames[0].lost_packets, frames[0].lost),
        (1, Duration::from_millis(40))
    );
    assert!(frames[0].is_keyframe && frames[1].lost_packets == 0);
}

#[test]
fn h264_comes_with_start_codes_or_lengths_as_was_asked() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    stage.order(Command::AddTap(AddTap {
        form: H264Form::Avcc,
        ..tap(2, 1)
    }));
    let mut packets = Stream::h264(10).picture(true, 4);
    packets[0].payload = vec![0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3];
    packets[1].payload = vec![0x7c, 0x85, 4, 5];
    packets[2].payload = vec![0x7c, 0x05, 6];
    packets[3].payload = vec![0x7c, 0x45, 7];
    publisher.send_all(&mut stage, &packets);
    let frames = frames(&mut stage);
    let units: [&[u8]; 3] = [&[0x67, 1, 2], &[0x68, 3], &[0x65, 4, 5, 6, 7]];
    let annex_b: Vec<u8> = units
        .iter()
        .flat_map(|unit| [&[0, 0, 0, 1], *unit].concat())
        .collect();
    let avcc: Vec<u8> = units
        .iter()
        .flat_map(|unit| [&[0, 0, 0, unit.len() as u8], *unit].concat())
        .collect();
    assert_eq!((&frames[0].data, &frames[1].data), (&annex_b, &avcc));
    assert!(frames
        .iter()
        .all(|frame| frame.is_keyframe && frame.codec == Codec::H264));
}

#[test]
fn vp9_and_av1_come_whole_whatever_is_lost_before_their_keyframe() {
    for (codec, mut stream) in [(Codec::Vp9, Stream::vp9(10)), (Codec::Av1, Stream::av1(10))] {
        let mut stage = Stage::new();
        let mut publisher = lesson(&mut stage, true);
        play(&mut stage, &mut publisher, &stream.picture(true, 3));
        play(&mut stage, &mut publisher, &stream.picture(false, 3)[1..]);
        play(&mut stage, &mut publisher, &stream.picture(false, 2));
        stage.pass(1_000);
        let key = stream.picture(true, 2);
        play(&mut stage, &mut publisher, &key);
        play(&mut stage, &mut publisher, &stream.picture(false, 1));
        let frames = frames(&mut stage);
        let told: Vec<(bool, u64)> = frames
            .iter()
            .map(|frame| (frame.is_keyframe, frame.lost_packets))
            .collect();
        assert_eq!(told, [(true, 0), (true, 5), (false, 0)], "{codec:?}");
        assert!(frames.iter().all(|frame| frame.codec == codec));
        let data = match codec {
            Codec::Vp9 => [&key[0].payload[5..], &key[1].payload[5..]].concat(),
            // The frame's length in two bytes of seven bits.
            _ => [
                &[0x0a, 1, 7, 0x32, 0x8d, 0x0e],
                &key[0].payload[5..],
                &key[1].payload[1..],
            ]
            .concat(),
        };
        assert_eq!(frames[1].data, data, "{codec:?}");
    }
}

#[test]
fn another_codec_in_the_same_stream_is_told_with_its_frames() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    let mut stream = Stream::vp9(10);
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    let mut unfinished = stream.picture(false, 1);
    unfinished[0].marker = false;
    publisher.send_all(&mut stage, &unfinished);
    stream.next.payload_type = AV1;
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    let codecs: Vec<Codec> = frames(&mut stage).iter().map(|frame| frame.codec).collect();
    assert_eq!(codecs, [Codec::Vp9, Codec::Vp9, Codec::Av1]);
}

#[test]
fn the_time_of_capture_is_the_nodes_by_sender_reports() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, false);
    let mut stream = Stream::opus(10);
    publisher.send(&mut stage, &stream.sound(1));
    let now = stage.now;
    let reported = SenderInfo {
        ssrc: 10,
        ntp: Ntp::from_nanos(NTP_EPOCH_NANOS / 2),
        rtp_timestamp: stream.next.timestamp - 480,
        ..SenderInfo::default()
    };
    publisher.tell(&mut stage, |writer| writer.sender_report(&reported, &[]).unwrap());
    stage.pass(50);
    publisher.send(&mut stage, &stream.sound(1));
    let frames = frames(&mut stage);
    assert_eq!((frames[0].captured, frames[0].arrived), (None, now));
    // 10 ms after the report, which is taken to have left when it came.
    let captured = frames[1].captured.unwrap().as_nanos() as i64;
    assert!(
        (captured - (now.as_nanos() as i64 + 10_000_000)).abs() < 100_000,
        "{captured}"
    );
}

#[test]
fn a_closed_track_is_read_only_on_purpose() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, false);
    stage.order(Command::AddTap(AddTap {
        while_closed: true,
        ..tap(2, 1)
    }));
    let mut stream = Stream::opus(10);
    for open in [true, false, true] {
        stage.open(1, open);
        publisher.send(&mut stage, &stream.sound(1));
    }
    let frames = frames(&mut stage);
    let of = |tap: u32| frames.iter().filter(|frame| frame.tap == TapId(tap)).count();
    assert_eq!((of(1), of(2)), (2, 3));
    assert!(frames.iter().all(|frame| frame.lost_packets == 0));
}

#[test]
fn a_late_tap_begins_with_the_kept_group_or_asks_for_a_keyframe() {
    for wait in [100, 3_000] {
        let mut stage = Stage::new();
        let mut publisher = lesson(&mut stage, true);
        let mut stream = Stream::vp8(10);
        publisher.send_all(&mut stage, &stream.picture(true, 3));
        publisher.send_all(&mut stage, &stream.picture(false, 3));
        stage.pass(wait);
        publisher.hear(&mut stage);
        frames(&mut stage);
        stage.order(Command::AddTap(tap(2, 1)));
        let (came, asked) = (
            frames(&mut stage),
            asked_for_keyframes(&mut publisher, &mut stage),
        );
        assert_eq!((came.len(), asked), if wait < 2_000 { (2, 0) } else { (0, 1) });
    }
}

#[test]
fn what_a_sleeping_reader_misses_is_a_gap_before_the_next_keyframe() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    let mut stream = Stream::vp8(10);
    let pictures = 1_400;
    for at in 0..pictures {
        publisher.send_all(&mut stage, &stream.picture(at == 0, 15));
    }
    let read = frames(&mut stage);
    assert!(read.len() < pictures && read.iter().map(|frame| frame.data.len()).sum::<usize>() <= 16 << 20);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    assert_eq!(frames(&mut stage), []);
    publisher.send_all(&mut stage, &stream.picture(true, 1));
    let [frame] = frames(&mut stage).try_into().unwrap();
    assert_eq!(frame.lost_packets, (pictures - read.len()) as u64 * 15 + 1);
}

#[test]
fn a_stream_that_begins_anew_says_so_by_its_ssrc() {
    let mut stage = Stage::new();
    let mut publisher = lesson(&mut stage, true);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 1));
    stage.order(Command::RemoveTrack(TrackId(1)));
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 30)));
    stage.order(Command::AddTap(tap(1, 1)));
    publisher.send_all(&mut stage, &Stream::vp8(30).picture(true, 1));
    let ssrcs: Vec<u32> = frames(&mut stage).iter().map(|frame| frame.ssrc).collect();
    assert_eq!(ssrcs, [10, 30]);
}

#[test]
fn a_tap_that_cannot_be_is_refused() {
    let mut stage = Stage::new();
    lesson(&mut stage, true);
    let wrong = [
        Command::AddTap(tap(1, 1)),
        Command::AddTap(tap(2, 9)),
        Command::AddTap(tap(0, 1)),
        Command::AddTap(AddTap {
            window: Duration::from_secs(9),
            ..tap(2, 1)
        }),
        Command::RemoveTap(TapId(7)),
    ];
    for command in wrong {
        stage.apply(vec![command]).unwrap_err();
    }
    stage
        .apply(vec![Command::RemoveTap(TapId(1)), Command::AddTap(tap(1, 1))])
        .unwrap();
}

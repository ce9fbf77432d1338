use crate::stage::media::*;
use crate::stage::person::{Heard, Person};
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::handle::SlotId;
use forwarder_core::srtp::Profile;
use forwarder_core::time::Time;

/// Two publishers with a camera each, and a viewer with one slot, bound to the first.
fn lesson(stage: &mut Stage) -> (Person, Person, Person) {
    let (first, second) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(video_track(1, first.peer, 10)));
    stage.order(Command::AddTrack(video_track(2, second.peer, 20)));
    let viewer = stage.join();
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (first, second, viewer)
}

/// Sends some pictures, one each 40 ms.
fn play(stage: &mut Stage, person: &mut Person, stream: &mut Stream, pictures: usize, with_keyframe: bool) {
    for at in 0..pictures {
        person.send_all(stage, &stream.picture(with_keyframe && at == 0, 3));
        stage.pass(40);
    }
}

/// What left for the viewer, with the time in ms.
fn seen_at(viewer: &mut Person, stage: &mut Stage) -> Vec<(u64, Rtp)> {
    let media = |(at, heard): (Time, Heard)| match heard {
        Heard::Media(packet) => Some((at.as_nanos() / 1_000_000, packet)),
        _ => None,
    };
    viewer.hear_at(stage).into_iter().filter_map(media).collect()
}

/// Every sequence number follows the one before, and VP8's numbers too; timestamps rise at the true pace.
fn assert_seamless(seen: &[(u64, Rtp)]) {
    for pair in seen.windows(2) {
        let ((before_at, before), (after_at, after)) = (&pair[0], &pair[1]);
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
        let step = after.timestamp.wrapping_sub(before.timestamp);
        assert_eq!(u64::from(step), (after_at - before_at) * 90);
        let (numbers, next) = (vp8_numbers(&before.payload), vp8_numbers(&after.payload));
        if step == 0 {
            assert_eq!(next, numbers);
            continue;
        }
        let keyframe = after.payload[6] == 0;
        let expected = (
            (numbers.0 + 1) & 0x7fff,
            numbers.1.wrapping_add(1),
            (numbers.2 + u8::from(keyframe)) & 0x1f,
        );
        assert_eq!(next, expected);
    }
}

/// Swaps the slot to and fro, each time with a keyframe, after the kept groups have grown too old.
fn swap_to_and_fro(
    stage: &mut Stage,
    people: [&mut Person; 2],
    streams: [&mut Stream; 2],
    viewer: &mut Person,
) {
    let mut seen = seen_at(viewer, stage);
    let [first, second] = people;
    let [one, two] = streams;
    for round in 0..10 {
        let (person, stream, track) = if round % 2 == 0 {
            (&mut *second, &mut *two, 2)
        } else {
            (&mut *first, &mut *one, 1)
        };
        stage.pass(2_050);
        stage.bind(1, track);
        play(stage, person, stream, 4, true);
        seen.extend(seen_at(viewer, stage));
    }
    assert!(seen.len() >= 10 * 4 * 3);
    assert_seamless(&seen);
}

#[test]
fn a_swap_is_seamless_wherever_the_publishers_numbers_wrap() {
    let wraps = [
        (65_528, u32::MAX - 9_000, 0x7ffc),
        (65_535, u32::MAX, 0x7fff),
        (0, 0, 0),
        (32_767, 1 << 31, 127),
    ];
    for (seed, (sequence, timestamp, picture)) in (0..).zip(wraps) {
        let mut stage = Stage::with(Profile::AeadAes128Gcm, seed);
        let (mut first, mut second, mut viewer) = lesson(&mut stage);
        let mut one = Stream::vp8(10).starting_at(sequence, timestamp);
        let mut two = Stream::vp8(20).starting_at(sequence.wrapping_mul(7), timestamp.wrapping_mul(5));
        (one.picture, two.picture) = ((picture, 253, 30), (picture / 3, 77, 12));
        play(&mut stage, &mut first, &mut one, 4, true);
        swap_to_and_fro(
            &mut stage,
            [&mut first, &mut second],
            [&mut one, &mut two],
            &mut viewer,
        );
    }
}

#[test]
fn a_swap_is_seamless_while_the_slots_own_numbers_wrap() {
    for seed in 0..3 {
        let mut stage = Stage::with(Profile::AeadAes128Gcm, seed);
        let (mut first, mut second, mut viewer) = lesson(&mut stage);
        let (mut one, mut two) = (Stream::vp8(10), Stream::vp8(20).starting_at(60_000, 7));
        first.send_all(&mut stage, &one.picture(true, 1));
        let begun = viewer.see(&mut stage)[0].sequence;
        for _ in begun..65_470 {
            first.send_all(&mut stage, &one.picture(false, 1));
        }
        assert_eq!(viewer.see(&mut stage).last().unwrap().sequence, 65_470);
        swap_to_and_fro(
            &mut stage,
            [&mut first, &mut second],
            [&mut one, &mut two],
            &mut viewer,
        );
    }
}

#[test]
fn sound_swapped_a_thousand_times_keeps_its_numbers_through_roll_overs() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = (stage.join(), stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, first.peer, 10)));
    stage.order(Command::AddTrack(audio_track(2, second.peer, 20)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    let (mut one, mut two) = (Stream::opus(10), Stream::opus(20).starting_at(60_000, 7));
    let mut last = None;
    let mut wraps = 0;
    for round in 0..1_200 {
        let (person, stream, track) = if round % 2 == 0 {
            (&mut first, &mut one, 1)
        } else {
            (&mut second, &mut two, 2)
        };
        stage.bind(1, track);
        for _ in 0..120 {
            person.send(&mut stage, &stream.sound(1));
        }
        for packet in viewer.see(&mut stage) {
            assert_eq!(
                packet.sequence,
                last.map_or(packet.sequence, |last: u16| last.wrapping_add(1))
            );
            wraps += usize::from(packet.sequence == 0);
            last = Some(packet.sequence);
        }
    }
    assert_eq!((wraps >= 2, stage.slot(1).packets), (true, 144_000));
}

#[test]
fn a_gap_of_the_publisher_stays_a_gap_and_its_repair_fills_it() {
    let mut stage = Stage::new();
    let (mut first, _, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10).starting_at(65_533, 0);
    let mut pictures: Vec<Rtp> = stream.picture(true, 3);
    pictures.extend(stream.picture(false, 3));
    let lost = pictures.remove(2);
    first.send_all(&mut stage, &pictures);
    let seen = viewer.see(&mut stage);
    assert_eq!(seen[2].sequence, seen[1].sequence.wrapping_add(2));
    first.send(&mut stage, &lost.as_rtx(11, VP8_RTX, 9));
    let [repaired] = viewer.see(&mut stage).try_into().unwrap();
    assert_eq!(
        (repaired.sequence, &repaired.payload[10..12]),
        (seen[1].sequence.wrapping_add(1), &[255, 255][..])
    );
    assert_eq!((stage.track(1).repaired, stage.track(1).lost), (1, 0));
}

#[test]
fn sound_goes_on_at_the_true_pace_after_a_swap_and_a_pause() {
    let mut stage = Stage::new();
    let (mut first, mut second, mut viewer) = (stage.join(), stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, first.peer, 10)));
    stage.order(Command::AddTrack(audio_track(2, second.peer, 20)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    let (mut one, mut two) = (
        Stream::opus(10),
        Stream::opus(20).starting_at(65_535, u32::MAX - 100),
    );
    stage.bind(1, 1);
    first.send(&mut stage, &one.sound(1));
    stage.bind(1, None);
    stage.pass(500);
    first.send(&mut stage, &one.sound(1));
    stage.bind(1, 2);
    second.send(&mut stage, &two.sound(1));
    let seen = viewer.see(&mut stage);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].sequence, seen[0].sequence.wrapping_add(1));
    assert_eq!(seen[1].timestamp.wrapping_sub(seen[0].timestamp), 24_000);
}

#[test]
fn a_slot_that_lives_again_goes_on_with_its_ssrcs_numbers() {
    let mut stage = Stage::new();
    let (mut first, _, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    play(&mut stage, &mut first, &mut stream, 2, true);
    let before = viewer.see(&mut stage);
    stage.order(Command::RemoveSlot(SlotId(1)));
    stage.order(Command::AddSlot(video_slot(5, viewer.peer, 7_000)));
    stage.bind(5, 1);
    play(&mut stage, &mut first, &mut stream, 2, true);
    let after = viewer.see(&mut stage);
    assert!(!after.is_empty());
    assert_eq!(after[0].sequence, before.last().unwrap().sequence.wrapping_add(1));
}

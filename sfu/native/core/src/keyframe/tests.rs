use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn at(ms: u64) -> Time {
    Time::from_millis(ms)
}

/// Times at which requests leave while `want` is called each `every_ms` for five seconds.
fn sent(every_ms: u64, round_trip: Duration) -> Vec<u64> {
    let mut requests = Requests::default();
    let step = |ms: u64| {
        if ms % every_ms == 0 {
            requests.want();
        }
        requests.take_due(at(1_000 + ms), round_trip)
    };
    let mut step = step;
    (0..5_000).filter(|&ms| step(ms)).collect()
}

fn packet(sequence: u64, timestamp: u32, at_ms: u64, starts: bool, payload: &[u8]) -> Packet<'_> {
    let arrival = at(at_ms);
    Packet {
        sequence,
        timestamp,
        arrival,
        marker: false,
        codec: 0,
        level: None,
        starts,
        mark: 0,
        payload,
    }
}

/// Takes a packet in where nothing behind it is known.
fn take(group: &mut Group, packet: &Packet<'_>) -> bool {
    group.packet(packet, |_| Held::default())
}

#[test]
fn requests_are_merged_to_one_per_500_ms() {
    assert_eq!(sent(1, MS(20)), (0..5_000).step_by(500).collect::<Vec<_>>());
}

#[test]
fn an_unanswered_request_is_repeated_when_the_answer_could_be_here() {
    assert_eq!(sent(10_000, MS(20))[..3], [0, 500, 1_000]);
    assert_eq!(sent(10_000, MS(600))[..3], [0, 1_200, 2_400]);
}

#[test]
fn a_publisher_that_does_not_listen_is_not_asked_for_ever() {
    let mut requests = Requests::default();
    requests.want();
    let count = (0..60_000)
        .filter(|&ms| requests.take_due(at(ms), MS(20)))
        .count();
    assert_eq!((count, requests.deadline(MS(20))), (10, Time::NEVER));
}

#[test]
fn a_keyframe_ends_the_asking() {
    let mut requests = Requests::default();
    requests.want();
    assert!(requests.take_due(at(0), MS(20)));
    requests.satisfied();
    assert!((0..5_000).all(|ms| !requests.take_due(at(ms), MS(20))));
}

#[test]
fn a_group_begins_at_the_keyframe_and_ends_its_use_after_two_seconds() {
    let mut group = Group::default();
    assert!(!take(&mut group, &packet(100, 1, 0, false, b"p")));
    assert_eq!(group.usable(at(0)), None);
    assert!(take(&mut group, &packet(101, 2, 40, true, b"k")));
    assert!(!take(&mut group, &packet(102, 2, 40, true, b"k")));
    assert_eq!(
        (group.usable(at(2_040)), group.usable(at(2_041))),
        (Some(101), None)
    );
}

#[test]
fn a_group_over_a_mebibyte_is_not_used() {
    let mut group = Group::default();
    take(&mut group, &packet(100, 1, 0, true, &[0; 1_000]));
    for sequence in 101..1_148 {
        take(&mut group, &packet(sequence, 2, 1, false, &[0; 1_000]));
    }
    assert_eq!(group.usable(at(1)), Some(100));
    take(&mut group, &packet(1_148, 2, 1, false, &[0; 1_000]));
    assert_eq!(group.usable(at(1)), None);
}

#[test]
fn missed_packets_before_a_keyframe_are_taken_as_its_own() {
    let mut group = Group::default();
    take(&mut group, &packet(100, 1, 0, false, b"p"));
    take(&mut group, &packet(103, 2, 1, true, b"k"));
    take(&mut group, &packet(102, 2, 1, true, b"k"));
    assert_eq!(group.usable(at(1)), None);
    take(&mut group, &packet(101, 2, 1, true, b"k"));
    assert_eq!(group.usable(at(1)), Some(101));
    take(&mut group, &packet(150, 3, 1, true, b"k"));
    assert_eq!(group.usable(at(1)), Some(150));
}

#[test]
fn a_group_with_a_hole_is_not_used_until_the_hole_is_filled() {
    let mut group = Group::default();
    for sequence in [100, 101, 103, 104] {
        take(&mut group, &packet(sequence, 1, 0, sequence == 100, b"k"));
    }
    assert_eq!(group.usable(at(1)), None);
    take(&mut group, &packet(99, 0, 1, false, b"p"));
    assert_eq!(group.usable(at(1)), None);
    take(&mut group, &packet(102, 1, 1, false, b"k"));
    assert_eq!(group.usable(at(1)), Some(100));
}

#[test]
fn an_old_keyframe_that_comes_late_does_not_replace_the_group() {
    let mut group = Group::default();
    take(&mut group, &packet(100, 1, 0, false, b"p"));
    take(&mut group, &packet(110, 3, 5, true, b"k"));
    assert!(!take(&mut group, &packet(105, 2, 6, true, b"k")));
    assert_eq!(group.start.unwrap().sequence, 110);
}

#[test]
fn a_keyframes_beginning_that_comes_last_begins_the_group() {
    let mut group = Group::default();
    take(&mut group, &packet(100, 1, 0, true, b"k"));
    take(&mut group, &packet(102, 2, 5, false, b"k"));
    take(&mut group, &packet(103, 2, 5, false, b"k"));
    let behind = Held { packets: 2, bytes: 2 };
    let held_from = |sequence| {
        assert_eq!(sequence, 102);
        behind
    };
    assert!(group.packet(&packet(101, 2, 9, true, b"k"), held_from));
    assert_eq!(group.usable(at(9)), Some(101));
}

#[test]
fn another_codec_ends_the_group() {
    let mut group = Group::default();
    take(&mut group, &packet(100, 1, 0, true, b"k"));
    let other = |sequence, starts| Packet {
        codec: 1,
        ..packet(sequence, sequence as u32, 1, starts, b"o")
    };
    assert!(!take(&mut group, &other(101, false)));
    assert_eq!(group.usable(at(1)), None);
    assert!(!take(&mut group, &packet(99, 0, 2, true, b"k")));
    assert!(take(&mut group, &other(102, true)));
    assert_eq!(group.usable(at(2)), Some(102));
}

#[test]
fn a_request_is_answered_by_what_travels_else_by_a_young_group_else_by_the_publisher() {
    let ago = |ms: u64| Some(at(10_000 - ms));
    let answer = |keyframe, group, kept, viewer, publisher| {
        let given = Given {
            keyframe,
            group,
            kept,
        };
        given.answer(MS(viewer), MS(publisher), at(10_000))
    };
    let cases = [
        (None, None, None, 40, 40, Answer::Ask),
        (ago(39), None, ago(39), 40, 40, Answer::OnItsWay),
        (ago(40), None, ago(40), 40, 40, Answer::Group),
        (ago(599), None, ago(599), 600, 40, Answer::OnItsWay),
        (ago(600), None, ago(600), 600, 40, Answer::Ask),
        (ago(600), None, ago(600), 600, 600, Answer::Group),
        (ago(500), None, ago(500), 40, 40, Answer::Group),
        (ago(501), None, ago(501), 40, 40, Answer::Ask),
        (ago(100), ago(499), ago(100), 40, 40, Answer::Ask),
        (ago(100), ago(500), ago(100), 40, 40, Answer::Group),
        (ago(600), ago(599), ago(500), 600, 600, Answer::Ask),
    ];
    for (keyframe, group, kept, viewer, publisher, expected) in cases {
        assert_eq!(
            answer(keyframe, group, kept, viewer, publisher),
            expected,
            "{keyframe:?} {group:?} {kept:?} {viewer} {publisher}"
        );
    }
}

#[test]
fn a_first_request_after_another_waits_for_a_round_trip() {
    assert_eq!(
        sent(1, MS(600)),
        [0, 600, 1_200, 1_800, 2_400, 3_000, 3_600, 4_200, 4_800]
    );
}

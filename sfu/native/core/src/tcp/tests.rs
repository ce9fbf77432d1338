use super::lane::Lane;
use super::*;
use crate::outbox::Cargo;
use crate::time::Time;

fn at(ms: u64) -> Time {
    Time::from_millis(ms)
}

fn framed(packet: &[u8]) -> Vec<u8> {
    [&(packet.len() as u16).to_be_bytes()[..], packet].concat()
}

/// Feeds a stream in pieces of a length and returns its packets; one that is too long is empty.
fn split(stream: &[u8], piece: usize) -> Vec<Option<Vec<u8>>> {
    let (mut splitter, mut packets) = (Splitter::default(), Vec::new());
    let mut buffer = vec![0; LENGTH_LEN + MAX_PACKET_LEN + piece];
    for read in stream.chunks(piece) {
        let kept = splitter.resume(&mut buffer);
        buffer[kept..kept + read.len()].copy_from_slice(read);
        let (bytes, mut from) = (&buffer[..kept + read.len()], 0);
        loop {
            match splitter.next(bytes, &mut from) {
                Part::Packet(range) => packets.push(Some(bytes[range].to_vec())),
                Part::TooLong => packets.push(None),
                Part::End => break,
            }
        }
    }
    packets
}

#[test]
fn packets_come_out_as_they_went_in_however_the_stream_is_cut() {
    let packets: [&[u8]; 5] = [b"first", b"", &[7; MAX_PACKET_LEN], b"x", b"last"];
    let stream: Vec<u8> = packets.iter().flat_map(|packet| framed(packet)).collect();
    for piece in [1, 2, 3, 7, 100, 2_050, 10_000] {
        let expected: Vec<_> = packets.iter().map(|packet| Some(packet.to_vec())).collect();
        assert_eq!(split(&stream, piece), expected, "pieces of {piece}");
    }
}

#[test]
fn a_packet_that_is_too_long_is_passed_over_and_the_next_is_found() {
    for len in [MAX_PACKET_LEN + 1, 65_535] {
        let stream = [framed(&vec![1; len]), framed(b"next")].concat();
        for piece in [1, 2, 1_000, 100_000] {
            assert_eq!(
                split(&stream, piece),
                [None, Some(b"next".to_vec())],
                "{len} by {piece}"
            );
        }
    }
}

#[test]
fn only_the_first_byte_of_tls_is_taken_for_it_and_no_packet_can_begin_so() {
    let firsts: Vec<u8> = (0..=255).filter(|&first| is_tls(first)).collect();
    assert_eq!(firsts, [22]);
    assert_eq!(split(&[22, 3, 1], 3), [None]);
}

#[test]
fn an_unfinished_packet_is_no_packet() {
    assert_eq!(split(&[0], 1), []);
    assert_eq!(split(&[0, 3, 1, 2], 3), []);
}

/// All that waits, packet by packet and without the lengths.
fn waiting(queue: &Queue) -> Vec<Vec<u8>> {
    queue
        .waiting()
        .map(|packet| packet[LENGTH_LEN..].to_vec())
        .collect()
}

fn push(queue: &mut Queue, cargo: Cargo, packet: &[u8], ms: u64) -> Dropped {
    queue.push(cargo, packet, at(ms))
}

const VIDEO: Dropped = Dropped {
    control: 0,
    audio: 0,
    video: 1,
};

#[test]
fn control_leaves_before_voices_and_voices_before_pictures() {
    let mut queue = Queue::default();
    for (cargo, packet) in [
        (Cargo::Video, b"v1"),
        (Cargo::Audio, b"a1"),
        (Cargo::Video, b"v2"),
        (Cargo::Control, b"c1"),
        (Cargo::Audio, b"a2"),
    ] {
        assert!(push(&mut queue, cargo, packet, 0).is_none());
    }
    assert_eq!(waiting(&queue), [b"c1", b"a1", b"a2", b"v1", b"v2"]);
    queue.written(8);
    assert_eq!(waiting(&queue), [b"a2", b"v1", b"v2"]);
    queue.written(12);
    assert!(queue.is_empty());
}

/// What a reader of the stream gets when writes stop in the middle of packets and new ones come in between.
#[test]
fn a_packet_of_which_a_part_has_left_is_finished_before_anything_else() {
    for step in [1, 2, 3, 5] {
        let (mut queue, mut stream) = (Queue::default(), Vec::new());
        push(&mut queue, Cargo::Video, b"picture", 0);
        let write = |queue: &mut Queue, stream: &mut Vec<u8>| {
            let bytes: Vec<u8> = queue.waiting().flatten().copied().take(step).collect();
            stream.extend(&bytes);
            queue.written(bytes.len());
        };
        write(&mut queue, &mut stream);
        push(&mut queue, Cargo::Audio, b"voice", 10);
        push(&mut queue, Cargo::Control, b"check", 20);
        // Too old, but begun.
        assert!(push(&mut queue, Cargo::Video, b"next", 5_000).audio == 1);
        while !queue.is_empty() {
            write(&mut queue, &mut stream);
        }
        let packets: Vec<_> = split(&stream, 100).into_iter().flatten().collect();
        assert_eq!(packets, [&b"picture"[..], b"check", b"next"], "steps of {step}");
    }
}

#[test]
fn old_pictures_go_first_then_old_voices_and_control_stays() {
    let mut queue = Queue::default();
    for cargo in [Cargo::Control, Cargo::Audio, Cargo::Video] {
        push(&mut queue, cargo, b"old", 0);
    }
    assert!(queue.expire(at(999)).is_none());
    assert_eq!(queue.expire(at(1_000)), VIDEO);
    assert_eq!(queue.expire(at(2_000)).audio, 1);
    assert!(queue.expire(at(60_000)).is_none() && !queue.is_empty());
}

#[test]
fn a_full_queue_drops_its_oldest_pictures_and_no_voice() {
    let mut queue = Queue::default();
    push(&mut queue, Cargo::Audio, b"voice", 0);
    let mut dropped = Dropped::default();
    for number in 0..2_000u16 {
        let packet = [&number.to_be_bytes()[..], &[7; 1_198]].concat();
        dropped.add(&push(&mut queue, Cargo::Video, &packet, 1));
    }
    let left = waiting(&queue);
    assert_eq!((dropped.audio, dropped.control), (0, 0));
    assert_eq!(left.len() as u64, 1 + 2_000 - dropped.video);
    assert!(left.len() > 400, "{} of 512 KiB", left.len());
    let numbers: Vec<u16> = left[1..]
        .iter()
        .map(|packet| u16::from_be_bytes([packet[0], packet[1]]))
        .collect();
    let expected: Vec<u16> = (dropped.video as u16..2_000).collect();
    assert_eq!((left[0].as_slice(), numbers), (&b"voice"[..], expected));
}

#[test]
fn many_small_pictures_and_endless_control_find_their_bound_too() {
    let mut queue = Queue::default();
    for _ in 0..2_000 {
        push(&mut queue, Cargo::Video, b"", 0);
    }
    assert_eq!(waiting(&queue).len(), 1_024);
    let mut queue = Queue::default();
    let dropped: u64 = (0..300)
        .map(|_| push(&mut queue, Cargo::Control, b"c", 0).control)
        .sum();
    assert_eq!((dropped, waiting(&queue).len()), (44, 256));
}

#[test]
fn what_no_reader_could_take_is_not_sent() {
    let mut queue = Queue::default();
    assert_eq!(push(&mut queue, Cargo::Video, &[0; MAX_PACKET_LEN + 1], 0), VIDEO);
    assert!(queue.is_empty());
    assert!(push(&mut queue, Cargo::Video, &[0; MAX_PACKET_LEN], 0).is_none());
}

#[test]
fn a_ring_keeps_packets_whole_and_in_order_round_after_round() {
    let mut lane = Lane::new(100, 16);
    let (mut next_in, mut next_out) = (0u8, 0u8);
    for round in 0..1_000usize {
        let len = 5 + round * 7 % 23;
        while !lane.push([0, len as u8], &vec![next_in; len], at(0)) {
            let oldest = lane.oldest().unwrap();
            assert!(oldest[LENGTH_LEN..].iter().all(|&byte| byte == next_out));
            assert_eq!(usize::from(oldest[1]), oldest.len() - LENGTH_LEN);
            lane.drop_oldest();
            next_out = next_out.wrapping_add(1);
        }
        next_in = next_in.wrapping_add(1);
    }
    assert!(next_out > 100 && !lane.push([0, 101], &[0; 99], at(0)));
}

#[test]
fn who_shows_no_check_in_time_has_to_go() {
    let mut door = Door::default();
    assert_eq!(door.deadline(), Time::NEVER);
    door.enter('a', at(0));
    door.enter('b', at(5));
    door.leave('a');
    assert_eq!((door.deadline(), door.overdue(at(10_004))), (at(10_005), None));
    assert_eq!(
        (door.overdue(at(10_005)), door.overdue(at(99_999))),
        (Some('b'), None)
    );
}

#[test]
fn a_flood_pushes_out_those_who_came_first() {
    let mut door = Door::default();
    for name in 0..MOST_WAITING {
        assert_eq!(door.enter(name, at(0)), None);
    }
    assert_eq!(door.enter(999, at(1)), Some(0));
    door.leave(5);
    assert_eq!(
        (door.enter(1_000, at(1)), door.enter(1_001, at(1))),
        (None, Some(1))
    );
}

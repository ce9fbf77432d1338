use super::*;

fn packet(sequence: u64, timestamp: u32, payload: &[u8]) -> Packet<'_> {
    let arrival = Time::from_millis(0);
    Packet {
        sequence,
        timestamp,
        arrival,
        marker: false,
        codec: 0,
        level: None,
        starts: true,
        mark: 0,
        payload,
    }
}

fn start<'a>(packet: &'a Packet<'a>) -> Start<'a> {
    Start {
        sequence: packet.sequence,
        packet,
        codec: Codec::Vp8,
    }
}

fn tail(sequence: u64, timestamp: u32, at_ms: u64) -> Tail {
    Tail {
        sequence,
        timestamp,
        pace: timestamp,
        at: Time::from_millis(at_ms),
        picture: None,
    }
}

fn edge(timestamp: u32, at_ms: u64) -> Edge {
    Edge {
        timestamp,
        arrival: Time::from_millis(at_ms),
    }
}

/// A VP8 payload with 15-bit picture id, TL0PICIDX and KEYIDX, the first of a keyframe.
fn vp8_payload(id: u16, tl0: u8, key: u8) -> [u8; 8] {
    let [high, low] = (id | 0x8000).to_be_bytes();
    [0x90, 0xf0, high, low, tl0, key & 0x1f, 0x00, 0xff]
}

#[test]
fn numbers_map_both_ways_and_not_before_the_start() {
    let segment = Segment::first(&start(&packet(70_000, 5, b"")), 100_000, 1_000);
    assert_eq!(segment.out_sequence(70_003), Some(100_003));
    assert_eq!(segment.in_sequence(100_003), Some(70_003));
    assert_eq!(
        (segment.out_sequence(69_999), segment.in_sequence(99_999)),
        (None, None)
    );
    assert_eq!(segment.timestamp(25), 1_020);
}

#[test]
fn a_rebinding_goes_on_by_the_time_that_passed() {
    for wrap in [0, u32::MAX - 45_000, u32::MAX] {
        let tail = tail(100, wrap, 1_000);
        let segment = Segment::after(
            &tail,
            &start(&packet(500, 7_777, b"")),
            edge(7_777, 1_500),
            90_000,
        );
        assert_eq!(segment.out_sequence(500), Some(101));
        assert_eq!(segment.timestamp(7_777), wrap.wrapping_add(45_000));
    }
}

#[test]
fn a_kept_group_ends_at_the_present() {
    let tail = tail(100, 0, 1_000);
    let segment = Segment::after(
        &tail,
        &start(&packet(500, 10_000, b"")),
        edge(10_000 + 45_000, 3_000),
        90_000,
    );
    assert_eq!(segment.timestamp(55_000), 180_000);
    assert_eq!(segment.timestamp(10_000), 135_000);
}

#[test]
fn a_group_longer_than_the_pause_never_goes_back_in_time() {
    let tail = tail(100, 50_000, 1_000);
    let segment = Segment::after(
        &tail,
        &start(&packet(500, 10_000, b"")),
        edge(190_000, 1_100),
        90_000,
    );
    assert_eq!(segment.timestamp(10_000), 50_900);
}

#[test]
fn vp8_numbers_go_on_by_one_across_every_wrap() {
    for (id, tl0, key) in [(0, 0, 0), (0x7fff, 255, 31), (77, 200, 5)] {
        let mut before = tail(100, 0, 0);
        before.picture = Some(Picture { id, tl0, key });
        let mut payload = vp8_payload(12_345, 99, 17);
        let segment = Segment::after(&before, &start(&packet(500, 0, &payload)), edge(0, 10), 90_000);
        let written = segment.rewrite(Codec::Vp8, &mut payload).unwrap();
        let next = Picture {
            id: (id + 1) & 0x7fff,
            tl0: tl0.wrapping_add(1),
            key: (key + 1) & 0x1f,
        };
        assert_eq!(
            (written, payload),
            (next, vp8_payload(next.id, next.tl0, next.key))
        );
    }
}

#[test]
fn a_first_segment_leaves_vp8_numbers_alone() {
    let mut payload = vp8_payload(12_345, 99, 17);
    let segment = Segment::first(&start(&packet(500, 0, &[])), 1, 0);
    segment.rewrite(Codec::Vp8, &mut payload);
    assert_eq!(payload, vp8_payload(12_345, 99, 17));
}

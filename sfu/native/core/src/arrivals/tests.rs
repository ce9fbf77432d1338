use super::*;
use crate::rtcp::{packets, Packet, Writer};

fn at(us: u64) -> Time {
    Time::from_nanos(us * 1_000)
}

/// What a sender reads: for each number told of, when it arrived in ticks of 250 µs, or that it did not.
type Told = Vec<(u16, Option<i64>)>;

struct Read {
    reference: u32,
    count: u8,
    chunks: Vec<u16>,
    told: Told,
}

/// Reads a feedback body by the draft's section 3.1, by none of the writer's means.
fn read(body: &[u8]) -> Read {
    let half = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let (base, statuses) = (half(0), half(2) as usize);
    let reference = u32::from_be_bytes([0, body[4], body[5], body[6]]);
    let (mut at, mut symbols, mut chunks) = (8, Vec::new(), Vec::new());
    while symbols.len() < statuses {
        let chunk = half(at);
        chunks.push(chunk);
        at += 2;
        match chunk >> 14 {
            0 | 1 => symbols.extend(vec![chunk >> 13; (chunk & 0x1FFF) as usize]),
            2 => symbols.extend((0..14).rev().map(|bit| chunk >> bit & 1)),
            _ => symbols.extend((0..7).rev().map(|pair| chunk >> (2 * pair) & 3)),
        }
    }
    let mut time = i64::from(reference) * 256;
    let mut told = Vec::new();
    for (offset, symbol) in symbols.into_iter().take(statuses).enumerate() {
        let number = base.wrapping_add(offset as u16);
        let delta = match symbol {
            0 => None,
            1 => Some(i64::from(body[at])),
            2 => Some(i64::from(i16::from_be_bytes([body[at], body[at + 1]]))),
            _ => panic!("a reserved symbol"),
        };
        at += symbol as usize;
        time += delta.unwrap_or(0);
        told.push((number, delta.map(|_| time)));
    }
    assert!(body.len() - at < 4 && body[at..].iter().all(|&byte| byte == 0));
    let count = body[7];
    Read {
        reference,
        count,
        chunks,
        told,
    }
}

/// All feedback that is ready, as it would be read.
fn tell(arrivals: &mut Arrivals) -> Vec<Read> {
    let mut all = Vec::new();
    while let Some(feedback) = arrivals.feedback() {
        let mut buffer = [0xEE; 1_280];
        let mut writer = Writer::new(&mut buffer);
        let Feedback {
            media_ssrc,
            base,
            count,
            statuses,
        } = feedback;
        writer
            .transport_cc(1, media_ssrc, base, count, &statuses)
            .unwrap();
        let len = writer.len();
        let packet = packets(&buffer[..len]).next().unwrap().unwrap();
        let Packet::TransportCc(raw) = packet else {
            panic!()
        };
        assert_eq!(raw.media_ssrc, media_ssrc);
        all.push(read(raw.body));
    }
    all
}

fn told(arrivals: &mut Arrivals) -> Told {
    tell(arrivals).into_iter().flat_map(|read| read.told).collect()
}

#[test]
fn feedback_has_the_bytes_of_the_draft() {
    let mut arrivals = Arrivals::new();
    // 64 ms are 256 ticks: the reference is 3, the first packet came 2 ticks after it.
    for (number, us) in [(10, 192_500), (11, 193_500), (13, 257_500)] {
        arrivals.packet(number, 7, at(us));
    }
    let feedback = arrivals.feedback().unwrap();
    let mut buffer = [0xEE; 64];
    let mut writer = Writer::new(&mut buffer);
    writer
        .transport_cc(1, 7, feedback.base, 5, &feedback.statuses)
        .unwrap();
    let len = writer.len();
    let expected = [
        0x8F,
        205,
        0,
        6,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        7,
        0,
        10,
        0,
        4,
        0,
        0,
        3,
        5,
        // Two symbols a packet: short, short, missing, long; then 2, 4 and 256 ticks.
        0b1101_0100,
        0b1000_0000,
        2,
        4,
        1,
        0,
        0,
        0,
    ];
    assert_eq!(buffer[..len], expected);
}

#[test]
fn a_tight_row_is_one_run_and_scattered_loss_is_bits() {
    let mut arrivals = Arrivals::new();
    (0..100).for_each(|number| arrivals.packet(number, 7, at(64_000)));
    assert_eq!(tell(&mut arrivals)[0].chunks, [1 << 13 | 100]);
    (100..128)
        .filter(|number| number % 3 != 2)
        .for_each(|number| arrivals.packet(number, 7, at(64_000)));
    let chunks = tell(&mut arrivals).remove(0).chunks;
    assert_eq!(chunks, [0b1010_1101_1011_0110, 0b1011_0110_1101_1011]);
}

#[test]
fn every_packet_is_told_of_once_across_the_wrap() {
    for start in [0u16, 0x7FFE, 0xFFF0] {
        let mut arrivals = Arrivals::new();
        let mut all = Vec::new();
        for step in 0..70_000u64 {
            if step % 7 != 3 {
                arrivals.packet(start.wrapping_add(step as u16), 7, at(step * 1_000));
            }
            if step % 50 == 49 {
                all.extend(told(&mut arrivals));
            }
        }
        all.extend(told(&mut arrivals));
        let expected: Told = (0..70_000u64)
            .map(|step| {
                let arrived = step % 7 != 3;
                (
                    start.wrapping_add(step as u16),
                    arrived.then_some(step as i64 * 4),
                )
            })
            .collect();
        assert_eq!(all, expected);
    }
}

#[test]
fn feedback_is_due_50_ms_after_the_first_packet_untold() {
    let mut arrivals = Arrivals::new();
    assert_eq!(arrivals.due(), Time::NEVER);
    arrivals.packet(1, 7, at(1_000));
    arrivals.packet(2, 7, at(30_000));
    assert_eq!(arrivals.due(), at(51_000));
    told(&mut arrivals);
    assert_eq!(arrivals.due(), Time::NEVER);
    arrivals.packet(2, 7, at(60_000));
    assert_eq!(
        (arrivals.due(), arrivals.feedback().is_none()),
        (Time::NEVER, true)
    );
}

#[test]
fn a_packet_that_comes_after_it_was_told_lost_is_told_again() {
    let mut arrivals = Arrivals::new();
    arrivals.packet(10, 7, at(64_000));
    arrivals.packet(12, 7, at(66_000));
    assert_eq!(
        told(&mut arrivals),
        [(10, Some(256)), (11, None), (12, Some(264))]
    );
    arrivals.packet(11, 7, at(80_000));
    assert_eq!(told(&mut arrivals), [(11, Some(320)), (12, Some(264))]);
}

#[test]
fn a_pause_of_eight_seconds_takes_a_reference_of_its_own() {
    let mut arrivals = Arrivals::new();
    arrivals.packet(1, 7, at(0));
    arrivals.packet(2, 7, at(9_000_000));
    let read = tell(&mut arrivals);
    assert_eq!(read.len(), 2);
    assert_eq!((read[0].count, read[1].count), (0, 1));
    assert_eq!(read[1].told, [(2, Some(36_000))]);
}

#[test]
fn the_reference_time_wraps_with_its_24_bits() {
    let mut arrivals = Arrivals::new();
    let turn = (1u64 << 24) * 64_000;
    arrivals.packet(1, 7, at(turn + 128_000));
    assert_eq!(tell(&mut arrivals)[0].reference, 2);
}

#[test]
fn what_one_packet_cannot_hold_leaves_in_the_next() {
    let mut arrivals = Arrivals::new();
    (0..1_000u64).for_each(|number| arrivals.packet(number as u16, 7, at(number * 70_000)));
    let read = tell(&mut arrivals);
    assert!(read.len() >= 3);
    let numbers = read.iter().flat_map(|read| &read.told).map(|&(number, _)| number);
    assert!(numbers.eq(0..1_000));
}

#[test]
fn jumping_numbers_cost_neither_memory_nor_more_than_a_window_of_feedback() {
    let mut arrivals = Arrivals::new();
    let mut random = 1u64;
    for step in 0..20_000u64 {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        arrivals.packet((random >> 40) as u16, 7, at(step * 977));
        if step % 5 == 0 {
            assert!(told(&mut arrivals).len() <= 1_024);
        }
    }
}

use super::*;
use crate::rtcp::{packets, ArrivalStatuses, Packet, Ticks, Writer};
use crate::time::Time;

/// The same numbers each time, from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Ticks since the reference clock's zero of some packets, in one of many moods of a network.
fn arrivals(random: &mut Random) -> Vec<Option<i64>> {
    let (count, loss, spread) = (
        1 + random.below(400),
        random.below(101),
        [1, 4, 300, 9_000][random.below(4) as usize],
    );
    let mut ticks = 256_000 + random.below(1 << 20) as i64;
    let mut made: Vec<Option<i64>> = (0..count)
        .map(|_| {
            ticks += random.below(spread) as i64 - random.below(1 + spread / 3) as i64;
            (random.below(100) >= loss).then_some(ticks)
        })
        .collect();
    *made.last_mut().unwrap() = Some(ticks);
    made
}

/// The body of one report, which may tell of the first of them only.
fn written(arrivals: &[Option<i64>], base: u16) -> Vec<u8> {
    let ticks = arrivals
        .iter()
        .map(|arrival| arrival.map(|ticks| Ticks::at(Time::from_nanos(ticks as u64 * 250_000))));
    let statuses = ArrivalStatuses::gather(ticks).unwrap();
    let mut buffer = [0xEE; 1_400];
    let mut writer = Writer::new(&mut buffer);
    writer.transport_cc(1, 2, base, 3, &statuses).unwrap();
    let len = writer.len();
    let Packet::TransportCc(raw) = packets(&buffer[..len]).next().unwrap().unwrap() else {
        panic!()
    };
    raw.body.to_vec()
}

#[test]
fn whatever_is_written_is_read_back() {
    let (mut random, mut all) = (Random(1), 0);
    for _ in 0..2_000 {
        let (arrivals, base) = (arrivals(&mut random), random.below(1 << 16) as u16);
        let body = written(&arrivals, base);
        let report = ArrivalReport::read(&body).unwrap();
        assert_eq!(report.base, base);
        let told: Vec<_> = report.statuses().collect();
        assert_eq!(told, arrivals[..usize::from(report.count)]);
        all += told.len();
    }
    assert!(all > 200_000);
}

#[test]
fn no_cut_and_no_added_word_is_taken_for_a_report() {
    let mut random = Random(2);
    for _ in 0..50 {
        let body = written(&arrivals(&mut random), 1);
        // Some of the last bytes may only fill the last word.
        for len in 0..body.len() - MAX_FILL {
            assert_eq!(
                ArrivalReport::read(&body[..len]).err(),
                Some(RtcpError::Truncated),
                "{len}"
            );
        }
        let longer = [&body[..], &[0; 4]].concat();
        assert_eq!(ArrivalReport::read(&longer).err(), Some(RtcpError::WrongLength));
    }
}

#[test]
fn what_the_draft_has_no_meaning_for_is_refused() {
    let body = |count: u8, chunk: [u8; 2]| [0, 1, 0, count, 0, 0, 0, 0, chunk[0], chunk[1], 0, 0];
    let cases = [
        ("no status at all", body(0, [0x20, 1])),
        ("an empty run", body(1, [0x20, 0])),
        ("a run of the reserved symbol", body(1, [0x60, 1])),
        ("a reserved symbol among pairs", body(2, [0b1101_1100, 0])),
    ];
    for (name, body) in cases {
        assert_eq!(
            ArrivalReport::read(&body).err(),
            Some(RtcpError::BadStatus),
            "{name}"
        );
    }
    // Behind the last status a chunk may hold anything.
    assert!(ArrivalReport::read(&body(1, [0b1101_1100, 0])).is_ok());
}

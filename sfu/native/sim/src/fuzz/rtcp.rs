//! RTCP compounds: what is read can be written, and then reads the same.
use super::outcome;
use forwarder_core::rtcp::{
    self, ArrivalReport, ArrivalStatuses, Ntp, Packet, ReportBlock, RtcpError, SenderInfo, Ticks, Writer,
};
use forwarder_core::time::Time;
use std::time::Duration;

/// 2^31 in units of 1/65536 s: no round trip is longer than what tells before from after.
const HALF_OF_THE_CIRCLE: Duration = Duration::from_secs(1 << 15);

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let info = SenderInfo {
        ssrc: 1,
        ntp: Ntp(0x0102_0304_0506_0708),
        rtp_timestamp: 9,
        packet_count: 10,
        octet_count: 11,
    };
    let block = ReportBlock {
        ssrc: 2,
        cumulative_lost: -5,
        last_sender_report: 7,
        ..ReportBlock::default()
    };
    // A run of three, fourteen bits, pairs of which three count; their deltas, and what fills the word.
    let transport_cc = [
        &[
            0x8F, 205, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFE, 0, 20, 0, 0, 3, 5,
        ][..],
        &[
            0x20,
            3,
            0xAA,
            0xAA,
            0b1101_1000,
            0,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            1,
            0,
            0,
        ],
    ]
    .concat();
    let remb = [
        &[0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0][..],
        b"REMB\x01\x12\x34\x56\x00\x00\x00\x09",
    ]
    .concat();
    let padded = [0xA1, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4];
    [
        written(|writer| {
            writer.sender_report(&info, &[block, block])?;
            writer.cname(1, b"a canonical name")
        }),
        written(|writer| {
            writer.receiver_report(3, &[block])?;
            writer.nack(3, 1, [65530, 65535, 0, 17, 40])?;
            writer.pli(3, 1)
        }),
        written(|writer| {
            writer.fir(3, 1, 255)?;
            writer.goodbye(&[1, 2, 3])
        }),
        transport_cc,
        remb,
        padded.to_vec(),
    ]
    .to_vec()
}

fn written(write: impl FnOnce(&mut Writer<'_>) -> Result<(), RtcpError>) -> Vec<u8> {
    let mut out = vec![0; 64_000];
    let mut writer = Writer::new(&mut out);
    write(&mut writer).expect("there is room enough");
    let len = writer.len();
    out.truncate(len);
    out
}

pub(super) fn read(input: &[u8]) -> u64 {
    let mut kinds = Vec::new();
    for packet in rtcp::packets(input) {
        kinds.push(match packet {
            Ok(packet) => {
                write_again(&packet);
                kind(&packet)
            }
            Err(error) => 100 + error as u64,
        });
    }
    assert!(kinds.len() <= input.len() / 4 + 1);
    kinds.truncate(4);
    outcome(kinds)
}

fn kind(packet: &Packet<'_>) -> u64 {
    match packet {
        Packet::SenderReport(report) => 10 + report.blocks().count().min(2) as u64,
        Packet::ReceiverReport(report) => 20 + report.blocks().count().min(2) as u64,
        Packet::SourceDescription(description) => 30 + u64::from(description.cname().is_some()),
        Packet::Goodbye(goodbye) => 40 + goodbye.ssrcs().count().min(2) as u64,
        Packet::Nack(nack) => 50 + nack.lost().count().min(3) as u64,
        Packet::Pli(_) => 60,
        Packet::Fir(fir) => 70 + fir.entries().count().min(2) as u64,
        Packet::TransportCc(raw) => 80 + 3 * u64::from(ArrivalReport::read(raw.body).is_ok()),
        Packet::Remb(_) => 81,
        Packet::Other { .. } => 82,
    }
}

fn write_again(packet: &Packet<'_>) {
    match packet {
        Packet::SenderReport(report) => {
            let blocks: Vec<_> = report.blocks().collect();
            let bytes = written(|writer| writer.sender_report(&report.info, &blocks));
            let Packet::SenderReport(again) = only(&bytes) else {
                panic!("not a sender report")
            };
            assert_eq!(
                (again.info, again.blocks().collect::<Vec<_>>()),
                (report.info, blocks)
            );
        }
        Packet::ReceiverReport(report) => {
            let blocks: Vec<_> = report.blocks().collect();
            assert!(blocks
                .iter()
                .all(|block| block.round_trip(Ntp(u64::MAX)) < Some(HALF_OF_THE_CIRCLE)));
            let bytes = written(|writer| writer.receiver_report(report.ssrc, &blocks));
            let Packet::ReceiverReport(again) = only(&bytes) else {
                panic!("not a receiver report")
            };
            assert_eq!(
                (again.ssrc, again.blocks().collect::<Vec<_>>()),
                (report.ssrc, blocks)
            );
        }
        Packet::SourceDescription(description) => {
            let Some((ssrc, cname)) = description.cname() else {
                return;
            };
            let bytes = written(|writer| writer.cname(ssrc, cname));
            let Packet::SourceDescription(again) = only(&bytes) else {
                panic!("not a description")
            };
            assert_eq!(again.cname(), Some((ssrc, cname)));
        }
        Packet::Goodbye(goodbye) => {
            let ssrcs: Vec<_> = goodbye.ssrcs().collect();
            let bytes = written(|writer| writer.goodbye(&ssrcs));
            let Packet::Goodbye(again) = only(&bytes) else {
                panic!("not a goodbye")
            };
            assert_eq!(again.ssrcs().collect::<Vec<_>>(), ssrcs);
        }
        Packet::Nack(nack) => {
            let lost: Vec<_> = nack.lost().collect();
            // Whatever order was asked in, our writer asks for the same numbers, less repeats in a row.
            let bytes =
                written(|writer| writer.nack(nack.sender_ssrc, nack.media_ssrc, lost.iter().copied()));
            let again: Vec<u16> = rtcp::packets(&bytes).flat_map(lost_of).collect();
            assert_eq!(sorted(again), sorted(lost));
        }
        Packet::Fir(fir) => {
            for entry in fir.entries() {
                let bytes = written(|writer| writer.fir(fir.sender_ssrc, entry.ssrc, entry.sequence));
                let Packet::Fir(again) = only(&bytes) else {
                    panic!("not a FIR")
                };
                assert_eq!(again.entries().collect::<Vec<_>>(), [entry]);
            }
        }
        Packet::TransportCc(raw) => tell_again(raw.body),
        _ => {}
    }
}

/// What our writer makes of a report says the same of as many packets as it takes.
fn tell_again(body: &[u8]) {
    let Ok(report) = ArrivalReport::read(body) else {
        return;
    };
    let told: Vec<Option<i64>> = report.statuses().collect();
    assert_eq!(told.len(), usize::from(report.count));
    if !told.iter().flatten().all(|ticks| (0..1 << 32).contains(ticks)) {
        return;
    }
    let ticks = told
        .iter()
        .map(|status| status.map(|ticks| Ticks::at(Time::from_nanos(ticks as u64 * 250_000))));
    let Some(statuses) = ArrivalStatuses::gather(ticks) else {
        return;
    };
    let bytes = written(|writer| writer.transport_cc(1, 2, report.base, 0, &statuses));
    let Packet::TransportCc(raw) = only(&bytes) else {
        panic!("not transport-wide feedback")
    };
    let again = ArrivalReport::read(raw.body).expect("what we write can be read");
    let count = usize::from(again.count).min(told.len());
    assert_eq!(again.statuses().take(count).collect::<Vec<_>>(), told[..count]);
}

fn lost_of(packet: Result<Packet<'_>, RtcpError>) -> Vec<u16> {
    let Ok(Packet::Nack(nack)) = packet else {
        panic!("not a NACK")
    };
    nack.lost().collect()
}

fn sorted(mut numbers: Vec<u16>) -> Vec<u16> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn only(bytes: &[u8]) -> Packet<'_> {
    let mut packets = rtcp::packets(bytes);
    let packet = packets
        .next()
        .expect("one packet was written")
        .expect("it is well-formed");
    assert!(packets.next().is_none());
    packet
}

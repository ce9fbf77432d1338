use super::*;
use std::time::Duration;

const INFO: SenderInfo = SenderInfo {
    ssrc: 1,
    ntp: Ntp(0x0102_0304_0506_0708),
    rtp_timestamp: 9,
    packet_count: 10,
    octet_count: 11,
};
const BLOCK: ReportBlock = ReportBlock {
    ssrc: 2,
    fraction_lost: 128,
    cumulative_lost: -5,
    highest_sequence: 0x0001_FFFF,
    jitter: 33,
    last_sender_report: 0x0304_0506,
    delay_since_sender_report: 0x8000,
};

fn compound(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0xEE; 2000];
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer);
    let len = writer.len();
    buffer.truncate(len);
    buffer
}

fn only(bytes: &[u8]) -> Packet<'_> {
    let mut packets = packets(bytes);
    let packet = packets.next().unwrap().unwrap();
    assert!(packets.next().is_none());
    packet
}

#[test]
fn reports_read_back() {
    let bytes = compound(|writer| {
        writer
            .sender_report(&INFO, &[BLOCK, ReportBlock { ssrc: 3, ..BLOCK }])
            .unwrap();
        writer.receiver_report(7, &[BLOCK]).unwrap();
    });
    let parsed: Vec<_> = packets(&bytes).map(Result::unwrap).collect();
    let [Packet::SenderReport(sender), Packet::ReceiverReport(receiver)] = parsed[..] else {
        panic!()
    };
    assert_eq!(sender.info, INFO);
    assert_eq!(
        sender.blocks().map(|block| block.ssrc).collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(receiver.ssrc, 7);
    assert_eq!(receiver.blocks().collect::<Vec<_>>(), [BLOCK]);
}

#[test]
fn a_receiver_report_has_the_bytes_of_the_rfc() {
    let bytes = compound(|writer| writer.receiver_report(0x0A0B0C0D, &[BLOCK]).unwrap());
    let expected = [
        [0x81, 201, 0, 7],
        [0x0A, 0x0B, 0x0C, 0x0D],
        [0, 0, 0, 2],
        [128, 0xFF, 0xFF, 0xFB],
        [0, 1, 0xFF, 0xFF],
        [0, 0, 0, 33],
        [3, 4, 5, 6],
        [0, 0, 0x80, 0],
    ];
    assert_eq!(bytes, expected.concat());
}

#[test]
fn cumulative_loss_stays_in_its_24_bits() {
    for (given, read) in [
        (0x123_4567, 0x7F_FFFF),
        (-0x123_4567, -0x80_0000),
        (-1, -1),
        (0x7F_FFFF, 0x7F_FFFF),
    ] {
        let bytes = compound(|writer| {
            writer
                .receiver_report(
                    1,
                    &[ReportBlock {
                        cumulative_lost: given,
                        ..BLOCK
                    }],
                )
                .unwrap()
        });
        let Packet::ReceiverReport(report) = only(&bytes) else {
            panic!()
        };
        assert_eq!(report.blocks().next().unwrap().cumulative_lost, read);
    }
}

#[test]
fn cnames_of_every_length_read_back() {
    for len in [0, 1, 2, 3, 4, 5, 254, 255] {
        let name = vec![b'n'; len];
        let bytes = compound(|writer| writer.cname(5, &name).unwrap());
        assert_eq!(bytes.len() % 4, 0);
        let Packet::SourceDescription(description) = only(&bytes) else {
            panic!()
        };
        assert_eq!(description.cname(), Some((5, &name[..])));
    }
    let mut buffer = [0; 400];
    assert_eq!(
        Writer::new(&mut buffer).cname(5, &[0; 256]),
        Err(RtcpError::TooMany)
    );
}

#[test]
fn the_cname_is_found_behind_other_items_and_chunks() {
    let mut bytes = vec![0x82, 202, 0, 6];
    bytes.extend_from_slice(&[0, 0, 0, 1, 2, 3, b'b', b'o', b'b', 0, 0, 0]);
    bytes.extend_from_slice(&[0, 0, 0, 2, 6, 1, b't', 1, 2, b'x', b'y', 0]);
    let Packet::SourceDescription(description) = only(&bytes) else {
        panic!()
    };
    assert_eq!(description.cname(), Some((2, &b"xy"[..])));
    bytes[24] = 200;
    let Packet::SourceDescription(cut_short) = only(&bytes) else {
        panic!()
    };
    assert_eq!(cut_short.cname(), None);
}

#[test]
fn nacks_read_back_across_the_wrap() {
    let cases: [&[u16]; 5] = [
        &[7],
        &[10, 11, 12, 26],
        &[10, 27],
        &[65530, 65535, 0, 3, 10, 11],
        &[0, 16, 17, 33, 34, 100, 1000, 40000],
    ];
    for missing in cases {
        let bytes = compound(|writer| writer.nack(1, 2, missing.iter().copied()).unwrap());
        let Packet::Nack(nack) = only(&bytes) else {
            panic!()
        };
        assert_eq!((nack.sender_ssrc, nack.media_ssrc), (1, 2));
        assert_eq!(nack.lost().collect::<Vec<_>>(), missing);
    }
}

#[test]
fn a_nack_packs_sixteen_followers_into_one_pair() {
    let bytes = compound(|writer| writer.nack(1, 2, 65530..=65535u16).unwrap());
    assert_eq!(bytes[..4], [0x81, 205, 0, 3]);
    assert_eq!(bytes[12..], [0xFF, 0xFA, 0, 0x1F]);
    let all: Vec<u16> = (100..117).collect();
    assert_eq!(
        compound(|writer| writer.nack(1, 2, all.iter().copied()).unwrap()).len(),
        16
    );
    assert!(compound(|writer| writer.nack(1, 2, []).unwrap()).is_empty());
}

#[test]
fn a_packet_without_room_leaves_the_compound_as_it_was() {
    let mut buffer = [0; 40];
    let mut writer = Writer::new(&mut buffer);
    writer.pli(1, 2).unwrap();
    assert_eq!(
        writer.nack(1, 2, (0..20).map(|n| n * 100)),
        Err(RtcpError::NoRoom)
    );
    assert_eq!(writer.sender_report(&INFO, &[]), Ok(()));
    assert_eq!(writer.pli(1, 2), Err(RtcpError::NoRoom));
    assert_eq!(writer.len(), 40);
    assert!(matches!(
        packets(&buffer).last(),
        Some(Ok(Packet::SenderReport(_)))
    ));
}

#[test]
fn no_more_than_31_parts_fit() {
    let mut buffer = [0; 2000];
    let mut writer = Writer::new(&mut buffer);
    assert_eq!(writer.receiver_report(1, &[BLOCK; 32]), Err(RtcpError::TooMany));
    assert_eq!(writer.goodbye(&[1; 32]), Err(RtcpError::TooMany));
    assert!(writer.is_empty());
    writer.receiver_report(1, &[BLOCK; 31]).unwrap();
    let len = writer.len();
    let Packet::ReceiverReport(report) = only(&buffer[..len]) else {
        panic!()
    };
    assert_eq!(report.blocks().count(), 31);
}

#[test]
fn keyframe_requests_and_goodbye_read_back() {
    let bytes = compound(|writer| {
        writer.pli(1, 2).unwrap();
        writer.fir(3, 4, 255).unwrap();
        writer.goodbye(&[5, 6]).unwrap();
    });
    let parsed: Vec<_> = packets(&bytes).map(Result::unwrap).collect();
    let [Packet::Pli(pli), Packet::Fir(fir), Packet::Goodbye(goodbye)] = parsed[..] else {
        panic!()
    };
    assert_eq!(
        pli,
        Pli {
            sender_ssrc: 1,
            media_ssrc: 2
        }
    );
    assert_eq!(fir.sender_ssrc, 3);
    assert_eq!(
        fir.entries().collect::<Vec<_>>(),
        [FirEntry {
            ssrc: 4,
            sequence: 255
        }]
    );
    assert_eq!(goodbye.ssrcs().collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn bandwidth_feedback_is_recognised_and_the_rest_passed_on() {
    let ssrcs = [0, 0, 0, 1, 0, 0, 0, 2];
    let feedback = |head: [u8; 4], information: &[u8]| [&head[..], &ssrcs, information].concat();
    let transport = feedback([0x8F, 205, 0, 3], &[1, 2, 3, 4]);
    assert!(matches!(only(&transport), Packet::TransportCc(raw) if raw.body == [1, 2, 3, 4]));
    let remb = feedback([0x8F, 206, 0, 3], b"REMB");
    assert!(matches!(only(&remb), Packet::Remb(raw) if raw.media_ssrc == 2 && raw.remb().is_none()));
    for (bytes, bit_rate) in [
        ([1, 0x03, 0xff, 0xff], 262_143),
        ([1, 0x0b, 0xd0, 0x90], 250_000 << 2),
        ([1, 0xff, 0xff, 0xff], u64::MAX),
        ([1, 0xfc, 0, 0], 0),
    ] {
        let information = [b"REMB".as_slice(), &bytes].concat();
        let remb = feedback([0x8F, 206, 0, 4], &information);
        assert!(matches!(only(&remb), Packet::Remb(raw) if raw.remb() == Some(bit_rate)));
    }
    let application = feedback([0x8F, 206, 0, 3], b"else");
    assert!(matches!(
        only(&application),
        Packet::Other {
            packet_type: 206,
            count: 15,
            ..
        }
    ));
    assert!(matches!(
        only(&[0x85, 207, 0, 0]),
        Packet::Other {
            packet_type: 207,
            count: 5,
            body: []
        }
    ));
}

fn error(bytes: &[u8]) -> RtcpError {
    packets(bytes).last().unwrap().unwrap_err()
}

#[test]
fn malformed_packets_end_the_compound_with_their_error() {
    assert_eq!(error(&[0x80, 201, 0]), RtcpError::TooShort);
    assert_eq!(error(&[0x40, 201, 0, 1, 0, 0, 0, 1]), RtcpError::WrongVersion);
    assert_eq!(error(&[0x80, 201, 0, 2, 0, 0, 0, 1]), RtcpError::WrongLength);
    assert_eq!(error(&[0x81, 201, 0, 1, 0, 0, 0, 1]), RtcpError::Truncated);
    assert_eq!(error(&[0x80, 200, 0, 1, 0, 0, 0, 1]), RtcpError::Truncated);
    assert_eq!(error(&[0x81, 206, 0, 1, 0, 0, 0, 1]), RtcpError::Truncated);
    assert_eq!(error(&[0x82, 203, 0, 1, 0, 0, 0, 1]), RtcpError::Truncated);
    assert_eq!(
        error(&[0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
        RtcpError::Truncated
    );
    let good_then_bad = [0x80, 201, 0, 1, 0, 0, 0, 1, 0xFF, 0, 0, 0];
    assert_eq!(packets(&good_then_bad).count(), 2);
    assert!(packets(&[]).next().is_none());
}

#[test]
fn padding_is_cut_off_and_wrong_padding_refused() {
    let padded = |padding: u8| [0xA1, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, padding];
    let whole = padded(4);
    let Packet::Goodbye(goodbye) = only(&whole) else {
        panic!()
    };
    assert_eq!(goodbye.ssrcs().collect::<Vec<_>>(), [9]);
    for wrong in [0, 12] {
        assert_eq!(error(&padded(wrong)), RtcpError::BadPadding);
    }
    assert_eq!(error(&padded(8)), RtcpError::Truncated);
    assert_eq!(error(&[0xA0, 203, 0, 0]), RtcpError::BadPadding);
}

#[test]
fn ntp_keeps_the_nanosecond_and_wraps_with_the_era() {
    for nanos in [0, 1, 999_999_999, 1_000_000_000, 3_900_000_000_123_456_789] {
        assert_eq!(Ntp::from_nanos(nanos).as_nanos(), nanos);
    }
    assert_eq!(Ntp::from_nanos(1_500_000_000), Ntp(0x1_8000_0000));
    assert_eq!(Ntp::from_nanos((1 << 32) * 1_000_000_000), Ntp(0));
    assert_eq!(Ntp(0x1111_2222_3333_4444).middle(), 0x2222_3333);
}

#[test]
fn a_report_block_proves_the_round_trip() {
    // The example of RFC 3550 §6.4.1, figure 2.
    let block = ReportBlock {
        last_sender_report: 0xB705_2000,
        delay_since_sender_report: 0x0005_4000,
        ..BLOCK
    };
    let arrival = Ntp(0xB710_8000 << 16);
    assert_eq!(block.round_trip(arrival), Some(Duration::from_millis(6125)));
    assert_eq!(
        ReportBlock {
            last_sender_report: 0,
            ..block
        }
        .round_trip(arrival),
        None
    );
    let before = Ntp((0xB705_2000 + 0x0005_3FFF) << 16);
    assert_eq!(block.round_trip(before), Some(Duration::ZERO));
    let across_the_wrap = ReportBlock {
        last_sender_report: 0xFFFF_F000,
        delay_since_sender_report: 0x1000,
        ..BLOCK
    };
    assert_eq!(
        across_the_wrap.round_trip(Ntp(0x1_0000 << 16)),
        Some(Duration::from_secs(1))
    );
}

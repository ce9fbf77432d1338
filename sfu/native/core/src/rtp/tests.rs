use super::*;

const HEADER: Header<'static> = Header {
    marker: true,
    payload_type: 96,
    sequence: 65535,
    timestamp: 0x01020304,
    ssrc: 0xA0B0C0D0,
    extensions: &[],
};

fn write(header: &Header<'_>, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0xEE; 200];
    let len = write_header(&mut out, header).unwrap();
    out.truncate(len);
    out.extend_from_slice(payload);
    out
}

#[test]
fn a_written_header_reads_back() {
    let header = Header {
        extensions: &[(4, b"mid0"), (14, &[7; 16]), (1, &[0x85])],
        ..HEADER
    };
    let packet = write(&header, b"payload");
    let view = parse(&packet).unwrap();
    assert!(view.marker);
    assert_eq!((view.payload_type, view.sequence), (96, 65535));
    assert_eq!((view.timestamp, view.ssrc), (0x01020304, 0xA0B0C0D0));
    let elements: Vec<_> = view.extensions(&packet).collect();
    assert_eq!(elements, [(4, &b"mid0"[..]), (14, &[7; 16]), (1, &[0x85])]);
    assert_eq!(view.extension(&packet, 1), Some(&[0x85][..]));
    assert_eq!(view.extension(&packet, 2), None);
    assert_eq!(view.payload(&packet).unwrap(), b"payload");
    assert_eq!(view.header_len % 4, 0);
}

#[test]
fn a_header_has_the_bytes_of_the_rfc() {
    let packet = write(
        &Header {
            extensions: &[(3, &[9, 8])],
            ..HEADER
        },
        &[],
    );
    let expected = [
        [0x90, 0xE0, 0xFF, 0xFF],
        [1, 2, 3, 4],
        [0xA0, 0xB0, 0xC0, 0xD0],
        [0xBE, 0xDE, 0, 1],
        [0x31, 9, 8, 0],
    ];
    assert_eq!(packet, expected.concat());
    assert_eq!(write(&HEADER, &[])[0], 0x80);
}

#[test]
fn contributing_sources_are_skipped() {
    let mut packet = write(&HEADER, &[]);
    packet[0] |= 2;
    packet.extend_from_slice(&[0; 8]);
    packet.extend_from_slice(b"xyz");
    assert_eq!(parse(&packet).unwrap().payload(&packet).unwrap(), b"xyz");
}

#[test]
fn what_goes_beyond_the_packet_is_refused() {
    let packet = write(
        &Header {
            extensions: &[(1, &[1; 7])],
            ..HEADER
        },
        &[],
    );
    for len in 0..12 {
        assert_eq!(parse(&packet[..len]), Err(RtpError::TooShort));
    }
    for len in 12..packet.len() {
        assert_eq!(
            parse(&packet[..len]),
            Err(RtpError::TruncatedHeader),
            "length {len}"
        );
    }
    assert!(parse(&packet).is_ok());
    for version in [0x10, 0x50, 0xD0] {
        let other: Vec<u8> = [&[version], &packet[1..]].concat();
        assert_eq!(parse(&other), Err(RtpError::WrongVersion));
    }
}

#[test]
fn padding_is_cut_off_and_wrong_padding_refused() {
    let mut packet = write(&HEADER, &[1, 2, 3, 0, 0, 3]);
    packet[0] |= 0x20;
    let view = parse(&packet).unwrap();
    assert_eq!(view.payload(&packet).unwrap(), [1, 2, 3]);
    for (wrong, expected) in [
        (0, Err(RtpError::BadPadding)),
        (6, Ok(12)),
        (7, Err(RtpError::BadPadding)),
    ] {
        *packet.last_mut().unwrap() = wrong;
        assert_eq!(view.payload_end(&packet), expected, "padding {wrong}");
    }
    assert_eq!(view.payload_end(&packet[..11]), Err(RtpError::TooShort));
    assert_eq!(view.payload_end(&packet[..12]).unwrap_err(), RtpError::BadPadding);
}

fn with_extension(profile: u16, elements: &[u8]) -> Vec<u8> {
    let mut packet = write(&HEADER, &[]);
    packet[0] |= 0x10;
    packet.extend_from_slice(&profile.to_be_bytes());
    packet.extend_from_slice(&((elements.len() / 4) as u16).to_be_bytes());
    packet.extend_from_slice(elements);
    packet
}

fn elements(packet: &[u8]) -> Vec<(u8, &[u8])> {
    parse(packet).unwrap().extensions(packet).collect()
}

#[test]
fn one_byte_elements_end_at_id_15_and_skip_padding() {
    assert_eq!(
        elements(&with_extension(0xBEDE, &[0, 0x10, 7, 0, 0x20, 8, 0xF0, 9])),
        [(1, &[7][..]), (2, &[8])]
    );
    let beyond = with_extension(0xBEDE, &[0x10, 7, 0x2F, 1]);
    assert_eq!(elements(&beyond), [(1, &[7][..])]);
    let zero_with_length = with_extension(0xBEDE, &[0x01, 5, 5, 0]);
    assert!(elements(&zero_with_length).is_empty());
}

#[test]
fn two_byte_elements_are_read_for_all_sixteen_profiles() {
    for application_bits in 0..16 {
        let packet = with_extension(0x1000 | application_bits, &[5, 0, 0, 200, 3, 1, 2, 3]);
        assert_eq!(elements(&packet), [(5, &[][..]), (200, &[1, 2, 3])]);
    }
    assert!(elements(&with_extension(0x1000, &[5, 3, 0, 0])).is_empty());
    assert!(elements(&with_extension(0x2000, &[1, 1, 1, 1])).is_empty());
}

#[test]
fn elements_that_do_not_fit_the_one_byte_form_are_refused() {
    let mut out = [0; 64];
    let wrong: [(u8, &[u8]); 4] = [(0, &[1]), (15, &[1]), (1, &[]), (1, &[0; 17])];
    for element in wrong {
        let header = Header {
            extensions: &[element],
            ..HEADER
        };
        assert_eq!(write_header(&mut out, &header), Err(RtpError::BadExtension));
    }
    assert_eq!(write_header(&mut out[..11], &HEADER), Err(RtpError::NoRoom));
}

#[test]
fn audio_level_has_seven_bits_and_a_flag() {
    assert_eq!(
        AudioLevel::parse(&[0xFF]),
        Some(AudioLevel {
            level: 127,
            voice: true
        })
    );
    assert_eq!(
        AudioLevel::parse(&[0x05, 0]),
        Some(AudioLevel {
            level: 5,
            voice: false
        })
    );
    assert_eq!(AudioLevel::parse(&[]), None);
}

#[test]
fn sequence_numbers_go_on_across_the_wrap() {
    for start in [0u16, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF] {
        let mut unwrapper = Unwrapper::new();
        let first = unwrapper.unwrap(start);
        assert_eq!(first, 0x1_0000 + u64::from(start));
        for step in 1..200_000u64 {
            assert_eq!(unwrapper.unwrap(start.wrapping_add(step as u16)), first + step);
        }
        let late = start.wrapping_add((199_999 - 1000) as u16);
        assert_eq!(unwrapper.unwrap(late), first + 199_999 - 1000);
        assert_eq!(unwrapper.highest(), Some(first + 199_999));
    }
}

#[test]
fn what_was_sent_before_the_first_stays_positive() {
    let mut unwrapper = Unwrapper::new();
    assert_eq!(unwrapper.unwrap(0), 0x1_0000);
    assert_eq!(unwrapper.unwrap(0xFFFF), 0xFFFF);
    assert_eq!(unwrapper.peek(0x8000), 0x8000);
    assert_eq!(unwrapper.highest(), Some(0x1_0000));
}

#[test]
fn peeking_remembers_nothing() {
    let mut unwrapper = Unwrapper::new();
    unwrapper.unwrap(10);
    assert_eq!(unwrapper.peek(500), 0x1_0000 + 500);
    assert_eq!(unwrapper.highest(), Some(0x1_0000 + 10));
}

#[test]
fn timestamps_go_on_across_the_wrap() {
    let mut unwrapper = TimestampUnwrapper::new();
    let first = unwrapper.unwrap(0xFFFF_F000);
    assert_eq!(unwrapper.unwrap(0x0000_1000), first + 0x2000);
    assert_eq!(unwrapper.unwrap(0xFFFF_F800), first + 0x800);
    assert_eq!(unwrapper.peek(0x7FFF_0000), first + 0x7FFF_1000);
    assert_eq!(unwrapper.highest(), Some(first + 0x2000));
}

#[test]
fn newer_means_the_shorter_way_round() {
    assert!(is_newer(0, 0xFFFF) && !is_newer(0xFFFF, 0) && !is_newer(5, 5));
    assert!(is_newer(0x7FFF, 0) && !is_newer(0x8000, 0));
}

#[test]
fn a_repair_restores_the_original_packet() {
    let extensions: &[(u8, &[u8])] = &[(4, b"v")];
    let original = write(
        &Header {
            sequence: 777,
            extensions,
            ..HEADER
        },
        b"frame",
    );
    let repair = Header {
        payload_type: 97,
        sequence: 3,
        ssrc: 42,
        extensions,
        ..HEADER
    };
    let mut packet = vec![0; 100];
    let len = rtx::wrap(&mut packet, &repair, 777, b"frame").unwrap();
    packet.truncate(len);
    let view = parse(&packet).unwrap();
    assert_eq!(
        rtx::split(view.payload(&packet).unwrap()),
        Some((777, &b"frame"[..]))
    );
    let (start, restored) = rtx::restore(&mut packet, &view, HEADER.ssrc, HEADER.payload_type).unwrap();
    assert_eq!(packet[start..], original);
    assert_eq!(parse(&packet[start..]).unwrap(), restored);
}

#[test]
fn a_padding_only_repair_holds_nothing() {
    let mut packet = write(&HEADER, &[0, 0, 3]);
    packet[0] |= 0x20;
    let view = parse(&packet).unwrap();
    let before = packet.clone();
    assert_eq!(rtx::restore(&mut packet, &view, 1, 1), Err(RtpError::TooShort));
    assert_eq!(packet, before);
    assert_eq!(rtx::split(&[1]), None);
}

#[test]
fn a_repair_without_room_is_refused() {
    let mut out = [0; 18];
    assert_eq!(rtx::wrap(&mut out, &HEADER, 1, b"12345"), Err(RtpError::NoRoom));
    assert_eq!(rtx::wrap(&mut out, &HEADER, 1, b"1234"), Ok(18));
}

//! RTP headers, their extensions and the repair format.
use super::outcome;
use forwarder_core::rtp::{self, red, rtx, AudioLevel, Header, TimestampUnwrapper, Unwrapper, View};

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let header = Header {
        marker: true,
        payload_type: 96,
        sequence: 0xFFFF,
        timestamp: 0x0102_0304,
        ssrc: 0xAABB_CCDD,
        extensions: &[],
    };
    let extended = Header {
        extensions: &[(1, b"mid"), (2, &[0x80]), (14, &[7; 16])],
        ..header
    };
    let mut padded = written(|out| rtx::wrap(out, &extended, 17, b"payload\x00\x00\x00\x04"));
    padded[0] |= 0x20;
    let mut with_sources = written(|out| rtx::wrap(out, &header, 1, &[0; 40]));
    with_sources[0] |= 3;
    [
        written(|out| rtp::write_header(out, &header)),
        written(|out| rtx::wrap(out, &extended, 0xFFFF, b"payload")),
        padded,
        with_sources,
        [
            &extension_packet(0x1000, &[5, 0, 0, 200, 3, 1, 2, 3])[..],
            b"payload",
        ]
        .concat(),
    ]
    .to_vec()
}

fn written(write: impl FnOnce(&mut [u8]) -> Result<usize, rtp::RtpError>) -> Vec<u8> {
    let mut out = vec![0; 256];
    let len = write(&mut out).expect("256 bytes are enough");
    out.truncate(len);
    out
}

pub(super) fn read(input: &[u8]) -> u64 {
    let view = match rtp::parse(input) {
        Ok(view) => view,
        Err(error) => return outcome([0, error as u64]),
    };
    assert!(view.header_len <= input.len() && view.extension_start <= view.header_len);
    unwrap_numbers(&view);
    let elements = read_elements(&view, input);
    match view.payload(input) {
        Ok(payload) => {
            assert!(view.header_len + payload.len() <= input.len());
            let repaired = repair(&view, input);
            let written = write_again(&view, input, payload);
            outcome([
                1,
                elements,
                u64::from(view.has_padding),
                u64::from(repaired),
                u64::from(written),
            ])
        }
        Err(error) => outcome([2, elements, error as u64]),
    }
}

/// The elements lie within the extension, which has a bounded number of them; returns how many of each form.
fn read_elements(view: &View, packet: &[u8]) -> u64 {
    let mut count = 0;
    for (id, data) in view.extensions(packet) {
        assert!(id > 0 && view.extension(packet, id).is_some());
        if let Some(level) = AudioLevel::parse(data) {
            assert!(level.level <= 127);
        }
        count += 1;
    }
    assert!(count <= view.header_len - view.extension_start);
    assert_eq!(view.extension(packet, 0), None);
    let form = match view.extension_profile.map(|profile| profile >> 4) {
        None => 0,
        Some(0xBED) => 1,
        Some(0x100) => 2,
        Some(_) => 3,
    };
    outcome([form, count.min(8) as u64])
}

/// A restored repair reads as the view says, with the payload that follows the original number.
fn repair(view: &View, packet: &[u8]) -> bool {
    let mut restored = packet.to_vec();
    let Ok((start, original)) = rtx::restore(&mut restored, view, 77, 55) else {
        return false;
    };
    assert_eq!(rtp::parse(&restored[start..]), Ok(original));
    assert_eq!(
        (original.ssrc, original.payload_type, original.marker),
        (77, 55, view.marker)
    );
    let payload = view.payload(packet).expect("it was read before");
    let (sequence, rest) = rtx::split(payload).expect("it was restored");
    assert_eq!(original.sequence, sequence);
    assert_eq!(original.payload(&restored[start..]), Ok(rest));
    true
}

/// A packet that our writer could have made is written the same, byte for byte, but for padding and sources.
fn write_again(view: &View, packet: &[u8], payload: &[u8]) -> bool {
    let elements: Vec<(u8, &[u8])> = view.extensions(packet).collect();
    let header = Header {
        marker: view.marker,
        payload_type: view.payload_type,
        sequence: view.sequence,
        timestamp: view.timestamp,
        ssrc: view.ssrc,
        extensions: &elements,
    };
    let mut out = vec![0; 3000];
    let Ok(header_len) = rtp::write_header(&mut out, &header) else {
        return false;
    };
    out.truncate(header_len);
    out.extend_from_slice(payload);
    let again = rtp::parse(&out).expect("what we wrote is well-formed");
    assert_eq!(again.extensions(&out).collect::<Vec<_>>(), elements);
    assert_eq!(again.payload(&out), Ok(payload));
    assert_eq!(
        (again.sequence, again.timestamp, again.ssrc),
        (view.sequence, view.timestamp, view.ssrc)
    );
    assert_eq!(
        (again.marker, again.payload_type),
        (view.marker, view.payload_type)
    );
    true
}

/// An extended number keeps its low bits and lies within half a turn of the highest.
fn unwrap_numbers(view: &View) {
    let (mut sequences, mut timestamps) = (Unwrapper::new(), TimestampUnwrapper::new());
    for step in [0u16, 1, 0x7FFF, 0x8000, 3] {
        let sequence = view.sequence.wrapping_mul(step | 1);
        let extended = sequences.unwrap(sequence);
        let highest = sequences.highest().expect("one was unwrapped");
        assert_eq!(extended as u16, sequence);
        assert!(highest >= extended && highest - extended <= 0x8000);
        let timestamp = view.timestamp.wrapping_mul(u32::from(step) << 16 | 1);
        assert_eq!(timestamps.unwrap(timestamp) as u32, timestamp);
    }
}

fn extension_packet(profile: u16, elements: &[u8]) -> Vec<u8> {
    let words = elements.len().div_ceil(4);
    let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    packet.extend_from_slice(&profile.to_be_bytes());
    packet.extend_from_slice(&(words as u16).to_be_bytes());
    packet.extend_from_slice(elements);
    packet.resize(16 + words * 4, 0);
    packet
}

pub(super) fn extension_seeds() -> Vec<Vec<u8>> {
    [
        &b"\x12mid\x20\x85\xE0x"[..],
        &[0x10, 1, 0, 0, 0x20, 2, 0xF0, 3],
        &[5, 0, 0, 200, 3, 1, 2, 3],
        &[1, 255],
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

/// The same bytes as elements of each form.
pub(super) fn read_extension(input: &[u8]) -> u64 {
    outcome([0xBEDE, 0x1000, 0x100F, 0x1010].map(|profile| read(&extension_packet(profile, input))))
}

pub(super) fn redundant_seeds() -> Vec<Vec<u8>> {
    let payloads: [&[u8]; 4] = [
        &[
            0xEF, 0x3C, 0x00, 0x02, 0xEF, 0x0F, 0x00, 0x01, 0x6F, 1, 2, 3, 4, 5,
        ],
        &[0x6F, 1],
        &[0xEF, 0x0F, 0x00, 0x00, 0x6F, 9],
        &[0xEF, 0xFF, 0xFF, 0xFF, 0x6F, 9],
    ];
    payloads.map(<[u8]>::to_vec).to_vec()
}

/// What is taken apart is part of the payload, and written again reads the same.
pub(super) fn read_redundant(input: &[u8]) -> u64 {
    let Some(found) = red::parse(input) else {
        return outcome([0]);
    };
    let copies = found.copies();
    assert!(copies.len() <= red::MAX_COPIES && red::len(copies, found.payload) <= input.len());
    assert!(!found.payload.is_empty() && copies.iter().all(|copy| !copy.payload.is_empty()));
    let mut out = vec![0; input.len()];
    let len = red::write(&mut out, copies, found.payload_type, found.payload).expect("it fitted before");
    let again = red::parse(&out[..len]).expect("what we wrote is well-formed");
    assert_eq!((again.copies(), again.payload), (copies, found.payload));
    outcome([1, copies.len() as u64, found.payload.len().min(3) as u64])
}

//! Payload descriptors: the first byte chooses nothing, all codecs see the same bytes.
use super::outcome;
use forwarder_core::codec::{self, h264, vp8, Codec};
use forwarder_core::demux;

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let payloads: [&[u8]; 9] = [
        &[0x90, 0xF0, 0x92, 0x34, 0x56, 0xA7, 0x00, 0xAA],
        &[0x90, 0x80, 0x05, 0x50],
        &[0x10, 0x50],
        &[0x67, 0x42, 0xE0, 0x1F],
        &[0x78, 0, 2, 0x09, 0x10, 0, 2, 0x67, 0x42, 0, 3, 0x65, 0x88, 0x84],
        &[0x7C, 0x85, 0x88],
        &[0xA8, 0xFF, 0xFF, 0x02],
        &[0x28, 0x00],
        &[0x18, 0x0A],
    ];
    payloads.map(<[u8]>::to_vec).to_vec()
}

pub(super) fn read(input: &[u8]) -> u64 {
    let keyframes = [
        Codec::Vp8,
        Codec::Vp9,
        Codec::H264,
        Codec::Av1,
        Codec::Opus,
        Codec::Other,
    ]
    .map(|codec| u64::from(codec::is_keyframe(codec, input)));
    let descriptor = vp8::parse(input).inspect(|descriptor| rewrite(input, descriptor));
    let shape = descriptor.map_or(0, |found| {
        1 + found.len as u64 * 8
            + u64::from(found.key_index.is_some()) * 4
            + u64::from(found.tl0_picture_index.is_some()) * 2
            + u64::from(found.starts_frame)
    });
    let kind = demux::kind(input) as u64;
    outcome(
        keyframes
            .into_iter()
            .chain([shape, u64::from(h264::starts_frame(input)), kind]),
    )
}

/// Rewritten numbers read back in the width they have; nothing else changes, and the old ones restore the packet.
fn rewrite(input: &[u8], before: &vp8::Descriptor) {
    let mut payload = input.to_vec();
    before.rewrite(&mut payload, 0x1234, 0x56, 0x17);
    let after = vp8::parse(&payload).expect("rewriting keeps the shape");
    assert_eq!(after.len, before.len);
    assert_eq!(after.temporal_layer, before.temporal_layer);
    assert_eq!(payload[before.len..], input[before.len..]);
    if let Some(id) = after.picture_id {
        assert_eq!(id.value, if id.is_long { 0x1234 } else { 0x34 });
    }
    assert!(after.tl0_picture_index.is_none_or(|field| field.value == 0x56));
    assert!(after.key_index.is_none_or(|field| field.value == 0x17));
    let value = |field: Option<vp8::Field>| field.map_or(0, |field| field.value);
    let picture_id = before.picture_id.map_or(0, |id| id.value);
    before.rewrite(
        &mut payload,
        picture_id,
        value(before.tl0_picture_index),
        value(before.key_index),
    );
    assert_eq!(payload, input);
}

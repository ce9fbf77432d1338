//! Payload descriptors: the first byte chooses nothing, all codecs see the same bytes.
use super::outcome;
use forwarder_core::codec::picture::{self, Picture};
use forwarder_core::codec::{self, av1, h264, vp8, vp9, Codec};
use forwarder_core::command::H264Form;
use forwarder_core::demux;
use forwarder_core::depacketise::{Parts, Whole};

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let payloads: [&[u8]; 12] = [
        &[0x90, 0xF0, 0x92, 0x34, 0x56, 0xA7, 0x00, 0xAA],
        &[0x90, 0x80, 0x05, 0x50],
        &[0x10, 0x50],
        &[0x67, 0x42, 0xE0, 0x1F],
        &[0x78, 0, 2, 0x09, 0x10, 0, 2, 0x67, 0x42, 0, 3, 0x65, 0x88, 0x84],
        &[0x7C, 0x85, 0x88],
        &[0xA8, 0xFF, 0xFF, 0x02],
        &[0x28, 0x00],
        &[0x18, 0x0A],
        // VP9 with all that a descriptor can have; AV1 with a sequence header, a keyframe, and an element that goes on.
        &[
            0xAA, 0x92, 0x34, 0x42, 0x56, 0x38, 1, 64, 0, 180, 2, 128, 1, 104, 2, 4, 1, 40, 1, 2, 0x82, 0x49,
        ],
        &[0xF8, 0x05, 0x42, 0x03, 0x04, 0x86],
        &[0x60, 3, 0x0A, 1, 0, 0x32, 2, 0x10, 0],
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
    let pictures = [Codec::Vp8, Codec::Vp9].map(|codec| rewrite(codec, input));
    let kind = demux::kind(input) as u64;
    let elements =
        av1::elements(input).map(|element| element.map_or(9, |element| element.data.len().min(3) as u64));
    outcome(
        keyframes
            .into_iter()
            .chain(pictures)
            .chain([
                u64::from(h264::starts_frame(input)),
                u64::from(vp9::starts_picture(input)),
                kind,
            ])
            .chain(elements.take(4)),
    )
}

/// Rewritten numbers read back in the width they have; nothing else changes, and the old ones restore the packet.
fn rewrite(codec: Codec, input: &[u8]) -> u64 {
    let Some(before) = picture::numbers(codec, input) else {
        return 0;
    };
    let offset = Picture {
        id: 0x1234,
        tl0: 0x56,
        key: 0x17,
    };
    let mut payload = input.to_vec();
    let written = picture::rewrite(codec, &mut payload, &offset).expect("what was read once is read again");
    let len = |payload: &[u8]| match codec {
        Codec::Vp8 => vp8::parse(payload).map(|found| (found.fields, found.len)),
        _ => vp9::parse(payload).map(|found| (found.fields, found.len)),
    };
    let (fields, len) = len(&payload).expect("rewriting keeps the shape");
    let after = fields.numbers();
    assert!(fields.id.is_none_or(|_| after.id == written.id));
    assert!(fields.tl0.is_none_or(|_| after.tl0 == written.tl0));
    assert!(fields.key.is_none_or(|_| after.key == written.key));
    assert_eq!(payload[len..], input[len..]);
    fields.write(&mut payload, &before);
    assert_eq!(payload, input);
    1 + len as u64 * 8
        + u64::from(fields.key.is_some()) * 4
        + u64::from(fields.tl0.is_some()) * 2
        + u64::from(fields.id.is_some())
}

/// A frame: each payload behind its length in one byte.
fn cut(input: &[u8]) -> Vec<&[u8]> {
    let (mut payloads, mut rest) = (Vec::new(), input);
    while let Some((&len, after)) = rest.split_first() {
        let (payload, next) = after.split_at(after.len().min(usize::from(len)));
        payloads.push(payload);
        rest = next;
    }
    payloads
}

pub(super) fn frame_seeds() -> Vec<Vec<u8>> {
    let frames: [&[&[u8]]; 6] = [
        &[
            &[0x78, 1, 0x10, 3, 0x08, 7, 8, 0x30, 0x10],
            &[0xD0, 1, 2],
            &[0x90, 3],
        ],
        &[&[0x10, 0x36, 0x08, 2, 0x30, 9, 0]],
        &[
            &[0x2C, 0x00, 9, 0x82, 1],
            &[0x28, 0x03, 9, 0x86],
            &[0x24, 0x03, 9, 4],
        ],
        &[&[0x88, 5, 0x82, 1], &[0x84, 5, 2, 3]],
        &[&[0x90, 0x80, 0x05, 0x50, 1], &[0x80, 0x80, 0x05, 2]],
        &[
            &[0x78, 0, 2, 0x67, 1, 0, 1, 0x68],
            &[0x7C, 0x85, 4],
            &[0x7C, 0x45, 5],
        ],
    ];
    let behind_lengths = |frame: &[&[u8]]| {
        let parts = frame
            .iter()
            .map(|payload| [&[payload.len() as u8], *payload].concat());
        parts.collect::<Vec<_>>().concat()
    };
    frames.map(behind_lengths).to_vec()
}

pub(super) fn put_together(input: &[u8]) -> u64 {
    let payloads = cut(input);
    let forms = [H264Form::AnnexB, H264Form::Avcc].map(|form| (Codec::H264, form));
    let others = [Codec::Vp8, Codec::Vp9, Codec::Av1].map(|codec| (codec, H264Form::AnnexB));
    let frames = forms.into_iter().chain(others).map(|(codec, form)| {
        let mut parts = Parts::new(form);
        let mut fits = true;
        for (at, payload) in payloads.iter().enumerate() {
            fits &= parts.push(codec, payload, at == 0).is_some();
        }
        let whole = parts.finish().filter(|_| fits);
        assert_eq!(parts.finish(), None, "nothing stays behind a frame");
        whole.map_or(0, |whole| law(codec, &whole, input))
    });
    outcome(frames)
}

/// A frame is little longer than its packets, and AV1's units follow each other by their lengths.
fn law(codec: Codec, whole: &Whole, input: &[u8]) -> u64 {
    assert!(whole.data.len() <= input.len() * 5 + 34);
    let mut units = 0;
    if codec == Codec::Av1 {
        let mut rest = &whole.data[..];
        while !rest.is_empty() {
            let head = av1::Head::of(rest).expect("a header");
            assert!(head.has_size && !head.is_left_out());
            let (len, body) = av1::leb128(&rest[head.len..]).expect("a length");
            rest = &body[len..];
            units += 1;
        }
    }
    2 + u64::from(whole.is_keyframe) + units.min(8) * 4
}

//! The VP8 payload descriptor (RFC 7741 §4.2) and frame tag.
use super::picture::{read_field, read_picture_id, Field, Fields};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The first packet of a frame: S bit and partition 0.
    pub starts_frame: bool,
    /// Other frames may refer to this one: the N bit is clear.
    pub is_reference: bool,
    /// KEYIDX has 5 bits, low in the byte at its place.
    pub fields: Fields,
    /// TID, 0 without the field.
    pub temporal_layer: u8,
    /// Y: this frame refers to temporal layer 0 only.
    pub layer_sync: bool,
    /// The VP8 data begin here.
    pub len: usize,
}

/// Reads the descriptor; None when it is cut short.
pub fn parse(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let (extensions, mut at) = if first & 0x80 != 0 {
        (*payload.get(1)?, 2)
    } else {
        (0, 1)
    };
    let id = if extensions & 0x80 != 0 {
        Some(read_picture_id(payload, &mut at)?)
    } else {
        None
    };
    let tl0 = if extensions & 0x40 != 0 {
        Some(read_field(payload, &mut at)?)
    } else {
        None
    };
    let (has_layer, has_key_index) = (extensions & 0x20 != 0, extensions & 0x10 != 0);
    let layers = if has_layer || has_key_index {
        Some(read_field(payload, &mut at)?)
    } else {
        None
    };
    let layer_byte = layers.filter(|_| has_layer).map_or(0, |field| field.value);
    Some(Descriptor {
        starts_frame: first & 0x17 == 0x10,
        is_reference: first & 0x20 == 0,
        fields: Fields {
            id,
            tl0,
            key: layers.filter(|_| has_key_index).map(|field| Field {
                value: field.value & 0x1F,
                ..field
            }),
        },
        temporal_layer: layer_byte >> 6,
        layer_sync: layer_byte & 0x20 != 0,
        len: at,
    })
}

/// Whether this packet is the first of a keyframe.
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some(descriptor) = parse(payload) else {
        return false;
    };
    // The frame tag's lowest bit is 0 for a keyframe (RFC 6386 §9.1).
    descriptor.starts_frame && payload.get(descriptor.len).is_some_and(|&tag| tag & 1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::picture::PictureId;

    const FULL: [u8; 8] = [0x90, 0xF0, 0x92, 0x34, 0x56, 0b1010_0111, 0x00, 0xAA];

    #[test]
    fn every_field_of_a_full_descriptor_is_read() {
        let expected = Descriptor {
            starts_frame: true,
            is_reference: true,
            fields: Fields {
                id: Some(PictureId {
                    value: 0x1234,
                    is_long: true,
                    at: 2,
                }),
                tl0: Some(Field { value: 0x56, at: 4 }),
                key: Some(Field { value: 7, at: 5 }),
            },
            temporal_layer: 2,
            layer_sync: true,
            len: 6,
        };
        assert_eq!(parse(&FULL), Some(expected));
        assert!(is_keyframe(&FULL));
    }

    #[test]
    fn a_cut_short_descriptor_is_refused() {
        for len in 0..6 {
            assert_eq!(parse(&FULL[..len]), None, "length {len}");
        }
        assert!(!is_keyframe(&FULL[..6]));
    }

    #[test]
    fn a_keyframe_is_the_first_packet_with_the_tag_bit_clear() {
        let table = [
            (&[0x10, 0x50][..], true),
            (&[0x10, 0x51], false),
            (&[0x00, 0x50], false),
            (&[0x11, 0x50], false),
            (&[0x30, 0x50], true),
            (&[0x90, 0x80, 0x05, 0x50], true),
        ];
        for (payload, keyframe) in table {
            assert_eq!(is_keyframe(payload), keyframe, "{payload:02x?}");
        }
    }

    #[test]
    fn a_short_picture_id_takes_one_byte() {
        let descriptor = parse(&[0x90, 0x80, 0x7F, 0]).unwrap();
        assert_eq!(
            descriptor.fields.id,
            Some(PictureId {
                value: 127,
                is_long: false,
                at: 2
            })
        );
        assert_eq!(descriptor.len, 3);
    }

    #[test]
    fn layer_and_key_index_share_a_byte_and_each_may_be_absent() {
        let layer_only = parse(&[0x90, 0x20, 0b0110_0101]).unwrap();
        assert_eq!(
            (
                layer_only.temporal_layer,
                layer_only.layer_sync,
                layer_only.fields.key
            ),
            (1, true, None)
        );
        let key_only = parse(&[0x90, 0x10, 0b1110_0101]).unwrap();
        assert_eq!((key_only.temporal_layer, key_only.layer_sync), (0, false));
        assert_eq!(key_only.fields.key, Some(Field { value: 5, at: 2 }));
    }
}

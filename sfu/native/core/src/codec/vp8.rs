//! The VP8 payload descriptor (RFC 7741 §4.2) and frame tag.

/// The picture id and where it stands in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    pub value: u16,
    /// 15 bits in two bytes; else 7 bits in one.
    pub is_long: bool,
    pub at: usize,
}

/// A number of the descriptor and which byte of the payload holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub value: u8,
    pub at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The first packet of a frame: S bit and partition 0.
    pub starts_frame: bool,
    /// Other frames may refer to this one: the N bit is clear.
    pub is_reference: bool,
    pub picture_id: Option<PictureId>,
    /// TL0PICIDX.
    pub tl0_picture_index: Option<Field>,
    /// TID, 0 without the field.
    pub temporal_layer: u8,
    /// Y: this frame refers to temporal layer 0 only.
    pub layer_sync: bool,
    /// KEYIDX, 5 bits, low in the byte at its place.
    pub key_index: Option<Field>,
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
    let picture_id = if extensions & 0x80 != 0 {
        Some(read_picture_id(payload, &mut at)?)
    } else {
        None
    };
    let tl0_picture_index = if extensions & 0x40 != 0 {
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
        picture_id,
        tl0_picture_index,
        temporal_layer: layer_byte >> 6,
        layer_sync: layer_byte & 0x20 != 0,
        key_index: layers.filter(|_| has_key_index).map(|field| Field {
            value: field.value & 0x1F,
            ..field
        }),
        len: at,
    })
}

fn read_field(payload: &[u8], at: &mut usize) -> Option<Field> {
    let field = Field {
        value: *payload.get(*at)?,
        at: *at,
    };
    *at += 1;
    Some(field)
}

fn read_picture_id(payload: &[u8], at: &mut usize) -> Option<PictureId> {
    let Field {
        value: first,
        at: start,
    } = read_field(payload, at)?;
    let is_long = first & 0x80 != 0;
    let high = u16::from(first & 0x7F);
    let value = if is_long {
        high << 8 | u16::from(read_field(payload, at)?.value)
    } else {
        high
    };
    Some(PictureId {
        value,
        is_long,
        at: start,
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

impl Descriptor {
    /// Writes another picture id, TL0PICIDX and KEYIDX over those present, in the width they have. `payload` is the
    /// one this was parsed from, or a copy.
    pub fn rewrite(&self, payload: &mut [u8], picture_id: u16, tl0_picture_index: u8, key_index: u8) {
        match self.picture_id {
            Some(PictureId {
                is_long: true, at, ..
            }) => {
                payload[at..at + 2].copy_from_slice(&(picture_id | 0x8000).to_be_bytes());
            }
            Some(PictureId { at, .. }) => payload[at] = picture_id as u8 & 0x7F,
            None => {}
        }
        if let Some(Field { at, .. }) = self.tl0_picture_index {
            payload[at] = tl0_picture_index;
        }
        if let Some(Field { at, .. }) = self.key_index {
            payload[at] = payload[at] & 0xE0 | key_index & 0x1F;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: [u8; 8] = [0x90, 0xF0, 0x92, 0x34, 0x56, 0b1010_0111, 0x00, 0xAA];

    #[test]
    fn every_field_of_a_full_descriptor_is_read() {
        let expected = Descriptor {
            starts_frame: true,
            is_reference: true,
            picture_id: Some(PictureId {
                value: 0x1234,
                is_long: true,
                at: 2,
            }),
            tl0_picture_index: Some(Field { value: 0x56, at: 4 }),
            temporal_layer: 2,
            layer_sync: true,
            key_index: Some(Field { value: 7, at: 5 }),
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
            descriptor.picture_id,
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
                layer_only.key_index
            ),
            (1, true, None)
        );
        let key_only = parse(&[0x90, 0x10, 0b1110_0101]).unwrap();
        assert_eq!((key_only.temporal_layer, key_only.layer_sync), (0, false));
        assert_eq!(key_only.key_index, Some(Field { value: 5, at: 2 }));
    }

    #[test]
    fn rewriting_changes_the_numbers_and_nothing_else() {
        let mut payload = FULL;
        parse(&payload).unwrap().rewrite(&mut payload, 0x7FFF, 9, 31);
        let after = parse(&payload).unwrap();
        assert_eq!(after.picture_id.unwrap().value, 0x7FFF);
        assert_eq!(after.tl0_picture_index.unwrap().value, 9);
        assert_eq!(
            (
                after.key_index.unwrap().value,
                after.temporal_layer,
                after.layer_sync
            ),
            (31, 2, true)
        );
        assert_eq!(
            (payload[0], payload[1], &payload[6..]),
            (FULL[0], FULL[1], &FULL[6..])
        );

        let mut short = [0x90, 0x80, 0x05, 0x50];
        parse(&short).unwrap().rewrite(&mut short, 0x1FF, 9, 9);
        assert_eq!(short, [0x90, 0x80, 0x7F, 0x50]);

        let mut bare = [0x10, 0x50];
        parse(&bare).unwrap().rewrite(&mut bare, 1, 2, 3);
        assert_eq!(bare, [0x10, 0x50]);
    }
}

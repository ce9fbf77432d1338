//! The VP9 payload descriptor (RFC 9628 §4.2) and the beginning of the frame behind it.
use super::picture::{read_field, read_picture_id, Fields};

const PICTURE_ID: u8 = 0x80;
const INTER_PREDICTED: u8 = 0x40;
const LAYERS: u8 = 0x20;
const FLEXIBLE: u8 = 0x10;
const STARTS_FRAME: u8 = 0x08;
const ENDS_FRAME: u8 = 0x04;
const SCALABILITY: u8 = 0x02;
/// A frame refers to no more than three others.
const MAX_REFERENCES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// B: the first packet of a layer's frame.
    pub starts_frame: bool,
    /// E: the last one.
    pub ends_frame: bool,
    /// P: refers to earlier pictures.
    pub is_predicted: bool,
    /// SID, 0 without layer indices.
    pub spatial_layer: u8,
    pub fields: Fields,
    /// The VP9 data begin here.
    pub len: usize,
}

/// Reads the descriptor; None when it is cut short, or refers to more frames than VP9 has.
pub fn parse(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let (mut at, mut fields, mut spatial_layer) = (1, Fields::default(), 0);
    if first & PICTURE_ID != 0 {
        fields.id = Some(read_picture_id(payload, &mut at)?);
    }
    if first & LAYERS != 0 {
        spatial_layer = read_field(payload, &mut at)?.value >> 1 & 0x07;
        if first & FLEXIBLE == 0 {
            fields.tl0 = Some(read_field(payload, &mut at)?);
        }
    }
    if first & FLEXIBLE != 0 && first & INTER_PREDICTED != 0 {
        skip_references(payload, &mut at)?;
    }
    if first & SCALABILITY != 0 {
        skip_structure(payload, &mut at)?;
    }
    Some(Descriptor {
        starts_frame: first & STARTS_FRAME != 0,
        ends_frame: first & ENDS_FRAME != 0,
        is_predicted: first & INTER_PREDICTED != 0,
        spatial_layer,
        fields,
        len: at,
    })
}

/// P_DIFF, each with a bit that says whether another follows.
fn skip_references(payload: &[u8], at: &mut usize) -> Option<()> {
    for _ in 0..MAX_REFERENCES {
        if read_field(payload, at)?.value & 1 == 0 {
            return Some(());
        }
    }
    None
}

/// The scalability structure (§4.2.1): sizes of the layers, and a group of pictures.
fn skip_structure(payload: &[u8], at: &mut usize) -> Option<()> {
    let head = read_field(payload, at)?.value;
    if head & 0x10 != 0 {
        *at += 4 * (usize::from(head >> 5) + 1);
    }
    if head & 0x08 != 0 {
        for _ in 0..read_field(payload, at)?.value {
            *at += usize::from(read_field(payload, at)?.value >> 2 & 0x03);
        }
    }
    (*at <= payload.len()).then_some(())
}

/// Whether a picture begins here: its lowest layer, whose number is 0.
pub fn starts_picture(payload: &[u8]) -> bool {
    parse(payload).is_some_and(|found| found.starts_frame && found.spatial_layer == 0)
}

/// Whether this packet begins a picture that needs no other: its lowest layer is a keyframe.
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some(found) = parse(payload) else {
        return false;
    };
    let begins = found.starts_frame && !found.is_predicted && found.spatial_layer == 0;
    begins && payload.get(found.len).is_some_and(|&byte| is_key(byte))
}

/// By the first byte of a frame (VP9 bitstream 0.7, 6.2). Without predecessors are intra-only frames too, which leave
/// in the other buffers what was there.
fn is_key(byte: u8) -> bool {
    // frame_marker, the profile's two bits, a reserved one in profile 3, show_existing_frame, frame_type.
    match byte >> 4 {
        0b1011 => byte & 0x0E == 0,
        0b1000..=0b1010 => byte & 0x0C == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::picture::{Field, PictureId};

    /// Non-flexible: picture id, layers, TL0PICIDX, a structure of two layers and a group of two pictures.
    const FULL: [u8; 22] = [
        0xAA,
        0x92,
        0x34,
        0b0101_0010,
        0x56,
        0b0011_1000,
        1,
        64,
        0,
        180,
        2,
        128,
        1,
        104,
        2,
        0b0000_0100,
        1,
        0b0010_1000,
        1,
        2,
        0x82,
        0x49,
    ];

    #[test]
    fn every_field_of_a_full_descriptor_is_read() {
        let expected = Descriptor {
            starts_frame: true,
            ends_frame: false,
            is_predicted: false,
            spatial_layer: 1,
            fields: Fields {
                id: Some(PictureId {
                    value: 0x1234,
                    is_long: true,
                    at: 1,
                }),
                tl0: Some(Field { value: 0x56, at: 4 }),
                key: None,
            },
            len: 20,
        };
        assert_eq!(parse(&FULL), Some(expected));
        for len in 0..20 {
            assert_eq!(parse(&FULL[..len]), None, "length {len}");
        }
    }

    #[test]
    fn flexible_mode_has_references_and_no_tl0() {
        let found = parse(&[0xF4, 0x05, 0x42, 0x03, 0x04, 0xAA]).unwrap();
        assert_eq!((found.len, found.fields.tl0, found.spatial_layer), (5, None, 1));
        assert!(found.is_predicted && found.ends_frame && !found.starts_frame);
        assert_eq!(parse(&[0xF4, 0x05, 0x42, 0x03, 0x05, 0x07, 0x08]), None);
        assert_eq!(parse(&[0x18, 0xAA]).unwrap().len, 1);
    }

    #[test]
    fn a_keyframe_is_the_beginning_of_an_unpredicted_base_layer_that_is_coded_as_one() {
        let table: [(&[u8], bool); 13] = [
            (&[0x08, 0x82], true),
            (&[0x08, 0x86], false),
            (&[0x08, 0x8A], false),
            (&[0x08, 0xB0], true),
            (&[0x08, 0xB2], false),
            (&[0x08], false),
            (&[0x48, 0x82], false),
            (&[0x00, 0x82], false),
            (&[0x28, 0x00, 0x05, 0x82], true),
            (&[0x28, 0x02, 0x05, 0x82], false),
            (&[0xA8, 0x7F, 0x00, 0x05, 0xA2], true),
            (&[0xA8, 0xFF, 0xFF], false),
            (&[], false),
        ];
        for (payload, keyframe) in table {
            assert_eq!(is_keyframe(payload), keyframe, "{payload:02x?}");
        }
    }

    #[test]
    fn a_picture_begins_with_its_lowest_layer() {
        assert!(starts_picture(&[0x48, 0x86]) && starts_picture(&[0x28, 0x00, 0x05, 0x82]));
        assert!(!starts_picture(&[0x40, 0x86]) && !starts_picture(&[0x28, 0x02, 0x05, 0x82]));
    }
}

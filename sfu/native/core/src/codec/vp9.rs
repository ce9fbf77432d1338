//! The VP9 payload descriptor (RFC 9628 §4.2), as far as a keyframe needs.

const PICTURE_ID: u8 = 0x80;
const INTER_PREDICTED: u8 = 0x40;
const LAYERS: u8 = 0x20;
const STARTS_FRAME: u8 = 0x08;

/// Whether this packet begins a picture that is not predicted from another.
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some(&first) = payload.first() else {
        return false;
    };
    first & (INTER_PREDICTED | STARTS_FRAME) == STARTS_FRAME && spatial_layer(payload, first) == Some(0)
}

/// SID, 0 without layer indices; None when the descriptor is cut short.
fn spatial_layer(payload: &[u8], first: u8) -> Option<u8> {
    if first & LAYERS == 0 {
        return Some(0);
    }
    let picture_id_len = match first & PICTURE_ID {
        0 => 0,
        _ if payload.get(1)? & 0x80 != 0 => 2,
        _ => 1,
    };
    Some(payload.get(1 + picture_id_len)? >> 1 & 0x07)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_is_the_beginning_of_an_unpredicted_base_layer() {
        let table: [(&[u8], bool); 9] = [
            (&[0x08, 0], true),
            (&[0x48, 0], false),
            (&[0x00, 0], false),
            (&[0x28, 0x00], true),
            (&[0x28, 0x02], false),
            (&[0xA8, 0x7F, 0x00], true),
            (&[0xA8, 0xFF, 0xFF, 0x02], false),
            (&[0xA8, 0xFF, 0xFF], false),
            (&[], false),
        ];
        for (payload, keyframe) in table {
            assert_eq!(is_keyframe(payload), keyframe, "{payload:02x?}");
        }
    }
}

//! The AV1 aggregation header (AV1 RTP payload format §4.4).

const CONTINUES: u8 = 0x80;
const NEW_SEQUENCE: u8 = 0x08;

/// Whether this packet begins a coded video sequence: the N bit, which no continuation (Z) may have.
pub fn is_keyframe(payload: &[u8]) -> bool {
    payload
        .first()
        .is_some_and(|&first| first & (CONTINUES | NEW_SEQUENCE) == NEW_SEQUENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_has_the_n_bit_and_continues_nothing() {
        for (first, keyframe) in [
            (0x08, true),
            (0x18, true),
            (0x88, false),
            (0x10, false),
            (0, false),
        ] {
            assert_eq!(is_keyframe(&[first]), keyframe, "{first:02x}");
        }
        assert!(!is_keyframe(&[]));
    }
}

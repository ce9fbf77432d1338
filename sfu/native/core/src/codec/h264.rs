//! H.264 payloads (RFC 6184): single units, STAP-A and FU-A, as packetisation-mode 1 has them.

const SLICE: u8 = 1;
const IDR_SLICE: u8 = 5;
const SEI: u8 = 6;
const SEQUENCE_PARAMETERS: u8 = 7;
const PICTURE_PARAMETERS: u8 = 8;
const DELIMITER: u8 = 9;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Whether decoding can begin here: a sequence parameter set or the start of an IDR slice.
pub fn is_keyframe(payload: &[u8]) -> bool {
    any_unit(payload, |unit_type, _| {
        matches!(unit_type, IDR_SLICE | SEQUENCE_PARAMETERS)
    })
}

/// Whether a picture begins here: a delimiter, parameter set, SEI, or a slice whose first macroblock is 0.
pub fn starts_frame(payload: &[u8]) -> bool {
    any_unit(payload, |unit_type, data| match unit_type {
        SEI | SEQUENCE_PARAMETERS | PICTURE_PARAMETERS | DELIMITER => true,
        // first_mb_in_slice is Exp-Golomb coded: a leading one bit is 0.
        SLICE | IDR_SLICE => data.first().is_some_and(|&byte| byte & 0x80 != 0),
        _ => false,
    })
}

/// A whole sequence parameter set in this packet, without its head.
pub fn sequence_parameters(payload: &[u8]) -> Option<&[u8]> {
    let (&head, rest) = payload.split_first()?;
    match head & 0x1F {
        SEQUENCE_PARAMETERS => Some(rest),
        STAP_A => aggregated(rest, SEQUENCE_PARAMETERS),
        _ => None,
    }
}

fn aggregated(mut rest: &[u8], wanted: u8) -> Option<&[u8]> {
    loop {
        let (len, after) = rest.split_first_chunk::<2>()?;
        let (unit, next) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        match unit.split_first() {
            Some((&head, data)) if head & 0x1F == wanted => return Some(data),
            _ => rest = next,
        }
    }
}

/// Whether a unit that begins in this packet satisfies the predicate, which gets its type and what follows its head.
fn any_unit(payload: &[u8], mut wanted: impl FnMut(u8, &[u8]) -> bool) -> bool {
    let Some((&head, rest)) = payload.split_first() else {
        return false;
    };
    match head & 0x1F {
        STAP_A => any_aggregated(rest, wanted),
        FU_A => rest
            .split_first()
            .is_some_and(|(&fu, data)| fu & 0x80 != 0 && wanted(fu & 0x1F, data)),
        unit_type => wanted(unit_type, rest),
    }
}

fn any_aggregated(mut rest: &[u8], mut wanted: impl FnMut(u8, &[u8]) -> bool) -> bool {
    while let Some((len, after)) = rest.split_first_chunk::<2>() {
        let Some((unit, next)) = after.split_at_checked(usize::from(u16::from_be_bytes(*len))) else {
            return false;
        };
        if unit
            .split_first()
            .is_some_and(|(&head, data)| wanted(head & 0x1F, data))
        {
            return true;
        }
        rest = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_begin_with_parameters_or_an_idr_slice() {
        let table: [(&[u8], bool, bool); 14] = [
            (&[0x67, 0x42], true, true),
            (&[0x65, 0x88], true, true),
            (&[0x65, 0x08], true, false),
            (&[0x41, 0x9A], false, true),
            (&[0x41, 0x1A], false, false),
            (&[0x68, 0xCE], false, true),
            (&[0x09, 0x10], false, true),
            (&[0x7C, 0x85, 0x88], true, true),
            (&[0x7C, 0x05, 0x88], false, false),
            (&[0x7C, 0x45, 0x88], false, false),
            (&[0x7C, 0x81, 0x9A], false, true),
            (&[0x78, 0, 2, 0x09, 0x10, 0, 2, 0x67, 0x42], true, true),
            (&[0x78, 0, 2, 0x41, 0x1A, 0, 9, 0x67], false, false),
            (&[0x78, 0, 0, 0, 1, 0x65], true, false),
        ];
        for (payload, keyframe, frame) in table {
            assert_eq!(is_keyframe(payload), keyframe, "{payload:02x?}");
            assert_eq!(starts_frame(payload), frame, "{payload:02x?}");
        }
    }

    #[test]
    fn cut_short_payloads_begin_nothing() {
        for payload in [&[][..], &[0x7C], &[0x78], &[0x78, 0], &[0x78, 0, 1]] {
            assert!(!is_keyframe(payload) && !starts_frame(payload), "{payload:02x?}");
        }
    }
}

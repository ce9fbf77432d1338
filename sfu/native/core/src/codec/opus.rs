//! What an Opus packet says of itself before any of it is decoded (RFC 6716 section 3).

/// Configurations from here on are CELT alone, which has no in-band FEC (table 2).
const FIRST_CELT: u8 = 16;
const FIRST_HYBRID: u8 = 12;

/// Whether the packet's first frame carries the one before it once more: the LBRR flags are the first symbols of a SILK
/// frame, of even chances, and so lie in its first byte as they are (section 4.2.3).
pub fn has_in_band_fec(payload: &[u8]) -> bool {
    let Some(&toc) = payload.first().filter(|&&toc| toc >> 3 < FIRST_CELT) else {
        return false;
    };
    let Some(&first) = first_frame(toc, payload).and_then(<[u8]>::first) else {
        return false;
    };
    let frames = silk_frames(toc >> 3);
    let bit = |place: u8| first >> (7 - place) & 1 != 0;
    // For each channel a bit of voice activity for each frame, then whether any is carried again.
    let is_stereo = toc & 4 != 0;
    bit(frames) || is_stereo && bit(2 * frames + 1)
}

/// SILK codes at most 20 ms at a time.
fn silk_frames(configuration: u8) -> u8 {
    match configuration % 4 {
        2 if configuration < FIRST_HYBRID => 2,
        3 if configuration < FIRST_HYBRID => 3,
        _ => 1,
    }
}

/// What is behind the lengths of a packet's frames (section 3.2).
fn first_frame(toc: u8, payload: &[u8]) -> Option<&[u8]> {
    match toc & 3 {
        0 | 1 => payload.get(1..),
        2 => payload.get(1 + length_of_length(*payload.get(1)?)..),
        _ => many(payload),
    }
}

fn many(payload: &[u8]) -> Option<&[u8]> {
    let head = *payload.get(1)?;
    let (has_lengths, is_padded, count) = (head & 0x80 != 0, head & 0x40 != 0, head & 0x3f);
    let mut at = 2;
    if is_padded {
        while *payload.get(at)? == 255 {
            at += 1;
        }
        at += 1;
    }
    for _ in 1..if has_lengths { count } else { 0 } {
        at += length_of_length(*payload.get(at)?);
    }
    payload.get(at..)
}

fn length_of_length(first: u8) -> usize {
    if first < 252 {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Configuration, channels and code of a packet's first byte.
    fn toc(configuration: u8, is_stereo: bool, code: u8) -> u8 {
        configuration << 3 | u8::from(is_stereo) << 2 | code
    }

    #[test]
    fn the_flag_lies_behind_a_bit_of_voice_activity_for_each_frame() {
        for (configuration, flag) in [(1, 0x40), (9, 0x40), (2, 0x20), (3, 0x10), (13, 0x40)] {
            let head = toc(configuration, false, 0);
            assert!(has_in_band_fec(&[head, flag, 7]), "{configuration}");
            assert!(!has_in_band_fec(&[head, !flag, 7]), "{configuration}");
        }
    }

    #[test]
    fn either_channel_may_carry_it() {
        let carries = |first| has_in_band_fec(&[toc(1, true, 0), first, 7]);
        assert!(carries(0x40) && carries(0x10) && !carries(0xaf));
    }

    #[test]
    fn the_first_frame_is_found_behind_lengths_and_padding() {
        let short = vec![toc(1, false, 2), 2, 0x40, 1, 2];
        let long = [vec![toc(1, false, 2), 252, 1, 0x40], vec![0; 300]].concat();
        let constant = vec![toc(1, false, 3), 2, 0x40, 1, 2, 3];
        let variable = vec![toc(1, false, 3), 0x80 | 3, 1, 2, 0x40, 1, 2, 3];
        let padded = [vec![toc(1, false, 3), 0x40 | 1, 255, 1, 0x40], vec![0; 260]].concat();
        for packet in [short, long, constant, variable, padded] {
            assert!(has_in_band_fec(&packet), "{packet:?}");
        }
    }

    #[test]
    fn music_has_none_and_cut_packets_say_nothing() {
        assert!((FIRST_CELT..32).all(|configuration| !has_in_band_fec(&[toc(configuration, false, 0), 0xff])));
        let whole = [toc(1, true, 3), 0xff, 255, 255, 3, 1, 1];
        assert!((0..=whole.len()).all(|len| !has_in_band_fec(&whole[..len])));
    }
}

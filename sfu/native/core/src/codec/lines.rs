//! How many lines a picture has, as the first packet of its keyframe says.
use super::{h264, vp8, Codec};

/// Of a keyframe's first packet; none where the codec does not say, or not there.
pub fn lines_of(codec: Codec, payload: &[u8]) -> Option<u16> {
    match codec {
        Codec::Vp8 => of_vp8(payload),
        Codec::H264 => h264::sequence_parameters(payload).and_then(of_h264),
        _ => None,
    }
}

/// Behind the frame tag and the start code stand width and height (RFC 6386 section 9.1).
fn of_vp8(payload: &[u8]) -> Option<u16> {
    let frame = payload.get(vp8::parse(payload)?.len..)?;
    let [0x9d, 0x01, 0x2a, _, _, low, high] = *frame.get(3..10)? else {
        return None;
    };
    Some(u16::from_le_bytes([low, high]) & 0x3fff)
}

/// Profiles whose parameters say how colour is sampled (H.264 section 7.3.2.1.1).
const WITH_CHROMA: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// Of a sequence parameter set behind its head (H.264 section 7.3.2.1.1), except one with scaling lists.
fn of_h264(parameters: &[u8]) -> Option<u16> {
    let mut bits = Bits {
        bytes: parameters,
        at: 0,
    };
    let profile = bits.take(8)?;
    bits.take(16)?;
    bits.number()?;
    let chroma = if WITH_CHROMA.contains(&profile) {
        chroma_format(&mut bits)?
    } else {
        1
    };
    bits.number()?;
    skip_picture_order(&mut bits)?;
    bits.number()?;
    bits.take(1)?;
    bits.number()?;
    let units = bits.number()?.checked_add(1)?;
    let fields = 2 - bits.take(1)?;
    if fields == 2 {
        bits.take(1)?;
    }
    bits.take(1)?;
    let cropped = if bits.take(1)? == 1 {
        bits.number()?;
        bits.number()?;
        bits.number()?.checked_add(bits.number()?)?
    } else {
        0
    };
    let unit = if chroma == 1 { 2 * fields } else { fields };
    let lines = units
        .checked_mul(16 * fields)?
        .checked_sub(cropped.checked_mul(unit)?)?;
    u16::try_from(lines).ok()
}

fn chroma_format(bits: &mut Bits<'_>) -> Option<u32> {
    let chroma = bits.number()?;
    if chroma == 3 {
        bits.take(1)?;
    }
    bits.number()?;
    bits.number()?;
    bits.take(1)?;
    (bits.take(1)? == 0).then_some(chroma)
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.number()? {
        0 => bits.number().map(|_| ()),
        1 => {
            bits.take(1)?;
            bits.number()?;
            bits.number()?;
            // No more than 255 may follow.
            let count = bits.number().filter(|&count| count <= 255)?;
            (0..count).try_for_each(|_| bits.number().map(|_| ()))
        }
        _ => Some(()),
    }
}

/// Reads bit by bit, passing over the bytes that keep start codes out (H.264 section 7.4.1).
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = self.at / 8;
        if self.at % 8 == 0 && byte >= 2 && self.bytes.get(byte - 2..=byte)? == [0, 0, 3] {
            self.at += 8;
        }
        let value = self.bytes.get(self.at / 8)? >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(value))
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | self.bit()?))
    }

    /// Exp-Golomb coded, without sign or with (H.264 section 9.1): whoever passes over it need not know.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 24 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vp8_keyframe_says_its_height() {
        let payload = [
            0x90, 0x80, 0x05, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x42,
        ];
        assert_eq!(lines_of(Codec::Vp8, &payload), Some(720));
        for len in 0..payload.len() {
            assert_eq!(lines_of(Codec::Vp8, &payload[..len]), None);
        }
    }

    #[test]
    fn an_h264_parameter_set_says_its_height() {
        let table = [
            (set(80, 45, 0), 720),
            (set(40, 23, 4), 360),
            (set(20, 12, 6), 180),
        ];
        for (parameters, lines) in table {
            let single = [&[0x67][..], &parameters].concat();
            assert_eq!(lines_of(Codec::H264, &single), Some(lines));
            let len = single.len() as u8;
            let aggregated = [&[0x78, 0, len][..], &single, &[0, 1, 0x65]].concat();
            assert_eq!(lines_of(Codec::H264, &aggregated), Some(lines));
        }
        assert_eq!(lines_of(Codec::H264, &[0x7c, 0x85, 0x88]), None);
        assert_eq!(lines_of(Codec::H264, &[0x67]), None);
    }

    /// A parameter set of constrained baseline with this size, of which the lowest lines are cut off, two by two.
    fn set(columns: u32, rows: u32, cropped: u32) -> Vec<u8> {
        let mut text = String::from("010000101100000000011111");
        for number in [0, 0, 2, 1] {
            text += &coded(number);
        }
        text += "0";
        text += &coded(columns - 1);
        text += &coded(rows - 1);
        text += "11";
        text += if cropped > 0 { "1" } else { "0" };
        if cropped > 0 {
            for number in [0, 0, 0, cropped] {
                text += &coded(number);
            }
        }
        text += "01";
        while text.len() % 8 != 0 {
            text += "0";
        }
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 8], 2).unwrap();
        (0..text.len()).step_by(8).map(byte).collect()
    }

    fn coded(number: u32) -> String {
        let value = format!("{:b}", number + 1);
        "0".repeat(value.len() - 1) + &value
    }

    #[test]
    fn no_bytes_make_it_read_beyond_them() {
        let mut chance = crate::chance::Chance::new(3);
        for _ in 0..5_000 {
            let len = (chance.next() % 40) as usize;
            let mut bytes: Vec<u8> = (0..len)
                .map(|_| chance.next() as u8 & chance.next() as u8)
                .collect();
            bytes.insert(0, 0x67);
            let _ = lines_of(Codec::H264, &bytes);
        }
    }
}

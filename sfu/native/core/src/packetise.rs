//! Encoded frames into RTP payloads: H.264 (RFC 6184, packetisation-mode 1), VP8 (RFC 7741), sound as it is.
use crate::codec::Codec;

/// With header, extensions, repair number and tag a packet stays below 1200 bytes.
pub const MAX_PAYLOAD: usize = 1_130;

const STAP_A: u8 = 24;
const FU_A: u8 = 28;
const VP8_DESCRIPTOR_LEN: usize = 4;

/// Whether frames of a codec can be put into packets.
pub fn can_packetise(codec: Codec, is_video: bool) -> bool {
    !is_video || matches!(codec, Codec::H264 | Codec::Vp8)
}

/// Appends payloads to `out`, each with its length; false if the frame is none of its codec.
pub fn packetise(codec: Codec, frame: &[u8], picture_id: u16, out: &mut Payloads) -> bool {
    out.clear();
    match codec {
        Codec::H264 => h264(frame, out),
        Codec::Vp8 => vp8(frame, picture_id, out),
        _ if frame.len() <= MAX_PAYLOAD => out.push(&[frame]),
        _ => {}
    }
    !out.is_empty()
}

/// Payloads one after the other, kept from frame to frame so that their room is used again.
#[derive(Default)]
pub struct Payloads {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Payloads {
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + '_ {
        (0..self.ends.len()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.bytes[start..self.ends[at]]
        })
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    fn push(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.ends.push(self.bytes.len());
    }
}

fn vp8(frame: &[u8], picture_id: u16, out: &mut Payloads) {
    let [high, low] = (picture_id | 0x8000).to_be_bytes();
    for (at, part) in frame.chunks(MAX_PAYLOAD - VP8_DESCRIPTOR_LEN).enumerate() {
        let first = if at == 0 { 0x90 } else { 0x80 };
        out.push(&[&[first, 0x80, high, low], part]);
    }
}

/// Takes Annex B; small neighbours share a packet, large units are cut.
fn h264(frame: &[u8], out: &mut Payloads) {
    let units: Vec<&[u8]> = Units { rest: frame }.filter(|unit| !unit.is_empty()).collect();
    let mut at = 0;
    while at < units.len() {
        let together = aggregated(&units[at..]);
        match together {
            0 => fragment(units[at], out),
            1 => out.push(&[units[at]]),
            _ => aggregate(&units[at..at + together], out),
        }
        at += together.max(1);
    }
}

/// How many of the units fit into one packet: none if the first is too large.
fn aggregated(units: &[&[u8]]) -> usize {
    if units[0].len() > MAX_PAYLOAD {
        return 0;
    }
    let mut len = 1;
    let fits = |unit: &&&[u8]| {
        len += 2 + unit.len();
        len <= MAX_PAYLOAD
    };
    units.iter().take_while(fits).count().max(1)
}

fn aggregate(units: &[&[u8]], out: &mut Payloads) {
    // The highest of their importances, and the forbidden bit if any has it (RFC 6184 section 5.7.1).
    let importance = units.iter().map(|unit| unit[0] & 0x60).max().unwrap_or(0);
    let forbidden = units.iter().fold(0, |bit, unit| bit | unit[0] & 0x80);
    out.bytes.push(forbidden | importance | STAP_A);
    for unit in units {
        out.bytes.extend_from_slice(&(unit.len() as u16).to_be_bytes());
        out.bytes.extend_from_slice(unit);
    }
    out.ends.push(out.bytes.len());
}

fn fragment(unit: &[u8], out: &mut Payloads) {
    let (head, data) = (unit[0], &unit[1..]);
    let count = data.len().div_ceil(MAX_PAYLOAD - 2);
    // Nearly equal parts leave in one run.
    let size = data.len().div_ceil(count);
    for (at, part) in data.chunks(size).enumerate() {
        let first = if at == 0 { 0x80 } else { 0 };
        let last = if at + 1 == count { 0x40 } else { 0 };
        out.push(&[&[head & 0xE0 | FU_A, first | last | head & 0x1F], part]);
    }
}

/// The units of an Annex B frame, without start codes and the zeros before them.
struct Units<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Units<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = start_code(self.rest)? + 3;
        let rest = &self.rest[start..];
        let end = start_code(rest).unwrap_or(rest.len());
        self.rest = &rest[end..];
        let unit = &rest[..end];
        let zeros = unit.iter().rev().take_while(|&&byte| byte == 0).count();
        Some(&unit[..end - zeros])
    }
}

fn start_code(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|code| code == [0, 0, 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payloads(codec: Codec, frame: &[u8]) -> Vec<Vec<u8>> {
        let mut out = Payloads::default();
        packetise(codec, frame, 0x1234, &mut out);
        out.iter().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn small_units_share_a_packet_and_large_ones_are_cut_into_equal_parts() {
        let slice = vec![7; 3_000];
        let frame = [
            &[0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65],
            &slice[..],
        ]
        .concat();
        let made = payloads(Codec::H264, &frame);
        assert_eq!(made[0], [0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3]);
        let heads: Vec<[u8; 2]> = made[1..].iter().map(|payload| [payload[0], payload[1]]).collect();
        assert_eq!(heads, [[0x7c, 0x85], [0x7c, 0x05], [0x7c, 0x45]]);
        assert!(made[1..].iter().all(|payload| payload.len() == 1_002));
        assert_eq!(
            payloads(Codec::H264, &[0, 0, 1, 0x41, 9, 9, 0, 0]),
            [[0x41, 9, 9]]
        );
    }

    #[test]
    fn what_has_no_unit_is_no_frame() {
        for frame in [&[][..], &[1, 2, 3], &[0, 0, 1], &[0, 0, 0, 1, 0]] {
            assert!(payloads(Codec::H264, frame).is_empty(), "{frame:?}");
        }
    }

    #[test]
    fn a_vp8_frame_begins_once_and_has_one_picture_id() {
        let made = payloads(Codec::Vp8, &vec![5; 2_000]);
        assert_eq!(
            (made.len(), &made[0][..5], &made[1][..5]),
            (
                2,
                &[0x90, 0x80, 0x92, 0x34, 5][..],
                &[0x80, 0x80, 0x92, 0x34, 5][..]
            )
        );
    }

    #[test]
    fn sound_fits_into_one_packet_or_is_refused() {
        assert_eq!(payloads(Codec::Opus, &[1, 2]), [[1, 2]]);
        assert!(payloads(Codec::Opus, &[0; MAX_PAYLOAD + 1]).is_empty());
    }
}

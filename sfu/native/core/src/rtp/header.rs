//! The fixed header, contributing sources and where the extension and the payload lie.
use super::{Extensions, RtpError};

/// An RTP header without contributing sources and extension (RFC 3550 §5.1).
pub const FIXED_HEADER_LEN: usize = 12;

/// The profile value of one-byte extension elements (RFC 8285 §4.2).
const ONE_BYTE_PROFILE: u16 = 0xBEDE;
/// The upper 12 bits that say two-byte elements (RFC 8285 §4.3).
const TWO_BYTE_PROFILE: u16 = 0x100;

/// A parsed header as values and offsets, so that the packet itself stays free to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// With contributing sources and extension; the payload begins here.
    pub header_len: usize,
    /// The P bit. How much padding there is stands in the (encrypted) last byte: see `payload_end`.
    pub has_padding: bool,
    /// The 16 bits "defined by profile", if the X bit is set.
    pub extension_profile: Option<u16>,
    /// Where the extension elements begin; they end at `header_len`.
    pub extension_start: usize,
}

/// Reads the header of a protected or plain packet.
pub fn parse(packet: &[u8]) -> Result<View, RtpError> {
    let fixed: &[u8; FIXED_HEADER_LEN] = packet.first_chunk().ok_or(RtpError::TooShort)?;
    if fixed[0] >> 6 != 2 {
        return Err(RtpError::WrongVersion);
    }
    let sources_end = FIXED_HEADER_LEN + 4 * usize::from(fixed[0] & 0x0F);
    let has_extension = fixed[0] & 0x10 != 0;
    let extension_profile = if has_extension {
        Some(word(packet, sources_end)?)
    } else {
        None
    };
    let (extension_start, header_len) = if has_extension {
        let start = sources_end + 4;
        (start, start + 4 * usize::from(word(packet, sources_end + 2)?))
    } else {
        (sources_end, sources_end)
    };
    if header_len > packet.len() {
        return Err(RtpError::TruncatedHeader);
    }
    Ok(View {
        marker: fixed[1] & 0x80 != 0,
        payload_type: fixed[1] & 0x7F,
        sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
        timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        header_len,
        has_padding: fixed[0] & 0x20 != 0,
        extension_profile,
        extension_start,
    })
}

fn word(packet: &[u8], at: usize) -> Result<u16, RtpError> {
    let bytes = packet.get(at..at + 2).ok_or(RtpError::TruncatedHeader)?;
    Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
}

impl View {
    /// Where the payload ends, without padding. `packet` is the whole plain packet.
    pub fn payload_end(&self, packet: &[u8]) -> Result<usize, RtpError> {
        let room = packet
            .len()
            .checked_sub(self.header_len)
            .ok_or(RtpError::TooShort)?;
        if !self.has_padding {
            return Ok(packet.len());
        }
        let padding = packet.last().map_or(0, |&last| usize::from(last));
        if padding == 0 || padding > room {
            return Err(RtpError::BadPadding);
        }
        Ok(packet.len() - padding)
    }

    /// The payload without padding. `packet` is the whole plain packet.
    pub fn payload<'a>(&self, packet: &'a [u8]) -> Result<&'a [u8], RtpError> {
        Ok(&packet[self.header_len..self.payload_end(packet)?])
    }

    /// The elements of the header extension, one-byte or two-byte (RFC 8285); empty for another profile.
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        let elements = packet
            .get(self.extension_start..self.header_len)
            .unwrap_or_default();
        match self.extension_profile {
            Some(ONE_BYTE_PROFILE) => Extensions::new(elements, false),
            Some(profile) if profile >> 4 == TWO_BYTE_PROFILE => Extensions::new(elements, true),
            _ => Extensions::new(&[], false),
        }
    }

    /// The first element with this id; id 0 finds nothing.
    pub fn extension<'a>(&self, packet: &'a [u8], id: u8) -> Option<&'a [u8]> {
        if id == 0 {
            return None;
        }
        self.extensions(packet)
            .find(|&(found, _)| found == id)
            .map(|(_, data)| data)
    }
}

/// What `write_header` writes.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// (id 1..=14, 1 to 16 bytes) each, written as one-byte elements in this order.
    pub extensions: &'a [(u8, &'a [u8])],
}

/// Writes a header and returns its length.
pub fn write_header(out: &mut [u8], header: &Header<'_>) -> Result<usize, RtpError> {
    let extension_len = extension_len(header.extensions)?;
    let header_len = FIXED_HEADER_LEN + extension_len;
    let out = out.get_mut(..header_len).ok_or(RtpError::NoRoom)?;
    let (fixed, extension) = out.split_at_mut(FIXED_HEADER_LEN);
    fixed[0] = if extension_len > 0 { 0x90 } else { 0x80 };
    fixed[1] = u8::from(header.marker) << 7 | header.payload_type & 0x7F;
    fixed[2..4].copy_from_slice(&header.sequence.to_be_bytes());
    fixed[4..8].copy_from_slice(&header.timestamp.to_be_bytes());
    fixed[8..12].copy_from_slice(&header.ssrc.to_be_bytes());
    write_extensions(extension, header.extensions);
    Ok(header_len)
}

/// The extension's length with its four-byte head, in whole words; 0 for none.
fn extension_len(elements: &[(u8, &[u8])]) -> Result<usize, RtpError> {
    let fits = |&(id, data): &(u8, &[u8])| (1..=14).contains(&id) && (1..=16).contains(&data.len());
    if !elements.iter().all(fits) {
        return Err(RtpError::BadExtension);
    }
    let len: usize = elements.iter().map(|(_, data)| 1 + data.len()).sum();
    if len.div_ceil(4) > usize::from(u16::MAX) {
        return Err(RtpError::BadExtension);
    }
    Ok(if len == 0 { 0 } else { 4 + len.next_multiple_of(4) })
}

fn write_extensions(out: &mut [u8], elements: &[(u8, &[u8])]) {
    let Some((head, mut rest)) = out.split_first_chunk_mut::<4>() else {
        return;
    };
    let words = (rest.len() / 4) as u16;
    head[..2].copy_from_slice(&ONE_BYTE_PROFILE.to_be_bytes());
    head[2..].copy_from_slice(&words.to_be_bytes());
    for (id, data) in elements {
        let (element, after) = rest.split_at_mut(1 + data.len());
        element[0] = id << 4 | (data.len() - 1) as u8;
        element[1..].copy_from_slice(data);
        rest = after;
    }
    rest.fill(0);
}

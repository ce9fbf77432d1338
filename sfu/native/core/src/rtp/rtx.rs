//! The retransmission payload format (RFC 4588 §4): the original sequence number, then the original payload.
use super::{write_header, Header, RtpError, View};

/// Length of the original sequence number.
pub const OSN_LEN: usize = 2;

/// Splits an RTX payload; None for padding-only packets, which carry no repair.
pub fn split(payload: &[u8]) -> Option<(u16, &[u8])> {
    let (sequence, original) = payload.split_first_chunk::<OSN_LEN>()?;
    Some((u16::from_be_bytes(*sequence), original))
}

/// Makes a plain RTX packet the original in place: `packet[start..]` is then the original of the returned view.
/// Padding stays where it was. Refused when there is no original inside.
pub fn restore(
    packet: &mut [u8],
    view: &View,
    original_ssrc: u32,
    original_payload_type: u8,
) -> Result<(usize, View), RtpError> {
    let (sequence, _) = split(view.payload(packet)?).ok_or(RtpError::TooShort)?;
    packet.copy_within(..view.header_len, OSN_LEN);
    let header = &mut packet[OSN_LEN..];
    header[1] = header[1] & 0x80 | original_payload_type & 0x7F;
    header[2..4].copy_from_slice(&sequence.to_be_bytes());
    header[8..12].copy_from_slice(&original_ssrc.to_be_bytes());
    let original = View {
        sequence,
        ssrc: original_ssrc,
        payload_type: original_payload_type & 0x7F,
        ..*view
    };
    Ok((OSN_LEN, original))
}

/// Writes an RTX packet: `header` (with the repair stream's SSRC, type and sequence), OSN, payload; returns its length.
pub fn wrap(
    out: &mut [u8],
    header: &Header<'_>,
    original_sequence: u16,
    payload: &[u8],
) -> Result<usize, RtpError> {
    let header_len = write_header(out, header)?;
    let len = header_len + OSN_LEN + payload.len();
    let body = out.get_mut(header_len..len).ok_or(RtpError::NoRoom)?;
    body[..OSN_LEN].copy_from_slice(&original_sequence.to_be_bytes());
    body[OSN_LEN..].copy_from_slice(payload);
    Ok(len)
}

//! The retransmission payload format (RFC 4588 §4): the original sequence number, then the original payload.
use super::{Header, RtpError, View};

/// Length of the original sequence number.
pub const OSN_LEN: usize = 2;

/// Splits an RTX payload; None for padding-only packets, which carry no repair.
pub fn split(_payload: &[u8]) -> Option<(u16, &[u8])> {
    todo!()
}

/// Makes a plain RTX packet the original in place: `packet[start..]` is then the original of the returned view.
/// Padding stays where it was. Refused when there is no original inside.
pub fn restore(
    _packet: &mut [u8],
    _view: &View,
    _original_ssrc: u32,
    _original_payload_type: u8,
) -> Result<(usize, View), RtpError> {
    todo!()
}

/// Writes an RTX packet: `header` (with the repair stream's SSRC, type and sequence), OSN, payload; returns its length.
pub fn wrap(
    _out: &mut [u8],
    _header: &Header<'_>,
    _original_sequence: u16,
    _payload: &[u8],
) -> Result<usize, RtpError> {
    todo!()
}

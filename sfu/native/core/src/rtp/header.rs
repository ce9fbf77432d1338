//! The fixed header, contributing sources and where the extension and the payload lie.
use super::{Extensions, RtpError};

/// An RTP header without contributing sources and extension (RFC 3550 §5.1).
pub const FIXED_HEADER_LEN: usize = 12;

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
pub fn parse(_packet: &[u8]) -> Result<View, RtpError> {
    todo!()
}

impl View {
    /// Where the payload ends, without padding. `packet` is the whole plain packet.
    pub fn payload_end(&self, _packet: &[u8]) -> Result<usize, RtpError> {
        todo!()
    }

    /// The payload without padding. `packet` is the whole plain packet.
    pub fn payload<'a>(&self, packet: &'a [u8]) -> Result<&'a [u8], RtpError> {
        Ok(&packet[self.header_len..self.payload_end(packet)?])
    }

    /// The elements of the header extension, one-byte or two-byte (RFC 8285); empty for another profile.
    pub fn extensions<'a>(&self, _packet: &'a [u8]) -> Extensions<'a> {
        todo!()
    }

    /// The first element with this id; id 0 finds nothing.
    pub fn extension<'a>(&self, _packet: &'a [u8], _id: u8) -> Option<&'a [u8]> {
        todo!()
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
pub fn write_header(_out: &mut [u8], _header: &Header<'_>) -> Result<usize, RtpError> {
    todo!()
}

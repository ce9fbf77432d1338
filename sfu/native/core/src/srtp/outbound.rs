//! From plain to protected, in place.
use super::{Profile, SrtpError};

/// Which of an `Outbound`'s streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamIndex(u32);

/// The sending half of a connection's SRTP: the one owner of its keys, SSRCs and roll-over counters.
pub struct Outbound {}

impl Outbound {
    pub fn new(_profile: Profile, _master_key: &[u8], _master_salt: &[u8]) -> Result<Outbound, SrtpError> {
        todo!()
    }

    /// A stream for `ssrc`; the same one again for an SSRC that had one, since its numbers must not start over.
    pub fn add_stream(&mut self, _ssrc: u32) -> Result<StreamIndex, SrtpError> {
        todo!()
    }

    /// Seals `buffer[..len]` in place and returns the protected length; `buffer` has room for `rtp_overhead` more.
    /// An index that was sealed before is refused, since a nonce used twice gives the key away.
    pub fn protect_rtp(
        &mut self,
        _stream: StreamIndex,
        _buffer: &mut [u8],
        _len: usize,
        _header_len: usize,
    ) -> Result<usize, SrtpError> {
        todo!()
    }

    /// Seals the compound `buffer[..len]` in place and returns the protected length.
    pub fn protect_rtcp(&mut self, _buffer: &mut [u8], _len: usize) -> Result<usize, SrtpError> {
        todo!()
    }
}

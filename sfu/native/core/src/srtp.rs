//! SRTP and SRTCP (RFC 3711) with AEAD_AES_128_GCM (RFC 7714) and AES_CM_128_HMAC_SHA1_80.
mod cipher;
mod counter_mode;
mod derive;
mod gcm;
mod inbound;
mod outbound;
mod profile;
mod replay;

#[cfg(test)]
mod tests;

pub use inbound::{Inbound, Unprotected};
pub use outbound::{Outbound, StreamIndex};
pub use profile::{KeyingMaterial, Profile};

use std::fmt;

/// The most that protecting adds to an RTP packet.
pub const MAX_RTP_OVERHEAD: usize = 16;
/// The most that protecting adds to an RTCP packet: tag and index.
pub const MAX_RTCP_OVERHEAD: usize = 20;

/// Why a packet was not protected or unprotected. After a failed unprotect the packet's bytes are undefined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SrtpError {
    TooShort,
    /// Not genuine.
    WrongTag,
    /// Received, or sealed, before.
    Replayed,
    /// So old that the replay window cannot tell.
    TooOld,
    /// So far ahead that it is not believed alone.
    Leapt,
    /// SRTCP without encryption.
    NotEncrypted,
    /// More SSRCs than a peer may have.
    TooManyStreams,
    /// No stream with this index, or the packet has another SSRC.
    WrongStream,
    /// All packets that a key may seal are sealed.
    KeyExhausted,
    /// The buffer has no room for the tag.
    NoRoom,
    /// A key or salt of the wrong length.
    WrongKeyLength,
}

impl fmt::Display for SrtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SrtpError::TooShort => "the packet is shorter than its header and what protection adds",
            SrtpError::WrongTag => "the packet's authentication tag is wrong",
            SrtpError::Replayed => "a packet with this index was handled before",
            SrtpError::TooOld => "the packet is older than the replay window reaches",
            SrtpError::Leapt => "the packet's number is far ahead of all others",
            SrtpError::NotEncrypted => "the RTCP packet is authenticated but not encrypted",
            SrtpError::TooManyStreams => "the connection has as many SSRCs as it may have",
            SrtpError::WrongStream => "the packet's SSRC is not that of the stream",
            SrtpError::KeyExhausted => "the key has sealed all packets that it may",
            SrtpError::NoRoom => "the buffer has no room for what protection adds",
            SrtpError::WrongKeyLength => "the master key or salt has a wrong length",
        })
    }
}

impl std::error::Error for SrtpError {}

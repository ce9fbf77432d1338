//! RTP packets (RFC 3550 §5): read as offsets, written into the caller's buffer.
mod extension;
mod header;
pub mod red;
pub mod rtx;
mod sequence;

#[cfg(test)]
mod tests;

pub use extension::{AudioLevel, Extensions};
pub use header::{parse, write_header, Header, View, FIXED_HEADER_LEN};
pub use sequence::{is_newer, TimestampUnwrapper, Unwrapper};

use std::fmt;

/// Why bytes are not an RTP packet, or a header cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RtpError {
    TooShort,
    WrongVersion,
    TruncatedHeader,
    BadPadding,
    BadExtension,
    NoRoom,
}

impl fmt::Display for RtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RtpError::TooShort => "the RTP packet is shorter than its parts need",
            RtpError::WrongVersion => "the RTP version is not 2",
            RtpError::TruncatedHeader => "the RTP header goes beyond the packet",
            RtpError::BadPadding => "the RTP padding is empty or longer than the payload",
            RtpError::BadExtension => "a header extension element does not fit the one-byte form",
            RtpError::NoRoom => "the buffer has no room for the RTP packet",
        })
    }
}

impl std::error::Error for RtpError {}

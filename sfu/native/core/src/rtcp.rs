//! RTCP (RFC 3550 §6, RFC 4585, RFC 5104): compound packets read without a copy, written with a cursor.
mod feedback;
mod ntp;
mod packet;
mod report;
mod write;

#[cfg(test)]
mod tests;

pub use feedback::{Fir, FirEntries, FirEntry, LostSequences, Nack, Pli, RawFeedback};
pub use ntp::Ntp;
pub use packet::{packets, Goodbye, Packet, Packets, SourceDescription};
pub use report::{ReceiverReport, ReportBlock, ReportBlocks, SenderInfo, SenderReport};
pub use write::Writer;

use std::fmt;

/// Why bytes are not RTCP, or a packet cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RtcpError {
    TooShort,
    WrongVersion,
    WrongLength,
    BadPadding,
    Truncated,
    TooMany,
    NoRoom,
}

impl fmt::Display for RtcpError {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for RtcpError {}

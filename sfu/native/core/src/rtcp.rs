//! RTCP (RFC 3550 §6, RFC 4585, RFC 5104): compound packets read without a copy, written with a cursor.
mod arrival_report;
mod bytes;
mod feedback;
mod ntp;
mod packet;
mod report;
mod transport_cc;
mod write;

#[cfg(test)]
mod tests;

pub use arrival_report::{ArrivalReport, Statuses};
pub use feedback::{Fir, FirEntries, FirEntry, LostSequences, Nack, Pli, RawFeedback};
pub use ntp::Ntp;
pub use packet::{packets, Goodbye, Packet, Packets, SourceDescription};
pub use report::{ReceiverReport, ReportBlock, ReportBlocks, SenderInfo, SenderReport};
pub use transport_cc::{ArrivalStatuses, Ticks};
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
    BadStatus,
    TooMany,
    NoRoom,
}

impl fmt::Display for RtcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RtcpError::TooShort => "the RTCP packet is shorter than its header",
            RtcpError::WrongVersion => "the RTCP version is not 2",
            RtcpError::WrongLength => "the RTCP length goes beyond the datagram",
            RtcpError::BadPadding => "the RTCP padding is empty or longer than the packet",
            RtcpError::Truncated => "the RTCP packet is shorter than its counts say",
            RtcpError::BadStatus => "transport-wide feedback tells of nothing, or in a reserved symbol",
            RtcpError::TooMany => "an RTCP packet cannot hold so many parts",
            RtcpError::NoRoom => "the buffer has no room for the RTCP packet",
        })
    }
}

impl std::error::Error for RtcpError {}

//! The packets of a compound.
use super::{Fir, Nack, Pli, RawFeedback, ReceiverReport, RtcpError, SenderReport};

/// One RTCP packet, borrowed from its compound.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    SenderReport(SenderReport<'a>),
    ReceiverReport(ReceiverReport<'a>),
    SourceDescription(SourceDescription<'a>),
    Goodbye(Goodbye<'a>),
    Nack(Nack<'a>),
    Pli(Pli),
    Fir(Fir<'a>),
    /// transport-cc, REMB and other feedback: recognised, not read.
    TransportCc(RawFeedback<'a>),
    Remb(RawFeedback<'a>),
    Other {
        packet_type: u8,
        count: u8,
        body: &'a [u8],
    },
}

/// Iterates over the packets of a compound; ends after the first error.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

/// Reads a compound packet, reduced-size ones (RFC 5506) too.
pub fn packets(compound: &[u8]) -> Packets<'_> {
    Packets { rest: compound }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, RtcpError>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = self.rest;
        todo!()
    }
}

/// SDES, read for CNAMEs only.
#[derive(Clone, Copy, Debug)]
pub struct SourceDescription<'a> {
    chunks: &'a [u8],
}

impl<'a> SourceDescription<'a> {
    /// The first CNAME and whose it is.
    pub fn cname(&self) -> Option<(u32, &'a [u8])> {
        let _ = self.chunks;
        todo!()
    }
}

/// BYE.
#[derive(Clone, Copy, Debug)]
pub struct Goodbye<'a> {
    ssrcs: &'a [u8],
}

impl<'a> Goodbye<'a> {
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + 'a {
        self.ssrcs
            .chunks_exact(4)
            .map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

//! The packets of a compound.
use super::bytes::{half, word};
use super::{Fir, Nack, Pli, RawFeedback, ReceiverReport, ReportBlock, RtcpError, SenderInfo, SenderReport};

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;

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
    /// `ArrivalReport::read` and `RawFeedback::remb` read them: what is wrong in one concerns nothing else of the compound.
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
        if self.rest.is_empty() {
            return None;
        }
        let packet = self
            .split_first()
            .and_then(|(packet_type, count, body)| read(packet_type, count, body));
        if packet.is_err() {
            self.rest = &[];
        }
        Some(packet)
    }
}

impl<'a> Packets<'a> {
    /// Takes the next packet off: type, count or format, and body without padding.
    fn split_first(&mut self) -> Result<(u8, u8, &'a [u8]), RtcpError> {
        let head: &[u8; 4] = self.rest.first_chunk().ok_or(RtcpError::TooShort)?;
        if head[0] >> 6 != 2 {
            return Err(RtcpError::WrongVersion);
        }
        let len = 4 * (usize::from(half(head, 2)) + 1);
        let (packet, rest) = self.rest.split_at_checked(len).ok_or(RtcpError::WrongLength)?;
        self.rest = rest;
        let body = &packet[4..];
        let body = if head[0] & 0x20 == 0 {
            body
        } else {
            without_padding(body)?
        };
        Ok((head[1], head[0] & 0x1F, body))
    }
}

fn without_padding(body: &[u8]) -> Result<&[u8], RtcpError> {
    // RFC 3550 section 6.4.1 has whole words; browsers pad transport-wide feedback by less.
    let padding = body.last().map_or(0, |&last| usize::from(last));
    if padding == 0 || padding > body.len() {
        return Err(RtcpError::BadPadding);
    }
    Ok(&body[..body.len() - padding])
}

fn read(packet_type: u8, count: u8, body: &[u8]) -> Result<Packet<'_>, RtcpError> {
    Ok(match packet_type {
        SENDER_REPORT => {
            let (info, rest) = body.split_first_chunk().ok_or(RtcpError::Truncated)?;
            let blocks = first_parts(rest, count, ReportBlock::LEN)?;
            Packet::SenderReport(SenderReport {
                info: SenderInfo::read(info),
                blocks,
            })
        }
        RECEIVER_REPORT => {
            let (ssrc, rest) = body.split_first_chunk::<4>().ok_or(RtcpError::Truncated)?;
            let blocks = first_parts(rest, count, ReportBlock::LEN)?;
            Packet::ReceiverReport(ReceiverReport {
                ssrc: word(ssrc, 0),
                blocks,
            })
        }
        SOURCE_DESCRIPTION => Packet::SourceDescription(SourceDescription { chunks: body }),
        GOODBYE => Packet::Goodbye(Goodbye {
            ssrcs: first_parts(body, count, 4)?,
        }),
        TRANSPORT_FEEDBACK | PAYLOAD_FEEDBACK => read_feedback(packet_type, count, body)?,
        _ => Packet::Other {
            packet_type,
            count,
            body,
        },
    })
}

/// The first `count` parts of `len` bytes; what follows is profile-specific and ignored.
fn first_parts(bytes: &[u8], count: u8, len: usize) -> Result<&[u8], RtcpError> {
    bytes.get(..usize::from(count) * len).ok_or(RtcpError::Truncated)
}

fn read_feedback(packet_type: u8, format: u8, body: &[u8]) -> Result<Packet<'_>, RtcpError> {
    let (ssrcs, information) = body.split_first_chunk::<8>().ok_or(RtcpError::Truncated)?;
    let (sender_ssrc, media_ssrc) = (word(ssrcs, 0), word(ssrcs, 4));
    let raw = RawFeedback {
        sender_ssrc,
        media_ssrc,
        body: information,
    };
    Ok(match (packet_type, format) {
        (TRANSPORT_FEEDBACK, 1) => Packet::Nack(Nack {
            sender_ssrc,
            media_ssrc,
            pairs: information,
        }),
        (TRANSPORT_FEEDBACK, 15) => Packet::TransportCc(raw),
        (PAYLOAD_FEEDBACK, 1) => Packet::Pli(Pli {
            sender_ssrc,
            media_ssrc,
        }),
        (PAYLOAD_FEEDBACK, 4) if information.len() % 8 != 0 => return Err(RtcpError::Truncated),
        (PAYLOAD_FEEDBACK, 4) => Packet::Fir(Fir {
            sender_ssrc,
            entries: information,
        }),
        (PAYLOAD_FEEDBACK, 15) if information.starts_with(b"REMB") => Packet::Remb(raw),
        _ => Packet::Other {
            packet_type,
            count: format,
            body,
        },
    })
}

/// SDES, read for CNAMEs only.
#[derive(Clone, Copy, Debug)]
pub struct SourceDescription<'a> {
    chunks: &'a [u8],
}

impl<'a> SourceDescription<'a> {
    /// The first CNAME and whose it is.
    pub fn cname(&self) -> Option<(u32, &'a [u8])> {
        let mut rest = self.chunks;
        while let Some((ssrc, items)) = rest.split_first_chunk::<4>() {
            let (cname, len) = read_chunk(items)?;
            if let Some(cname) = cname {
                return Some((word(ssrc, 0), cname));
            }
            rest = items.get(len..)?;
        }
        None
    }
}

/// The CNAME among a chunk's items, and how long they are with the end mark's padding; None when cut short.
fn read_chunk(items: &[u8]) -> Option<(Option<&[u8]>, usize)> {
    const END: u8 = 0;
    const CNAME: u8 = 1;
    let mut cname = None;
    let mut at = 0;
    loop {
        let item_type = *items.get(at)?;
        if item_type == END {
            return Some((cname, (at + 1).next_multiple_of(4)));
        }
        let end = at + 2 + usize::from(*items.get(at + 1)?);
        let text = items.get(at + 2..end)?;
        if item_type == CNAME {
            cname = cname.or(Some(text));
        }
        at = end;
    }
}

/// BYE.
#[derive(Clone, Copy, Debug)]
pub struct Goodbye<'a> {
    ssrcs: &'a [u8],
}

impl<'a> Goodbye<'a> {
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + 'a {
        self.ssrcs.chunks_exact(4).map(|ssrc| word(ssrc, 0))
    }
}

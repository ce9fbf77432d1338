//! Whether a packet is this connection's, without taking it in: it came along a path where nobody is known.
use super::{Inbound, Streams};
use crate::demux::Kind;
use crate::rtp;
use crate::srtp::cipher::{PacketId, RTCP_HEADER_LEN};
use crate::srtp::SrtpError;

impl Inbound {
    /// Whether a sealed packet names a stream that was heard here before.
    pub fn knows(&self, kind: Kind, packet: &[u8]) -> bool {
        let (streams, at) = match kind {
            Kind::Rtp => (&self.rtp_streams, 8),
            _ => (&self.rtcp_streams, 4),
        };
        ssrc(packet, at).is_some_and(|ssrc| matches!(streams.place(ssrc), Ok(Some(_))))
    }

    /// Whether it is genuine and new. It stays new; `packet` is spoilt.
    pub fn opens(&self, kind: Kind, packet: &mut [u8]) -> bool {
        let opened = match kind {
            Kind::Rtp => self.opens_rtp(packet),
            _ => self.opens_rtcp(packet),
        };
        opened.is_ok()
    }

    fn opens_rtp(&self, packet: &mut [u8]) -> Result<(), SrtpError> {
        let view = rtp::parse(packet).map_err(|_| SrtpError::TooShort)?;
        if packet.len() < view.header_len + self.profile.rtp_overhead() {
            return Err(SrtpError::TooShort);
        }
        let index = checked(&self.rtp_streams, view.ssrc, |replay| {
            replay.index_of(view.sequence)
        })?;
        self.open_rtp(packet, &view, index).map(drop)
    }

    fn opens_rtcp(&self, packet: &mut [u8]) -> Result<(), SrtpError> {
        if packet.len() < RTCP_HEADER_LEN + self.profile.rtcp_overhead() {
            return Err(SrtpError::TooShort);
        }
        let ssrc = ssrc(packet, 4).ok_or(SrtpError::TooShort)?;
        let told = self.rtcp.rtcp_index(packet)?;
        let index = checked(&self.rtcp_streams, ssrc, |_| Ok(told))?;
        self.rtcp.open_rtcp(PacketId { ssrc, index }, packet).map(drop)
    }
}

/// The packet's index in a stream that is known, if it was not heard before.
fn checked(
    streams: &Streams,
    ssrc: u32,
    index: impl FnOnce(&crate::srtp::replay::Replay) -> Result<u64, SrtpError>,
) -> Result<u64, SrtpError> {
    let replay = streams.replay(streams.place(ssrc)?).ok_or(SrtpError::Leapt)?;
    let index = index(replay)?;
    replay.check(index)?;
    Ok(index)
}

fn ssrc(packet: &[u8], at: usize) -> Option<u32> {
    let bytes = packet.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

//! From plain to protected, in place.
use super::cipher::{Cipher, PacketId, RTCP_HEADER_LEN};
use super::replay::Replay;
use super::{derive, Profile, SrtpError};
use crate::rtp;

/// More slots than one connection ever had; bounds what reconfiguring can make us remember.
const MAX_STREAMS: usize = 1024;
/// 2^48 packets for one key (RFC 3711 §9.2).
const LAST_RTP_INDEX: u64 = (1 << 48) - 1;
/// 2^31 for RTCP.
const LAST_RTCP_INDEX: u64 = (1 << 31) - 1;

/// Which of an `Outbound`'s streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamIndex(u32);

struct Stream {
    ssrc: u32,
    sealed: Replay,
}

/// The sending half of a connection's SRTP: the one owner of its keys, SSRCs and roll-over counters.
pub struct Outbound {
    profile: Profile,
    rtp: Cipher,
    rtcp: Cipher,
    streams: Vec<Stream>,
    /// One row of indexes serves all our RTCP, so that no SSRC can have one twice.
    next_rtcp_index: u64,
}

impl Outbound {
    pub fn new(profile: Profile, master_key: &[u8], master_salt: &[u8]) -> Result<Outbound, SrtpError> {
        let derive = |labels| Cipher::derive(profile, master_key, master_salt, labels);
        Ok(Outbound::with_ciphers(
            profile,
            derive(derive::RTP)?,
            derive(derive::RTCP)?,
            0,
        ))
    }

    pub(super) fn with_ciphers(
        profile: Profile,
        rtp: Cipher,
        rtcp: Cipher,
        next_rtcp_index: u64,
    ) -> Outbound {
        Outbound {
            profile,
            rtp,
            rtcp,
            streams: Vec::new(),
            next_rtcp_index,
        }
    }

    /// A stream for `ssrc`; the same one again for an SSRC that had one, since its numbers must not start over.
    pub fn add_stream(&mut self, ssrc: u32) -> Result<StreamIndex, SrtpError> {
        let known = self.streams.iter().position(|stream| stream.ssrc == ssrc);
        if known.is_none() && self.streams.len() == MAX_STREAMS {
            return Err(SrtpError::TooManyStreams);
        }
        let at = known.unwrap_or_else(|| {
            self.streams.push(Stream {
                ssrc,
                sealed: Replay::new(),
            });
            self.streams.len() - 1
        });
        Ok(StreamIndex(at as u32))
    }

    /// Seals `buffer[..len]` in place and returns the protected length; `buffer` has room for `rtp_overhead` more.
    /// An index that was sealed before is refused, since a nonce used twice gives the key away.
    pub fn protect_rtp(
        &mut self,
        stream: StreamIndex,
        buffer: &mut [u8],
        len: usize,
        header_len: usize,
    ) -> Result<usize, SrtpError> {
        let stream = self
            .streams
            .get_mut(stream.0 as usize)
            .ok_or(SrtpError::WrongStream)?;
        let packet = buffer
            .get_mut(..len + self.profile.rtp_overhead())
            .ok_or(SrtpError::NoRoom)?;
        if !(rtp::FIXED_HEADER_LEN..=len).contains(&header_len) {
            return Err(SrtpError::TooShort);
        }
        if packet[8..12] != stream.ssrc.to_be_bytes() {
            return Err(SrtpError::WrongStream);
        }
        let index = stream
            .sealed
            .index_of(u16::from_be_bytes([packet[2], packet[3]]))?;
        if index > LAST_RTP_INDEX {
            return Err(SrtpError::KeyExhausted);
        }
        stream.sealed.check(index)?;
        stream.sealed.mark(index);
        self.rtp.seal_rtp(
            PacketId {
                ssrc: stream.ssrc,
                index,
            },
            packet,
            header_len,
        );
        Ok(packet.len())
    }

    /// Seals the compound `buffer[..len]` in place and returns the protected length; `buffer` has room for
    /// `rtcp_overhead` more.
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        let packet = buffer
            .get_mut(..len + self.profile.rtcp_overhead())
            .ok_or(SrtpError::NoRoom)?;
        if len < RTCP_HEADER_LEN {
            return Err(SrtpError::TooShort);
        }
        let index = self.next_rtcp_index;
        if index > LAST_RTCP_INDEX {
            return Err(SrtpError::KeyExhausted);
        }
        self.next_rtcp_index += 1;
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        self.rtcp.seal_rtcp(PacketId { ssrc, index }, packet);
        Ok(packet.len())
    }
}

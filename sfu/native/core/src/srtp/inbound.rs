//! From protected to plain, in place.
mod witness;

use super::cipher::{Cipher, PacketId, RTCP_HEADER_LEN};
use super::replay::Replay;
use super::{derive, Profile, SrtpError};
use crate::rtp;

/// A peer's layers, their repair streams and some that were replaced; bounds what a peer can make us remember.
const MAX_STREAMS: usize = 256;
/// Packets that may be lost between a stream's wrap and the first of it that arrives: some seconds.
const MOST_LOST: u16 = 4096;
const FIRST_ROLL_OVER: u64 = 1 << 16;
/// No longer datagram is received.
const LONGEST_FIRST: usize = 2048;

/// A packet that proved genuine and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprotected {
    /// Length of the plain packet.
    pub len: usize,
    /// Roll-over counter and sequence number in one (RFC 3711 §3.3.1).
    pub index: u64,
}

/// The receiving half of a connection's SRTP.
pub struct Inbound {
    profile: Profile,
    rtp: Cipher,
    rtcp: Cipher,
    rtp_streams: Streams,
    rtcp_streams: Streams,
}

impl Inbound {
    pub fn new(profile: Profile, master_key: &[u8], master_salt: &[u8]) -> Result<Inbound, SrtpError> {
        let derive = |labels| Cipher::derive(profile, master_key, master_salt, labels);
        Ok(Inbound::with_ciphers(
            profile,
            derive(derive::RTP)?,
            derive(derive::RTCP)?,
        ))
    }

    pub(super) fn with_ciphers(profile: Profile, rtp: Cipher, rtcp: Cipher) -> Inbound {
        Inbound {
            profile,
            rtp,
            rtcp,
            rtp_streams: Streams::default(),
            rtcp_streams: Streams::default(),
        }
    }

    /// Verifies and decrypts an RTP packet in place. `view` is `rtp::parse` of it.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8], view: &rtp::View) -> Result<Unprotected, SrtpError> {
        if packet.len() < view.header_len + self.profile.rtp_overhead() {
            return Err(SrtpError::TooShort);
        }
        let place = self.rtp_streams.place(view.ssrc)?;
        let opened = match self.rtp_streams.replay(place) {
            Some(replay) => {
                let index = replay.index_of(view.sequence)?;
                replay.check(index)?;
                self.open_rtp(packet, view, index)?
            }
            None => self.open_first(packet, view)?,
        };
        if !self.rtp_streams.believe(place, opened.index) {
            return Err(SrtpError::Leapt);
        }
        self.rtp_streams.mark(place, view.ssrc, opened.index);
        Ok(opened)
    }

    fn open_rtp(&self, packet: &mut [u8], view: &rtp::View, index: u64) -> Result<Unprotected, SrtpError> {
        let ssrc = view.ssrc;
        let len = self
            .rtp
            .open_rtp(PacketId { ssrc, index }, packet, view.header_len)?;
        Ok(Unprotected { len, index })
    }

    /// A stream begins with roll-over counter 0; but one that began shortly before the wrap, and whose packets until then
    /// were lost, is first seen with 1, and would never be understood (RFC 3711 section 3.3.1).
    fn open_first(&self, packet: &mut [u8], view: &rtp::View) -> Result<Unprotected, SrtpError> {
        let sequence = u64::from(view.sequence);
        let mut kept = [0; LONGEST_FIRST];
        let kept = kept.get_mut(..packet.len()).filter(|_| view.sequence < MOST_LOST);
        let Some(kept) = kept else {
            return self.open_rtp(packet, view, sequence);
        };
        kept.copy_from_slice(packet);
        self.open_rtp(packet, view, sequence).or_else(|_| {
            packet.copy_from_slice(kept);
            self.open_rtp(packet, view, FIRST_ROLL_OVER + sequence)
        })
    }

    /// Verifies and decrypts an RTCP compound in place; returns the plain length.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        if packet.len() < RTCP_HEADER_LEN + self.profile.rtcp_overhead() {
            return Err(SrtpError::TooShort);
        }
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let index = self.rtcp.rtcp_index(packet)?;
        let place = self.rtcp_streams.place(ssrc)?;
        self.rtcp_streams
            .replay(place)
            .map_or(Ok(()), |replay| replay.check(index))?;
        let len = self.rtcp.open_rtcp(PacketId { ssrc, index }, packet)?;
        self.rtcp_streams.mark(place, ssrc, index);
        Ok(len)
    }
}

/// Where an SSRC's state is, or None when it has none yet.
type Place = Option<usize>;

/// The replay state by SSRC; one is made only for a packet that proved genuine.
#[derive(Default)]
struct Streams {
    ssrcs: Vec<u32>,
    replays: Vec<Replay>,
    /// Where the last packet's was: packets of a frame come in a row.
    last: usize,
}

impl Streams {
    fn place(&self, ssrc: u32) -> Result<Place, SrtpError> {
        if self.ssrcs.get(self.last) == Some(&ssrc) {
            return Ok(Some(self.last));
        }
        let place = self.ssrcs.iter().position(|&known| known == ssrc);
        if place.is_none() && self.ssrcs.len() == MAX_STREAMS {
            return Err(SrtpError::TooManyStreams);
        }
        Ok(place)
    }

    fn replay(&self, place: Place) -> Option<&Replay> {
        Some(&self.replays[place?])
    }

    fn believe(&mut self, place: Place, index: u64) -> bool {
        place.is_none_or(|place| self.replays[place].believe(index))
    }

    fn mark(&mut self, place: Place, ssrc: u32, index: u64) {
        let at = place.unwrap_or_else(|| {
            self.ssrcs.push(ssrc);
            self.replays.push(Replay::new());
            self.ssrcs.len() - 1
        });
        self.replays[at].mark(index);
        self.last = at;
    }
}

//! One of the profiles with its session keys, for RTP or for RTCP.
use super::counter_mode::CounterMode;
use super::derive::{Derivation, Labels};
use super::gcm::Gcm;
use super::{Profile, SrtpError};

/// The head and SSRC of the first packet of a compound stay readable (RFC 3711 §3.4).
pub(super) const RTCP_HEADER_LEN: usize = 8;
/// The E bit and the 31-bit SRTCP index.
pub(super) const TRAILER_LEN: usize = 4;
/// The bit that says "encrypted".
const ENCRYPTED: u32 = 1 << 31;

/// What makes a nonce: never twice the same under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PacketId {
    pub ssrc: u32,
    /// 48 bits for RTP, 31 for RTCP.
    pub index: u64,
}

pub(super) enum Cipher {
    Gcm(Box<Gcm>),
    CounterMode(Box<CounterMode>),
}

impl Cipher {
    pub(super) fn derive(
        profile: Profile,
        master_key: &[u8],
        master_salt: &[u8],
        labels: Labels,
    ) -> Result<Cipher, SrtpError> {
        if master_salt.len() != profile.salt_len() {
            return Err(SrtpError::WrongKeyLength);
        }
        let derivation = Derivation::new(master_key, master_salt)?;
        Ok(match profile {
            Profile::AeadAes128Gcm => Cipher::Gcm(Box::new(Gcm::derive(&derivation, labels))),
            Profile::Aes128CmSha1_80 => {
                Cipher::CounterMode(Box::new(CounterMode::derive(&derivation, labels)))
            }
        })
    }

    /// Seals in place; `packet` ends with room for what that adds.
    pub(super) fn seal_rtp(&self, id: PacketId, packet: &mut [u8], header_len: usize) {
        match self {
            Cipher::Gcm(gcm) => gcm.seal_rtp(id, packet, header_len),
            Cipher::CounterMode(mode) => mode.seal_rtp(id, packet, header_len),
        }
    }

    /// Opens in place and returns the plain length; `packet` is at least as long as the header and what sealing adds.
    pub(super) fn open_rtp(
        &self,
        id: PacketId,
        packet: &mut [u8],
        header_len: usize,
    ) -> Result<usize, SrtpError> {
        match self {
            Cipher::Gcm(gcm) => gcm.open_rtp(id, packet, header_len),
            Cipher::CounterMode(mode) => mode.open_rtp(id, packet, header_len),
        }
    }

    /// As `seal_rtp`.
    pub(super) fn seal_rtcp(&self, id: PacketId, packet: &mut [u8]) {
        let trailer = (ENCRYPTED | id.index as u32).to_be_bytes();
        match self {
            Cipher::Gcm(gcm) => gcm.seal_rtcp(id, packet, trailer),
            Cipher::CounterMode(mode) => mode.seal_rtcp(id, packet, trailer),
        }
    }

    /// The index that an SRTCP packet says it has. DTLS-SRTP always encrypts (RFC 8827 §6.5).
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Result<u64, SrtpError> {
        let trailer = match self {
            Cipher::Gcm(_) => Gcm::trailer(packet),
            Cipher::CounterMode(_) => CounterMode::trailer(packet),
        };
        let word = u32::from_be_bytes(trailer.ok_or(SrtpError::TooShort)?);
        if word & ENCRYPTED == 0 {
            return Err(SrtpError::NotEncrypted);
        }
        Ok(u64::from(word & !ENCRYPTED))
    }

    /// As `open_rtp`.
    pub(super) fn open_rtcp(&self, id: PacketId, packet: &mut [u8]) -> Result<usize, SrtpError> {
        match self {
            Cipher::Gcm(gcm) => gcm.open_rtcp(id, packet),
            Cipher::CounterMode(mode) => mode.open_rtcp(id, packet),
        }
    }
}

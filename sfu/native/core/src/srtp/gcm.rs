//! AEAD_AES_128_GCM (RFC 7714).
use super::cipher::{PacketId, RTCP_HEADER_LEN, TRAILER_LEN};
use super::derive::{Derivation, Labels};
use super::SrtpError;
use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey, AES_128_GCM, NONCE_LEN};

const TAG_LEN: usize = 16;

pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; NONCE_LEN],
}

impl Gcm {
    pub(super) fn derive(from: &Derivation, labels: Labels) -> Gcm {
        Gcm::from_session(&from.derive(labels.encryption), from.derive(labels.salt))
    }

    pub(super) fn from_session(key: &[u8; 16], salt: [u8; NONCE_LEN]) -> Gcm {
        let key = UnboundKey::new(&AES_128_GCM, key).expect("the key has the cipher's length");
        Gcm {
            key: LessSafeKey::new(key),
            salt,
        }
    }

    /// Zeros, SSRC and index, XORed with the salt (§8.1 for RTP, §9.1 for RTCP).
    fn nonce(&self, id: PacketId) -> Nonce {
        let mut nonce = self.salt;
        let number = u128::from(id.ssrc) << 48 | u128::from(id.index);
        for (byte, other) in nonce[2..].iter_mut().zip(&number.to_be_bytes()[6..]) {
            *byte ^= other;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&self, id: PacketId, associated: &[u8], body: &mut [u8], tag_place: &mut [u8]) {
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(id), Aad::from(associated), body);
        tag_place.copy_from_slice(tag.expect("a packet is within the cipher's limits").as_ref());
    }

    fn open(&self, id: PacketId, associated: &[u8], body_and_tag: &mut [u8]) -> Result<(), SrtpError> {
        let opened = self
            .key
            .open_in_place(self.nonce(id), Aad::from(associated), body_and_tag);
        opened.map(|_| ()).map_err(|_| SrtpError::WrongTag)
    }

    /// `packet` ends with room for the tag.
    pub(super) fn seal_rtp(&self, id: PacketId, packet: &mut [u8], header_len: usize) {
        let (plain, tag_place) = packet.split_at_mut(packet.len() - TAG_LEN);
        let (header, body) = plain.split_at_mut(header_len);
        self.seal(id, header, body, tag_place);
    }

    pub(super) fn open_rtp(
        &self,
        id: PacketId,
        packet: &mut [u8],
        header_len: usize,
    ) -> Result<usize, SrtpError> {
        let len = packet.len() - TAG_LEN;
        let (header, body_and_tag) = packet.split_at_mut(header_len);
        self.open(id, header, body_and_tag)?;
        Ok(len)
    }

    /// `packet` ends with room for tag and trailer.
    pub(super) fn seal_rtcp(&self, id: PacketId, packet: &mut [u8], trailer: [u8; TRAILER_LEN]) {
        let (sealed, trailer_place) = packet.split_at_mut(packet.len() - TRAILER_LEN);
        trailer_place.copy_from_slice(&trailer);
        let (plain, tag_place) = sealed.split_at_mut(sealed.len() - TAG_LEN);
        let (header, body) = plain.split_at_mut(RTCP_HEADER_LEN);
        self.seal(id, &rtcp_associated(header, trailer), body, tag_place);
    }

    pub(super) fn trailer(packet: &[u8]) -> Option<[u8; TRAILER_LEN]> {
        packet.last_chunk().copied()
    }

    pub(super) fn open_rtcp(&self, id: PacketId, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let (sealed, trailer) = packet
            .split_last_chunk_mut::<TRAILER_LEN>()
            .ok_or(SrtpError::TooShort)?;
        let len = sealed.len() - TAG_LEN;
        let (header, body_and_tag) = sealed.split_at_mut(RTCP_HEADER_LEN);
        self.open(id, &rtcp_associated(header, *trailer), body_and_tag)?;
        Ok(len)
    }
}

/// What is authenticated and not encrypted: header and trailer (§9.2).
fn rtcp_associated(header: &[u8], trailer: [u8; TRAILER_LEN]) -> [u8; RTCP_HEADER_LEN + TRAILER_LEN] {
    let mut associated = [0; RTCP_HEADER_LEN + TRAILER_LEN];
    associated[..RTCP_HEADER_LEN].copy_from_slice(header);
    associated[RTCP_HEADER_LEN..].copy_from_slice(&trailer);
    associated
}

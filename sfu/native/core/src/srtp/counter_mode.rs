//! AES_CM_128_HMAC_SHA1_80 (RFC 3711 §4.1.1, §4.2.1).
use super::cipher::{PacketId, RTCP_HEADER_LEN, TRAILER_LEN};
use super::derive::{apply_keystream, Derivation, Labels};
use super::SrtpError;
use aes::cipher::KeyInit;
use aes::Aes128Enc;
use hmac::{Hmac, Mac};
use sha1::Sha1;

const TAG_LEN: usize = 10;

pub(super) struct CounterMode {
    cipher: Aes128Enc,
    mac: Hmac<Sha1>,
    salt: [u8; 14],
}

impl CounterMode {
    pub(super) fn derive(from: &Derivation, labels: Labels) -> CounterMode {
        let authentication: [u8; 20] = from.derive(labels.authentication);
        CounterMode::from_session(
            &from.derive(labels.encryption),
            &authentication,
            from.derive(labels.salt),
        )
    }

    pub(super) fn from_session(key: &[u8; 16], authentication: &[u8], salt: [u8; 14]) -> CounterMode {
        let mac = Mac::new_from_slice(authentication).expect("HMAC takes keys of any length");
        CounterMode {
            cipher: Aes128Enc::new(key.into()),
            mac,
            salt,
        }
    }

    /// Encrypts or decrypts: salt, SSRC and index above a 16-bit block counter (§4.1.1).
    pub(super) fn apply_keystream(&self, id: PacketId, body: &mut [u8]) {
        let mut salt = [0; 16];
        salt[..14].copy_from_slice(&self.salt);
        let counter = u128::from_be_bytes(salt) ^ u128::from(id.ssrc) << 64 ^ u128::from(id.index) << 16;
        apply_keystream(&self.cipher, counter.to_be_bytes(), body);
    }

    /// RTP is authenticated together with its roll-over counter (§4.2).
    fn rtp_mac(&self, id: PacketId, authenticated: &[u8]) -> Hmac<Sha1> {
        let roll_over = (id.index >> 16) as u32;
        self.mac
            .clone()
            .chain_update(authenticated)
            .chain_update(roll_over.to_be_bytes())
    }

    /// `packet` ends with room for the tag.
    pub(super) fn seal_rtp(&self, id: PacketId, packet: &mut [u8], header_len: usize) {
        let (plain, tag_place) = packet.split_at_mut(packet.len() - TAG_LEN);
        self.apply_keystream(id, &mut plain[header_len..]);
        write_tag(self.rtp_mac(id, plain), tag_place);
    }

    pub(super) fn open_rtp(
        &self,
        id: PacketId,
        packet: &mut [u8],
        header_len: usize,
    ) -> Result<usize, SrtpError> {
        let (sealed, tag) = packet.split_at_mut(packet.len() - TAG_LEN);
        verify_tag(self.rtp_mac(id, sealed), tag)?;
        self.apply_keystream(id, &mut sealed[header_len..]);
        Ok(sealed.len())
    }

    /// `packet` ends with room for trailer and tag.
    pub(super) fn seal_rtcp(&self, id: PacketId, packet: &mut [u8], trailer: [u8; TRAILER_LEN]) {
        let (authenticated, tag_place) = packet.split_at_mut(packet.len() - TAG_LEN);
        let (plain, trailer_place) = authenticated.split_at_mut(authenticated.len() - TRAILER_LEN);
        self.apply_keystream(id, &mut plain[RTCP_HEADER_LEN..]);
        trailer_place.copy_from_slice(&trailer);
        write_tag(self.mac.clone().chain_update(authenticated), tag_place);
    }

    pub(super) fn trailer(packet: &[u8]) -> Option<[u8; TRAILER_LEN]> {
        packet.split_last_chunk::<TAG_LEN>()?.0.last_chunk().copied()
    }

    pub(super) fn open_rtcp(&self, id: PacketId, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let (authenticated, tag) = packet.split_at_mut(packet.len() - TAG_LEN);
        verify_tag(self.mac.clone().chain_update(&*authenticated), tag)?;
        let len = authenticated.len() - TRAILER_LEN;
        self.apply_keystream(id, &mut authenticated[RTCP_HEADER_LEN..len]);
        Ok(len)
    }
}

fn write_tag(mac: Hmac<Sha1>, place: &mut [u8]) {
    place.copy_from_slice(&mac.finalize().into_bytes()[..TAG_LEN]);
}

/// Compares in constant time.
fn verify_tag(mac: Hmac<Sha1>, tag: &[u8]) -> Result<(), SrtpError> {
    mac.verify_truncated_left(tag).map_err(|_| SrtpError::WrongTag)
}

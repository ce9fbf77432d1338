//! Session keys from master key and salt (RFC 3711 §4.3); the key derivation rate is 0, as DTLS-SRTP has it.
use super::SrtpError;
use aes::cipher::{InnerIvInit, KeyInit, StreamCipherCore};
use aes::Aes128Enc;
use ctr::flavors::Ctr128BE;
use ctr::CtrCore;

/// The labels of the three keys for one kind of packet (RFC 3711 §4.3.1 and §4.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Labels {
    pub encryption: u8,
    pub authentication: u8,
    pub salt: u8,
}

pub(super) const RTP: Labels = Labels {
    encryption: 0,
    authentication: 1,
    salt: 2,
};
pub(super) const RTCP: Labels = Labels {
    encryption: 3,
    authentication: 4,
    salt: 5,
};

/// The pseudo-random function: AES in counter mode under the master key.
pub(super) struct Derivation {
    cipher: Aes128Enc,
    salt: [u8; 14],
}

impl Derivation {
    /// A salt of 96 bits is filled up with zeros on the right (RFC 7714 §11).
    pub(super) fn new(master_key: &[u8], master_salt: &[u8]) -> Result<Derivation, SrtpError> {
        let cipher = Aes128Enc::new_from_slice(master_key).map_err(|_| SrtpError::WrongKeyLength)?;
        let mut salt = [0; 14];
        salt.get_mut(..master_salt.len())
            .ok_or(SrtpError::WrongKeyLength)?
            .copy_from_slice(master_salt);
        Ok(Derivation { cipher, salt })
    }

    pub(super) fn derive<const LEN: usize>(&self, label: u8) -> [u8; LEN] {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&self.salt);
        // The label stands above a 48-bit index that is always 0.
        counter[7] ^= label;
        let mut key = [0; LEN];
        apply_keystream(&self.cipher, counter, &mut key);
        key
    }
}

/// Encrypts or decrypts with AES in counter mode, from the first counter block on.
pub(super) fn apply_keystream(cipher: &Aes128Enc, counter: [u8; 16], data: &mut [u8]) {
    let core: CtrCore<&Aes128Enc, Ctr128BE> = CtrCore::inner_iv_init(cipher, &counter.into());
    core.apply_keystream_partial(data.into());
}

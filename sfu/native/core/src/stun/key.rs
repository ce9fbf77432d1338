//! MESSAGE-INTEGRITY with short-term credentials (RFC 8489 §9.1, §14.5).
use super::HEADER_LEN;
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Type, length and the 20 bytes of HMAC-SHA1.
pub(super) const INTEGRITY_LEN: usize = 4 + DIGEST_LEN;
pub(super) const DIGEST_LEN: usize = 20;

/// An ICE password, hashed once so that a check costs no key set-up.
#[derive(Clone)]
pub struct Key(Hmac<Sha1>);

impl Key {
    /// ICE passwords are of letters, digits, "+" and "/", which SASLprep leaves as they are.
    pub fn new(password: &str) -> Key {
        Key(Hmac::new_from_slice(password.as_bytes()).expect("HMAC takes keys of any length"))
    }

    /// Starts over the message up to MESSAGE-INTEGRITY at `integrity_at`, with the length that ends behind it.
    fn start(&self, message: &[u8], integrity_at: usize) -> Hmac<Sha1> {
        let len = (integrity_at + INTEGRITY_LEN - HEADER_LEN) as u16;
        let mut mac = self.0.clone();
        mac.update(&message[..2]);
        mac.update(&len.to_be_bytes());
        mac.update(&message[4..integrity_at]);
        mac
    }

    pub(super) fn digest(&self, message: &[u8], integrity_at: usize) -> [u8; DIGEST_LEN] {
        self.start(message, integrity_at).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub(super) fn verifies(&self, message: &[u8], integrity_at: usize) -> bool {
        let digest = &message[integrity_at + 4..integrity_at + INTEGRITY_LEN];
        self.start(message, integrity_at).verify_slice(digest).is_ok()
    }
}

//! From protected to plain, in place.
use super::{Profile, SrtpError};
use crate::rtp;

/// A packet that proved genuine and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprotected {
    /// Length of the plain packet.
    pub len: usize,
    /// Roll-over counter and sequence number in one (RFC 3711 §3.3.1).
    pub index: u64,
}

/// The receiving half of a connection's SRTP.
pub struct Inbound {}

impl Inbound {
    pub fn new(_profile: Profile, _master_key: &[u8], _master_salt: &[u8]) -> Result<Inbound, SrtpError> {
        todo!()
    }

    /// Verifies and decrypts an RTP packet in place. `view` is `rtp::parse` of it.
    pub fn unprotect_rtp(&mut self, _packet: &mut [u8], _view: &rtp::View) -> Result<Unprotected, SrtpError> {
        todo!()
    }

    /// Verifies and decrypts an RTCP compound in place; returns the plain length.
    pub fn unprotect_rtcp(&mut self, _packet: &mut [u8]) -> Result<usize, SrtpError> {
        todo!()
    }
}

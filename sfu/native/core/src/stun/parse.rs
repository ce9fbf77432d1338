//! Reading a binding request or response without a copy.
use super::{Class, Key, Role, StunError, TransactionId};
use std::net::SocketAddr;

/// A binding message, borrowed from its datagram. Nothing in it is genuine before `verify_integrity`.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub class: Class,
    pub transaction: TransactionId,
    pub username: Option<&'a [u8]>,
    pub priority: Option<u32>,
    pub use_candidate: bool,
    pub role: Option<Role>,
    /// XOR-MAPPED-ADDRESS of a success response.
    pub mapped_address: Option<SocketAddr>,
    /// ERROR-CODE of an error response.
    pub error_code: Option<u16>,
    /// The first comprehension-required attribute that we do not know.
    pub unknown_attribute: Option<u16>,
    /// Whether a FINGERPRINT was present; it was verified.
    pub has_fingerprint: bool,
    datagram: &'a [u8],
    integrity_at: Option<usize>,
}

/// Reads a binding message (request, response or indication) and verifies its FINGERPRINT if it has one.
pub fn parse(_datagram: &[u8]) -> Result<Message<'_>, StunError> {
    todo!()
}

impl<'a> Message<'a> {
    /// The part of a request's USERNAME before the colon: which of our peers is meant.
    pub fn local_ufrag(&self) -> Option<&'a [u8]> {
        todo!()
    }

    pub fn has_integrity(&self) -> bool {
        self.integrity_at.is_some()
    }

    /// Whether MESSAGE-INTEGRITY is present and was made with `key`; compared in constant time.
    pub fn verify_integrity(&self, _key: &Key) -> bool {
        let _ = self.datagram;
        todo!()
    }
}

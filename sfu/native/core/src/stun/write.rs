//! Writing requests and responses into the caller's buffer.
use super::{ErrorCode, Key, Role, StunError, TransactionId};
use std::net::SocketAddr;

/// No response that this module writes is longer.
pub const MAX_RESPONSE_LEN: usize = 128;

/// A binding request of an ICE agent that sends checks (dialled peers, tests).
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub transaction: TransactionId,
    /// "remote ufrag:local ufrag" as the sender sees them.
    pub username: &'a str,
    pub priority: u32,
    pub role: Role,
    pub use_candidate: bool,
}

/// Writes a binding request with MESSAGE-INTEGRITY and FINGERPRINT; returns its length.
pub fn write_request(_out: &mut [u8], _request: &Request<'_>, _key: &Key) -> Result<usize, StunError> {
    todo!()
}

/// Writes a binding success response with XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY and FINGERPRINT; returns its length.
pub fn write_success(
    _out: &mut [u8],
    _transaction: &TransactionId,
    _mapped: SocketAddr,
    _key: &Key,
) -> Result<usize, StunError> {
    todo!()
}

/// Writes a binding error response with MESSAGE-INTEGRITY and FINGERPRINT; returns its length.
pub fn write_error(
    _out: &mut [u8],
    _transaction: &TransactionId,
    _code: ErrorCode,
    _unknown_attribute: Option<u16>,
    _key: &Key,
) -> Result<usize, StunError> {
    todo!()
}

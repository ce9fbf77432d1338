//! STUN messages as ICE uses them (RFC 8489, RFC 8445 §7): borrowed when read, written into the caller's buffer.
mod parse;
mod write;

#[cfg(test)]
mod tests;

pub use parse::{parse, Message};
pub use write::{write_error, write_request, write_success, Request, MAX_RESPONSE_LEN};

use std::fmt;

/// Ties a response to its request.
pub type TransactionId = [u8; 12];

/// The two bits of the message type that say whether it asks or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// The ICE role a sender claims, with its tie-breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Controlling(u64),
    Controlled(u64),
}

/// An ICE password, hashed once so that a check costs no key set-up.
#[derive(Clone)]
pub struct Key(hmac::Hmac<sha1::Sha1>);

impl Key {
    pub fn new(_password: &str) -> Key {
        todo!()
    }
}

/// The error responses that ICE needs (RFC 8489 §14.8, RFC 8445 §7.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    BadRequest,
    UnknownAttribute,
    RoleConflict,
}

/// Why bytes are not a STUN message we understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StunError {
    TooShort,
    NotStun,
    WrongLength,
    TruncatedAttribute,
    BadAttribute,
    NotBinding,
    WrongFingerprint,
    NoRoom,
}

impl fmt::Display for StunError {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for StunError {}

//! STUN messages as ICE uses them (RFC 8489, RFC 8445 §7): borrowed when read, written into the caller's buffer.
mod key;
mod parse;
mod write;

#[cfg(test)]
mod tests;

pub use key::Key;
pub use parse::{parse, Message};
pub use write::{write_error, write_request, write_success, Request, MAX_RESPONSE_LEN};

use std::fmt;

/// Ties a response to its request.
pub type TransactionId = [u8; 12];

const HEADER_LEN: usize = 20;
const MAGIC_COOKIE: u32 = 0x2112_A442;
/// The only method of STUN proper.
const BINDING: u16 = 0x001;
/// XORed to the CRC so that it differs from one the application may add (RFC 8489 §14.7).
const FINGERPRINT_MASK: u32 = 0x5354_554E;

/// Attribute types (RFC 8489 §18.3, RFC 8445 §16.1).
mod attribute {
    pub const MAPPED_ADDRESS: u16 = 0x0001;
    pub const USERNAME: u16 = 0x0006;
    pub const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub const ERROR_CODE: u16 = 0x0009;
    pub const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
    pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub const PRIORITY: u16 = 0x0024;
    pub const USE_CANDIDATE: u16 = 0x0025;
    pub const FINGERPRINT: u16 = 0x8028;
    pub const ICE_CONTROLLED: u16 = 0x8029;
    pub const ICE_CONTROLLING: u16 = 0x802A;
    /// From here on, who does not know an attribute may ignore it.
    pub const FIRST_OPTIONAL: u16 = 0x8000;
}

/// The two bits of the message type that say whether it asks or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

impl Class {
    const ALL: [Class; 4] = [Class::Request, Class::Indication, Class::Success, Class::Error];

    /// The type of a binding message: class bits 4 and 8 amid the method's (RFC 8489 §5).
    const fn binding_type(self) -> u16 {
        let class = self as u16;
        (class & 2) << 7 | (class & 1) << 4 | BINDING
    }
}

/// The ICE role a sender claims, with its tie-breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Controlling(u64),
    Controlled(u64),
}

/// The error responses that ICE needs (RFC 8489 §14.8, RFC 8445 §7.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    BadRequest,
    UnknownAttribute,
    RoleConflict,
}

impl ErrorCode {
    pub const fn number(self) -> u16 {
        match self {
            ErrorCode::BadRequest => 400,
            ErrorCode::UnknownAttribute => 420,
            ErrorCode::RoleConflict => 487,
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            ErrorCode::BadRequest => "Bad Request",
            ErrorCode::UnknownAttribute => "Unknown Attribute",
            ErrorCode::RoleConflict => "Role Conflict",
        }
    }
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StunError::TooShort => "the STUN message is shorter than its header",
            StunError::NotStun => "the datagram lacks the STUN bits or magic cookie",
            StunError::WrongLength => "the STUN length is not that of the datagram in whole words",
            StunError::TruncatedAttribute => "a STUN attribute goes beyond the message",
            StunError::BadAttribute => "a STUN attribute has a wrong length or value",
            StunError::NotBinding => "the STUN method is not Binding",
            StunError::WrongFingerprint => "the STUN fingerprint does not match",
            StunError::NoRoom => "the buffer has no room for the STUN message",
        })
    }
}

impl std::error::Error for StunError {}

//! Writing requests and responses into the caller's buffer.
use super::key::INTEGRITY_LEN;
use super::parse::transaction_number;
use super::{attribute, Class, ErrorCode, Key, Role, StunError, TransactionId};
use super::{FINGERPRINT_MASK, HEADER_LEN, MAGIC_COOKIE};
use std::net::{IpAddr, SocketAddr};

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
pub fn write_request(out: &mut [u8], request: &Request<'_>, key: &Key) -> Result<usize, StunError> {
    let mut writer = Writer::start(out, Class::Request, &request.transaction)?;
    writer.attribute(attribute::USERNAME, &[request.username.as_bytes()])?;
    writer.attribute(attribute::PRIORITY, &[&request.priority.to_be_bytes()])?;
    let (role, tie_breaker) = match request.role {
        Role::Controlling(tie_breaker) => (attribute::ICE_CONTROLLING, tie_breaker),
        Role::Controlled(tie_breaker) => (attribute::ICE_CONTROLLED, tie_breaker),
    };
    writer.attribute(role, &[&tie_breaker.to_be_bytes()])?;
    if request.use_candidate {
        writer.attribute(attribute::USE_CANDIDATE, &[])?;
    }
    writer.finish(key)
}

/// Writes a binding success response with XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY and FINGERPRINT; returns its length.
pub fn write_success(
    out: &mut [u8],
    transaction: &TransactionId,
    mapped: SocketAddr,
    key: &Key,
) -> Result<usize, StunError> {
    let mut writer = Writer::start(out, Class::Success, transaction)?;
    let port = (mapped.port() ^ (MAGIC_COOKIE >> 16) as u16).to_be_bytes();
    match mapped.ip() {
        IpAddr::V4(ip) => {
            let address = (ip.to_bits() ^ MAGIC_COOKIE).to_be_bytes();
            writer.attribute(attribute::XOR_MAPPED_ADDRESS, &[&[0, 1], &port, &address])?;
        }
        IpAddr::V6(ip) => {
            let mask = u128::from(MAGIC_COOKIE) << 96 | transaction_number(transaction);
            let address = (ip.to_bits() ^ mask).to_be_bytes();
            writer.attribute(attribute::XOR_MAPPED_ADDRESS, &[&[0, 2], &port, &address])?;
        }
    }
    writer.finish(key)
}

/// Writes a binding error response with MESSAGE-INTEGRITY and FINGERPRINT; returns its length.
pub fn write_error(
    out: &mut [u8],
    transaction: &TransactionId,
    code: ErrorCode,
    unknown_attribute: Option<u16>,
    key: &Key,
) -> Result<usize, StunError> {
    let mut writer = Writer::start(out, Class::Error, transaction)?;
    let number = code.number();
    let head = [0, 0, (number / 100) as u8, (number % 100) as u8];
    writer.attribute(attribute::ERROR_CODE, &[&head, code.reason().as_bytes()])?;
    if let Some(kind) = unknown_attribute {
        writer.attribute(attribute::UNKNOWN_ATTRIBUTES, &[&kind.to_be_bytes()])?;
    }
    writer.finish(key)
}

/// Appends attributes behind a header whose length grows with them.
struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    fn start(
        buffer: &'a mut [u8],
        class: Class,
        transaction: &TransactionId,
    ) -> Result<Writer<'a>, StunError> {
        let header = buffer.get_mut(..HEADER_LEN).ok_or(StunError::NoRoom)?;
        header[..2].copy_from_slice(&class.binding_type().to_be_bytes());
        header[2..4].fill(0);
        header[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        header[8..].copy_from_slice(transaction);
        Ok(Writer {
            buffer,
            len: HEADER_LEN,
        })
    }

    /// Appends one attribute whose value is the parts in a row, padded with zeros.
    fn attribute(&mut self, kind: u16, parts: &[&[u8]]) -> Result<(), StunError> {
        let value_len: usize = parts.iter().map(|part| part.len()).sum();
        let head_len = u16::try_from(value_len).map_err(|_| StunError::BadAttribute)?;
        let end = self.len + 4 + value_len.next_multiple_of(4);
        let out = self.buffer.get_mut(self.len..end).ok_or(StunError::NoRoom)?;
        let total_len = u16::try_from(end - HEADER_LEN).map_err(|_| StunError::NoRoom)?;
        out[..2].copy_from_slice(&kind.to_be_bytes());
        out[2..4].copy_from_slice(&head_len.to_be_bytes());
        let mut rest = &mut out[4..];
        for part in parts {
            let (place, after) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = after;
        }
        rest.fill(0);
        self.buffer[2..4].copy_from_slice(&total_len.to_be_bytes());
        self.len = end;
        Ok(())
    }

    /// MESSAGE-INTEGRITY over all before it, then FINGERPRINT over all, each with the length that includes itself.
    fn finish(mut self, key: &Key) -> Result<usize, StunError> {
        let digest = key.digest(self.buffer, self.len);
        self.attribute(attribute::MESSAGE_INTEGRITY, &[&digest])?;
        let fingerprint_at = self.len;
        self.attribute(attribute::FINGERPRINT, &[&[0; 4]])?;
        let fingerprint = crc32fast::hash(&self.buffer[..fingerprint_at]) ^ FINGERPRINT_MASK;
        self.buffer[self.len - 4..self.len].copy_from_slice(&fingerprint.to_be_bytes());
        Ok(self.len)
    }
}

// The longest response: 420 with its reason and the unknown attribute.
const _: () = assert!(HEADER_LEN + 4 + 4 + 20 + 8 + INTEGRITY_LEN + 8 <= MAX_RESPONSE_LEN);

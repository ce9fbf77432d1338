//! Reading a binding request or response without a copy.
use super::key::DIGEST_LEN;
use super::{attribute, Class, Key, Role, StunError, TransactionId};
use super::{FINGERPRINT_MASK, HEADER_LEN, MAGIC_COOKIE};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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
pub fn parse(datagram: &[u8]) -> Result<Message<'_>, StunError> {
    let mut message = parse_header(datagram)?;
    let mut at = HEADER_LEN;
    while at < datagram.len() && !message.has_fingerprint {
        let (kind, value) = attribute_at(datagram, at)?;
        message.take(kind, value, at)?;
        at += 4 + value.len().next_multiple_of(4);
    }
    // FINGERPRINT is the last attribute (RFC 8489 §14.7).
    if at < datagram.len() {
        return Err(StunError::BadAttribute);
    }
    Ok(message)
}

fn parse_header(datagram: &[u8]) -> Result<Message<'_>, StunError> {
    let header: &[u8; HEADER_LEN] = datagram.first_chunk().ok_or(StunError::TooShort)?;
    let kind = u16::from_be_bytes([header[0], header[1]]);
    if kind >> 14 != 0 || header[4..8] != MAGIC_COOKIE.to_be_bytes() {
        return Err(StunError::NotStun);
    }
    let len = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if len % 4 != 0 || HEADER_LEN + len != datagram.len() {
        return Err(StunError::WrongLength);
    }
    let class = Class::ALL.into_iter().find(|class| class.binding_type() == kind);
    let mut transaction = [0; 12];
    transaction.copy_from_slice(&header[8..]);
    Ok(Message {
        class: class.ok_or(StunError::NotBinding)?,
        transaction,
        username: None,
        priority: None,
        use_candidate: false,
        role: None,
        mapped_address: None,
        error_code: None,
        unknown_attribute: None,
        has_fingerprint: false,
        datagram,
        integrity_at: None,
    })
}

/// Type and value of the attribute whose head is at `at`; its padding lies within the datagram too.
fn attribute_at(datagram: &[u8], at: usize) -> Result<(u16, &[u8]), StunError> {
    let (head, rest) = datagram[at..]
        .split_first_chunk::<4>()
        .ok_or(StunError::TruncatedAttribute)?;
    let len = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let value = rest.get(..len).ok_or(StunError::TruncatedAttribute)?;
    Ok((u16::from_be_bytes([head[0], head[1]]), value))
}

impl<'a> Message<'a> {
    /// Takes an attribute in; the first of a kind counts, and behind MESSAGE-INTEGRITY only FINGERPRINT (§14.5).
    fn take(&mut self, kind: u16, value: &'a [u8], at: usize) -> Result<(), StunError> {
        if kind == attribute::FINGERPRINT {
            return self.take_fingerprint(value, at);
        }
        if self.integrity_at.is_some() {
            return Ok(());
        }
        match kind {
            attribute::MESSAGE_INTEGRITY => {
                fixed::<DIGEST_LEN>(value)?;
                self.integrity_at = Some(at);
            }
            attribute::USERNAME => self.username = self.username.or(Some(value)),
            attribute::PRIORITY => self.priority = self.priority.or(Some(number(value)?)),
            attribute::USE_CANDIDATE => self.use_candidate = true,
            attribute::ICE_CONTROLLING => {
                self.role = self.role.or(Some(Role::Controlling(tie_breaker(value)?)))
            }
            attribute::ICE_CONTROLLED => {
                self.role = self.role.or(Some(Role::Controlled(tie_breaker(value)?)))
            }
            attribute::XOR_MAPPED_ADDRESS => {
                let address = read_xor_address(value, &self.transaction)?;
                self.mapped_address = self.mapped_address.or(Some(address));
            }
            attribute::ERROR_CODE => self.error_code = self.error_code.or(Some(read_error_code(value)?)),
            attribute::MAPPED_ADDRESS | attribute::UNKNOWN_ATTRIBUTES | attribute::FIRST_OPTIONAL.. => {}
            unknown => self.unknown_attribute = self.unknown_attribute.or(Some(unknown)),
        }
        Ok(())
    }

    fn take_fingerprint(&mut self, value: &[u8], at: usize) -> Result<(), StunError> {
        if number(value)? != crc32fast::hash(&self.datagram[..at]) ^ FINGERPRINT_MASK {
            return Err(StunError::WrongFingerprint);
        }
        self.has_fingerprint = true;
        Ok(())
    }

    /// The part of a request's USERNAME before the colon: which of our peers is meant.
    pub fn local_ufrag(&self) -> Option<&'a [u8]> {
        self.username?.split(|&byte| byte == b':').next()
    }

    pub fn has_integrity(&self) -> bool {
        self.integrity_at.is_some()
    }

    /// Whether MESSAGE-INTEGRITY is present and was made with `key`; compared in constant time.
    pub fn verify_integrity(&self, key: &Key) -> bool {
        self.integrity_at
            .is_some_and(|at| key.verifies(self.datagram, at))
    }
}

fn fixed<const LEN: usize>(value: &[u8]) -> Result<[u8; LEN], StunError> {
    value.try_into().map_err(|_| StunError::BadAttribute)
}

fn number(value: &[u8]) -> Result<u32, StunError> {
    Ok(u32::from_be_bytes(fixed(value)?))
}

fn tie_breaker(value: &[u8]) -> Result<u64, StunError> {
    Ok(u64::from_be_bytes(fixed(value)?))
}

/// Class in hundreds and number (RFC 8489 §14.8).
fn read_error_code(value: &[u8]) -> Result<u16, StunError> {
    match value {
        [_, _, class, number, ..] => Ok(u16::from(class & 7) * 100 + u16::from(*number)),
        _ => Err(StunError::BadAttribute),
    }
}

/// The address is XORed with the cookie, the rest of an IPv6 one with the transaction id (RFC 8489 §14.2).
fn read_xor_address(value: &[u8], transaction: &TransactionId) -> Result<SocketAddr, StunError> {
    let (head, address) = value.split_first_chunk::<4>().ok_or(StunError::BadAttribute)?;
    let port = u16::from_be_bytes([head[2], head[3]]) ^ (MAGIC_COOKIE >> 16) as u16;
    let mask = u128::from(MAGIC_COOKIE) << 96 | transaction_number(transaction);
    let ip = match head[1] {
        1 => IpAddr::V4(Ipv4Addr::from_bits(
            u32::from_be_bytes(fixed(address)?) ^ MAGIC_COOKIE,
        )),
        2 => IpAddr::V6(Ipv6Addr::from_bits(u128::from_be_bytes(fixed(address)?) ^ mask)),
        _ => return Err(StunError::BadAttribute),
    };
    Ok(SocketAddr::new(ip, port))
}

/// The transaction id as the low 96 bits.
pub(super) fn transaction_number(transaction: &TransactionId) -> u128 {
    transaction
        .iter()
        .fold(0, |number, &byte| number << 8 | u128::from(byte))
}

//! The lite side of ICE (RFC 8445 §2.5): answers checks, learns the path from genuine ones, keeps consent (RFC 7675).
use crate::stun::Message;
use crate::time::Time;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Without a genuine check for this long we stop sending (RFC 7675 §5.1).
pub const CONSENT_LIFETIME: Duration = Duration::from_secs(30);

/// Where a datagram came from and to which of our sockets, so that the reply leaves by the address it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub socket: u16,
    pub remote: SocketAddr,
}

/// What an accepted check led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IceOutcome {
    /// Bytes written to the response buffer; they go back along the path the check came from.
    pub response_len: usize,
    /// Whether `path()` is another one now.
    pub path_changed: bool,
}

/// Why a check was not answered; it taught nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    NotARequest,
    NoUsername,
    WrongUsername,
    NoIntegrity,
    WrongIntegrity,
    NoRoom,
}

impl fmt::Display for Refusal {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for Refusal {}

/// One peer's ICE-lite agent.
pub struct IceLite {}

impl IceLite {
    /// `now` starts the time in which the first check has to come.
    pub fn new(_local_ufrag: &str, _local_password: &str, _remote_ufrag: &str, _now: Time) -> IceLite {
        todo!()
    }

    /// Answers a request that names this peer's ufrag; only a genuine one teaches a path. `response` should hold
    /// `stun::MAX_RESPONSE_LEN` bytes.
    pub fn receive(
        &mut self,
        _message: &Message<'_>,
        _path: Path,
        _now: Time,
        _response: &mut [u8],
    ) -> Result<IceOutcome, Refusal> {
        todo!()
    }

    /// Where to send: the nominated path, or the first valid one before a nomination.
    pub fn path(&self) -> Option<Path> {
        todo!()
    }

    /// Whether a genuine check came along this path (of the last few): DTLS is accepted from no other.
    pub fn is_valid(&self, _path: &Path) -> bool {
        todo!()
    }

    /// When consent ends unless another check comes.
    pub fn deadline(&self) -> Time {
        todo!()
    }

    pub fn expired(&self, now: Time) -> bool {
        now >= self.deadline()
    }
}

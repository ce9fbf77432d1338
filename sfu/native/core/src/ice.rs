//! The lite side of ICE (RFC 8445 §2.5): answers checks, learns the path from genuine ones, keeps consent (RFC 7675).
use crate::stun::{self, ErrorCode, Message, Role};
use crate::time::Time;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

mod ask;
mod credentials;
mod dial;

pub use ask::Asker;
use credentials::{Keyring, Shown};
pub use dial::{IceDial, MAX_PATHS as MAX_DIALLED_PATHS};

#[cfg(test)]
mod tests;

/// Without a genuine check for this long we stop sending (RFC 7675 §5.1).
pub const CONSENT_LIFETIME: Duration = Duration::from_secs(30);

/// Browsers check a path each 2.5 to 6 s (RFC 7675 section 5.1); one that is silent for longer may have changed hands.
const HOLD: Duration = Duration::from_secs(10);

/// How long after its first nomination a path over TCP has to be named again, if datagrams still pass.
const SECOND_THOUGHT: Duration = Duration::from_millis(500);

/// More paths than a host has addresses; the one unchecked for longest gives way.
const MAX_VALID_PATHS: usize = 8;

/// Where a datagram came from and to which of our sockets, so that the reply leaves by the address it came to. Over TCP
/// it names one connection: its remote, and the socket that took it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub socket: u16,
    pub remote: SocketAddr,
}

impl Path {
    /// Marks the sockets that take TCP connections in; below stands their number, from 0.
    pub const TCP: u16 = 1 << 15;

    pub fn is_tcp(&self) -> bool {
        self.socket & Path::TCP != 0
    }
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NotARequest => "the STUN message is not a request",
            Refusal::NoUsername => "the check has no username",
            Refusal::WrongUsername => "the check names other fragments than were agreed",
            Refusal::NoIntegrity => "the check has no message integrity",
            Refusal::WrongIntegrity => "the check was made with another password",
            Refusal::NoRoom => "the buffer has no room for the response",
        })
    }
}

impl std::error::Error for Refusal {}

#[derive(Clone, Copy, Debug)]
struct ValidPath {
    path: Path,
    checked_at: Time,
    /// First, since another one was selected.
    nominated_at: Option<Time>,
}

/// One peer's ICE-lite agent. It is the controlled side (RFC 8445 §6.1.1), unless it answers for one that dials.
pub struct IceLite {
    is_controlling: bool,
    keys: Keyring,
    /// When it began, or was last checked along a path that is lost.
    heard_at: Time,
    /// The selected path is first.
    valid: Vec<ValidPath>,
}

impl IceLite {
    /// `now` starts the time in which the first check has to come.
    pub fn new(local_ufrag: &str, local_password: &str, remote_ufrag: &str, now: Time) -> IceLite {
        IceLite {
            is_controlling: false,
            keys: Keyring::new(local_ufrag, local_password, remote_ufrag),
            heard_at: now,
            valid: Vec::with_capacity(MAX_VALID_PATHS),
        }
    }

    /// Answers the checks of a peer that was dialled, which has the other role.
    pub fn controlling(self) -> IceLite {
        IceLite {
            is_controlling: true,
            ..self
        }
    }

    /// Takes other credentials. What is selected serves until a path is nominated with them.
    pub fn restart(&mut self, local_ufrag: &str, local_password: &str, remote_ufrag: &str) {
        self.keys.restart(local_ufrag, local_password, remote_ufrag);
        self.valid.iter_mut().for_each(|valid| valid.nominated_at = None);
    }

    /// Whether requests with the credentials before a restart are still answered.
    pub fn is_restarting(&self) -> bool {
        self.keys.has_former()
    }

    /// Answers a request that names this peer's ufrag; only a genuine one teaches a path. `response` should hold
    /// `stun::MAX_RESPONSE_LEN` bytes.
    pub fn receive(
        &mut self,
        message: &Message<'_>,
        path: Path,
        now: Time,
        response: &mut [u8],
    ) -> Result<IceOutcome, Refusal> {
        let (shown, key) = self.keys.authenticate(message)?;
        let error = match message {
            // We never change our role, so the other side has to (RFC 8445 §7.3.1.1).
            Message {
                role: Some(Role::Controlled(_)),
                ..
            } if !self.is_controlling => Some(ErrorCode::RoleConflict),
            Message {
                role: Some(Role::Controlling(_)),
                ..
            } if self.is_controlling => Some(ErrorCode::RoleConflict),
            Message {
                unknown_attribute: Some(_),
                ..
            } => Some(ErrorCode::UnknownAttribute),
            _ => None,
        };
        let written = match error {
            Some(code) => {
                let unknown = message
                    .unknown_attribute
                    .filter(|_| code == ErrorCode::UnknownAttribute);
                stun::write_error(response, &message.transaction, code, unknown, key)
            }
            None => stun::write_success(response, &message.transaction, path.remote, key),
        };
        let response_len = written.map_err(|_| Refusal::NoRoom)?;
        let path_changed = match shown {
            _ if error.is_some() => false,
            Shown::Present => self.learn(path, message.use_candidate, now),
            Shown::Former => self.keep(path, now),
        };
        Ok(IceOutcome {
            response_len,
            path_changed,
        })
    }

    /// Remembers a genuine check; says whether the selected path is another one now. The first valid path serves until
    /// one is nominated, and the last nomination wins: that is how browsers move to another network.
    fn learn(&mut self, path: Path, nominated: bool, now: Time) -> bool {
        let before = self.path();
        let at = self.place(path);
        self.valid[at].checked_at = now;
        if nominated && self.is_meant(at, now) {
            self.valid.swap(0, at);
            let others = &mut self.valid[1..];
            others.iter_mut().for_each(|other| other.nominated_at = None);
            self.keys.settle();
        }
        self.path() != before
    }

    /// A check with the credentials before a restart keeps the consent of a known path, and teaches nothing.
    fn keep(&mut self, path: Path, now: Time) -> bool {
        let known = self.valid.iter_mut().find(|valid| valid.path == path);
        known.into_iter().for_each(|valid| valid.checked_at = now);
        false
    }

    /// Firefox nominates whatever it checks, and then uses datagrams if they pass: once is not enough to leave them.
    fn is_meant(&mut self, at: usize, now: Time) -> bool {
        let first = *self.valid[at].nominated_at.get_or_insert(now);
        let (selected, named) = (&self.valid[0], &self.valid[at]);
        let passes = selected.nominated_at.is_some() && now.since(selected.checked_at) < HOLD;
        let steps_down = named.path.is_tcp() && !selected.path.is_tcp() && passes;
        !steps_down || now.since(first) >= SECOND_THOUGHT
    }

    /// The peer has answered along a path, which it is followed to; not amid a restart, whose own checks say where it is.
    pub fn follow(&mut self, path: Path, now: Time) -> bool {
        if self.is_restarting() {
            return false;
        }
        let at = self.place(path);
        (self.valid[at].checked_at, self.valid[at].nominated_at) = (now, Some(now));
        self.valid.swap(0, at);
        let others = &mut self.valid[1..];
        others.iter_mut().for_each(|other| other.nominated_at = None);
        true
    }

    /// A TCP connection has ended. What is left of the paths serves, if one was checked lately; else the next that is.
    pub fn forget(&mut self, path: &Path, now: Time) {
        let Some(at) = self.valid.iter().position(|valid| valid.path == *path) else {
            return;
        };
        let lost = self.valid.remove(at);
        if at > 0 {
            return;
        }
        self.heard_at = lost.checked_at;
        self.valid.retain(|valid| now.since(valid.checked_at) < HOLD);
        self.valid
            .sort_by_key(|valid| std::cmp::Reverse(valid.checked_at));
    }

    /// Where the path stands among the valid ones; a new one takes a free place or that of the stalest unselected.
    fn place(&mut self, path: Path) -> usize {
        if let Some(at) = self.valid.iter().position(|valid| valid.path == path) {
            return at;
        }
        let entry = ValidPath {
            path,
            checked_at: Time::ZERO,
            nominated_at: None,
        };
        if self.valid.len() < MAX_VALID_PATHS {
            self.valid.push(entry);
            return self.valid.len() - 1;
        }
        let stalest = (1..self.valid.len())
            .min_by_key(|&at| self.valid[at].checked_at)
            .unwrap_or(1);
        self.valid[stalest] = entry;
        stalest
    }

    /// Where to send: the nominated path, or the first valid one before a nomination.
    pub fn path(&self) -> Option<Path> {
        self.valid.first().map(|valid| valid.path)
    }

    /// Whether a genuine check came along this path (of the last few): DTLS is accepted from no other.
    pub fn is_valid(&self, path: &Path) -> bool {
        self.valid.iter().any(|valid| valid.path == *path)
    }

    /// Whether a genuine check came along this path lately.
    pub fn holds(&self, path: &Path, now: Time) -> bool {
        let is_held = |valid: &ValidPath| valid.path == *path && now.since(valid.checked_at) < HOLD;
        self.valid.iter().any(is_held)
    }

    /// When consent for the selected path ends unless another check comes along it.
    pub fn deadline(&self) -> Time {
        self.valid.first().map_or(self.heard_at, |valid| valid.checked_at) + CONSENT_LIFETIME
    }

    pub fn expired(&self, now: Time) -> bool {
        now >= self.deadline()
    }
}

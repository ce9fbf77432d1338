//! A check of our own along a path where a peer seems to be now. The lite side needs none (RFC 8445 section 2.5), but its
//! peer checks each 2.5 s only, and until then hears nothing when its router has given it another address.
use super::Path;
use crate::stun::{self, Class, Key, Message, Request, Role, TransactionId};
use crate::time::Time;
use std::time::Duration;

/// So often a path is asked along at most: a lost check is followed by the next packet's.
const PACE: Duration = Duration::from_millis(100);
/// As a peer-reflexive candidate would have (RFC 8445 section 7.1.1).
const PRIORITY: u32 = 110 << 24 | 65_535 << 8 | 255;

struct Asked {
    path: Path,
    transaction: TransactionId,
    at: Time,
}

pub struct Asker {
    username: String,
    key: Key,
    last: Option<Asked>,
}

impl Asker {
    pub fn new(local_ufrag: &str, remote_ufrag: &str, remote_password: &str) -> Asker {
        Asker {
            username: format!("{remote_ufrag}:{local_ufrag}"),
            key: Key::new(remote_password),
            last: None,
        }
    }

    /// Writes a check, unless the last one is too young; returns its length.
    pub fn check(
        &mut self,
        path: Path,
        transaction: TransactionId,
        now: Time,
        out: &mut [u8],
    ) -> Option<usize> {
        if self.last.as_ref().is_some_and(|last| now.since(last.at) < PACE) {
            return None;
        }
        let request = Request {
            transaction,
            username: &self.username,
            priority: PRIORITY,
            role: Role::Controlled(u64::from_be_bytes([7; 8])),
            use_candidate: false,
        };
        let len = stun::write_request(out, &request, &self.key).ok()?;
        let at = now;
        self.last = Some(Asked {
            path,
            transaction,
            at,
        });
        Some(len)
    }

    /// Takes the answer to the last check; only the peer has the password that it is made with, and only who is at the
    /// path has seen the transaction. Returns the round trip.
    pub fn answer(&mut self, message: &Message<'_>, path: Path, now: Time) -> Option<Duration> {
        let last = self.last.as_ref()?;
        let is_answer = message.class == Class::Success && message.transaction == last.transaction;
        let is_genuine = message.has_integrity() && message.verify_integrity(&self.key);
        if !is_answer || last.path != path || !is_genuine {
            return None;
        }
        let round_trip = now.since(last.at);
        self.last = None;
        Some(round_trip)
    }
}

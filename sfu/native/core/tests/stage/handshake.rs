//! A handshake that is over after one datagram each way and yields fixed keys, told from each other by the person.
use forwarder_core::dtls::{Dtls, DtlsFactory, FingerprintAlgorithm, Role, Session, State};
use forwarder_core::srtp::Profile;
use forwarder_core::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

const RETRANSMISSION: Duration = Duration::from_secs(1);

/// What the node says first when it is active, and what a person says in either role, followed by its number.
pub const HELLO: &[u8] = &[22, b'h'];
pub const DONE: &[u8] = &[22, b'd'];
pub const FAILURE: &[u8] = &[21, b'f'];
pub const CLOSE: &[u8] = &[21, b'c'];
/// Makes the library break, as libraries do.
pub const BREAK: &[u8] = &[22, b'!'];

pub struct Handshakes {
    pub profile: Profile,
}

impl DtlsFactory for Handshakes {
    fn start(&mut self, role: Role, digest: FingerprintAlgorithm, _: Time) -> Result<Box<dyn Dtls>, String> {
        if digest == FingerprintAlgorithm::Sha1 {
            return Err("this stage has no sha-1".into());
        }
        let speaks = role == Role::Active;
        Ok(Box::new(Handshake {
            profile: self.profile,
            speaks,
            next: None,
            out: VecDeque::new(),
            outcome: Outcome::Open,
        }))
    }
}

enum Outcome {
    Open,
    Done(Session),
    Failed,
    Closed,
}

struct Handshake {
    profile: Profile,
    speaks: bool,
    next: Option<Time>,
    out: VecDeque<Vec<u8>>,
    outcome: Outcome,
}

impl Dtls for Handshake {
    fn receive(&mut self, datagram: &[u8], _: Time) {
        match (datagram.get(..2).unwrap_or_default(), datagram.get(2)) {
            (HELLO, Some(&person)) => {
                self.outcome = Outcome::Done(session(self.profile, person));
                self.out.push_back(DONE.to_vec());
            }
            (FAILURE, _) => self.outcome = Outcome::Failed,
            (CLOSE, _) => self.outcome = Outcome::Closed,
            (BREAK, _) => panic!("the library broke, as the test wants"),
            _ => {}
        }
    }

    fn tick(&mut self, now: Time) {
        if self.speaks && matches!(self.outcome, Outcome::Open) && self.next.is_none_or(|next| next <= now) {
            self.out.push_back(HELLO.to_vec());
            self.next = Some(now + RETRANSMISSION);
        }
    }

    fn deadline(&self) -> Time {
        match self.outcome {
            Outcome::Open => self.next.unwrap_or(Time::NEVER),
            _ => Time::NEVER,
        }
    }

    fn transmit(&mut self, out: &mut [u8]) -> Option<usize> {
        let datagram = self.out.pop_front()?;
        out[..datagram.len()].copy_from_slice(&datagram);
        Some(datagram.len())
    }

    fn state(&self) -> State<'_> {
        match &self.outcome {
            Outcome::Open => State::Handshaking,
            Outcome::Done(session) => State::Connected(session),
            Outcome::Failed => State::Failed("the person said so"),
            Outcome::Closed => State::Closed,
        }
    }

    fn close(&mut self) {
        self.out.push_back(CLOSE.to_vec());
    }
}

/// The digest of a person's certificate.
pub fn digest(person: u8) -> Vec<u8> {
    vec![person; 32]
}

/// The node's view of the keys it shares with a person.
pub fn session(profile: Profile, person: u8) -> Session {
    let key = |first: u8| {
        (0..profile.key_len() as u8)
            .map(|at| first.wrapping_add(at) ^ person)
            .collect()
    };
    let salt = |first: u8| {
        (0..profile.salt_len() as u8)
            .map(|at| first.wrapping_add(at) ^ person)
            .collect()
    };
    Session {
        profile,
        local_key: key(10),
        local_salt: salt(60),
        remote_key: key(110),
        remote_salt: salt(160),
        peer_digest: digest(person),
    }
}

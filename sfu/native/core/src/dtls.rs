//! DTLS as the core sees it; the binding owns the library and its clock.
use crate::srtp::Profile;
use crate::time::Time;

/// Who speaks first (RFC 5763 section 5): the active side sends the ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Active,
    Passive,
}

/// A hash function of `a=fingerprint` (RFC 8122 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FingerprintAlgorithm {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl FingerprintAlgorithm {
    /// The algorithm by its name in SDP; MD5 and what else is broken have no name here.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "sha-1" => Some(Self::Sha1),
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha-1",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    pub const fn digest_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A certificate's digest as SDP announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    pub algorithm: FingerprintAlgorithm,
    pub digest: Vec<u8>,
}

/// What a finished handshake yields (RFC 5764 section 4.2).
#[derive(Clone)]
pub struct Session {
    pub profile: Profile,
    /// Master key and salt that protect what we send.
    pub local_key: Vec<u8>,
    pub local_salt: Vec<u8>,
    /// Master key and salt of what the other side sends.
    pub remote_key: Vec<u8>,
    pub remote_salt: Vec<u8>,
    /// Digest of the peer's certificate, by the algorithm that `start` asked for.
    pub peer_digest: Vec<u8>,
}

/// How far a handshake has come.
pub enum State<'a> {
    Handshaking,
    Connected(&'a Session),
    /// One sentence that says why.
    Failed(&'a str),
    Closed,
}

/// One association. Nothing is to be sent before its first `tick` or `receive`.
pub trait Dtls: Send {
    fn receive(&mut self, datagram: &[u8], now: Time);
    /// Begins (active role) or repeats a flight when its time has come.
    fn tick(&mut self, now: Time);
    /// When `tick` wants to be called next; `Time::NEVER` for never.
    fn deadline(&self) -> Time;
    /// Writes the next datagram to send and returns its length, or nothing when none waits.
    fn transmit(&mut self, out: &mut [u8]) -> Option<usize>;
    fn state(&self) -> State<'_>;
    /// Prepares a close_notify for `transmit`.
    fn close(&mut self);
}

/// Makes associations with the node's one certificate.
pub trait DtlsFactory: Send {
    fn start(&mut self, role: Role, digest: FingerprintAlgorithm, now: Time)
        -> Result<Box<dyn Dtls>, String>;
}

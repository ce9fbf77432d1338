//! What a worker tells its caller, in the past tense.
use crate::handle::{PeerId, TrackId};
use crate::srtp::Profile;
use std::net::SocketAddr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    ConsentExpired,
    HandshakeFailed,
    FingerprintMismatch,
    ClosedByPeer,
    BrokenInvariant,
}

impl CloseReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConsentExpired => "consent_expired",
            Self::HandshakeFailed => "handshake_failed",
            Self::FingerprintMismatch => "fingerprint_mismatch",
            Self::ClosedByPeer => "closed_by_peer",
            Self::BrokenInvariant => "broken_invariant",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// ICE, DTLS and the fingerprint are good; media flows from now on.
    PeerConnected {
        peer: PeerId,
        profile: Profile,
        remote: SocketAddr,
    },
    /// The peer has gone and its handle is free again.
    PeerClosed { peer: PeerId, reason: CloseReason },
    /// A track's media arrives: its first packet, or the first after a stall.
    TrackFlowing {
        track: TrackId,
        codec: String,
        ssrc: u32,
    },
    /// Nothing of a track arrived for 2 s.
    TrackStalled { track: TrackId },
    /// Somebody cannot see a fed track without a keyframe.
    KeyframeWanted { track: TrackId },
    /// The loudest level of each audio track since the last ones, in -dBov: 0 loud, 127 silent (RFC 6464).
    AudioLevels(Vec<(TrackId, u8)>),
}

//! What a worker tells its caller, in the past tense.
use crate::allocation::Verdict;
use crate::bandwidth::Cause;
use crate::handle::{PeerId, SlotId, TrackId};
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

/// A picture that is less than it might be, for its viewer's line carries no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduced {
    pub slot: SlotId,
    /// How high the picture is now, where its codec says so.
    pub lines: Option<u16>,
    pub is_paused: bool,
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
    /// What a viewer sees was fitted anew to what its line carries; all that is less than it might be now.
    PicturesFitted {
        peer: PeerId,
        /// Of the ladder, 0 to 5.
        level: u8,
        /// What the line carries, in bit/s.
        bit_rate: u64,
        cause: Verdict,
        reduced: Vec<Reduced>,
    },
    /// What the way to a peer carries, in bit/s with all headers, has changed: at most twice a second.
    Estimated {
        peer: PeerId,
        bit_rate: u64,
        cause: Cause,
    },
    /// The loudest level of each audio track since the last ones, in -dBov: 0 loud, 127 silent (RFC 6464).
    AudioLevels(Vec<(TrackId, u8)>),
}

/// What last set an estimate, as statistics and events have it.
pub const fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Start => "start",
        Cause::Delay => "delay",
        Cause::Loss => "loss",
        Cause::Probe => "probe",
        Cause::Remb => "remb",
        Cause::Increase => "increase",
        Cause::Idle => "idle",
        Cause::Silence => "silence",
        Cause::Ceiling => "ceiling",
    }
}

//! A snapshot of what a worker counts.
use crate::bandwidth::Estimate;
use crate::counters::Drops;
use crate::handle::{PeerId, SlotId, TrackId};
use std::net::SocketAddr;

#[derive(Clone, Debug)]
pub struct PeerStats {
    pub peer: PeerId,
    pub connected: bool,
    pub remote: Option<SocketAddr>,
    pub round_trip_ms: Option<f64>,
    pub datagrams_received: u64,
    pub bytes_received: u64,
    pub datagrams_sent: u64,
    pub bytes_sent: u64,
    /// Of the packets that were numbered, by transport-wide feedback; one that comes late counts in both.
    pub told_arrived: u64,
    pub told_lost: u64,
    /// What the way to it carries, once that is known.
    pub estimate: Option<Estimate>,
    pub dropped: Drops,
}

#[derive(Clone, Debug)]
pub struct TrackStats {
    pub track: TrackId,
    pub peer: PeerId,
    pub packets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub repaired: u64,
    /// Lost, and found inside later packets (RFC 2198).
    pub copied: u64,
    /// Packets that brought earlier ones too.
    pub redundant: u64,
    /// Packets of Opus that bring the one before in fewer bits.
    pub in_band_fec: u64,
    pub duplicates: u64,
    pub nacks_sent: u64,
    pub keyframe_requests_sent: u64,
    pub keyframes: u64,
    pub jitter_ms: f64,
    /// The newest sequence number of the forwarded stream.
    pub last_sequence: u16,
    pub dropped: Drops,
}

#[derive(Clone, Debug)]
pub struct SlotStats {
    pub slot: SlotId,
    pub peer: PeerId,
    pub track: Option<TrackId>,
    /// Of the layer that is shown, if it has a name.
    pub rid: Option<String>,
    pub packets: u64,
    pub bytes: u64,
    pub repairs: u64,
    /// Packets that carried earlier ones too.
    pub redundant: u64,
    pub nacks_received: u64,
    pub keyframe_requests_received: u64,
    /// Of the last receiver report, 0..1.
    pub fraction_lost: f64,
    pub dropped: Drops,
}

#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub peers: Vec<PeerStats>,
    pub tracks: Vec<TrackStats>,
    pub slots: Vec<SlotStats>,
    /// Datagrams that belong to no peer.
    pub dropped: Drops,
    pub events_dropped: u64,
    /// The longest time between two datagrams sent while a track was flowing into a slot.
    pub largest_send_gap_ms: f64,
}

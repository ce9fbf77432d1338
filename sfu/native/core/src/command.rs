//! Orders to a worker: what should be, one atomic batch at a time.
use crate::dtls::{Fingerprint, Role};
use crate::handle::{PeerId, SlotId, TrackId};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Audio,
    Video,
}

/// One connection, accepted by ICE-lite.
#[derive(Clone, Debug)]
pub struct AddPeer {
    pub peer: PeerId,
    pub local_ufrag: String,
    pub local_password: String,
    pub remote_ufrag: String,
    pub remote_password: String,
    pub remote_fingerprint: Fingerprint,
    /// The node's own role.
    pub dtls_role: Role,
    /// Header extension ids (RFC 8285), 0 for not negotiated.
    pub mid_extension: u8,
    pub rid_extension: u8,
    pub repaired_rid_extension: u8,
    pub audio_level_extension: u8,
    /// With it the node feeds back arrivals (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    pub transport_cc_extension: u8,
}

/// A payload type of a track or slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    pub name: String,
    pub payload_type: u8,
    pub clock_rate: u32,
    pub rtx_payload_type: Option<u8>,
    pub nack: bool,
    pub pli: bool,
    pub fir: bool,
}

/// One stream of a track by its SSRC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    pub rid: Option<String>,
}

/// One published stream.
#[derive(Clone, Debug)]
pub struct AddTrack {
    pub track: TrackId,
    pub peer: PeerId,
    pub kind: Kind,
    pub mid: String,
    pub codecs: Vec<Codec>,
    /// Empty: SSRCs are learned by mid (and rid), else by payload type.
    pub encodings: Vec<Encoding>,
    pub open: bool,
}

/// A place in a connection where a track can arrive.
#[derive(Clone, Debug)]
pub struct AddSlot {
    pub slot: SlotId,
    pub peer: PeerId,
    pub kind: Kind,
    pub mid: String,
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    pub codecs: Vec<Codec>,
}

#[derive(Clone, Debug)]
pub enum Command {
    AddPeer(AddPeer),
    RemovePeer(PeerId),
    AddTrack(AddTrack),
    RemoveTrack(TrackId),
    OpenTrack { track: TrackId, open: bool },
    AddSlot(AddSlot),
    RemoveSlot(SlotId),
    BindSlot { slot: SlotId, track: Option<TrackId> },
    RequestKeyframe(TrackId),
}

/// Why a batch was refused; nothing of it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    /// Which command of the batch.
    pub index: usize,
    pub sentence: String,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "command {}: {}", self.index, self.sentence)
    }
}

impl std::error::Error for CommandError {}

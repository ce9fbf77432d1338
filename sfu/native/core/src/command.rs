//! Orders to a worker: what should be, one atomic batch at a time.
use crate::allocation::Priority;
use crate::dtls::{Fingerprint, Role};
use crate::handle::{PeerId, SlotId, TapId, TrackId};
use crate::time::Time;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Audio,
    Video,
}

/// One connection: accepted by ICE-lite, or dialled.
#[derive(Clone, Debug)]
pub struct AddPeer {
    pub peer: PeerId,
    pub local_ufrag: String,
    pub local_password: String,
    pub remote_ufrag: String,
    pub remote_password: String,
    /// Where to dial; none waits for the other side to dial us.
    pub candidates: Vec<SocketAddr>,
    pub remote_fingerprint: Fingerprint,
    /// The node's own role.
    pub dtls_role: Role,
    /// Header extension ids (RFC 8285), 0 for not negotiated.
    pub mid_extension: u8,
    pub rid_extension: u8,
    pub repaired_rid_extension: u8,
    pub audio_level_extension: u8,
    /// With it the node feeds back arrivals (draft-holmer-rmcat-transport-wide-cc-extensions-01), and numbers what it sends
    /// in the slots that are `numbered`.
    pub transport_cc_extension: u8,
    /// In which the node says and hears whose media a slot carries: `AddTrack::mark`, in four bytes.
    pub mark_extension: u8,
}

/// Other ICE credentials for a connection that is accepted (RFC 8445 section 9); keys and streams stay.
#[derive(Clone, Debug)]
pub struct RestartIce {
    pub peer: PeerId,
    pub local_ufrag: String,
    pub local_password: String,
    pub remote_ufrag: String,
    pub remote_password: String,
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
    /// What viewers that negotiated it are told of each packet of it; 0 tells nothing.
    pub mark: u32,
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
    /// Its packets carry the connection's transport-wide numbers.
    pub numbered: bool,
}

/// A track whose frames the caller makes; it lives and ends with a connection, like those that the connection sends.
#[derive(Clone, Debug)]
pub struct AddFeed {
    pub track: TrackId,
    pub peer: PeerId,
    pub kind: Kind,
    /// Its name and clock rate count.
    pub codec: Codec,
}

impl AddFeed {
    /// A name that no media section has.
    pub fn mid(&self) -> String {
        format!("feed {}", self.track.0)
    }
}

/// One encoded frame for a feed.
#[derive(Clone, Debug)]
pub struct Fed {
    pub track: TrackId,
    /// In units of the codec's clock.
    pub timestamp: u32,
    /// Node time of capture; none stands for now.
    pub captured: Option<Time>,
    /// H.264 in Annex B form.
    pub data: Vec<u8>,
}

/// Why frames were refused; none of them was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedError {
    /// Which frame of the batch.
    pub index: usize,
    pub sentence: String,
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {}: {}", self.index, self.sentence)
    }
}

impl std::error::Error for FeedError {}

/// How the units of an H.264 frame are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum H264Form {
    /// By start codes of four bytes.
    AnnexB,
    /// By lengths of four bytes, as MP4 has them.
    Avcc,
}

/// Reads a track as whole encoded frames.
#[derive(Clone, Debug)]
pub struct AddTap {
    pub tap: TapId,
    pub track: TrackId,
    /// How long a missing packet is waited for.
    pub window: Duration,
    /// Which layer is read, if it sends; none for the best.
    pub rid: Option<String>,
    /// What a closed track sends is read too.
    pub while_closed: bool,
    pub form: H264Form,
}

#[derive(Clone, Debug)]
pub enum Command {
    AddPeer(AddPeer),
    RemovePeer(PeerId),
    RestartIce(RestartIce),
    AddTrack(AddTrack),
    RemoveTrack(TrackId),
    OpenTrack {
        track: TrackId,
        open: bool,
    },
    AddSlot(AddSlot),
    RemoveSlot(SlotId),
    BindSlot {
        slot: SlotId,
        track: Option<TrackId>,
    },
    /// Which layer a slot is to show at most, by its rid; none leaves it to the forwarder.
    ChooseLayer {
        slot: SlotId,
        rid: Option<String>,
    },
    /// What a slot's picture is worth beside the others of its connection, where the line does not carry all.
    SetPriority {
        slot: SlotId,
        priority: Priority,
    },
    RequestKeyframe(TrackId),
    /// Asks for a keyframe of the layer that a tap reads.
    RequestTapKeyframe(TapId),
    AddFeed(AddFeed),
    AddTap(AddTap),
    RemoveTap(TapId),
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

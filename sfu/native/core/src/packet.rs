//! One plain media packet on its way through the router.
use crate::time::Time;

/// What is kept of a publisher's packet: enough to write it anew for any slot.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Extended beyond 16 bits, so that it never wraps.
    pub sequence: u64,
    pub timestamp: u32,
    pub arrival: Time,
    pub marker: bool,
    /// Which of the track's codecs.
    pub codec: u8,
    /// The data of the audio-level element as it came (RFC 6464).
    pub level: Option<u8>,
    /// Decoding can begin here; never true of an empty payload.
    pub starts: bool,
    /// Whose media it is, if its sender says so; else 0.
    pub mark: u32,
    pub payload: &'a [u8],
}

/// The largest payload that is forwarded; what WebRTC senders make stays below 1200.
pub const MAX_PAYLOAD_LEN: usize = 1600;

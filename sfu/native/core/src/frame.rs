//! Whole encoded frames on their way from taps to whoever reads them.
use crate::codec::Codec;
use crate::handle::TapId;
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Half a minute of a rich stream; a reader that sleeps longer finds a gap.
const MOST_BYTES: usize = 16 << 20;
const MOST_FRAMES: usize = 8192;

/// One encoded frame of a tapped track, complete and in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub tap: TapId,
    pub codec: Codec,
    /// The layer that it was read of, if that has a name.
    pub rid: Option<String>,
    /// Whose media it is, if its sender says so (`AddTrack::mark`).
    pub mark: Option<u32>,
    /// Another one is another stream: its timestamps and parameters have nothing to do with those before.
    pub ssrc: u32,
    /// In units of the codec's clock, extended beyond 32 bits within one stream.
    pub timestamp: u64,
    /// Node time of capture, by the publisher's sender reports; none before the first.
    pub captured: Option<Time>,
    /// When its last packet came.
    pub arrived: Time,
    pub is_keyframe: bool,
    /// Packets that belong between the frame before and this one, and never came or found no reader.
    pub lost_packets: u64,
    /// From the frame before to this one, if any of what lies between is lost.
    pub lost: Duration,
    pub data: Vec<u8>,
}

/// Bounded; what finds no room is refused, and the tap writes it down as lost.
#[derive(Default)]
pub struct Frames {
    waiting: VecDeque<Frame>,
    bytes: usize,
}

impl Frames {
    pub fn has_room(&self, len: usize) -> bool {
        self.waiting.len() < MOST_FRAMES && self.bytes + len <= MOST_BYTES
    }

    pub fn push(&mut self, frame: Frame) {
        self.bytes += frame.data.len();
        self.waiting.push_back(frame);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Moves all frames to `into`, oldest first.
    pub fn drain(&mut self, into: &mut Vec<Frame>) {
        self.bytes = 0;
        into.extend(self.waiting.drain(..));
    }
}

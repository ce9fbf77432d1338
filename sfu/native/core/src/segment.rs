//! How a publisher's numbers become a slot's, from one start or rebinding to the next.
use crate::codec::picture::{self, Picture};
use crate::codec::Codec;
use crate::packet::Packet;
use crate::time::Time;

#[cfg(test)]
mod tests;

/// Ten seconds of a picture's clock: two layers of one camera are never further apart.
const MAX_STEP: i32 = 900_000;

/// The numbers of the newest packet that left a slot; the next segment goes on from here.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    pub sequence: u64,
    pub timestamp: u32,
    /// When what it was made from arrived.
    pub at: Time,
    pub picture: Option<Picture>,
}

/// One stretch of a publisher's stream in a slot: all differences are constant, so a repair is made as the original was.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub in_first: u64,
    pub out_first: u64,
    timestamp_offset: u32,
    picture_offset: Picture,
}

/// The first packet of the stretch, which may stand behind some that are missing.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    pub sequence: u64,
    pub packet: &'a Packet<'a>,
    pub codec: Codec,
}

/// The newest packet of the stream that begins: its timestamp is made to continue the tail's at the true pace.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub timestamp: u32,
    pub arrival: Time,
}

impl Segment {
    /// The first segment of a slot.
    pub fn first(start: &Start<'_>, out_first: u64, timestamp: u32) -> Segment {
        Segment {
            in_first: start.sequence,
            out_first,
            timestamp_offset: timestamp.wrapping_sub(start.packet.timestamp),
            picture_offset: Picture::default(),
        }
    }

    /// A segment that goes on where `tail` ended.
    pub fn after(tail: &Tail, start: &Start<'_>, edge: Edge, clock_rate: u32) -> Segment {
        Segment {
            in_first: start.sequence,
            out_first: tail.sequence + 1,
            timestamp_offset: timestamp_offset(tail, start.packet, edge, clock_rate),
            picture_offset: picture_offset(tail, start),
        }
    }

    /// A segment whose first packet has this timestamp; one that is not after the tail, nor near it, is made to be.
    pub fn aligned(tail: &Tail, start: &Start<'_>, timestamp: u32) -> Segment {
        let step = timestamp.wrapping_sub(tail.timestamp) as i32;
        let timestamp = tail.timestamp.wrapping_add(step.clamp(1, MAX_STEP) as u32);
        Segment {
            in_first: start.sequence,
            out_first: tail.sequence + 1,
            timestamp_offset: timestamp.wrapping_sub(start.packet.timestamp),
            picture_offset: picture_offset(tail, start),
        }
    }

    /// The slot's number for a publisher's; none before the start.
    pub fn out_sequence(&self, sequence: u64) -> Option<u64> {
        Some(self.out_first + sequence.checked_sub(self.in_first)?)
    }

    /// The publisher's number for a slot's; none from an earlier segment.
    pub fn in_sequence(&self, out_sequence: u64) -> Option<u64> {
        Some(self.in_first + out_sequence.checked_sub(self.out_first)?)
    }

    pub fn timestamp(&self, timestamp: u32) -> u32 {
        timestamp.wrapping_add(self.timestamp_offset)
    }

    /// Rewrites a picture's own numbers in place, where its codec has such; returns those it has now.
    pub fn rewrite(&self, codec: Codec, payload: &mut [u8]) -> Option<Picture> {
        picture::rewrite(codec, payload, &self.picture_offset)
    }
}

/// What to add so that the first picture follows the tail's.
fn picture_offset(tail: &Tail, start: &Start<'_>) -> Picture {
    let next = picture::numbers(start.codec, start.packet.payload);
    let known = tail.picture.zip(next);
    known.map_or(Picture::default(), |(last, next)| last.offset_to(&next))
}

/// The edge continues the tail by the time between them; what precedes the edge may press against the tail, not overlap.
fn timestamp_offset(tail: &Tail, first: &Packet<'_>, edge: Edge, clock_rate: u32) -> u32 {
    let elapsed = edge.arrival.since(tail.at).as_nanos() * u128::from(clock_rate) / 1_000_000_000;
    let at_edge = tail.timestamp.wrapping_add(elapsed as u32);
    let span = edge.timestamp.wrapping_sub(first.timestamp);
    let at_first = at_edge.wrapping_sub(span);
    let smallest_step = (clock_rate / 100).max(1);
    let step = at_first.wrapping_sub(tail.timestamp) as i32;
    let first_out = tail
        .timestamp
        .wrapping_add((step.max(smallest_step as i32)) as u32);
    first_out.wrapping_sub(first.timestamp)
}

//! How a publisher's numbers become a slot's, from one start or rebinding to the next.
use crate::codec::vp8;
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

/// VP8's own numbers (RFC 7741 section 4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    pub id: u16,
    pub tl0: u8,
    pub key: u8,
}

/// One stretch of a publisher's stream in a slot: all differences are constant, so a repair is made as the original was.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub in_first: u64,
    pub out_first: u64,
    timestamp_offset: u32,
    picture_offset: Picture,
}

/// The newest packet of the stream that begins: its timestamp is made to continue the tail's at the true pace.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub timestamp: u32,
    pub arrival: Time,
}

impl Segment {
    /// The first segment of a slot.
    pub fn first(in_first: u64, out_first: u64, first: &Packet<'_>, timestamp: u32) -> Segment {
        Segment {
            in_first,
            out_first,
            timestamp_offset: timestamp.wrapping_sub(first.timestamp),
            picture_offset: Picture::default(),
        }
    }

    /// A segment that goes on where `tail` ended.
    pub fn after(tail: &Tail, in_first: u64, first: &Packet<'_>, edge: Edge, clock_rate: u32) -> Segment {
        Segment {
            in_first,
            out_first: tail.sequence + 1,
            timestamp_offset: timestamp_offset(tail, first, edge, clock_rate),
            picture_offset: picture_offset(tail, first),
        }
    }

    /// A segment whose first packet has this timestamp; one that is not after the tail, nor near it, is made to be.
    pub fn aligned(tail: &Tail, in_first: u64, first: &Packet<'_>, timestamp: u32) -> Segment {
        let step = timestamp.wrapping_sub(tail.timestamp) as i32;
        let timestamp = tail.timestamp.wrapping_add(step.clamp(1, MAX_STEP) as u32);
        Segment {
            in_first,
            out_first: tail.sequence + 1,
            timestamp_offset: timestamp.wrapping_sub(first.timestamp),
            picture_offset: picture_offset(tail, first),
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

    /// Rewrites a VP8 payload descriptor in place; returns the numbers it has now.
    pub fn rewrite_vp8(&self, payload: &mut [u8]) -> Option<Picture> {
        let descriptor = vp8::parse(payload)?;
        let known = numbers(&descriptor);
        let picture = known.plus(&self.picture_offset, &descriptor);
        descriptor.rewrite(payload, picture.id, picture.tl0, picture.key);
        Some(picture)
    }
}

impl Picture {
    fn plus(&self, offset: &Picture, descriptor: &vp8::Descriptor) -> Picture {
        let mask = if descriptor.picture_id.is_some_and(|id| id.is_long) {
            0x7fff
        } else {
            0x7f
        };
        Picture {
            id: self.id.wrapping_add(offset.id) & mask,
            tl0: self.tl0.wrapping_add(offset.tl0),
            key: self.key.wrapping_add(offset.key) & 0x1f,
        }
    }
}

fn numbers(descriptor: &vp8::Descriptor) -> Picture {
    Picture {
        id: descriptor.picture_id.map_or(0, |id| id.value),
        tl0: descriptor.tl0_picture_index.map_or(0, |field| field.value),
        key: descriptor.key_index.map_or(0, |field| field.value),
    }
}

/// What to add so that the first picture follows the tail's.
fn picture_offset(tail: &Tail, first: &Packet<'_>) -> Picture {
    let (Some(picture), Some(descriptor)) = (tail.picture, vp8::parse(first.payload)) else {
        return Picture::default();
    };
    let next = numbers(&descriptor);
    Picture {
        id: picture.id.wrapping_add(1).wrapping_sub(next.id),
        tl0: picture.tl0.wrapping_add(1).wrapping_sub(next.tl0),
        key: picture.key.wrapping_add(1).wrapping_sub(next.key),
    }
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

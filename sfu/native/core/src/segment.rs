//! How a publisher's numbers become a slot's, from one start or rebinding to the next.
use crate::codec::picture::{self, Picture};
use crate::codec::Codec;
use crate::packet::Packet;
use crate::time::Time;

#[cfg(test)]
mod tests;

/// Pictures are pressed together no more than this: of 60 a second each still has a timestamp of its own.
const MOST_PRESSED: u32 = 32;
/// Ten seconds of a picture's clock: two layers of one camera are never further apart.
const MAX_STEP: i32 = 900_000;

/// The numbers of the newest packet that left a slot; the next segment goes on from here.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    pub sequence: u64,
    pub timestamp: u32,
    /// What its timestamp would be if nothing had ever been pressed together.
    pub pace: u32,
    /// When what it was made from arrived.
    pub at: Time,
    pub picture: Option<Picture>,
}

/// One stretch of a publisher's stream in a slot: all differences are constant, so a repair is made as the original was.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub in_first: u64,
    pub out_first: u64,
    /// To the true pace.
    timestamp_offset: u32,
    bend: Option<Bend>,
    picture_offset: Picture,
}

/// The first packet of the stretch, which may stand behind some that are missing.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    pub sequence: u64,
    pub packet: &'a Packet<'a>,
    pub codec: Codec,
}

/// How timestamps leave the true pace where a segment has to begin later than it should.
#[derive(Clone, Copy, Debug)]
struct Bend {
    /// The publisher's timestamp up to which all is pressed together.
    edge: u32,
    /// How long that took, and into how much it is pressed.
    span: u32,
    room: u32,
    /// How late the edge is all the same, and how long it takes until the true pace is reached again.
    late: u32,
    recovery: u32,
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
            bend: None,
            picture_offset: Picture::default(),
        }
    }

    /// A segment that goes on where `tail` ended.
    pub fn after(tail: &Tail, start: &Start<'_>, edge: Edge, clock_rate: u32) -> Segment {
        let paced = Paced::after(tail, start.packet, edge, clock_rate);
        Segment {
            in_first: start.sequence,
            out_first: tail.sequence + 1,
            timestamp_offset: paced.true_edge.wrapping_sub(edge.timestamp),
            bend: paced.bend(edge.timestamp),
            picture_offset: picture_offset(tail, start),
        }
    }

    /// A segment whose first packet has this timestamp at true pace; one that is not after the tail, nor near it, is made
    /// to be.
    pub fn aligned(tail: &Tail, start: &Start<'_>, pace: u32, clock_rate: u32) -> Segment {
        let step = pace.wrapping_sub(tail.timestamp) as i32;
        let paced = match step {
            step if (-MAX_STEP..=0).contains(&step) => Paced::late(pace, (1 - step) as u32, clock_rate),
            // Two layers are never further apart: a clock was set, and is let be.
            _ => Paced::late(
                tail.timestamp.wrapping_add(step.clamp(1, MAX_STEP) as u32),
                0,
                clock_rate,
            ),
        };
        Segment {
            in_first: start.sequence,
            out_first: tail.sequence + 1,
            timestamp_offset: paced.true_edge.wrapping_sub(start.packet.timestamp),
            bend: paced.bend(start.packet.timestamp),
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

    /// The slot's timestamp for a packet of the publisher's.
    pub fn timestamp(&self, timestamp: u32) -> u32 {
        let clock = self.clock(timestamp);
        self.bend.map_or(clock, |bend| bend.bent(timestamp, clock))
    }

    /// What the slot's clock shows, at true pace, when the publisher's shows `timestamp`.
    pub fn clock(&self, timestamp: u32) -> u32 {
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

impl Bend {
    fn bent(&self, timestamp: u32, clock: u32) -> u32 {
        let after = timestamp.wrapping_sub(self.edge) as i32;
        let distance = after.unsigned_abs();
        if after < 0 {
            let pressed = scaled(distance.min(self.span), self.room, self.span);
            return clock
                .wrapping_add(distance)
                .wrapping_add(self.late)
                .wrapping_sub(pressed);
        }
        let left = self.recovery.saturating_sub(distance);
        clock.wrapping_add(scaled(self.late, left, self.recovery))
    }
}

fn scaled(value: u32, by: u32, of: u32) -> u32 {
    (u64::from(value) * u64::from(by) / u64::from(of.max(1))) as u32
}

/// Where the edge of a segment should lie, and what it takes to come near it.
struct Paced {
    true_edge: u32,
    late: u32,
    span: u32,
    room: u32,
    recovery: u32,
}

impl Paced {
    /// The edge continues the tail's pace by the time between them; what precedes the edge is pressed against the tail, and
    /// only if it cannot be pressed enough the edge is late.
    fn after(tail: &Tail, first: &Packet<'_>, edge: Edge, clock_rate: u32) -> Paced {
        let elapsed = edge.arrival.since(tail.at).as_nanos() * u128::from(clock_rate) / 1_000_000_000;
        let true_edge = tail.pace.wrapping_add(elapsed as u32);
        let span = u32::try_from(edge.timestamp.wrapping_sub(first.timestamp) as i32).unwrap_or(0);
        let smallest_step = (clock_rate / 100).max(1);
        let earliest = tail.timestamp.wrapping_add(smallest_step);
        let true_room = true_edge.wrapping_sub(earliest) as i32;
        let room = true_room.max((span / MOST_PRESSED) as i32);
        Paced {
            span,
            room: room as u32,
            ..Paced::late(true_edge, room.wrapping_sub(true_room) as u32, clock_rate)
        }
    }

    fn late(true_edge: u32, late: u32, clock_rate: u32) -> Paced {
        Paced {
            true_edge,
            late,
            span: 0,
            room: 0,
            // Nobody notices pictures that follow each other a little faster for half a second.
            recovery: (clock_rate / 2).max(late.saturating_mul(2)),
        }
    }

    fn bend(&self, edge: u32) -> Option<Bend> {
        (self.late > 0 || self.room < self.span).then_some(Bend {
            edge,
            span: self.span,
            room: self.room.min(self.span),
            late: self.late,
            recovery: self.recovery,
        })
    }
}

//! A place in a connection where a track arrives: what it shows now, and under which numbers.
use crate::allocation::Priority;
use crate::clock::units;
use crate::codec;
use crate::command::{AddSlot, Codec, Kind};
use crate::counters::{Drops, Reason};
use crate::credit::Credit;
use crate::handle::{PeerId, SlotId, TrackId};
use crate::inline::{Mid, PayloadTypes};
use crate::keyframe::{Answer, Given};
use crate::layer::Layer;
use crate::outbox::Cargo;
use crate::packet::Packet;
use crate::rate::Rate;
use crate::repeats::Repeats;
use crate::sealed::Sealed;
use crate::segment::{Edge, Segment, Start, Tail};
use crate::srtp::StreamIndex;
use crate::stats::SlotStats;
use crate::time::Time;
use crate::track::{redundant_type, Track};
use crate::twice::Twice;
use std::time::Duration;

mod share;

pub use share::Share;

/// Packets of a kept group may be lost before its keyframe's first; what is looked for no longer is not there.
const MAX_LEADING_LOSS: u64 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No track, a closed one, or no connection yet.
    Idle,
    /// For a packet that decoding can begin with.
    Waiting,
    /// The kept group is on its way: the next packet of it, and when the next burst leaves.
    CatchingUp {
        cursor: u64,
        next: Time,
    },
    Live,
}

impl Phase {
    /// Whether packets leave the slot.
    pub fn shows(self) -> bool {
        matches!(self, Phase::Live | Phase::CatchingUp { .. })
    }
}

/// One stream of a publisher, told from others that had its place before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub track: usize,
    pub id: TrackId,
    pub layer: usize,
    /// The layer's epoch.
    pub epoch: u32,
}

pub struct Slot {
    pub id: SlotId,
    pub peer: usize,
    pub kind: Kind,
    pub mid: Mid,
    /// Its packets carry the connection's transport-wide numbers.
    pub numbered: bool,
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    pub codecs: Vec<Codec>,
    pub track: Option<usize>,
    pub phase: Phase,
    pub segment: Option<Segment>,
    /// Which layer is to be shown at most, by its rid; none leaves it to the track.
    pub wish: Option<String>,
    /// What its picture is worth beside the others of the connection.
    pub priority: Priority,
    /// What the line lets it show; none before that is known.
    pub share: Option<Share>,
    /// The layer that the share or the wish names, while it sends.
    pub target: Option<usize>,
    /// What is shown now comes from here.
    pub source: Option<Source>,
    /// The stretch before: what was lost of it can still be repaired.
    pub past: Option<(Segment, Source)>,
    /// The payload type under which it takes redundant sound (RFC 2198).
    pub redundant_type: Option<u8>,
    /// Under which the track's codecs leave.
    pub payload_types: PayloadTypes,
    pub tail: Option<Tail>,
    /// When a keyframe last began to leave, and when the kept group last did because it was asked for.
    pub keyframe_left: Option<Time>,
    pub group_given: Option<Time>,
    /// The first numbers of the slot's life, or those that go on after an earlier life of its SSRC.
    pub origin: Origin,
    /// The next sequence number of the repair stream.
    pub next_rtx_sequence: u64,
    pub stream: Option<StreamIndex>,
    pub rtx_stream: Option<StreamIndex>,
    pub repeats: Repeats,
    /// Repairs that are to leave once more.
    pub twice: Twice,
    pub credit: Credit,
    /// For receivers that ask for repairs and have no repair stream.
    pub sealed: Option<Sealed>,
    pub drops: Drops,
    pub counts: Counts,
    /// Of what was sent, repairs aside.
    pub rate: Rate,
    /// Packets and repairs when the share of repairs was last looked at.
    reported: (u64, u64),
}

/// Where the numbers of a slot begin.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub sequence: u64,
    pub timestamp: u32,
    pub rtx_sequence: u64,
}

#[derive(Default)]
pub struct Counts {
    pub packets: u64,
    /// How many of them there were at the last receiver report.
    pub reported: u64,
    pub bytes: u64,
    pub repairs: u64,
    /// Repairs that left once more.
    pub repairs_again: u64,
    pub redundant: u64,
    pub nacks_received: u64,
    pub keyframe_requests_received: u64,
    pub fraction_lost: u8,
    /// Payload bytes, for sender reports.
    pub octets: u32,
}

impl Slot {
    pub fn new(order: &AddSlot, peer: usize, origin: Origin) -> Slot {
        Slot {
            id: order.slot,
            peer,
            kind: order.kind,
            mid: Mid::new(&order.mid),
            numbered: order.numbered,
            ssrc: order.ssrc,
            rtx_ssrc: order.rtx_ssrc,
            codecs: order.codecs.clone(),
            track: None,
            phase: Phase::Idle,
            segment: None,
            wish: None,
            priority: Priority::OtherRoom,
            share: None,
            target: None,
            source: None,
            past: None,
            redundant_type: redundant_type(&order.codecs),
            payload_types: PayloadTypes::EMPTY,
            tail: None,
            keyframe_left: None,
            group_given: None,
            origin,
            next_rtx_sequence: origin.rtx_sequence,
            stream: None,
            rtx_stream: None,
            repeats: Repeats::default(),
            twice: Twice::default(),
            credit: Credit::of(order.kind),
            sealed: sealed(order),
            drops: Drops::default(),
            counts: Counts::default(),
            rate: Rate::default(),
            reported: (0, 0),
        }
    }

    /// What its packets are.
    pub fn cargo(&self) -> Cargo {
        match self.kind {
            Kind::Audio => Cargo::Audio,
            Kind::Video => Cargo::Video,
        }
    }

    /// Points the slot at a track; `begin` or a packet starts it.
    pub fn bind(&mut self, index: usize, track: &Track) {
        self.stop();
        self.track = Some(index);
        self.share = None;
        let ours = |name: &str| {
            self.codecs
                .iter()
                .find(|codec| codec.name.eq_ignore_ascii_case(name))
        };
        let theirs = track.codecs.iter().map(|known| ours(&known.codec.name));
        self.payload_types = PayloadTypes::of(theirs.map(|codec| Some(codec?.payload_type)));
    }

    pub fn unbind(&mut self) {
        self.stop();
        self.track = None;
    }

    /// Shows nothing from now on; the numbers stay where they are.
    pub fn stop(&mut self) {
        self.phase = Phase::Idle;
        self.part();
    }

    /// The layer to show.
    pub fn target(&self, track: &Track) -> usize {
        self.target.unwrap_or(track.forwarded)
    }

    /// Whether the stream that is shown is still there and the packet is of it.
    pub fn shows(&self, track: &Track, layer: usize) -> bool {
        self.source
            .is_some_and(|source| source.layer == layer && source.epoch == track.layers[layer].epoch)
    }

    /// The layer that is shown, if its stream is still there.
    pub fn shown<'a>(&self, track: &'a Track) -> Option<&'a Layer> {
        let source = self.source?;
        let layer = track.layers.get(source.layer);
        layer.filter(|layer| layer.epoch == source.epoch)
    }

    /// Whether a slot may begin to show a layer: the one wanted, or for want of it any picture; clocks must be known to
    /// go from one layer to another.
    pub fn may_begin(&self, track: &Track, layer: usize) -> bool {
        if self.phase.shows() && self.shown(track).is_some() {
            return layer == self.target(track) && track.layers[layer].sender_report.is_some();
        }
        layer == self.target(track) || layer == track.forwarded
    }

    /// Starts with a kept keyframe group, or waits; returns whether a keyframe must be asked for.
    pub fn begin(&mut self, track: &Track, now: Time) -> bool {
        self.stop();
        if !track.open || self.is_paused() {
            return false;
        }
        self.phase = Phase::Waiting;
        if self.kind != Kind::Video || track.layers.is_empty() {
            return false;
        }
        let target = self.target(track);
        if self.begin_with_group(track, target, now) {
            return false;
        }
        if target != track.forwarded {
            self.begin_with_group(track, track.forwarded, now);
        }
        true
    }

    /// Starts at this packet if decoding can begin with it.
    pub fn begin_at(&mut self, track: &Track, layer: usize, packet: &Packet<'_>) -> Result<(), Reason> {
        let source = &track.layers[layer];
        if packet.sequence < source.barrier {
            return Err(Reason::BeforeStart);
        }
        if !packet.starts && self.kind == Kind::Video {
            return Err(Reason::AwaitingKeyframe);
        }
        self.payload_types
            .get(packet.codec)
            .ok_or(Reason::CodecNotNegotiated)?;
        let start = if self.kind == Kind::Video {
            source.group.start_of(packet)
        } else {
            packet.sequence
        };
        let edge = Edge {
            timestamp: packet.timestamp,
            arrival: packet.arrival,
        };
        self.open_segment(track, layer, start, packet, edge);
        let cursor = packet.sequence + 1;
        // What of a keyframe came before its beginning, which was repaired, has still to be sent.
        self.phase = if self.kind == Kind::Video && cursor <= source.history.highest() {
            let next = Time::ZERO;
            Phase::CatchingUp { cursor, next }
        } else {
            Phase::Live
        };
        Ok(())
    }

    /// Takes in what a report of its receiver says, `lost` of 256, to whom each repair is sent so many times; returns what
    /// it loses in truth.
    pub fn reported(&mut self, lost: u8, times: usize, now: Time) -> u8 {
        self.counts.fraction_lost = lost;
        let lost = lost.max(self.asked_share());
        self.credit.adapt(lost, times, self.rate.get(now));
        lost
    }

    /// How a viewer's request for a keyframe is answered; `publisher` is how far away that is.
    pub fn answer(&self, track: &Track, round_trip: Duration, publisher: Duration, now: Time) -> Answer {
        let source = track.layers.get(self.target(track));
        let given = Given {
            keyframe: self.keyframe_left,
            group: self.group_given,
            kept: source.and_then(|source| source.group.usable_since(now)),
        };
        given.answer(round_trip, publisher, now)
    }

    /// The share, of 256, of what left since it was last asked for that was repaired: what is repaired in its own stream
    /// is no loss to a receiver's report.
    fn asked_share(&mut self) -> u8 {
        let (packets, repairs) = (self.counts.packets, self.counts.repairs);
        let (packets_before, repairs_before) = std::mem::replace(&mut self.reported, (packets, repairs));
        let share = (repairs - repairs_before) * 256;
        share.checked_div(packets - packets_before).unwrap_or(0).min(255) as u8
    }

    /// The repair payload type of a track's codec, whether it is shown now or was before.
    pub fn rtx_type_of(&self, track: &Track, codec: u8) -> Option<u8> {
        let name = &track.codecs.get(codec as usize)?.codec.name;
        let ours = self
            .codecs
            .iter()
            .find(|ours| ours.name.eq_ignore_ascii_case(name));
        ours?.rtx_payload_type
    }

    /// The 64-bit form of a sequence number that a receiver names.
    pub fn extend(&self, sequence: u16) -> Option<u64> {
        let newest = self.tail?.sequence;
        newest.checked_add_signed(i64::from(sequence.wrapping_sub(newest as u16) as i16))
    }

    /// Where the numbers go on if this SSRC lives again.
    pub fn next_origin(&self) -> Origin {
        let next = self
            .tail
            .map(|tail| (tail.sequence + 1, tail.timestamp.wrapping_add(1)));
        let (sequence, timestamp) = next.unwrap_or((self.origin.sequence, self.origin.timestamp));
        Origin {
            sequence,
            timestamp,
            rtx_sequence: self.next_rtx_sequence,
        }
    }

    /// Where a packet of the slot came from: which segment made its number, and of which stream.
    pub fn maker_of(&self, sequence: u64) -> Option<(Segment, Source)> {
        self.tail.filter(|tail| sequence <= tail.sequence)?;
        let current = self.segment.zip(self.source);
        let made_it = |(segment, _): &(Segment, Source)| segment.in_sequence(sequence).is_some();
        current.filter(made_it).or(self.past.filter(made_it))
    }

    /// Notes that a packet left; the tail moves only forward.
    pub fn sent(&mut self, tail: Tail, octets: usize, bytes: usize, now: Time) {
        self.rate.add(bytes, now);
        self.credit.earn(bytes);
        self.counts.packets += 1;
        self.counts.bytes += bytes as u64;
        self.counts.octets = self.counts.octets.wrapping_add(octets as u32);
        let known = self.tail.and_then(|known| known.picture);
        if self.tail.is_none_or(|known| tail.sequence > known.sequence) {
            self.tail = Some(Tail {
                picture: tail.picture.or(known),
                ..tail
            });
        }
    }

    pub fn stats(&self, peer: PeerId, track: Option<&Track>) -> SlotStats {
        SlotStats {
            slot: self.id,
            peer,
            track: track.map(|track| track.id),
            rid: track.and_then(|track| self.shown(track)?.rid.clone()),
            packets: self.counts.packets,
            bytes: self.counts.bytes,
            repairs: self.counts.repairs + self.counts.repairs_again,
            redundant: self.counts.redundant,
            nacks_received: self.counts.nacks_received,
            keyframe_requests_received: self.counts.keyframe_requests_received,
            fraction_lost: f64::from(self.counts.fraction_lost) / 256.0,
            dropped: self.drops.clone(),
        }
    }

    fn begin_with_group(&mut self, track: &Track, layer: usize, now: Time) -> bool {
        let Some(source) = track.layers.get(layer) else {
            return false;
        };
        let Some(start) = source.group.usable(now) else {
            return false;
        };
        let first = (start..start + MAX_LEADING_LOSS).find_map(|sequence| source.history.get(sequence));
        let fits = |packet: &Packet<'_>| packet.starts && self.payload_types.get(packet.codec).is_some();
        let (Some(first), Some(edge)) = (first.filter(fits), source.edge) else {
            return false;
        };
        self.open_segment(track, layer, start, &first, edge);
        self.phase = Phase::CatchingUp {
            cursor: start,
            next: Time::ZERO,
        };
        true
    }

    /// Ends the segment, if anything left by it.
    fn part(&mut self) {
        let ended = self.segment.take().zip(self.source.take());
        let shown = |(segment, _): &(Segment, Source)| {
            self.tail.is_some_and(|tail| tail.sequence >= segment.out_first)
        };
        self.past = ended.filter(shown).or(self.past);
    }

    fn open_segment(&mut self, track: &Track, layer: usize, start: u64, first: &Packet<'_>, edge: Edge) {
        let clock_rate = track.codecs[first.codec as usize].codec.clock_rate;
        let at_once = self.same_moment(track, layer, first.timestamp, clock_rate);
        self.part();
        self.source = self.track.map(|index| Source {
            track: index,
            id: track.id,
            layer,
            epoch: track.layers[layer].epoch,
        });
        let start = Start {
            sequence: start,
            packet: first,
            codec: form_of(track, first),
        };
        self.segment = Some(match (&self.tail, at_once) {
            (Some(tail), Some(timestamp)) => Segment::aligned(tail, &start, timestamp, clock_rate),
            (Some(tail), None) => Segment::after(tail, &start, edge, clock_rate),
            (None, _) => Segment::first(&start, self.origin.sequence, self.origin.timestamp),
        });
    }

    /// The timestamp that another layer's moment has in the slot now, by both layers' sender reports.
    fn same_moment(&self, track: &Track, layer: usize, timestamp: u32, clock_rate: u32) -> Option<u32> {
        let (segment, source) = self.segment.zip(self.source)?;
        let before = self
            .shown(track)
            .filter(|_| source.id == track.id && source.layer != layer)?;
        let (new_ntp, new_timestamp) = track.layers[layer].sender_report?;
        let (ntp, known) = before.sender_report?;
        if before.clock_rate != clock_rate {
            return None;
        }
        let between = (new_ntp.as_nanos() as i64).wrapping_sub(ntp.as_nanos() as i64);
        let since_report = timestamp.wrapping_sub(new_timestamp);
        let theirs = known
            .wrapping_add(units(between, clock_rate) as u32)
            .wrapping_add(since_report);
        Some(segment.clock(theirs))
    }
}

/// Room for four seconds of sound with its copies, or of a small picture.
fn sealed(order: &AddSlot) -> Option<Sealed> {
    let wanted = order.rtx_ssrc.is_none() && order.codecs.iter().any(|codec| codec.nack);
    wanted.then(|| match order.kind {
        Kind::Audio => Sealed::new(256, 128 << 10),
        Kind::Video => Sealed::new(512, 640 << 10),
    })
}

/// How a packet's payload is read.
pub fn form_of(track: &Track, packet: &Packet<'_>) -> codec::Codec {
    track.codecs[packet.codec as usize].form()
}

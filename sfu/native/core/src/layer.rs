//! One encoding of a track: its packets, what is missing of them, and where its last keyframe began.
use crate::clock::ClockNews;
use crate::command::Kind;
use crate::counters::Reason;
use crate::history::{History, Limits, Stored};
use crate::keyframe::{Group, Requests};
use crate::missing::{Arrival, Missing};
use crate::packet::Packet;
use crate::rate::Rate;
use crate::reception::Reception;
use crate::redundancy;
use crate::rtcp::Ntp;
use crate::rtp::Unwrapper;
use crate::segment::Edge;
use crate::time::Time;
use crate::track::STALL;
use std::time::Duration;

/// What a repair may bring ahead of all that came itself: the end of a burst.
const MAX_REPAIR_LEAD: u64 = 1024;
/// Header, extensions, tag, UDP and IP.
const OVERHEAD: usize = 60;

/// A packet as it came from the publisher, unlocked and taken apart.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub level: Option<u8>,
    pub payload: &'a [u8],
    /// It came in the repair stream.
    pub is_repair: bool,
    /// It came inside a later packet (RFC 2198).
    pub is_copy: bool,
    /// Whose media it is, if its sender says so (`AddTrack::mark`); else 0.
    pub mark: u32,
}

/// What the track knows that a layer needs to take in a packet.
#[derive(Clone, Copy)]
pub struct Intake {
    pub codec: u8,
    pub clock_rate: u32,
    pub asks_for_repair: bool,
    pub starts: bool,
    /// The track is open: what comes may be seen later.
    pub keeps_group: bool,
    /// Of a keyframe that says how high it is.
    pub lines: Option<u16>,
}

/// A new packet and what its arrival meant.
pub struct Taken<'a> {
    pub packet: Packet<'a>,
    pub begins_keyframe: bool,
    pub filled_gap: bool,
    /// Since it was first asked for.
    pub answered_after: Option<Duration>,
}

pub struct Layer {
    pub rid: Option<String>,
    pub ssrc: Option<u32>,
    pub rtx_ssrc: Option<u32>,
    pub history: History,
    pub missing: Missing,
    pub reception: Reception,
    pub requests: Requests,
    pub group: Group,
    /// The last sender report: wall clock and RTP timestamp of one instant.
    pub sender_report: Option<(Ntp, u32)>,
    /// Of the packet with the highest number.
    pub edge: Option<Edge>,
    /// Packets before this were sent while the track was closed.
    pub barrier: u64,
    pub last_packet: Time,
    /// The publisher said goodbye; a packet newer than all revives it.
    pub ended: bool,
    /// Bytes since the layers were last compared.
    pub recent_bytes: u64,
    /// As it leaves to a viewer.
    pub rate: Rate,
    /// How high its pictures are, if its codec says so; else 0.
    pub lines: u16,
    pub fir_sequence: u8,
    pub clock_rate: u32,
    /// Changes with each new stream in this place.
    pub epoch: u32,
    kind: Kind,
    unwrapper: Unwrapper,
}

impl Layer {
    pub fn new(kind: Kind, rid: Option<String>) -> Layer {
        Layer {
            rid,
            ssrc: None,
            rtx_ssrc: None,
            history: History::new(Limits::of(kind)),
            missing: Missing::new(kind),
            reception: Reception::default(),
            requests: Requests::default(),
            group: Group::default(),
            sender_report: None,
            edge: None,
            barrier: 0,
            last_packet: Time::ZERO,
            ended: false,
            recent_bytes: 0,
            rate: Rate::default(),
            lines: 0,
            fir_sequence: 0,
            clock_rate: 0,
            epoch: 0,
            kind,
            unwrapper: Unwrapper::new(),
        }
    }

    /// Starts over for a publisher that began a new stream under another SSRC. Repairs of the stream before carry its
    /// numbers, so the repair stream has to be learned anew too.
    pub fn restart(&mut self, ssrc: Option<u32>) {
        let (rid, fir_sequence) = (self.rid.take(), self.fir_sequence);
        *self = Layer {
            ssrc,
            fir_sequence,
            epoch: self.epoch + 1,
            ..Layer::new(self.kind, rid)
        };
    }

    /// By how many nanoseconds the sender's clock went further than the stream, from the last report to this one.
    pub fn clock_ahead(&self, ntp: Ntp, timestamp: u32) -> i64 {
        self.sender_report.map_or(0, |(before, reported)| {
            let stream = i64::from(timestamp.wrapping_sub(reported) as i32) * 1_000_000_000;
            ntp.since(before) - stream / i64::from(self.clock_rate.max(1))
        })
    }

    /// The sender's clock was set: what it reported before is put as the clock would have shown it, or forgotten.
    pub fn clock_set(&mut self, news: ClockNews) {
        self.sender_report = match news {
            ClockNews::SetAnew => None,
            ClockNews::SetBy(nanos) => self.sender_report.map(|(ntp, at)| (ntp.later(nanos), at)),
            ClockNews::GoesOn => self.sender_report,
        };
    }

    /// Whether packets of it come.
    pub fn sends(&self, now: Time) -> bool {
        self.edge.is_some() && !self.ended && now < self.last_packet + STALL
    }

    /// Whether an SSRC is, of those it has had, the one it has now.
    pub fn has_now(&self, ssrc: u32, is_repair: bool) -> bool {
        let now = if is_repair { self.rtx_ssrc } else { self.ssrc };
        now == Some(ssrc)
    }

    /// Takes in a packet unless it is known already.
    pub fn take<'a>(
        &mut self,
        incoming: &Incoming<'a>,
        intake: Intake,
        now: Time,
    ) -> Result<Taken<'a>, Reason> {
        if (incoming.is_repair || incoming.is_copy) && self.is_wild(incoming.sequence) {
            return Err(Reason::WildSequence);
        }
        let packet = self.number(incoming, intake, now);
        match self.history.store(&packet) {
            Stored::New => {}
            Stored::Duplicate => return Err(Reason::Duplicate),
            Stored::TooOld => return Err(Reason::TooOld),
            Stored::TooLarge => return Err(Reason::TooLarge),
        }
        self.last_packet = now;
        self.recent_bytes += packet.payload.len() as u64;
        self.rate.add(packet.payload.len() + OVERHEAD, now);
        self.lines = intake.lines.unwrap_or(self.lines);
        self.clock_rate = intake.clock_rate;
        if incoming.is_copy {
            self.reception.copy();
        } else {
            self.reception.packet(
                packet.sequence,
                packet.timestamp,
                now,
                intake.clock_rate,
                incoming.is_repair,
            );
        }
        let begins_keyframe = self.group(&packet, intake);
        let arrival = if intake.asks_for_repair {
            self.missed(&packet, now)
        } else {
            Arrival::InOrder
        };
        if packet.sequence == self.history.highest() {
            self.ended = false;
            self.edge = Some(Edge {
                timestamp: packet.timestamp,
                arrival: now,
            });
        }
        Ok(Taken {
            packet,
            begins_keyframe,
            filled_gap: matches!(arrival, Arrival::Filled(_)),
            answered_after: match arrival {
                // Without a repair stream an overtaken original looks like an answer.
                Arrival::Filled(after) if incoming.is_repair => after,
                _ => None,
            },
        })
    }

    /// The number of a copy that came in a packet of this number and timestamp, unless it is known already.
    pub fn number_of_copy(&self, sequence: u16, timestamp: u32, offset: u32) -> Option<u16> {
        self.unwrapper.highest().filter(|_| offset > 0)?;
        let newest = (self.unwrapper.peek(sequence), timestamp);
        let known = |sequence| Some(self.history.get(sequence)?.timestamp);
        let number = redundancy::number_of(timestamp.wrapping_sub(offset), newest, known)?;
        Some(number as u16)
    }

    /// What was sent until now must not be seen by anybody who comes later.
    pub fn bar(&mut self) {
        self.group.forget();
        self.barrier = self.history.highest() + 1;
    }

    /// A repair's number is not part of what SRTP checks, and one far ahead would make all that follows too old.
    fn is_wild(&self, repaired: u16) -> bool {
        let highest = self.unwrapper.highest().unwrap_or(u64::MAX);
        self.unwrapper.peek(repaired) > highest.saturating_add(MAX_REPAIR_LEAD)
    }

    fn number<'a>(&mut self, incoming: &Incoming<'a>, intake: Intake, now: Time) -> Packet<'a> {
        Packet {
            sequence: self.unwrapper.unwrap(incoming.sequence),
            timestamp: incoming.timestamp,
            arrival: now,
            marker: incoming.marker,
            codec: intake.codec,
            level: incoming.level,
            starts: intake.starts,
            mark: incoming.mark,
            payload: incoming.payload,
        }
    }

    fn group(&mut self, packet: &Packet<'_>, intake: Intake) -> bool {
        let counts = intake.keeps_group && packet.sequence >= self.barrier;
        let held_from = |sequence| self.history.held_from(sequence);
        let begins = counts && self.kind == Kind::Video && self.group.packet(packet, held_from);
        if begins {
            self.requests.satisfied();
        }
        begins
    }

    fn missed(&mut self, packet: &Packet<'_>, now: Time) -> Arrival {
        let arrival = self.missing.arrived(packet.sequence, now);
        if arrival == Arrival::Torn && self.kind == Kind::Video {
            self.requests.want();
        }
        arrival
    }
}

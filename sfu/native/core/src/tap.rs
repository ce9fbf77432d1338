//! A track read as whole frames: in order, repaired as far as a window of time allows, losses written down.
mod assembly;

use crate::clock::PeerClock;
use crate::command::{AddTap, H264Form, Kind};
use crate::frame::{Frame, Frames};
use crate::handle::TapId;
use crate::layer::Layer;
use crate::packet::Packet;
use crate::rtp::TimestampUnwrapper;
use crate::time::Time;
use crate::track::Track;
use assembly::Assembly;
use std::time::Duration;

/// Where nobody is asked for repairs, only packets that overtook each other are waited for.
const REORDERING: Duration = Duration::from_millis(100);

/// What a tap needs to know of the publisher besides the track.
pub struct View<'a> {
    pub track: &'a Track,
    pub clock: &'a PeerClock,
    pub now: Time,
}

pub struct Tap {
    pub id: TapId,
    pub track: usize,
    window: Duration,
    while_closed: bool,
    form: H264Form,
    wish: Option<String>,
    /// The layer that the wish names, while it sends.
    layer: Option<usize>,
    /// The stream that is read, and the next packet of it; none while a beginning is waited for.
    reading: Option<Reading>,
    lost_packets: u64,
    /// Frames were lost since the last one that was handed on.
    is_torn: bool,
    last: Option<Last>,
    deadline: Time,
}

struct Reading {
    layer: usize,
    ssrc: u32,
    cursor: u64,
    timestamps: TimestampUnwrapper,
    assembly: Assembly,
}

/// The frame handed on last.
#[derive(Clone, Copy)]
struct Last {
    ssrc: u32,
    mark: u32,
    timestamp: u64,
    arrived: Time,
}

impl Tap {
    pub fn new(order: &AddTap, track: usize) -> Tap {
        Tap {
            id: order.tap,
            track,
            window: order.window,
            while_closed: order.while_closed,
            form: order.form,
            wish: order.rid.clone(),
            layer: None,
            reading: None,
            lost_packets: 0,
            is_torn: false,
            last: None,
            deadline: Time::NEVER,
        }
    }

    /// Looks whether the layer that is wanted sends.
    pub fn aim(&mut self, track: &Track, now: Time) {
        self.layer = self.wish.as_deref().and_then(|rid| track.layer_named(rid, now));
    }

    pub fn target(&self, track: &Track) -> usize {
        self.layer.unwrap_or(track.forwarded)
    }

    /// Of which layer it needs a keyframe, when it needs one: without a wish of the one that all others wait for.
    pub fn asks_of(&self, track: &Track) -> usize {
        self.layer.or(track.next).unwrap_or(track.forwarded)
    }

    /// When it stops waiting for what is missing.
    pub fn deadline(&self) -> Time {
        self.deadline
    }

    /// Begins with the kept group, or returns that a keyframe must be asked for.
    pub fn begin(&mut self, view: &View<'_>, frames: &mut Frames) -> bool {
        let source = view.track.layers.get(self.target(view.track));
        let Some(source) = source.filter(|_| self.may_read(view.track)) else {
            return false;
        };
        match source.group.usable(view.now) {
            Some(start) => {
                self.read_from(view.track, start);
                self.advance(view, frames)
            }
            None => view.track.kind == Kind::Video,
        }
    }

    /// Takes note of a packet that came, and hands on what is complete; returns whether a keyframe is needed.
    pub fn packet(
        &mut self,
        layer: usize,
        packet: &Packet<'_>,
        view: &View<'_>,
        frames: &mut Frames,
    ) -> bool {
        if !self.may_read(view.track) {
            self.reading = None;
            self.deadline = Time::NEVER;
            return false;
        }
        let follows = self.reading.as_ref().is_some_and(|reading| {
            reading.layer == layer && view.track.layers[layer].ssrc == Some(reading.ssrc)
        });
        let begins = packet.starts || view.track.kind == Kind::Audio;
        if !follows && begins && layer == self.target(view.track) {
            self.leave(view, frames);
            let start = view.track.layers[layer].group.start_of(packet);
            self.read_from(view.track, if packet.starts { start } else { packet.sequence });
        }
        self.advance(view, frames)
    }

    /// Hands on what is complete and gives up what was waited for long enough; whether a keyframe is needed.
    pub fn advance(&mut self, view: &View<'_>, frames: &mut Frames) -> bool {
        self.deadline = Time::NEVER;
        let Some(reading) = &self.reading else {
            return false;
        };
        let Some(layer) = view
            .track
            .layers
            .get(reading.layer)
            .filter(|layer| layer.ssrc == Some(reading.ssrc))
        else {
            self.reading = None;
            return false;
        };
        let window = if view.track.codec().nack {
            self.window
        } else {
            REORDERING.min(self.window)
        };
        self.read(layer, Some(window), view, frames)
    }

    fn may_read(&self, track: &Track) -> bool {
        track.open || self.while_closed
    }

    fn read_from(&mut self, track: &Track, cursor: u64) {
        let index = self.target(track);
        let named = track
            .layers
            .get(index)
            .and_then(|layer| Some((layer, layer.ssrc?)));
        let Some((layer, ssrc)) = named else { return };
        self.reading = Some(Reading {
            layer: index,
            ssrc,
            cursor: cursor.max(if self.while_closed { 0 } else { layer.barrier }),
            timestamps: TimestampUnwrapper::new(),
            assembly: Assembly::new(self.form, track.kind == Kind::Video),
        });
    }

    /// Hands on what there is of a stream that is left for another.
    pub fn leave(&mut self, view: &View<'_>, frames: &mut Frames) {
        let Some(reading) = &self.reading else { return };
        let layer = view.track.layers.get(reading.layer);
        if let Some(layer) = layer.filter(|layer| layer.ssrc == Some(reading.ssrc)) {
            self.read(layer, None, view, frames);
        }
        self.reading = None;
    }

    /// Without a window nothing is waited for.
    fn read(
        &mut self,
        layer: &Layer,
        window: Option<Duration>,
        view: &View<'_>,
        frames: &mut Frames,
    ) -> bool {
        let mut needs_keyframe = false;
        while let Some(cursor) = self.reading.as_ref().map(|reading| reading.cursor) {
            let highest = layer.history.highest();
            if cursor > highest {
                break;
            }
            let Some(packet) = layer.history.get(cursor) else {
                let next = (cursor + 1..=highest).find_map(|sequence| layer.history.get(sequence));
                let until = next.zip(window).map(|(next, window)| next.arrival + window);
                if until.is_some_and(|until| view.now < until) {
                    self.deadline = until.unwrap_or(Time::NEVER);
                    break;
                }
                needs_keyframe |= self.lose(cursor, next.map_or(highest + 1, |next| next.sequence));
                continue;
            };
            needs_keyframe |= self.take(&packet, layer, view, frames);
        }
        needs_keyframe
    }

    /// Gives up the packets before `next`; whether a keyframe is needed now.
    fn lose(&mut self, cursor: u64, next: u64) -> bool {
        if self.last.is_some() {
            self.lost_packets += next - cursor;
            self.is_torn = true;
        }
        let Some(reading) = &mut self.reading else {
            return false;
        };
        reading.cursor = next;
        reading.assembly.tear()
    }

    fn take(&mut self, packet: &Packet<'_>, layer: &Layer, view: &View<'_>, frames: &mut Frames) -> bool {
        let codec = view.track.codecs[packet.codec as usize].form();
        let mut needs_keyframe = false;
        // A frame without a marker ends where the next begins.
        let ends_before = self
            .reading
            .as_ref()
            .is_some_and(|reading| reading.assembly.is_of_another(packet.timestamp));
        if ends_before {
            needs_keyframe |= self.finish(layer, view, frames);
        }
        let Some(reading) = &mut self.reading else {
            return needs_keyframe;
        };
        reading.cursor += 1;
        reading.assembly.push(codec, packet);
        if packet.marker || view.track.kind == Kind::Audio {
            needs_keyframe |= self.finish(layer, view, frames);
        }
        needs_keyframe
    }

    fn finish(&mut self, layer: &Layer, view: &View<'_>, frames: &mut Frames) -> bool {
        let Some(reading) = &mut self.reading else {
            return false;
        };
        let packets = reading.assembly.packets();
        let done = match reading.assembly.finish() {
            Ok(done) => done,
            Err(unusable) => {
                // Before the first frame nothing is missed.
                self.is_torn |= packets > 0 && self.last.is_some();
                self.lost_packets += if self.last.is_some() { packets } else { 0 };
                return unusable.asks;
            }
        };
        let timestamp = reading.timestamps.unwrap(done.timestamp);
        if !frames.has_room(done.data.len()) {
            self.lost_packets += packets;
            self.is_torn = true;
            return reading.assembly.wait_for_keyframe();
        }
        if self.last.is_some_and(|last| last.mark != done.mark) {
            // What is missing before another's first frame is not known to be its own.
            (self.lost_packets, self.is_torn) = (0, false);
        }
        let lost = match self.last {
            Some(last) if self.is_torn => lost_since(&last, reading.ssrc, timestamp, done.arrived, layer),
            _ => Duration::ZERO,
        };
        self.last = Some(Last {
            ssrc: reading.ssrc,
            mark: done.mark,
            timestamp,
            arrived: done.arrived,
        });
        frames.push(Frame {
            tap: self.id,
            codec: done.codec,
            rid: layer.rid.clone(),
            mark: Some(done.mark).filter(|&mark| mark != 0),
            ssrc: reading.ssrc,
            timestamp,
            captured: captured(layer, view, done.timestamp),
            arrived: done.arrived,
            is_keyframe: done.is_keyframe,
            lost_packets: std::mem::take(&mut self.lost_packets),
            lost,
            data: done.data,
        });
        self.is_torn = false;
        false
    }
}

fn lost_since(last: &Last, ssrc: u32, timestamp: u64, arrived: Time, layer: &Layer) -> Duration {
    if last.ssrc != ssrc {
        return arrived.since(last.arrived);
    }
    let units = u128::from(timestamp.saturating_sub(last.timestamp));
    Duration::from_nanos((units * 1_000_000_000 / u128::from(layer.clock_rate.max(1))) as u64)
}

/// Node time at which a timestamp was taken: by the last sender report, through the publisher's clock.
fn captured(layer: &Layer, view: &View<'_>, timestamp: u32) -> Option<Time> {
    let (ntp, reported) = layer.sender_report?;
    let age = view.clock.elapsed_since(ntp, view.now)?;
    let after = i128::from(timestamp.wrapping_sub(reported) as i32) * 1_000_000_000;
    let after = (after / i128::from(layer.clock_rate.max(1))) as i64;
    let node = (view.now.as_nanos() as i64).wrapping_sub(age).wrapping_add(after);
    Some(Time::from_nanos(u64::try_from(node).ok()?))
}

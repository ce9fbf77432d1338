//! Tracks whose frames come from the caller: packetised, numbered and kept as if a publisher had sent them.
use super::Router;
use crate::codec;
use crate::command::{AddFeed, AddTrack, Fed, FeedError, Kind};
use crate::event::Event;
use crate::layer::{Incoming, Layer};
use crate::packetise::{can_packetise, packetise, Payloads, MAX_PAYLOAD};
use crate::slot::Phase;
use crate::time::Time;
use crate::track::{Feed, FED_PAYLOAD_TYPE};
use std::time::Duration;

/// The longest frame: it has to fit into what is kept of a track.
pub const MAX_FRAME: usize = 1 << 20;

impl Router {
    pub fn add_feed(&mut self, order: &AddFeed) {
        let mut codec = order.codec.clone();
        // No packet of the connection may be taken for one of the feed's.
        (codec.payload_type, codec.rtx_payload_type, codec.nack) = (FED_PAYLOAD_TYPE, None, false);
        self.add_track(&AddTrack {
            track: order.track,
            peer: order.peer,
            kind: order.kind,
            mid: order.mid(),
            codecs: vec![codec],
            encodings: Vec::new(),
            open: true,
            mark: 0,
        });
        if let Some(index) = self.tracks.index_of(order.track) {
            let track = &mut self.tracks[index];
            track.layers.push(Layer::new(order.kind, None));
            track.feed = Some(Feed::new(self.chance.sequence()));
        }
    }

    /// Takes frames of any feeds, all or none.
    pub fn feed(&mut self, frames: &[Fed], now: Time) -> Result<(), FeedError> {
        for (index, frame) in frames.iter().enumerate() {
            self.check_frame(frame)
                .map_err(|sentence| FeedError { index, sentence })?;
        }
        for frame in frames {
            let Some(track) = self.tracks.index_of(frame.track) else {
                continue;
            };
            let owner = self.tracks[track].peer;
            self.contain(owner, now, |router| router.feed_one(track, frame, now));
        }
        Ok(())
    }

    fn check_frame(&self, frame: &Fed) -> Result<(), String> {
        let id = frame.track.0;
        let track = self.tracks.index_of(frame.track).map(|index| &self.tracks[index]);
        let track = track.filter(|track| track.feed.is_some());
        let track = track.ok_or(format!("there is no feed {id}"))?;
        let most = if track.kind == Kind::Audio {
            MAX_PAYLOAD
        } else {
            MAX_FRAME
        };
        if frame.data.is_empty() || frame.data.len() > most {
            return Err(format!("a frame of feed {id} does not have 1 to {most} bytes"));
        }
        let name = &track.codecs[0].codec.name;
        if codec::Codec::from_name(name) == codec::Codec::H264 && !frame.data.starts_with(&[0, 0]) {
            return Err(format!(
                "a frame of feed {id} does not begin with a start code (Annex B)"
            ));
        }
        Ok(())
    }

    fn feed_one(&mut self, index: usize, frame: &Fed, now: Time) {
        let track = &mut self.tracks[index];
        let form = track.codecs[0].form();
        let Some(mut feed) = track.feed.take() else { return };
        let mut payloads = std::mem::take(&mut feed.payloads);
        feed.begin_frame(frame.captured.unwrap_or(now), frame.timestamp);
        packetise(form, &frame.data, feed.picture_id, &mut payloads);
        let first = feed.numbers(payloads.iter().len());
        track.feed = Some(feed);
        self.take_in_frame(index, frame, first, &payloads, now);
        if let Some(feed) = &mut self.tracks[index].feed {
            feed.payloads = payloads;
        }
    }

    fn take_in_frame(&mut self, index: usize, frame: &Fed, first: u16, payloads: &Payloads, now: Time) {
        let is_sound = self.tracks[index].kind == Kind::Audio;
        let begins_at = self.tracks[index].layers[0].history.highest() + 1;
        let count = payloads.iter().len();
        for (at, payload) in payloads.iter().enumerate() {
            let incoming = Incoming {
                sequence: first.wrapping_add(at as u16),
                timestamp: frame.timestamp,
                marker: !is_sound && at + 1 == count,
                level: None,
                payload,
                is_repair: false,
                is_copy: false,
                mark: 0,
            };
            let accepted = self.tracks[index].receive(0, FED_PAYLOAD_TYPE, &incoming, now);
            let Ok(accepted) = accepted else { continue };
            let packet = accepted.taken.packet;
            if is_sound {
                self.fan_out(index, 0, &packet, now);
            }
        }
        if !is_sound {
            self.hand_to_slots(index, begins_at, now);
        }
        self.tracks[index].layers[0].history.grow();
        let (owner, track) = (self.tracks[index].peer, &self.tracks[index]);
        self.agenda.no_later_than(owner, track.deadline(Duration::ZERO));
        self.look_at_flow(now);
    }

    /// A picture leaves in short bursts, as a kept group does: at once it would be too much for a home router.
    fn hand_to_slots(&mut self, track: usize, cursor: u64, now: Time) {
        for place in 0..self.tracks[track].slots.len() {
            let index = self.tracks[track].slots[place];
            let slot = &mut self.slots[index];
            match slot.phase {
                Phase::Live if slot.shows(&self.tracks[track], 0) => {
                    slot.phase = Phase::CatchingUp { cursor, next: now };
                }
                Phase::Waiting => {
                    self.begin_slot(index, now);
                    continue;
                }
                _ => {}
            }
            let (owner, more) = (slot.peer, self.catch_up(index, now));
            self.agenda.no_later_than(owner, more);
        }
    }

    /// Whoever feeds a track makes its keyframes.
    pub(super) fn ask_feeder(&mut self, index: usize, now: Time) {
        let track = &mut self.tracks[index];
        if track.layers[0].requests.take_due(now, Duration::ZERO) {
            self.events.push(Event::KeyframeWanted { track: track.id });
        }
    }
}

/// Whether frames of this order can be sent.
pub fn can_feed(order: &AddFeed) -> bool {
    can_packetise(
        codec::Codec::from_name(&order.codec.name),
        order.kind == Kind::Video,
    )
}

//! Tracks read as whole frames: when their taps look, and who asks for the keyframe that a loss makes needed.
use super::Router;
use crate::command::AddTap;
use crate::frame::Frames;
use crate::handle::TapId;
use crate::packet::Packet;
use crate::peer::Peer;
use crate::tap::{Tap, View};
use crate::time::Time;
use crate::track::{Track, MAX_LAYERS};

impl Router {
    pub fn add_tap(&mut self, order: &AddTap, now: Time) {
        let Some(track) = self.tracks.index_of(order.track) else {
            return;
        };
        let tap = self.taps.insert(order.tap, Tap::new(order, track));
        self.tracks[track].taps.push(tap);
        self.aim(track, now);
        let owner = self.tracks[track].peer;
        self.contain(owner, now, |router| {
            router.each_tap(track, now, |tap, view, frames| {
                tap.id == order.tap && tap.begin(view, frames)
            });
        });
    }

    pub fn request_tap_keyframe(&mut self, tap: TapId, now: Time) {
        let Some(index) = self.taps.index_of(tap) else {
            return;
        };
        let track = self.taps[index].track;
        let layer = self.taps[index].target(&self.tracks[track]);
        self.want_keyframe_of(track, Some(layer), now);
    }

    pub fn remove_tap(&mut self, tap: TapId) {
        let Some((index, tap)) = self.taps.remove(tap) else {
            return;
        };
        if let Some(track) = self.tracks.get_mut(tap.track) {
            track.taps.retain(|&known| known != index);
        }
    }

    /// The taps of a track end with it, after what there is of it was handed on.
    pub(super) fn end_taps(&mut self, track: &Track, now: Time) {
        for &index in &track.taps {
            let id = self.taps[index].id;
            let Some((_, mut tap)) = self.taps.remove(id) else {
                continue;
            };
            if let Some(peer) = self.peers.get(track.peer) {
                tap.leave(&view(track, peer, now), &mut self.frames);
            }
        }
    }

    pub(super) fn tap_packet(&mut self, track: usize, layer: usize, packet: &Packet<'_>, now: Time) {
        if !self.tracks[track].taps.is_empty() {
            self.each_tap(track, now, |tap, view, frames| {
                tap.packet(layer, packet, view, frames)
            });
        }
    }

    /// Gives up what was waited for long enough.
    pub(super) fn look_at_taps(&mut self, track: usize, now: Time) {
        self.each_tap(track, now, |tap, view, frames| {
            tap.deadline() <= now && tap.advance(view, frames)
        });
    }

    fn each_tap(
        &mut self,
        index: usize,
        now: Time,
        mut look: impl FnMut(&mut Tap, &View<'_>, &mut Frames) -> bool,
    ) {
        let track = &self.tracks[index];
        let owner = track.peer;
        let view = view(track, &self.peers[owner], now);
        let (mut asked, mut next) = (0u8, Time::NEVER);
        for &tap in &track.taps {
            let tap = &mut self.taps[tap];
            if look(tap, &view, &mut self.frames) {
                asked |= 1 << tap.asks_of(track);
            }
            next = next.min(tap.deadline());
        }
        self.agenda.no_later_than(owner, next);
        for layer in (0..MAX_LAYERS).filter(|layer| asked & 1 << layer != 0) {
            self.want_keyframe_of(index, Some(layer), now);
        }
    }
}

fn view<'a>(track: &'a Track, peer: &'a Peer, now: Time) -> View<'a> {
    View {
        track,
        clock: &peer.clock,
        now,
    }
}

//! Who lives and who ends with whom: a peer takes its tracks and slots along; a track leaves its slots empty.
//! An order for a peer that broke earlier in the same batch finds it gone and does nothing.
use super::Router;
use crate::chance::Chance;
use crate::command::{AddPeer, AddSlot, AddTrack, Kind};
use crate::dtls::Dtls;
use crate::event::{CloseReason, Event};
use crate::handle::{PeerId, SlotId, TrackId};
use crate::peer::{Peer, Step};
use crate::sending::Sending;
use crate::slot::{Origin, Slot};
use crate::time::Time;
use crate::track::Track;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Extended sequence numbers begin here, so that what precedes the first stays positive.
const FIRST_CYCLE: u64 = 65_536;

impl Router {
    pub fn add_peer(&mut self, order: AddPeer, dtls: Box<dyn Dtls>, now: Time) {
        let index = self.peers.next_index();
        self.by_ufrag
            .insert(order.local_ufrag.clone().into_bytes(), index);
        let dial = (!order.candidates.is_empty()).then(|| self.dial(&order, now));
        let mut peer = Peer::new(order, index, dtls, self.chance.word(), now);
        if dial.is_some() {
            (peer.dial, peer.ice) = (dial, peer.ice.controlling());
        }
        self.peers.insert(peer.id, peer);
        self.plan(index);
    }

    pub fn add_track(&mut self, order: &AddTrack) {
        let Some(owner) = self.peers.index_of(order.peer) else {
            return;
        };
        let index = self.tracks.insert(order.track, Track::new(order, owner));
        let peer = &mut self.peers[owner];
        for &other in &peer.tracks {
            let layers = &order.encodings;
            layers.iter().for_each(|layer| self.tracks[other].disown(layer));
        }
        peer.tracks.push(index);
        peer.sources.declare(index, &self.tracks[index]);
    }

    pub fn add_slot(&mut self, order: &AddSlot, now: Time) {
        let Some(owner) = self.peers.index_of(order.peer) else {
            return;
        };
        let peer = &mut self.peers[owner];
        let origin = peer.origin_of(order, fresh_origin(&mut self.chance));
        let sending = peer
            .link
            .sending
            .get_or_insert_with(|| Box::new(Sending::new(now)));
        if order.numbered && peer.ids.transport_cc != 0 {
            sending.number_packets();
        }
        let index = self.slots.insert(order.slot, Slot::new(order, owner, origin));
        peer.slots.push(index);
        self.open_streams(index);
    }

    /// Gives a slot its place under the connection's key, once there is one.
    pub(super) fn open_streams(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        let Some(srtp) = &mut self.peers[slot.peer].link.srtp else {
            return;
        };
        slot.stream = srtp.add_stream(slot.ssrc).ok();
        slot.rtx_stream = slot.rtx_ssrc.and_then(|ssrc| srtp.add_stream(ssrc).ok());
    }

    pub fn bind(&mut self, slot: SlotId, track: Option<TrackId>, now: Time) {
        let Some(index) = self.slots.index_of(slot) else {
            return;
        };
        let track = track.and_then(|track| self.tracks.index_of(track));
        if self.slots[index].track == track {
            return;
        }
        self.leave_track(index);
        self.look_at_flow(now);
        if let Some(track) = track {
            self.slots[index].bind(track, &self.tracks[track]);
            self.tracks[track].slots.push(index);
            // Where the line is known, a picture begins when it is decided what fits.
            let waits = self.slots[index].kind == Kind::Video && self.reconsider(index, now);
            if !waits {
                self.aim(track, now);
                self.begin_contained(index, now);
            }
        }
    }

    /// The same on somebody else's order: what breaks is the viewer's.
    fn begin_contained(&mut self, index: usize, now: Time) {
        let owner = self.slots[index].peer;
        self.contain(owner, now, |router| router.begin_slot(index, now));
    }

    /// Starts showing what the slot is bound to, if its connection is ready.
    pub(super) fn begin_slot(&mut self, index: usize, now: Time) {
        let slot = &mut self.slots[index];
        let Some(track) = slot.track.filter(|_| slot.stream.is_some()) else {
            return;
        };
        if slot.begin(&self.tracks[track], now) {
            let wanted = slot.target;
            self.want_keyframe_of(track, wanted, now);
        }
        let peer = self.slots[index].peer;
        if self.slots[index].phase.shows() {
            self.peers[peer].next_report = now;
            self.agenda.no_later_than(peer, now);
        }
        let more = self.catch_up(index, now);
        self.agenda.no_later_than(peer, more);
        self.look_at_flow(now);
    }

    pub fn open_track(&mut self, track: TrackId, open: bool, now: Time) {
        let known = self
            .tracks
            .index_of(track)
            .filter(|&index| self.tracks[index].open != open);
        let Some(index) = known else { return };
        self.tracks[index].set_open(open);
        for slot in self.tracks[index].slots.clone() {
            self.slots[slot].stop();
            self.begin_contained(slot, now);
        }
    }

    pub fn request_keyframe(&mut self, track: TrackId, now: Time) {
        if let Some(index) = self.tracks.index_of(track) {
            self.want_keyframe(index, now);
        }
    }

    pub(super) fn want_keyframe(&mut self, index: usize, now: Time) {
        self.want_keyframe_of(index, None, now);
    }

    /// Of one layer, or of the one that slots get without a wish.
    pub(super) fn want_keyframe_of(&mut self, index: usize, layer: Option<usize>, now: Time) {
        let track = &mut self.tracks[index];
        if track.open || !track.taps.is_empty() {
            match layer {
                Some(layer) => track.want_keyframe_of(layer),
                None => track.want_keyframe(),
            }
        }
        if track.feed.is_some() {
            return self.ask_feeder(index, now);
        }
        let due = track.deadline(self.peers[track.peer].round_trip.or_default());
        self.agenda.no_later_than(track.peer, due.max(now));
    }

    pub fn remove_track(&mut self, track: TrackId, now: Time) {
        let Some((index, track)) = self.tracks.remove(track) else {
            return;
        };
        track.slots.iter().for_each(|&slot| self.slots[slot].unbind());
        self.end_taps(&track, now);
        if let Some(peer) = self.peers.get_mut(track.peer) {
            peer.sources.forget_track(index);
            peer.tracks.retain(|&known| known != index);
        }
        self.look_at_flow(now);
    }

    pub fn remove_slot(&mut self, slot: SlotId) {
        let Some(index) = self.slots.index_of(slot) else {
            return;
        };
        self.leave_track(index);
        let Some((_, slot)) = self.slots.remove(slot) else {
            return;
        };
        if let Some(peer) = self.peers.get_mut(slot.peer) {
            peer.slots.retain(|&known| known != index);
            peer.spend(&slot);
        }
    }

    pub fn remove_peer(&mut self, peer: PeerId, now: Time) {
        if let Some(index) = self.peers.index_of(peer) {
            self.end(index, None, now);
        }
    }

    /// Ends a peer with everything on it; with a reason, the caller hears of it.
    pub fn end(&mut self, index: usize, reason: Option<CloseReason>, now: Time) {
        if self.peers.get(index).is_none() {
            return;
        }
        if reason != Some(CloseReason::BrokenInvariant) {
            // The library may break even now; the peer ends all the same.
            let _ = catch_unwind(AssertUnwindSafe(|| self.say_farewell(index, now)));
        }
        let slots = self.peers[index].slots.clone();
        let slots = slots
            .into_iter()
            .filter_map(|slot| Some(self.slots.get(slot)?.id));
        slots
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|slot| self.remove_slot(slot));
        let tracks = self.peers[index].tracks.clone();
        let tracks = tracks
            .into_iter()
            .filter_map(|track| Some(self.tracks.get(track)?.id));
        tracks
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|track| self.remove_track(track, now));
        let id = self.peers[index].id;
        let Some((_, mut peer)) = self.peers.remove(id) else {
            return;
        };
        let parted = &mut self.parted;
        self.by_path.retain(|path, known| {
            let stays = *known != index;
            if path.is_tcp() && !stays {
                parted.push(*path);
            }
            stays
        });
        for ufrag in peer.former_ufrag.iter().chain([&peer.ufrag]) {
            self.by_ufrag.remove(ufrag.as_bytes());
        }
        self.agenda.set(index, Time::NEVER);
        peer.step(Step::End);
        if let Some(reason) = reason {
            self.events.push(Event::PeerClosed { peer: id, reason });
        }
        self.look_at_flow(now);
    }

    fn say_farewell(&mut self, index: usize, now: Time) {
        self.peers[index].dtls.close();
        self.transmit_dtls(index, now);
    }

    fn leave_track(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if let Some(track) = slot.track.and_then(|track| self.tracks.get_mut(track)) {
            track.slots.retain(|&known| known != index);
        }
        slot.unbind();
    }
}

fn fresh_origin(chance: &mut Chance) -> Origin {
    Origin {
        sequence: FIRST_CYCLE + u64::from(chance.sequence()),
        timestamp: chance.word(),
        rtx_sequence: FIRST_CYCLE + u64::from(chance.sequence()),
    }
}

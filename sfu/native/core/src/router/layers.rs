//! Which layer each slot and tap wants, and what follows: repairs of it, and a keyframe to change at.
use super::Router;
use crate::handle::SlotId;
use crate::time::Time;

impl Router {
    /// Names the layer that a slot is to show; what it shows now goes on until that layer's keyframe.
    pub fn choose_layer(&mut self, slot: SlotId, rid: Option<String>, now: Time) {
        let Some(index) = self.slots.index_of(slot) else {
            return;
        };
        let is_new = self.slots[index].wish != rid;
        self.slots[index].wish = rid;
        let waits = is_new && self.reconsider(index, now);
        let track = self.slots[index].track;
        if let Some(track) = track.filter(|_| !waits) {
            self.aim(track, now);
        }
    }

    /// Works out which layers are wanted now: a layer named in vain, or silent for long, is nobody's.
    pub(super) fn aim(&mut self, index: usize, now: Time) {
        let track = &self.tracks[index];
        let mut used = 0;
        let mut wanted = 0;
        for &slot in &track.slots {
            let slot = &mut self.slots[slot];
            slot.target = slot.aimed(track, now);
            if slot.is_paused() {
                continue;
            }
            let target = slot.target(track);
            let shown = slot.source.map_or(target, |source| source.layer);
            used |= 1 << target | 1 << shown;
            // One without a clock cannot be changed to, so its keyframe would come for nothing.
            let has_clock = track
                .layers
                .get(target)
                .is_some_and(|layer| layer.sender_report.is_some());
            if slot.phase.shows() && shown != target && has_clock {
                wanted |= 1 << target;
            }
        }
        for &tap in &track.taps {
            let tap = &mut self.taps[tap];
            tap.aim(track, now);
            used |= 1 << tap.target(track);
        }
        self.tracks[index].used = used;
        for layer in (0..self.tracks[index].layers.len()).filter(|layer| wanted & 1 << layer != 0) {
            self.want_keyframe_of(index, Some(layer), now);
        }
    }
}

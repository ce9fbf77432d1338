//! A kept keyframe group on its way to a slot that began late, in short bursts until it meets the present.
use super::fan_out::Way;
use super::Router;
use crate::counters::Reason;
use crate::slot::Phase;
use crate::time::Time;
use std::time::Duration;

/// Sixteen packets each 5 ms are some 30 Mb/s: quick, and within the buffers of a home router.
const BURST: usize = 16;
const BURST_INTERVAL: Duration = Duration::from_millis(5);
/// A hole in the group is passed over at once; a long one in some steps.
const MAX_LOOKED_AT: u64 = 512;

impl Router {
    /// Sends the next burst if it is time; returns when there is more to do.
    pub(super) fn catch_up(&mut self, index: usize, now: Time) -> Time {
        let slot = &mut self.slots[index];
        let Phase::CatchingUp { cursor, next } = slot.phase else {
            return Time::NEVER;
        };
        let track = slot.track.and_then(|track| self.tracks.get(track));
        let Some(track) = track.filter(|track| slot.shown(track).is_some()) else {
            return Time::NEVER;
        };
        if now < next {
            return next;
        }
        let peer = &mut self.peers[slot.peer];
        let mut way = Way {
            slot,
            track,
            link: &mut peer.link,
            ids: peer.ids,
            // A kept group is of pictures.
            distances: &[],
            out: &mut self.out,
        };
        way.send_burst(cursor, now)
    }
}

impl Way<'_> {
    fn send_burst(&mut self, mut cursor: u64, now: Time) -> Time {
        let Some(source) = self.slot.shown(self.track) else {
            return Time::NEVER;
        };
        let end = (cursor + MAX_LOOKED_AT).min(source.history.highest() + 1);
        let mut left = BURST;
        while cursor < end && left > 0 {
            if let Some(packet) = source.history.get(cursor) {
                match self.forward(&packet, now) {
                    Err(Reason::OutboxFull) => break,
                    Err(reason) => self.slot.drops.count(reason),
                    Ok(()) => left -= 1,
                }
            }
            cursor += 1;
        }
        if self.slot.phase == Phase::Waiting {
            return Time::NEVER;
        }
        if cursor > source.history.highest() {
            self.slot.phase = Phase::Live;
            return Time::NEVER;
        }
        let next = now + BURST_INTERVAL;
        self.slot.phase = Phase::CatchingUp { cursor, next };
        next
    }
}

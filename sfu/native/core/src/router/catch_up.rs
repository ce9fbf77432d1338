//! A kept keyframe group on its way to a slot that began late, in short bursts until it meets the present.
use super::fan_out::Way;
use super::Router;
use crate::counters::Reason;
use crate::slot::Phase;
use crate::time::Time;
use std::time::Duration;

/// Sixteen packets each 5 ms are some 30 Mb/s: quick, and within the buffers of a home router.
const BURST: usize = 16;
pub(super) const BURST_INTERVAL: Duration = Duration::from_millis(5);
/// A hole in the group is passed over at once; a long one in some steps.
const MAX_LOOKED_AT: u64 = 512;

impl Router {
    /// Sends the next burst; whether there is more to come.
    pub(super) fn catch_up(&mut self, index: usize, now: Time) -> bool {
        let slot = &mut self.slots[index];
        let Phase::CatchingUp { mut cursor } = slot.phase else {
            return false;
        };
        let track = slot
            .track
            .and_then(|track| self.tracks.get(track))
            .filter(|track| track.epoch == slot.epoch);
        let Some((track, source)) = track.and_then(|track| Some((track, track.source()?))) else {
            return false;
        };
        let peer = &mut self.peers[slot.peer];
        let mut way = Way {
            slot,
            track,
            link: &mut peer.link,
            ids: peer.ids,
            out: &mut self.out,
        };
        let end = (cursor + MAX_LOOKED_AT).min(source.history.highest() + 1);
        let mut left = BURST;
        while cursor < end && left > 0 {
            if let Some(packet) = source.history.get(cursor) {
                match way.forward(&packet, now) {
                    Err(Reason::OutboxFull) => break,
                    Err(reason) => way.slot.drops.count(reason),
                    Ok(()) => left -= 1,
                }
            }
            cursor += 1;
        }
        if way.slot.phase != Phase::Waiting {
            let arrived = cursor > source.history.highest();
            way.slot.phase = if arrived {
                Phase::Live
            } else {
                Phase::CatchingUp { cursor }
            };
        }
        matches!(self.slots[index].phase, Phase::CatchingUp { .. })
    }
}

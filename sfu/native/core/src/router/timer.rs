//! What happens because time passes.
use super::connect::REPORT_INTERVAL;
use super::ingress::LEVELS_INTERVAL;
use super::Router;
use crate::event::{CloseReason, Event};
use crate::peer::Phase;
use crate::time::Time;

/// A peer is looked at only with room for its reports and a flight of its handshake.
pub const TICK_ROOM: usize = 32 << 10;

impl Router {
    /// Looks at every peer whose time has come, as long as there is room for what it may say.
    pub fn tick(&mut self, now: Time) {
        if self.levels_due <= now {
            self.report_levels(now);
        }
        let mut from = 0;
        while let Some(peer) = self.agenda.due(from, now) {
            if self.out.outbox.free() < TICK_ROOM {
                return;
            }
            self.agenda.set(peer, Time::NEVER);
            self.contain(peer, now, |router| router.look_at(peer, now));
            from = peer + 1;
        }
    }

    pub fn deadline(&self) -> Time {
        self.agenda.earliest().min(self.levels_due)
    }

    /// Works out when a peer wants to be looked at next.
    pub(super) fn plan(&mut self, index: usize) {
        let Some(peer) = self.peers.get(index) else { return };
        let mut next = peer.deadline();
        if peer.phase == Phase::Connected {
            let estimate = peer.link.sending.as_ref();
            next = next.min(estimate.map_or(Time::NEVER, |sending| sending.deadline()));
            let round_trip = peer.round_trip.or_default();
            for &track in &peer.tracks {
                let track = &self.tracks[track];
                let taps = track.taps.iter().map(|&tap| self.taps[tap].deadline());
                next = taps.fold(next.min(track.deadline(round_trip)), Time::min);
            }
        }
        self.agenda.set(index, next);
    }

    fn look_at(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        if peer.has_lost_consent(now) {
            return self.end(index, Some(CloseReason::ConsentExpired), now);
        }
        if peer.handshake_is_late(now) {
            return self.end(index, Some(CloseReason::HandshakeFailed), now);
        }
        self.send_checks(index, now);
        let peer = &mut self.peers[index];
        if peer.link.path.is_some() && peer.dtls.deadline() <= now {
            peer.dtls.tick(now);
            self.progress_dtls(index, now);
        }
        if self.peers.get(index).is_some() {
            self.look_at_media(index, now);
        }
    }

    fn look_at_media(&mut self, index: usize, now: Time) {
        for place in 0..self.peers[index].tracks.len() {
            let track = self.peers[index].tracks[place];
            self.look_at_track(track, now);
        }
        self.allocate(index, now);
        let mut next_burst = Time::NEVER;
        for place in 0..self.peers[index].slots.len() {
            let slot = self.peers[index].slots[place];
            next_burst = next_burst
                .min(self.catch_up(slot, now))
                .min(self.repair_again(slot, now));
        }
        if self.peers[index].next_report <= now {
            self.peers[index].next_report = now + REPORT_INTERVAL;
            self.compare_layers(index, now);
            self.send_reports(index, now);
        }
        self.send_feedback(index, now);
        self.look_at_estimate(index, now);
        self.plan(index);
        self.agenda.no_later_than(index, next_burst);
    }

    fn look_at_track(&mut self, index: usize, now: Time) {
        self.look_at_taps(index, now);
        self.send_requests(index, now);
        let track = &mut self.tracks[index];
        track.layers.iter_mut().for_each(|layer| layer.history.grow());
        if track.stalls(now) {
            self.events.push(Event::TrackStalled { track: track.id });
            self.look_at_flow(now);
        }
    }

    fn compare_layers(&mut self, index: usize, now: Time) {
        for place in 0..self.peers[index].tracks.len() {
            let track = self.peers[index].tracks[place];
            if self.tracks[track].layers.len() > 1 {
                self.tracks[track].compare_layers();
                self.aim(track, now);
            }
        }
    }

    /// Notes whether anything flows into any slot.
    pub(super) fn look_at_flow(&mut self, now: Time) {
        let shows = |slot: &usize| self.slots[*slot].phase.shows();
        let flows = self
            .tracks
            .iter()
            .any(|(_, track)| track.is_flowing && track.slots.iter().any(shows));
        self.out.set_flowing(flows, now);
    }

    fn report_levels(&mut self, now: Time) {
        let mut any = false;
        for (_, track) in self.tracks.iter_mut() {
            if let Some(level) = track.loudest.take() {
                self.events.level(track.id, level);
                any = true;
            }
        }
        self.levels_due = if any { now + LEVELS_INTERVAL } else { Time::NEVER };
    }
}

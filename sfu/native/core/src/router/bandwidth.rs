//! What receivers tell of the way to them, and what becomes of it.
use super::Router;
use crate::counters::Reason;
use crate::rtcp::{ArrivalReport, RawFeedback, ReportBlock};
use crate::time::Time;

impl Router {
    /// Transport-wide feedback: which of the connection's packets arrived, and when.
    pub(super) fn arrivals_told(&mut self, index: usize, raw: &RawFeedback<'_>, now: Time) {
        let peer = &mut self.peers[index];
        let Ok(report) = ArrivalReport::read(raw.body) else {
            return peer.drops.count(Reason::MalformedArrivals);
        };
        let (sending, round_trip) = (peer.link.sending.as_mut(), peer.round_trip.get());
        let outcomes = &mut self.outcomes;
        if !sending.is_some_and(|sending| sending.report(&report, round_trip, outcomes, now)) {
            peer.drops.count(Reason::ArrivalsOfNothing);
        }
        self.tell_estimate(index, now);
    }

    /// The receiver's own estimate of what the way carries.
    pub(super) fn remb(&mut self, index: usize, raw: &RawFeedback<'_>, now: Time) {
        let peer = &mut self.peers[index];
        let Some(rate) = raw.remb() else {
            return peer.drops.count(Reason::MalformedRemb);
        };
        if let Some(sending) = &mut peer.link.sending {
            sending.remb(rate, now);
        }
        self.tell_estimate(index, now);
    }

    /// What a report tells as lost of all slots together, by what each was sent since the last.
    pub(super) fn report_loss(&mut self, index: usize, blocks: impl Iterator<Item = ReportBlock>, now: Time) {
        let (mut sent, mut lost) = (0, 0);
        for block in blocks {
            let Some(slot) = self.slot_of(index, block.ssrc) else {
                continue;
            };
            let counts = &mut self.slots[slot].counts;
            let since = counts.packets - std::mem::replace(&mut counts.reported, counts.packets);
            sent += since;
            lost += since * u64::from(block.fraction_lost);
        }
        let peer = &mut self.peers[index];
        if let Some(sending) = peer.link.sending.as_mut().filter(|_| sent > 0) {
            let fraction = lost as f32 / (sent * 256) as f32;
            sending.loss(fraction, peer.round_trip.get(), now);
            self.tell_estimate(index, now);
        }
    }

    pub(super) fn look_at_estimate(&mut self, index: usize, now: Time) {
        if let Some(sending) = &mut self.peers[index].link.sending {
            sending.tick(now);
            self.tell_estimate(index, now);
        }
    }

    fn tell_estimate(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        let Some(sending) = &mut peer.link.sending else {
            return;
        };
        if let Some((rate, cause)) = sending.news(now) {
            self.events.estimate(peer.id, rate, cause);
        }
        let deadline = sending.deadline();
        self.agenda
            .no_later_than(index, deadline.min(peer.allocation_due()));
    }
}

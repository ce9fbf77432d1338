//! RTCP that comes in: reports, repair requests, keyframe requests, farewells.
use super::repair::MAX_REPAIRS;
use super::Router;
use crate::clock::ClockNews;
use crate::counters::Reason;
use crate::event::Event;
use crate::keyframe::Answer;
use crate::rtcp::{self, Goodbye, Nack, Packet, ReportBlock, ReportBlocks, SenderInfo};
use crate::time::Time;

impl Router {
    pub(super) fn receive_rtcp(&mut self, peer: usize, datagram: &mut [u8], now: Time) -> Result<(), Reason> {
        let inbound = self.peers[peer].inbound.as_mut().ok_or(Reason::MediaBeforeDtls)?;
        let len = inbound.unprotect_rtcp(datagram)?;
        let mut repairs = MAX_REPAIRS;
        for packet in rtcp::packets(&datagram[..len]) {
            match packet.map_err(|_| Reason::MalformedRtcp)? {
                Packet::SenderReport(report) => {
                    self.sender_report(peer, &report.info, now);
                    self.report_blocks(peer, report.blocks(), now);
                }
                Packet::ReceiverReport(report) => self.report_blocks(peer, report.blocks(), now),
                Packet::Nack(nack) => repairs = self.nack(peer, &nack, repairs, now),
                Packet::Pli(pli) => self.keyframe_wanted(peer, pli.media_ssrc, now),
                Packet::Fir(fir) => fir
                    .entries()
                    .for_each(|entry| self.keyframe_wanted(peer, entry.ssrc, now)),
                Packet::Goodbye(goodbye) => self.goodbye(peer, &goodbye, now),
                Packet::TransportCc(raw) => self.arrivals_told(peer, &raw, now),
                Packet::Remb(raw) => self.remb(peer, &raw, now),
                Packet::SourceDescription(_) | Packet::Other { .. } => {}
            }
        }
        Ok(())
    }

    fn sender_report(&mut self, index: usize, info: &SenderInfo, now: Time) {
        let peer = &mut self.peers[index];
        let Some(source) = peer.sources.get(info.ssrc).filter(|source| !source.is_repair) else {
            return;
        };
        if info.ntp.is_none() {
            return;
        }
        let ahead = self.tracks[source.track].layers[source.layer].clock_ahead(info.ntp, info.rtp_timestamp);
        let news = peer.clock.sample(info.ntp, now, peer.round_trip.get(), ahead);
        for &track in peer.tracks.iter().filter(|_| news != ClockNews::GoesOn) {
            let layers = &mut self.tracks[track].layers;
            layers.iter_mut().for_each(|layer| layer.clock_set(news));
        }
        let layer = &mut self.tracks[source.track].layers[source.layer];
        layer.sender_report = Some((info.ntp, info.rtp_timestamp));
        layer.reception.sender_report(info.ntp, now);
    }

    fn report_blocks(&mut self, index: usize, blocks: ReportBlocks<'_>, now: Time) {
        blocks
            .clone()
            .for_each(|block| self.report_block(index, &block, now));
        self.report_loss(index, blocks, now);
    }

    fn report_block(&mut self, index: usize, block: &ReportBlock, now: Time) {
        let ntp = self.ntp(now);
        let Some(slot) = self.slot_of(index, block.ssrc) else {
            return;
        };
        let peer = &mut self.peers[index];
        if let Some(round_trip) = block.round_trip(ntp) {
            peer.round_trip.sample(round_trip, now);
        }
        let lost = self.slots[slot].reported(block.fraction_lost, peer.manner(now).times, now);
        peer.lossy.report(lost, now);
    }

    fn nack(&mut self, index: usize, nack: &Nack<'_>, budget: usize, now: Time) -> usize {
        match self.slot_of(index, nack.media_ssrc) {
            Some(slot) => self.repair(slot, nack, budget, now),
            None => {
                self.peers[index].drops.count(Reason::UnknownSsrc);
                budget
            }
        }
    }

    fn keyframe_wanted(&mut self, index: usize, ssrc: u32, now: Time) {
        let Some(slot) = self.slot_of(index, ssrc) else {
            return self.peers[index].drops.count(Reason::UnknownSsrc);
        };
        self.slots[slot].counts.keyframe_requests_received += 1;
        let Some(track) = self.slots[slot].track else {
            return;
        };
        let far = |peer: usize| self.peers[peer].round_trip.or_default();
        let publisher = far(self.tracks[track].peer);
        match self.slots[slot].answer(&self.tracks[track], far(index), publisher, now) {
            Answer::OnItsWay => {}
            Answer::Group if !self.peers[index].takes_frames() => {
                self.slots[slot].group_given = Some(now);
                self.begin_slot(slot, now);
            }
            Answer::Group | Answer::Ask => self.want_keyframe_of(track, self.slots[slot].target, now),
        }
    }

    /// A publisher says that a stream has ended: nobody needs to wait until it has stalled.
    fn goodbye(&mut self, index: usize, goodbye: &Goodbye<'_>, now: Time) {
        for ssrc in goodbye.ssrcs() {
            let source = self.peers[index].sources.get(ssrc);
            let Some(source) = source.filter(|source| !source.is_repair) else {
                continue;
            };
            let track = &mut self.tracks[source.track];
            if track.layers[source.layer].has_now(ssrc, false) && track.end_layer(source.layer, now) {
                self.events.push(Event::TrackStalled { track: track.id });
                self.look_at_flow(now);
            }
        }
    }

    pub(super) fn slot_of(&self, peer: usize, ssrc: u32) -> Option<usize> {
        self.peers[peer]
            .slots
            .iter()
            .copied()
            .find(|&slot| self.slots[slot].ssrc == ssrc)
    }
}

//! RTCP that goes out: reports each second; requests for repair and keyframes as they fall due.
use super::{Router, DATAGRAM_ROOM};
use crate::arrivals::{Arrivals, Feedback};
use crate::clock::units;
use crate::command::Kind;
use crate::counters::Reason;
use crate::egress::Egress;
use crate::layer::Layer;
use crate::outbox::Cargo;
use crate::peer::Peer;
use crate::rtcp::{Ntp, ReportBlock, RtcpError, SenderInfo, Writer};
use crate::slot::Slot;
use crate::srtp::{Outbound, MAX_RTCP_OVERHEAD};
use crate::time::Time;
use crate::track::Track;

/// As many blocks as a receiver report counts (RFC 3550 section 6.4.2).
const MAX_BLOCKS: usize = 31;
/// A sender report and a name take some 60 bytes each.
const SENDER_REPORTS_PER_DATAGRAM: usize = 16;
/// Lost packets named in one datagram; more wait for the next look, a moment later.
const MAX_ASKED: usize = 128;

impl Router {
    pub(super) fn send_reports(&mut self, index: usize, now: Time) {
        self.report_reception(index, now);
        let ntp = self.ntp(now);
        for first in (0..self.peers[index].slots.len()).step_by(SENDER_REPORTS_PER_DATAGRAM) {
            self.report_sending(index, first, ntp, now);
        }
    }

    fn report_reception(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        let mut blocks = [ReportBlock::default(); MAX_BLOCKS];
        let mut count = 0;
        for &track in &peer.tracks {
            for layer in &mut self.tracks[track].layers {
                let block = layer.ssrc.and_then(|ssrc| layer.reception.report(ssrc, now));
                if let Some(block) = block.filter(|_| count < MAX_BLOCKS) {
                    blocks[count] = block;
                    count += 1;
                }
            }
        }
        if count > 0 {
            send_compound(&mut self.out, peer, now, |writer, ssrc| {
                writer.receiver_report(ssrc, &blocks[..count])?;
                writer.cname(ssrc, &self.cname)
            });
        }
    }

    fn report_sending(&mut self, index: usize, first: usize, ntp: Ntp, now: Time) {
        let mut reports = [SenderInfo::default(); SENDER_REPORTS_PER_DATAGRAM];
        let mut count = 0;
        for &slot in self.peers[index]
            .slots
            .iter()
            .skip(first)
            .take(SENDER_REPORTS_PER_DATAGRAM)
        {
            if let Some(report) = self.sender_info(&self.slots[slot], ntp, now) {
                reports[count] = report;
                count += 1;
            }
        }
        if count > 0 {
            send_compound(&mut self.out, &mut self.peers[index], now, |writer, _| {
                reports[..count].iter().try_for_each(|report| {
                    writer.sender_report(report, &[])?;
                    writer.cname(report.ssrc, &self.cname)
                })
            });
        }
    }

    /// What the slot's clock shows at `now`, by the publisher's clock; none while nothing is shown.
    fn sender_info(&self, slot: &Slot, ntp: Ntp, now: Time) -> Option<SenderInfo> {
        let (segment, track) = (slot.segment?, self.tracks.get(slot.track?)?);
        let source = slot.shown(track)?;
        let timestamp = match &track.feed {
            Some(feed) => feed.timestamp_at(now, source.clock_rate)?,
            None => timestamp_at(source, self.peers.get(track.peer)?, now)?,
        };
        Some(SenderInfo {
            ssrc: slot.ssrc,
            ntp,
            rtp_timestamp: segment.clock(timestamp),
            packet_count: slot.counts.packets as u32,
            octet_count: slot.counts.octets,
        })
    }

    /// Tells a sender when its packets arrived, once that is due.
    pub(super) fn send_feedback(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        let due = peer.arrivals.as_mut().filter(|arrivals| arrivals.due() <= now);
        let Some(feedback) = due.and_then(Arrivals::feedback) else {
            return;
        };
        send_compound(&mut self.out, peer, now, |writer, own| {
            writer.receiver_report(own, &[])?;
            writer.cname(own, &self.cname)?;
            let Feedback {
                media_ssrc,
                base,
                count,
                ref statuses,
            } = feedback;
            writer.transport_cc(own, media_ssrc, base, count, statuses)
        });
    }

    /// Sends what the track's layers have to ask for now.
    pub(super) fn send_requests(&mut self, track: usize, now: Time) {
        let track = &mut self.tracks[track];
        let peer = &mut self.peers[track.peer];
        if peer.link.ready().is_none() {
            return;
        }
        ask_for_repairs(&mut self.out, peer, track, &self.cname, now);
        if track.kind == Kind::Video {
            ask_for_keyframes(&mut self.out, peer, track, &self.cname, now);
        }
    }
}

fn ask_for_repairs(out: &mut Egress, peer: &mut Peer, track: &mut Track, cname: &[u8], now: Time) {
    let round_trip = peer.round_trip.or_default();
    for index in 0..track.layers.len() {
        let is_used = track.is_used(index);
        let layer = &mut track.layers[index];
        let Some(ssrc) = layer.ssrc.filter(|_| is_used) else {
            continue;
        };
        let mut asked = [0; MAX_ASKED];
        let mut count = 0;
        layer.missing.due(now, round_trip, MAX_ASKED, |sequence| {
            asked[count] = sequence as u16;
            count += 1;
        });
        if count == 0 {
            continue;
        }
        track.counts.nacks_sent += count as u64;
        send_compound(out, peer, now, |writer, own| {
            writer.receiver_report(own, &[])?;
            writer.cname(own, cname)?;
            writer.nack(own, ssrc, asked[..count].iter().copied())
        });
    }
}

fn ask_for_keyframes(out: &mut Egress, peer: &mut Peer, track: &mut Track, cname: &[u8], now: Time) {
    let (pli, fir) = (track.codec().pli, track.codec().fir);
    let round_trip = peer.round_trip.or_default();
    for layer in &mut track.layers {
        // A layer that has ended, as one that nobody watches, is asked once it is back.
        let Some(ssrc) = layer.ssrc.filter(|_| !layer.ended) else {
            continue;
        };
        if !layer.requests.take_due(now, round_trip) || !(pli || fir) {
            continue;
        }
        track.counts.keyframe_requests_sent += 1;
        layer.fir_sequence = layer.fir_sequence.wrapping_add(u8::from(!pli));
        let fir_sequence = layer.fir_sequence;
        send_compound(out, peer, now, |writer, own| {
            writer.receiver_report(own, &[])?;
            writer.cname(own, cname)?;
            if pli {
                writer.pli(own, ssrc)
            } else {
                writer.fir(own, ssrc, fir_sequence)
            }
        });
    }
}

/// Writes, seals and prepares a compound packet (RFC 3550 section 6.1); what finds no room is lost and comes again.
fn send_compound(
    out: &mut Egress,
    peer: &mut Peer,
    now: Time,
    write: impl FnOnce(&mut Writer<'_>, u32) -> Result<(), RtcpError>,
) {
    let Some(path) = peer.link.ready() else { return };
    let own_ssrc = peer.own_ssrc;
    let sent = out.send(
        &mut peer.link,
        (path, Cargo::Control),
        DATAGRAM_ROOM,
        now,
        |room: &mut [u8], srtp: Option<&mut Outbound>| {
            let plain = room.len() - MAX_RTCP_OVERHEAD;
            let mut writer = Writer::new(&mut room[..plain]);
            write(&mut writer, own_ssrc).map_err(|_| Reason::TooLarge)?;
            let len = writer.len();
            srtp.ok_or(Reason::SealRefused)?
                .protect_rtcp(room, len)
                .map_err(|_| Reason::SealRefused)
        },
    );
    if let Err(reason) = sent.map(|_| ()) {
        peer.drops.count(reason);
    }
}

/// The publisher's RTP timestamp of this instant of node time: by its sender reports, before the first by arrival.
fn timestamp_at(layer: &Layer, publisher: &Peer, now: Time) -> Option<u32> {
    let reported = layer.sender_report.and_then(|(ntp, timestamp)| {
        let elapsed = publisher.clock.elapsed_since(ntp, now)?;
        Some(timestamp.wrapping_add(units(elapsed, layer.clock_rate) as u32))
    });
    reported.or_else(|| {
        let edge = layer.edge?;
        let elapsed = now.since(edge.arrival).as_nanos() as i64;
        Some(
            edge.timestamp
                .wrapping_add(units(elapsed, layer.clock_rate) as u32),
        )
    })
}

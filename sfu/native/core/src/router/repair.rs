//! Repairs for a receiver that missed packets of a slot.
use super::fan_out::Extensions;
use super::{Router, PACKET_ROOM};
use crate::counters::Reason;
use crate::egress::{Egress, Link};
use crate::handle::TrackId;
use crate::packet::Packet;
use crate::rtcp::Nack;
use crate::rtp::{rtx, Header};
use crate::segment::Segment;
use crate::slot::{form_of, Slot};
use crate::sources::ExtensionIds;
use crate::srtp::Outbound;
use crate::table::Table;
use crate::time::Time;
use crate::track::Track;
use std::time::Duration;

/// One NACK datagram is answered with no more than this; the rest is asked for again.
pub const MAX_REPAIRS: usize = 64;

impl Router {
    /// Answers a NACK as far as the budget goes, and returns what is left of it.
    pub(super) fn repair(&mut self, slot: usize, nack: &Nack<'_>, budget: usize, now: Time) -> usize {
        let slot = &mut self.slots[slot];
        slot.counts.nacks_received += 1;
        let owner = slot.peer;
        let peer = &mut self.peers[owner];
        let before = peer.link.bytes;
        let manner = peer.manner(now);
        let mut way = Repairs {
            slot,
            tracks: &self.tracks,
            link: &mut peer.link,
            ids: peer.ids,
            out: &mut self.out,
        };
        let mut left = budget;
        for lost in nack.lost() {
            let sequence = way.slot.extend(lost).filter(|_| left > 0);
            let repaired = match sequence {
                Some(sequence) => way.repair(sequence, manner.interval, now).map(|()| sequence),
                None if left == 0 => Err(Reason::RepairTooMany),
                None => Err(Reason::RepairNotKept),
            };
            left -= usize::from(repaired.is_ok());
            match repaired {
                Ok(sequence) => {
                    way.slot.counts.repairs += 1;
                    way.slot.twice.note(sequence, manner, now);
                }
                Err(reason) => way.slot.drops.count(reason),
            }
        }
        peer.repairs.add((peer.link.bytes - before) as usize, now);
        self.agenda.no_later_than(owner, slot.twice.deadline());
        left
    }

    /// Sends the repairs that leave a second time, once it is time; returns when there is more to do.
    pub(super) fn repair_again(&mut self, slot: usize, now: Time) -> Time {
        let slot = &mut self.slots[slot];
        let peer = &mut self.peers[slot.peer];
        let before = peer.link.bytes;
        while let Some(sequence) = slot.twice.take_due(now) {
            let mut way = Repairs {
                slot,
                tracks: &self.tracks,
                link: &mut peer.link,
                ids: peer.ids,
                out: &mut self.out,
            };
            match way.repair(sequence, Duration::ZERO, now) {
                Ok(()) => slot.counts.repairs_again += 1,
                Err(reason) => slot.drops.count(reason),
            }
        }
        peer.repairs.add((peer.link.bytes - before) as usize, now);
        slot.twice.deadline()
    }
}

/// A slot with all it needs to be repaired, from what it shows or from what it showed before.
struct Repairs<'a> {
    slot: &'a mut Slot,
    tracks: &'a Table<TrackId, Track>,
    link: &'a mut Link,
    ids: ExtensionIds,
    out: &'a mut Egress,
}

/// A kept packet, and how it left the slot.
struct Original<'a> {
    track: &'a Track,
    segment: Segment,
    packet: Packet<'a>,
    /// The slot's number of it.
    sequence: u16,
}

impl Repairs<'_> {
    /// Sends one of the slot's packets again, unless that was done less than `interval` ago.
    fn repair(&mut self, sequence: u64, interval: Duration, now: Time) -> Result<(), Reason> {
        let (segment, source) = self.slot.maker_of(sequence).ok_or(Reason::RepairNotKept)?;
        let track = self
            .tracks
            .get(source.track)
            .filter(|track| track.id == source.id);
        let track = track
            .filter(|track| track.open && self.slot.track.is_some())
            .ok_or(Reason::RepairNotKept)?;
        match (self.slot.rtx_ssrc, &self.slot.sealed) {
            (Some(ssrc), _) => {
                let layer = track.layers.get(source.layer);
                let layer = layer
                    .filter(|layer| layer.epoch == source.epoch)
                    .ok_or(Reason::RepairNotKept)?;
                let packet = segment
                    .in_sequence(sequence)
                    .filter(|&sequence| sequence >= layer.barrier)
                    .and_then(|sequence| layer.history.get(sequence))
                    .ok_or(Reason::RepairNotKept)?;
                let original = Original {
                    track,
                    segment,
                    packet,
                    sequence: sequence as u16,
                };
                self.repair_by_rtx(ssrc, sequence, &original, interval, now)
            }
            (None, Some(_)) => self.repeat_sealed(sequence, interval, now),
            (None, None) => Err(Reason::RepairNotNegotiated),
        }
    }

    /// The same protected bytes as before, since their nonce is spent.
    fn repeat_sealed(&mut self, sequence: u64, interval: Duration, now: Time) -> Result<(), Reason> {
        let sealed = self.slot.sealed.as_ref();
        let (packet, number) = sealed
            .and_then(|sealed| sealed.get(sequence))
            .ok_or(Reason::RepairNotKept)?;
        if !self.slot.repeats.allow(sequence, now, interval) {
            return Err(Reason::RepairTooSoon);
        }
        if !self.slot.credit.spend(packet.len()) {
            return Err(Reason::RepairTooMany);
        }
        let path = self.link.path.ok_or(Reason::SealRefused)?;
        let whither = (path, self.slot.cargo());
        self.out.send_copy(self.link, whither, packet, now)?;
        // It carries its old number: told of late, it would look like a queue as long as a round trip.
        if let (Some(number), Some(sending)) = (number, &mut self.link.sending) {
            sending.forget(number);
        }
        Ok(())
    }

    fn repair_by_rtx(
        &mut self,
        ssrc: u32,
        lost: u64,
        original: &Original<'_>,
        interval: Duration,
        now: Time,
    ) -> Result<(), Reason> {
        // By name: an earlier track's codecs may have had another order.
        let payload_type = self.slot.rtx_type_of(original.track, original.packet.codec);
        let payload_type = payload_type.ok_or(Reason::RepairNotNegotiated)?;
        if !self.slot.repeats.allow(lost, now, interval) {
            return Err(Reason::RepairTooSoon);
        }
        if !self
            .slot
            .credit
            .spend(original.packet.payload.len() + PACKET_ROOM)
        {
            return Err(Reason::RepairTooMany);
        }
        self.send_rtx(ssrc, payload_type, original, now)
    }

    fn send_rtx(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        original: &Original<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        let stream = self.slot.rtx_stream.ok_or(Reason::SealRefused)?;
        let path = self.link.path.ok_or(Reason::SealRefused)?;
        let sequence = self.slot.next_rtx_sequence as u16;
        let Original {
            track,
            segment,
            packet,
            ..
        } = original;
        let timestamp = segment.timestamp(packet.timestamp);
        let form = form_of(track, packet);
        let level = packet.level.map(|level| [level]);
        let (mid, number) = (self.slot.mid.as_bytes(), self.link.number(self.slot.numbered));
        let extensions = Extensions::new(self.ids, mid, level.as_ref(), &track.mark, &number);
        let extensions = extensions.as_slice();
        let header = Header {
            marker: packet.marker,
            payload_type,
            sequence,
            timestamp,
            ssrc,
            extensions,
        };
        let write = |room: &mut [u8], srtp: Option<&mut Outbound>| {
            let len =
                rtx::wrap(room, &header, original.sequence, packet.payload).map_err(|_| Reason::TooLarge)?;
            segment.rewrite(form, &mut room[len - packet.payload.len()..len]);
            let header_len = len - packet.payload.len() - rtx::OSN_LEN;
            let srtp = srtp.ok_or(Reason::SealRefused)?;
            srtp.protect_rtp(stream, room, len, header_len)
                .map_err(|_| Reason::SealRefused)
        };
        let (whither, room) = ((path, self.slot.cargo()), packet.payload.len() + PACKET_ROOM);
        let len = self.out.send(self.link, whither, room, now, write)?.len();
        self.link.left(number, len, now);
        self.slot.next_rtx_sequence += 1;
        Ok(())
    }
}

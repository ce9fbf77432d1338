//! One packet into many slots, each under its own numbers and key.
use super::{Router, PACKET_ROOM};
use crate::codec::Codec;
use crate::command::Kind;
use crate::counters::Reason;
use crate::egress::{Egress, Link};
use crate::packet::Packet;
use crate::redundancy::{self, Copies};
use crate::rtp::{red, write_header, Header};
use crate::segment::{Segment, Tail};
use crate::slot::{form_of, Phase, Slot};
use crate::sources::ExtensionIds;
use crate::srtp::Outbound;
use crate::time::Time;
use crate::track::Track;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A slot with all it needs to send.
pub(super) struct Way<'a> {
    pub slot: &'a mut Slot,
    pub track: &'a Track,
    pub link: &'a mut Link,
    pub ids: ExtensionIds,
    /// How much earlier the packets are that go along once more.
    pub distances: &'static [u64],
    pub out: &'a mut Egress,
}

impl Router {
    pub(super) fn fan_out(&mut self, track: usize, layer: usize, packet: &Packet<'_>, now: Time) {
        let track = &self.tracks[track];
        let is_audio = track.kind == Kind::Audio;
        for &index in &track.slots {
            let slot = &mut self.slots[index];
            let owner = slot.peer;
            let peer = &mut self.peers[owner];
            let mut way = Way {
                slot,
                track,
                link: &mut peer.link,
                ids: peer.ids,
                distances: if is_audio {
                    redundancy::distances(peer.lossy.is(now), track.comes_redundant)
                } else {
                    &[]
                },
                out: &mut self.out,
            };
            let before = way.slot.source;
            // Whatever breaks here is the viewer's, not the publisher's whose packet this is.
            match catch_unwind(AssertUnwindSafe(|| way.deliver(layer, packet, now))) {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => self.slots[index].drops.count(reason),
                Err(_) => self.broken.push(owner),
            }
            if self.slots[index].source != before && self.slots[index].phase.shows() {
                // A viewer can put sound and picture together only once it knows their clocks.
                peer.next_report = now;
                self.agenda.no_later_than(owner, now);
            }
            if let Phase::CatchingUp { next, .. } = self.slots[index].phase {
                self.agenda.no_later_than(owner, next.max(now));
            }
        }
    }
}

impl<'a> Way<'a> {
    /// Sends a packet if the slot is ready for it; starts the slot if the packet allows.
    fn deliver(&mut self, layer: usize, packet: &Packet<'_>, now: Time) -> Result<(), Reason> {
        let current = self.slot.shows(self.track, layer);
        match self.slot.phase {
            Phase::Idle => return Ok(()),
            Phase::Live if current => {}
            // The catch-up will come to it.
            Phase::CatchingUp { cursor, .. } if current && packet.sequence >= cursor => return Ok(()),
            Phase::CatchingUp { .. } if current => {}
            _ if !self.slot.may_begin(self.track, layer) => return Ok(()),
            // What is shown goes on until a keyframe of the other layer comes.
            _ if self.slot.phase.shows() && !packet.starts && self.slot.shown(self.track).is_some() => {
                return Ok(())
            }
            _ => {
                self.slot.begin_at(self.track, layer, packet)?;
                self.out.set_flowing(true, now);
            }
        }
        self.forward(packet, now)
    }

    /// Writes, seals and prepares one packet.
    pub(super) fn forward(&mut self, packet: &Packet<'_>, now: Time) -> Result<(), Reason> {
        let segment = self.slot.segment.ok_or(Reason::BeforeStart)?;
        let sequence = segment.out_sequence(packet.sequence).ok_or(Reason::BeforeStart)?;
        let Some(payload_type) = self.slot.payload_types.get(packet.codec) else {
            self.slot.phase = Phase::Waiting;
            return Err(Reason::CodecNotNegotiated);
        };
        let timestamp = segment.timestamp(packet.timestamp);
        let stream = self.slot.stream.ok_or(Reason::SealRefused)?;
        let path = self.link.path.ok_or(Reason::SealRefused)?;
        let (form, ssrc) = (form_of(self.track, packet), self.slot.ssrc);
        let mut picture = None;
        let level = packet.level.map(|level| [level]);
        let number = self.link.number(self.slot.numbered);
        let mid = self.slot.mid.as_bytes();
        let copies = self.copies(packet, &segment, payload_type);
        let redundant_type = self.slot.redundant_type.filter(|_| !copies.as_slice().is_empty());
        let body_len = redundant_type.map_or(packet.payload.len(), |_| {
            red::len(copies.as_slice(), packet.payload)
        });
        let write = |room: &mut [u8], srtp: Option<&mut Outbound>| {
            let extensions = Extensions::new(self.ids, mid, level.as_ref(), &self.track.mark, &number);
            let (marker, sequence) = (packet.marker, sequence as u16);
            let extensions = extensions.as_slice();
            let header = Header {
                marker,
                payload_type: redundant_type.unwrap_or(payload_type),
                sequence,
                timestamp,
                ssrc,
                extensions,
            };
            let header_len = write_header(room, &header).map_err(|_| Reason::TooLarge)?;
            let len = header_len + body_len;
            if redundant_type.is_some() {
                red::write(
                    &mut room[header_len..len],
                    copies.as_slice(),
                    payload_type,
                    packet.payload,
                )
                .ok_or(Reason::TooLarge)?;
            } else {
                room[header_len..len].copy_from_slice(packet.payload);
                picture = segment.rewrite(form, &mut room[header_len..len]);
            }
            let srtp = srtp.ok_or(Reason::SealRefused)?;
            srtp.protect_rtp(stream, room, len, header_len)
                .map_err(|_| Reason::SealRefused)
        };
        let (whither, room) = ((path, self.slot.cargo()), body_len + PACKET_ROOM);
        let sent = self.out.send(self.link, whither, room, now, write)?;
        if let Some(sealed) = &mut self.slot.sealed {
            sealed.keep(sequence, number.map(u16::from_be_bytes), sent);
        }
        let len = sent.len();
        self.link.left(number, len, now);
        let tail = Tail {
            sequence,
            timestamp,
            pace: segment.clock(packet.timestamp),
            at: packet.arrival,
            picture,
        };
        self.slot.sent(tail, body_len, len, now);
        if packet.starts && self.track.kind == Kind::Video {
            self.slot.keyframe_left = Some(now);
        }
        self.slot.counts.redundant += u64::from(redundant_type.is_some());
        Ok(())
    }

    /// What goes along once more, of what the slot shows.
    fn copies(&self, packet: &Packet<'_>, segment: &Segment, payload_type: u8) -> Copies<'a> {
        let source = self.slot.source.filter(|_| {
            self.slot.redundant_type.is_some()
                && !self.distances.is_empty()
                && form_of(self.track, packet) == Codec::Opus
        });
        let Some(layer) = source.and_then(|source| self.track.layers.get(source.layer)) else {
            return Copies::default();
        };
        Copies::of(
            packet,
            (&layer.history, layer.barrier),
            segment,
            payload_type,
            self.distances,
        )
    }
}

/// The header extension elements of an outgoing packet.
pub(super) struct Extensions<'a> {
    elements: [(u8, &'a [u8]); 4],
    count: usize,
}

impl<'a> Extensions<'a> {
    pub fn new(
        ids: ExtensionIds,
        mid: &'a [u8],
        level: Option<&'a [u8; 1]>,
        mark: &'a [u8; 4],
        number: &'a Option<[u8; 2]>,
    ) -> Extensions<'a> {
        let mut extensions = Extensions {
            elements: [(0, &[]); 4],
            count: 0,
        };
        extensions.add(ids.mid, mid);
        if let Some(level) = level {
            extensions.add(ids.audio_level, level);
        }
        if *mark != [0; 4] {
            extensions.add(ids.mark, mark);
        }
        if let Some(number) = number {
            extensions.add(ids.transport_cc, number);
        }
        extensions
    }

    pub fn as_slice(&self) -> &[(u8, &'a [u8])] {
        &self.elements[..self.count]
    }

    fn add(&mut self, id: u8, data: &'a [u8]) {
        if id != 0 {
            self.elements[self.count] = (id, data);
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests;

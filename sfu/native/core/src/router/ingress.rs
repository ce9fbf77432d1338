//! A publisher's media packet: unlocked, told whose it is, taken in and handed to the slots.
use super::Router;
use crate::command::Kind;
use crate::counters::Reason;
use crate::event::Event;
use crate::layer::Incoming;
use crate::rtp::{self, red, rtx, View};
use crate::sources::{self, ExtensionIds, Source};
use crate::time::Time;
use crate::track::{Accepted, Track};
use std::time::Duration;

/// How often levels are reported.
pub const LEVELS_INTERVAL: Duration = Duration::from_millis(200);

impl Router {
    pub(super) fn receive_rtp(&mut self, peer: usize, datagram: &mut [u8], now: Time) -> Result<(), Reason> {
        let view = rtp::parse(datagram).map_err(|_| Reason::MalformedRtp)?;
        let inbound = self.peers[peer].inbound.as_mut().ok_or(Reason::MediaBeforeDtls)?;
        let len = inbound.unprotect_rtp(datagram, &view)?.len;
        let plain = &datagram[..len];
        self.note_arrival(peer, &view, plain, now);
        let source = self.source_of(peer, &view, plain, now)?;
        if let Err(reason) = self.take_in(peer, source, &view, plain, now) {
            self.tracks[source.track].drops.count(reason);
        }
        Ok(())
    }

    fn source_of(&mut self, index: usize, view: &View, plain: &[u8], now: Time) -> Result<Source, Reason> {
        let peer = &mut self.peers[index];
        match peer.sources.get(view.ssrc) {
            Some(source) => {
                let track = &mut self.tracks[source.track];
                if track.layers[source.layer].has_now(view.ssrc, source.is_repair) {
                    return Ok(source);
                }
                sources::resume(source, view.ssrc, track, now)
            }
            None => peer
                .sources
                .learn(view, plain, &peer.ids, &peer.tracks, &mut self.tracks, now),
        }
    }

    fn take_in(
        &mut self,
        peer: usize,
        source: Source,
        view: &View,
        plain: &[u8],
        now: Time,
    ) -> Result<(), Reason> {
        let track = &mut self.tracks[source.track];
        let ids = &self.peers[peer].ids;
        let (payload_type, incoming) = read(track, source.is_repair, view, plain, ids)?;
        track.comes_redundant = track.redundant_type == Some(payload_type);
        if track.comes_redundant {
            return self.take_apart(peer, source, &incoming, now);
        }
        self.take_one(peer, source, payload_type, &incoming, now)
    }

    /// Takes in what a redundant packet carries (RFC 2198): what of it was lost, then the newest. All who read the track
    /// see plain sound.
    fn take_apart(
        &mut self,
        peer: usize,
        source: Source,
        whole: &Incoming<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        let parts = red::parse(whole.payload).ok_or(Reason::MalformedRedundancy)?;
        self.tracks[source.track].counts.redundant += u64::from(!parts.copies().is_empty());
        for copy in parts.copies() {
            let layer = &self.tracks[source.track].layers[source.layer];
            let Some(sequence) = layer.number_of_copy(whole.sequence, whole.timestamp, copy.offset) else {
                continue;
            };
            let lost = Incoming {
                sequence,
                timestamp: whole.timestamp.wrapping_sub(copy.offset),
                level: None,
                payload: copy.payload,
                is_copy: true,
                ..*whole
            };
            if let Err(reason) = self.take_one(peer, source, copy.payload_type, &lost, now) {
                self.tracks[source.track].drops.count(reason);
            }
        }
        let newest = Incoming {
            payload: parts.payload,
            ..*whole
        };
        self.take_one(peer, source, parts.payload_type, &newest, now)
    }

    fn take_one(
        &mut self,
        peer: usize,
        source: Source,
        payload_type: u8,
        incoming: &Incoming<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        let track = &mut self.tracks[source.track];
        let accepted = track.receive(source.layer, payload_type, incoming, now)?;
        self.note(peer, source, &accepted, now);
        if !accepted.is_used {
            return Err(Reason::UnusedLayer);
        }
        self.tap_packet(source.track, source.layer, &accepted.taken.packet, now);
        if !self.tracks[source.track].open {
            return Err(Reason::TrackClosed);
        }
        self.fan_out(source.track, source.layer, &accepted.taken.packet, now);
        Ok(())
    }

    /// Notes a genuine packet's arrival, whatever becomes of it, where its sender wants to know.
    fn note_arrival(&mut self, index: usize, view: &View, plain: &[u8], now: Time) {
        let peer = &mut self.peers[index];
        let Some(arrivals) = &mut peer.arrivals else {
            return;
        };
        let number = view.extension(plain, peer.ids.transport_cc);
        if let Some(&[high, low]) = number {
            arrivals.packet(u16::from_be_bytes([high, low]), view.ssrc, now);
            self.agenda.no_later_than(index, arrivals.due());
        }
    }

    /// What a new packet tells beside its content.
    fn note(&mut self, index: usize, source: Source, accepted: &Accepted<'_>, now: Time) {
        let peer = &mut self.peers[index];
        let track = &self.tracks[source.track];
        if let Some(round_trip) = accepted.taken.answered_after {
            peer.round_trip.sample(round_trip, now);
        }
        if track.loudest.is_some() && self.levels_due == Time::NEVER {
            self.levels_due = now + LEVELS_INTERVAL;
        }
        if accepted.begins_to_flow {
            let ssrc = track.layers[source.layer].ssrc.unwrap_or_default();
            self.events.push(Event::TrackFlowing {
                track: track.id,
                codec: track.codec().name.clone(),
                ssrc,
            });
        }
        self.agenda
            .no_later_than(index, track.deadline(peer.round_trip.or_default()));
    }
}

/// Takes a plain packet apart; of a repair, the original (RFC 4588 section 4).
fn read<'a>(
    track: &Track,
    is_repair: bool,
    view: &View,
    plain: &'a [u8],
    ids: &ExtensionIds,
) -> Result<(u8, Incoming<'a>), Reason> {
    let payload = view.payload(plain).map_err(|_| Reason::MalformedRtp)?;
    let level_id = if track.kind == Kind::Audio {
        ids.audio_level
    } else {
        0
    };
    let level = view
        .extension(plain, level_id)
        .and_then(|data| data.first().copied());
    let mark = view
        .extension(plain, ids.mark)
        .and_then(|data| data.try_into().ok());
    let whole = Incoming {
        sequence: view.sequence,
        timestamp: view.timestamp,
        marker: view.marker,
        level,
        payload,
        is_repair,
        is_copy: false,
        mark: mark.map_or(0, u32::from_be_bytes),
    };
    if !is_repair {
        return Ok((view.payload_type, whole));
    }
    let payload_type = track
        .repaired_type(view.payload_type)
        .ok_or(Reason::UnknownPayloadType)?;
    let (sequence, payload) = rtx::split(payload).ok_or(Reason::EmptyRepair)?;
    Ok((
        payload_type,
        Incoming {
            sequence,
            payload,
            ..whole
        },
    ))
}

//! Whose packet is it? SSRCs of one connection, declared or learned.
use crate::counters::Reason;
use crate::handle::TrackId;
use crate::layer::Layer;
use crate::rtp::View;
use crate::table::Table;
use crate::time::Time;
use crate::track::{Track, MAX_LAYERS};
use std::collections::HashMap;
use std::time::Duration;

/// A publisher has a few tracks with a few layers; more is an attack or a mistake.
const MAX_SOURCES: usize = 256;
/// A learned SSRC gives way to another with the same mid only once it is silent.
const SILENCE: Duration = Duration::from_millis(200);

/// Header extension ids of a connection, 0 for not negotiated.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExtensionIds {
    pub mid: u8,
    pub rid: u8,
    pub repaired_rid: u8,
    pub audio_level: u8,
    pub transport_cc: u8,
    pub mark: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub track: usize,
    pub layer: usize,
    pub is_repair: bool,
}

#[derive(Default)]
pub struct Sources {
    known: HashMap<u32, Source>,
}

impl Sources {
    pub fn get(&self, ssrc: u32) -> Option<Source> {
        self.known.get(&ssrc).copied()
    }

    /// Adds what a track's declaration says.
    pub fn declare(&mut self, index: usize, track: &Track) {
        for (layer, declared) in track.layers.iter().enumerate() {
            let mut add = |ssrc: Option<u32>, is_repair| {
                if let Some(ssrc) = ssrc {
                    self.known.insert(
                        ssrc,
                        Source {
                            track: index,
                            layer,
                            is_repair,
                        },
                    );
                }
            };
            add(declared.ssrc, false);
            add(declared.rtx_ssrc, true);
        }
    }

    pub fn forget_track(&mut self, track: usize) {
        self.known.retain(|_, source| source.track != track);
    }

    /// Finds the track and layer of an SSRC not seen before (RFC 8843 section 9.2), from a genuine packet.
    pub fn learn(
        &mut self,
        view: &View,
        packet: &[u8],
        ids: &ExtensionIds,
        candidates: &[usize],
        tracks: &mut Table<TrackId, Track>,
        now: Time,
    ) -> Result<Source, Reason> {
        if self.known.len() >= MAX_SOURCES {
            return Err(Reason::UnknownSsrc);
        }
        let mid = view.extension(packet, ids.mid);
        let index = find_track(mid, view.payload_type, candidates, tracks).ok_or(Reason::UnknownSsrc)?;
        let track = &mut tracks[index];
        let is_repair = track.repaired_type(view.payload_type).is_some();
        if !is_repair && !track.has_payload_type(view.payload_type) {
            return Err(Reason::UnknownPayloadType);
        }
        let rid = view.extension(packet, if is_repair { ids.repaired_rid } else { ids.rid });
        let layer = find_layer(track, rid).ok_or(Reason::UnknownSsrc)?;
        adopt(track, layer, view.ssrc, is_repair, now)?;
        let source = Source {
            track: index,
            layer,
            is_repair,
        };
        self.known.insert(view.ssrc, source);
        Ok(source)
    }
}

/// Lets a stream that was replaced go on if the one that replaced it has gone. Its repairs never do: they carry the
/// numbers of a stream that is forgotten.
pub fn resume(source: Source, ssrc: u32, track: &mut Track, now: Time) -> Result<Source, Reason> {
    if source.is_repair {
        return Err(Reason::UnknownSsrc);
    }
    adopt(track, source.layer, ssrc, false, now)?;
    Ok(source)
}

/// Makes an SSRC its layer's; the one before stays known as the same layer's, so that it never becomes another's.
fn adopt(track: &mut Track, layer: usize, ssrc: u32, is_repair: bool, now: Time) -> Result<(), Reason> {
    let known = &mut track.layers[layer];
    if is_repair {
        known.rtx_ssrc = Some(ssrc);
        return Ok(());
    }
    let is_gone = known.ended || now.since(known.last_packet) >= SILENCE;
    match known.ssrc {
        None => known.ssrc = Some(ssrc),
        Some(_) if is_gone => track.restart(layer, Some(ssrc)),
        Some(_) => return Err(Reason::UnknownSsrc),
    }
    Ok(())
}

/// By mid; without one, by payload type if only one track has it.
fn find_track(
    mid: Option<&[u8]>,
    payload_type: u8,
    candidates: &[usize],
    tracks: &Table<TrackId, Track>,
) -> Option<usize> {
    let mut fitting = candidates.iter().copied().filter(|&index| match mid {
        Some(mid) => tracks[index].mid.as_bytes() == mid,
        None => tracks[index].has_payload_type(payload_type),
    });
    let found = fitting.next()?;
    fitting.next().is_none().then_some(found)
}

/// By rid, adding a layer for a new one; without rid, the only layer.
fn find_layer(track: &mut Track, rid: Option<&[u8]>) -> Option<usize> {
    let rid = rid
        .and_then(|rid| std::str::from_utf8(rid).ok())
        .map(str::to_owned);
    if let Some(known) = track.layers.iter().position(|layer| layer.rid == rid) {
        return Some(known);
    }
    match (rid, track.layers.len()) {
        (None, 1) => Some(0),
        (None, 2..) | (_, MAX_LAYERS..) => None,
        (rid, count) => {
            track.layers.push(Layer::new(track.kind, rid));
            Some(count)
        }
    }
}

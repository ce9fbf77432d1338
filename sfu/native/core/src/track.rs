//! A published stream: its encodings, which of them is forwarded, and the slots that show it.
use crate::clock::units;
use crate::codec::{self, is_keyframe, lines_of};
use crate::command::{AddTrack, Codec, Encoding, Kind};
use crate::counters::{Drops, Reason};
use crate::handle::TrackId;
use crate::layer::{Incoming, Intake, Layer, Taken};
use crate::packetise::Payloads;
use crate::segment::Edge;
use crate::stats::TrackStats;
use crate::time::Time;
use std::time::Duration;

/// A track that is silent for this long has stalled.
pub const STALL: Duration = Duration::from_secs(2);
/// Browsers send three simulcast layers at most.
pub const MAX_LAYERS: usize = 4;

pub struct TrackCodec {
    pub codec: Codec,
    form: codec::Codec,
}

pub struct Track {
    pub id: TrackId,
    pub peer: usize,
    pub kind: Kind,
    pub mid: String,
    pub codecs: Vec<TrackCodec>,
    pub layers: Vec<Layer>,
    /// Its SSRCs stand in the order, and need not be learned.
    pub is_declared: bool,
    /// Which layer the slots get.
    pub forwarded: usize,
    /// Which layer they are to get from its next keyframe on.
    pub next: Option<usize>,
    /// Which layers a slot or tap reads or waits for, by bit.
    pub used: u8,
    pub open: bool,
    /// As it leaves for who wants to know whose media it is.
    pub mark: [u8; 4],
    pub slots: Vec<usize>,
    pub taps: Vec<usize>,
    /// Of a track whose frames the caller makes.
    pub feed: Option<Feed>,
    pub is_flowing: bool,
    /// The loudest level since the last report, in -dBov.
    pub loudest: Option<u8>,
    /// The payload type of redundant sound (RFC 2198), and whether the newest packet came in it.
    pub redundant_type: Option<u8>,
    pub comes_redundant: bool,
    /// Which codec came last.
    pub current_codec: u8,
    pub drops: Drops,
    pub counts: Counts,
}

/// No packet that comes from outside has it.
pub const FED_PAYLOAD_TYPE: u8 = 0xff;

/// What numbers the frames of a fed track.
pub struct Feed {
    sequence: u16,
    pub picture_id: u16,
    /// When a timestamp was captured: the newest.
    reference: Option<(Time, u32)>,
    pub payloads: Payloads,
}

impl Feed {
    pub fn new(sequence: u16) -> Feed {
        Feed {
            sequence,
            picture_id: sequence,
            reference: None,
            payloads: Payloads::default(),
        }
    }

    pub fn begin_frame(&mut self, captured: Time, timestamp: u32) {
        self.picture_id = self.picture_id.wrapping_add(1) & 0x7fff;
        self.reference = Some((captured, timestamp));
    }

    /// The first of some sequence numbers.
    pub fn numbers(&mut self, count: usize) -> u16 {
        let first = self.sequence;
        self.sequence = first.wrapping_add(count as u16);
        first
    }

    /// The timestamp of this instant.
    pub fn timestamp_at(&self, now: Time, clock_rate: u32) -> Option<u32> {
        let (captured, timestamp) = self.reference?;
        let elapsed = (now.as_nanos() as i64).wrapping_sub(captured.as_nanos() as i64);
        Some(timestamp.wrapping_add(units(elapsed, clock_rate) as u32))
    }
}

#[derive(Default)]
pub struct Counts {
    pub packets: u64,
    pub bytes: u64,
    pub repaired: u64,
    pub copied: u64,
    pub redundant: u64,
    pub in_band_fec: u64,
    pub nacks_sent: u64,
    pub keyframe_requests_sent: u64,
    pub keyframes: u64,
}

/// What a publisher's packet led to.
pub struct Accepted<'a> {
    pub taken: Taken<'a>,
    /// The first packet, or the first after a stall.
    pub begins_to_flow: bool,
    /// Somebody reads this layer, or it is the one for who comes.
    pub is_used: bool,
}

impl Track {
    pub fn new(order: &AddTrack, peer: usize) -> Track {
        let mut layers: Vec<Layer> = order
            .encodings
            .iter()
            .map(|e| Layer::new(order.kind, e.rid.clone()))
            .collect();
        for (layer, encoding) in layers.iter_mut().zip(&order.encodings) {
            (layer.ssrc, layer.rtx_ssrc) = (Some(encoding.ssrc), encoding.rtx_ssrc);
        }
        Track {
            id: order.track,
            peer,
            kind: order.kind,
            mid: order.mid.clone(),
            codecs: order.codecs.iter().map(TrackCodec::new).collect(),
            layers,
            is_declared: !order.encodings.is_empty(),
            forwarded: 0,
            next: None,
            used: 0,
            open: order.open,
            mark: order.mark.to_be_bytes(),
            slots: Vec::new(),
            taps: Vec::new(),
            feed: None,
            is_flowing: false,
            loudest: None,
            redundant_type: redundant_type(&order.codecs),
            comes_redundant: false,
            current_codec: first_frames(&order.codecs),
            drops: Drops::default(),
            counts: Counts::default(),
        }
    }

    /// Takes in a packet of one of the layers; `payload_type` is that of the original.
    pub fn receive<'a>(
        &mut self,
        layer: usize,
        payload_type: u8,
        incoming: &Incoming<'a>,
        now: Time,
    ) -> Result<Accepted<'a>, Reason> {
        let intake = self
            .intake(payload_type, incoming.payload)
            .ok_or(Reason::UnknownPayloadType)?;
        if self.edge().is_none() && layer != self.forwarded {
            self.forward(layer);
        }
        let is_first = self.layers[layer].edge.is_none();
        let taken = self.layers[layer].take(incoming, intake, now)?;
        self.count(&taken, incoming);
        // Whoever waited asked before there was a stream to ask, or of the stream before.
        if is_first
            && layer == self.forwarded
            && !taken.begins_keyframe
            && self.open
            && !self.slots.is_empty()
        {
            self.want_keyframe();
        }
        self.current_codec = intake.codec;
        if taken.begins_keyframe && self.next == Some(layer) {
            self.forward(layer);
        }
        let flows = !self.layers[layer].ended;
        let begins_to_flow = flows && !std::mem::replace(&mut self.is_flowing, true);
        Ok(Accepted {
            taken,
            begins_to_flow,
            is_used: self.is_used(layer),
        })
    }

    /// The media payload type that a repair payload type stands for.
    pub fn repaired_type(&self, rtx_payload_type: u8) -> Option<u8> {
        let found = self
            .codecs
            .iter()
            .find(|known| known.codec.rtx_payload_type == Some(rtx_payload_type));
        found.map(|known| known.codec.payload_type)
    }

    pub fn has_payload_type(&self, payload_type: u8) -> bool {
        let known = |codec: &Codec| {
            codec.payload_type == payload_type || codec.rtx_payload_type == Some(payload_type)
        };
        self.codecs.iter().any(|codec| known(&codec.codec))
    }

    pub fn codec(&self) -> &Codec {
        &self.codecs[self.current_codec as usize].codec
    }

    pub fn source(&self) -> Option<&Layer> {
        self.layers.get(self.forwarded)
    }

    /// Whether what is missing of a layer is asked for.
    pub fn is_used(&self, layer: usize) -> bool {
        layer == self.forwarded || self.used & 1 << layer != 0
    }

    /// The layer of this name, if it sends.
    pub fn layer_named(&self, rid: &str, now: Time) -> Option<usize> {
        let sends = |layer: &Layer| layer.ssrc.is_some() && now < layer.last_packet + STALL;
        self.layers
            .iter()
            .position(|layer| layer.rid.as_deref() == Some(rid) && sends(layer))
    }

    /// Asks for a keyframe of one layer.
    pub fn want_keyframe_of(&mut self, layer: usize) {
        if let Some(layer) = self.layers.get_mut(layer).filter(|_| self.kind == Kind::Video) {
            layer.requests.want();
        }
    }

    /// Asks for a keyframe of the layer that the slots get, or wait for.
    pub fn want_keyframe(&mut self) {
        self.want_keyframe_of(self.next.unwrap_or(self.forwarded));
    }

    pub fn set_open(&mut self, open: bool) {
        if self.open != open {
            self.open = open;
            self.layers.iter_mut().for_each(Layer::bar);
        }
    }

    /// Gives up SSRCs that were learned for this track and turn out to be another's.
    pub fn disown(&mut self, others: &Encoding) {
        let others = [Some(others.ssrc), others.rtx_ssrc];
        for layer in 0..self.layers.len() {
            let known = &mut self.layers[layer];
            known.rtx_ssrc = known.rtx_ssrc.filter(|&ssrc| !others.contains(&Some(ssrc)));
            if known.ssrc.is_some() && others.contains(&known.ssrc) {
                self.restart(layer, None);
            }
        }
    }

    /// Makes a layer's stream begin anew, under another SSRC or one not known yet.
    pub fn restart(&mut self, layer: usize, ssrc: Option<u32>) {
        self.layers[layer].restart(ssrc);
        if self.open && !(self.slots.is_empty() && self.taps.is_empty()) {
            self.want_keyframe();
        }
    }

    /// Ends one layer's stream; whether nothing of the track flows any more that flowed until now.
    pub fn end_layer(&mut self, layer: usize, now: Time) -> bool {
        let ended = &mut self.layers[layer];
        (ended.ended, ended.recent_bytes) = (true, 0);
        let flows = |layer: &Layer| !layer.ended && layer.edge.is_some() && now < layer.last_packet + STALL;
        !self.layers.iter().any(flows) && std::mem::take(&mut self.is_flowing)
    }

    /// When this track wants to be looked at without a packet having come.
    pub fn deadline(&self, round_trip: Duration) -> Time {
        let stall = if self.is_flowing {
            self.last_packet() + STALL
        } else {
            Time::NEVER
        };
        self.layers
            .iter()
            .enumerate()
            .fold(stall, |earliest, (index, layer)| {
                let gaps = if self.is_used(index) {
                    layer.missing.deadline()
                } else {
                    Time::NEVER
                };
                let keyframe = match layer.ssrc {
                    Some(_) if !layer.ended => layer.requests.deadline(round_trip),
                    _ => Time::NEVER,
                };
                let growth = if layer.history.wants_growth() {
                    Time::ZERO
                } else {
                    Time::NEVER
                };
                earliest.min(gaps).min(keyframe).min(growth)
            })
    }

    /// Whether it flowed until now and has stalled.
    pub fn stalls(&mut self, now: Time) -> bool {
        let stalls = self.is_flowing && now >= self.last_packet() + STALL;
        self.is_flowing &= !stalls;
        stalls
    }

    /// Chooses a layer with a clearly higher rate and a known clock; the slots change to it at its next keyframe.
    pub fn compare_layers(&mut self) {
        let current = self
            .layers
            .get(self.forwarded)
            .map_or(0, |layer| layer.recent_bytes);
        let rates = self.layers.iter_mut().map(|layer| {
            let bytes = std::mem::take(&mut layer.recent_bytes);
            if layer.sender_report.is_some() {
                bytes
            } else {
                0
            }
        });
        let best = rates.enumerate().max_by_key(|&(_, bytes)| bytes);
        self.next = best
            .filter(|&(_, bytes)| bytes > current + current / 4)
            .map(|(layer, _)| layer);
        match self.next {
            Some(layer) if self.kind == Kind::Audio => self.forward(layer),
            Some(_) if !self.slots.is_empty() => self.want_keyframe(),
            _ => {}
        }
    }

    pub fn stats(&self, peer: crate::handle::PeerId) -> TrackStats {
        let source = self.source();
        let reception = source.map(|layer| layer.reception).unwrap_or_default();
        TrackStats {
            track: self.id,
            peer,
            packets: self.counts.packets,
            bytes: self.counts.bytes,
            lost: self.layers.iter().map(|layer| layer.reception.lost()).sum(),
            repaired: self.counts.repaired,
            copied: self.counts.copied,
            redundant: self.counts.redundant,
            in_band_fec: self.counts.in_band_fec,
            duplicates: self.drops.get(Reason::Duplicate),
            nacks_sent: self.counts.nacks_sent,
            keyframe_requests_sent: self.counts.keyframe_requests_sent,
            keyframes: self.counts.keyframes,
            jitter_ms: reception.jitter_ms(source.map_or(0, |layer| layer.clock_rate)),
            last_sequence: reception.highest() as u16,
            dropped: self.drops.clone(),
        }
    }

    /// The newest packet of the forwarded layer.
    pub fn edge(&self) -> Option<Edge> {
        self.source()?.edge
    }

    fn forward(&mut self, layer: usize) {
        self.forwarded = layer;
        self.next = None;
    }

    fn last_packet(&self) -> Time {
        self.layers
            .iter()
            .filter(|layer| !layer.ended)
            .map(|layer| layer.last_packet)
            .max()
            .unwrap_or(Time::ZERO)
    }

    fn intake(&self, payload_type: u8, payload: &[u8]) -> Option<Intake> {
        let index = self
            .codecs
            .iter()
            .position(|known| known.codec.payload_type == payload_type)
            .filter(|_| self.redundant_type != Some(payload_type))?;
        let known = &self.codecs[index];
        let starts = !payload.is_empty() && (self.kind == Kind::Audio || is_keyframe(known.form, payload));
        let has_lines = starts && self.kind == Kind::Video;
        Some(Intake {
            codec: index as u8,
            clock_rate: known.codec.clock_rate,
            asks_for_repair: known.codec.nack,
            starts,
            keeps_group: self.open,
            lines: has_lines.then(|| lines_of(known.form, payload)).flatten(),
        })
    }

    fn count(&mut self, taken: &Taken<'_>, incoming: &Incoming<'_>) {
        self.counts.packets += 1;
        self.counts.bytes += incoming.payload.len() as u64;
        self.counts.repaired += u64::from(taken.filled_gap && incoming.is_repair);
        self.counts.copied += u64::from(incoming.is_copy);
        let is_opus = self.codecs[taken.packet.codec as usize].form == codec::Codec::Opus;
        self.counts.in_band_fec += u64::from(is_opus && codec::opus::has_in_band_fec(incoming.payload));
        self.counts.keyframes += u64::from(taken.begins_keyframe);
        if let Some(level) = incoming.level {
            let level = level & 0x7f;
            self.loudest = Some(self.loudest.map_or(level, |loudest| loudest.min(level)));
        }
    }
}

/// The payload type of redundant sound in a row of codecs.
pub fn redundant_type(codecs: &[Codec]) -> Option<u8> {
    let red = codecs.iter().find(|codec| is_redundant(codec));
    red.map(|codec| codec.payload_type)
}

fn is_redundant(codec: &Codec) -> bool {
    codec.name.eq_ignore_ascii_case("red")
}

/// Before anything has come: the first codec that is not a wrapping of others.
fn first_frames(codecs: &[Codec]) -> u8 {
    let first = codecs.iter().position(|codec| !is_redundant(codec));
    first.unwrap_or(0) as u8
}

impl TrackCodec {
    fn new(codec: &Codec) -> TrackCodec {
        TrackCodec {
            codec: codec.clone(),
            form: codec::Codec::from_name(&codec.name),
        }
    }

    pub fn form(&self) -> codec::Codec {
        self.form
    }
}

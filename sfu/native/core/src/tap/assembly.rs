//! Packets of one frame put together again: H.264 (RFC 6184), VP8 (RFC 7741); what one packet holds as it is.
use crate::codec::{h264, vp8, Codec};
use crate::command::H264Form;
use crate::packet::Packet;
use crate::time::Time;

const IDR_SLICE: u8 = 5;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

pub struct Done {
    pub timestamp: u32,
    pub arrived: Time,
    pub is_keyframe: bool,
    pub data: Vec<u8>,
}

pub struct Assembly {
    form: H264Form,
    is_video: bool,
    /// Nothing but a keyframe is handed on: at the beginning, and after a loss.
    needs_keyframe: bool,
    timestamp: Option<u32>,
    packets: u64,
    arrived: Time,
    is_whole: bool,
    /// Packets are lost that may have begun the next frame.
    is_suspect: bool,
    is_keyframe: bool,
    /// Where the length of an H.264 unit stands that has not ended yet.
    open_unit: Option<usize>,
    data: Vec<u8>,
}

impl Assembly {
    pub fn new(form: H264Form, is_video: bool) -> Assembly {
        Assembly {
            form,
            is_video,
            needs_keyframe: is_video,
            timestamp: None,
            packets: 0,
            arrived: Time::ZERO,
            is_whole: true,
            is_suspect: false,
            is_keyframe: false,
            open_unit: None,
            data: Vec::new(),
        }
    }

    pub fn is_of_another(&self, timestamp: u32) -> bool {
        self.timestamp.is_some_and(|known| known != timestamp)
    }

    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Packets before the next are lost; whether a keyframe is needed that was not needed before.
    pub fn tear(&mut self) -> bool {
        self.is_whole &= self.timestamp.is_none();
        self.is_suspect = true;
        self.wait_for_keyframe()
    }

    /// What depends on earlier frames is of no use from now on; whether that is news.
    pub fn wait_for_keyframe(&mut self) -> bool {
        self.is_video && !std::mem::replace(&mut self.needs_keyframe, true)
    }

    /// Adds the next packet; one that cannot belong to a frame breaks it.
    pub fn push(&mut self, codec: Codec, packet: &Packet<'_>) {
        if packet.payload.is_empty() {
            return;
        }
        let is_first = self.timestamp.is_none();
        self.timestamp = Some(packet.timestamp);
        self.packets += 1;
        self.arrived = self.arrived.max(packet.arrival);
        if std::mem::take(&mut self.is_suspect) {
            self.is_whole &= !is_first || begins_frame(codec, packet.payload);
        }
        let fits = match codec {
            Codec::H264 => self.push_h264(packet.payload).is_some(),
            Codec::Vp8 => self.push_vp8(packet.payload, is_first).is_some(),
            _ if self.is_video => false,
            _ => {
                self.data.extend_from_slice(packet.payload);
                true
            }
        };
        self.is_whole &= fits;
    }

    /// The frame, if it is whole and can be decoded after those before.
    pub fn finish(&mut self) -> Option<Done> {
        let timestamp = self.timestamp.take()?;
        let is_whole = std::mem::replace(&mut self.is_whole, true) && self.open_unit.take().is_none();
        let is_keyframe = std::mem::take(&mut self.is_keyframe) || !self.is_video;
        let data = std::mem::take(&mut self.data);
        self.packets = 0;
        let arrived = std::mem::take(&mut self.arrived);
        if !is_whole || data.is_empty() {
            self.needs_keyframe |= self.is_video;
            return None;
        }
        if self.needs_keyframe && !is_keyframe {
            return None;
        }
        self.needs_keyframe = false;
        Some(Done {
            timestamp,
            arrived,
            is_keyframe,
            data,
        })
    }

    fn push_h264(&mut self, payload: &[u8]) -> Option<()> {
        let (&head, rest) = payload.split_first()?;
        match head & 0x1F {
            1..=23 => self.whole_unit(payload),
            STAP_A => self.aggregated(rest),
            FU_A => self.fragment(head, rest),
            _ => None,
        }
    }

    fn aggregated(&mut self, mut rest: &[u8]) -> Option<()> {
        while !rest.is_empty() {
            let (len, after) = rest.split_first_chunk::<2>()?;
            let (unit, next) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
            self.whole_unit(unit)?;
            rest = next;
        }
        Some(())
    }

    fn fragment(&mut self, indicator: u8, rest: &[u8]) -> Option<()> {
        let (&fu, data) = rest.split_first()?;
        let (is_first, is_last) = (fu & 0x80 != 0, fu & 0x40 != 0);
        if is_first != self.open_unit.is_none() {
            return None;
        }
        if is_first {
            self.begin_unit(indicator & 0xE0 | fu & 0x1F);
        }
        self.data.extend_from_slice(data);
        if is_last {
            self.end_unit();
        }
        Some(())
    }

    fn whole_unit(&mut self, unit: &[u8]) -> Option<()> {
        let (&head, data) = unit.split_first()?;
        if self.open_unit.is_some() {
            return None;
        }
        self.begin_unit(head);
        self.data.extend_from_slice(data);
        self.end_unit();
        Some(())
    }

    /// Annex B begins a unit with a start code; AVCC with its length, known at its end.
    fn begin_unit(&mut self, head: u8) {
        self.is_keyframe |= head & 0x1F == IDR_SLICE;
        self.open_unit = Some(self.data.len());
        self.data.extend_from_slice(&[0, 0, 0, 1, head]);
    }

    fn end_unit(&mut self) {
        let Some(at) = self.open_unit.take() else { return };
        if self.form == H264Form::Avcc {
            let len = (self.data.len() - at - 4) as u32;
            self.data[at..at + 4].copy_from_slice(&len.to_be_bytes());
        }
    }

    fn push_vp8(&mut self, payload: &[u8], is_first: bool) -> Option<()> {
        let descriptor = vp8::parse(payload)?;
        if is_first {
            self.is_keyframe = vp8::is_keyframe(payload);
        }
        self.data.extend_from_slice(payload.get(descriptor.len..)?);
        (descriptor.starts_frame || !is_first).then_some(())
    }
}

fn begins_frame(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::H264 => h264::starts_frame(payload),
        Codec::Vp8 => vp8::parse(payload).is_some_and(|descriptor| descriptor.starts_frame),
        _ => true,
    }
}

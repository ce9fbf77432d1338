//! Which packets are one frame, and whether it can be decoded after those before.
use crate::codec::{av1, h264, vp8, vp9, Codec};
use crate::command::H264Form;
use crate::depacketise::Parts;
use crate::packet::Packet;
use crate::time::Time;

pub struct Done {
    pub codec: Codec,
    pub timestamp: u32,
    pub arrived: Time,
    pub mark: u32,
    pub is_keyframe: bool,
    pub data: Vec<u8>,
}

/// What came is no frame that could be handed on.
pub struct Unusable {
    /// Nobody has asked yet for the keyframe that is needed now.
    pub asks: bool,
}

/// A publisher whose keyframes are of no use so often in a row is not asked for more of them.
const MAX_SPENT: u8 = 10;

pub struct Assembly {
    is_video: bool,
    /// Nothing but a keyframe is handed on: at the beginning, and after a loss.
    needs_keyframe: bool,
    /// Of the frame's first packet.
    codec: Codec,
    timestamp: Option<u32>,
    packets: u64,
    arrived: Time,
    mark: u32,
    is_whole: bool,
    /// Packets are lost that may have begun the next frame.
    is_suspect: bool,
    /// The frame begins as a keyframe does, so whoever asked for one has been answered.
    is_answer: bool,
    /// Answers in a row that were of no use.
    spent: u8,
    parts: Parts,
}

impl Assembly {
    pub fn new(form: H264Form, is_video: bool) -> Assembly {
        Assembly {
            is_video,
            needs_keyframe: is_video,
            codec: Codec::Other,
            timestamp: None,
            packets: 0,
            arrived: Time::ZERO,
            mark: 0,
            is_whole: true,
            is_suspect: false,
            is_answer: false,
            spent: 0,
            parts: Parts::new(form),
        }
    }

    pub fn is_of_another(&self, timestamp: u32) -> bool {
        self.timestamp.is_some_and(|known| known != timestamp)
    }

    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Packets before the next are lost; whether a keyframe must be asked for.
    pub fn tear(&mut self) -> bool {
        self.is_whole &= self.timestamp.is_none();
        self.is_suspect = true;
        self.wait_for_keyframe()
    }

    /// What depends on earlier frames is of no use from now on; whether nobody has asked for a keyframe yet.
    pub fn wait_for_keyframe(&mut self) -> bool {
        let is_news = self.is_video && !std::mem::replace(&mut self.needs_keyframe, true);
        let is_spent = std::mem::take(&mut self.is_answer) && self.spent < MAX_SPENT;
        self.spent += u8::from(is_spent);
        is_news || is_spent
    }

    /// Adds the next packet; one that cannot belong to a frame breaks it.
    pub fn push(&mut self, codec: Codec, packet: &Packet<'_>) {
        if packet.payload.is_empty() {
            return;
        }
        let is_first = self.timestamp.is_none();
        self.timestamp = Some(packet.timestamp);
        if is_first {
            self.codec = codec;
        }
        self.packets += 1;
        self.mark = packet.mark;
        self.arrived = self.arrived.max(packet.arrival);
        if std::mem::take(&mut self.is_suspect) {
            self.is_whole &= !is_first || begins_frame(codec, packet.payload);
        }
        // What is not known of a picture's packets cannot be put together.
        let is_known = codec != Codec::Other || !self.is_video;
        self.is_answer |= self.is_video && is_known && packet.starts;
        let belongs = is_known && codec == self.codec;
        let fits = belongs && self.parts.push(codec, packet.payload, is_first).is_some();
        self.is_whole &= fits;
    }

    /// The frame, if it is whole and can be decoded after those before.
    pub fn finish(&mut self) -> Result<Done, Unusable> {
        let timestamp = self.timestamp.take().ok_or(Unusable { asks: false })?;
        let is_whole = std::mem::replace(&mut self.is_whole, true);
        let whole = self.parts.finish().filter(|_| is_whole);
        self.packets = 0;
        let arrived = std::mem::take(&mut self.arrived);
        let usable = whole.filter(|whole| whole.is_keyframe || !self.needs_keyframe);
        let Some(whole) = usable else {
            let asks = self.wait_for_keyframe();
            return Err(Unusable { asks });
        };
        (self.needs_keyframe, self.is_answer, self.spent) = (false, false, 0);
        Ok(Done {
            codec: self.codec,
            timestamp,
            arrived,
            mark: self.mark,
            is_keyframe: whole.is_keyframe || !self.is_video,
            data: whole.data,
        })
    }
}

fn begins_frame(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::H264 => h264::starts_frame(payload),
        Codec::Vp8 => vp8::parse(payload).is_some_and(|descriptor| descriptor.starts_frame),
        Codec::Vp9 => vp9::starts_picture(payload),
        // No other beginning can be told, and after a loss no other is of use.
        Codec::Av1 => av1::is_keyframe(payload),
        _ => true,
    }
}

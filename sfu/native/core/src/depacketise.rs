//! RTP payloads put together again to the frame they were cut from: the reverse of `packetise`.
mod av1;
mod h264;
mod vp9;

use crate::codec::{vp8, Codec};
use crate::command::H264Form;

/// VP9 has room for no more in one picture (VP9 bitstream 0.7, annex B).
const MAX_LAYER_FRAMES: usize = 8;

/// The frame that is being put together.
pub struct Parts {
    form: H264Form,
    is_keyframe: bool,
    /// AV1's sequence header came.
    has_sequence: bool,
    /// Where an H.264 unit, an AV1 OBU or a VP9 layer's frame stands that has not ended yet.
    open: Option<usize>,
    /// How long VP9's layer frames are.
    layers: Vec<usize>,
    data: Vec<u8>,
}

/// A frame of which nothing is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub is_keyframe: bool,
    pub data: Vec<u8>,
}

impl Parts {
    pub fn new(form: H264Form) -> Parts {
        Parts {
            form,
            is_keyframe: false,
            has_sequence: false,
            open: None,
            layers: Vec::new(),
            data: Vec::new(),
        }
    }

    /// Adds what the frame's next packet carries; None if it cannot belong there. Sound and unknown codecs are whole
    /// in one packet.
    pub fn push(&mut self, codec: Codec, payload: &[u8], is_first: bool) -> Option<()> {
        match codec {
            Codec::H264 => self.push_h264(payload),
            Codec::Vp8 => self.push_vp8(payload, is_first),
            Codec::Vp9 => self.push_vp9(payload),
            Codec::Av1 => self.push_av1(payload),
            Codec::Opus | Codec::Other => {
                self.data.extend_from_slice(payload);
                Some(())
            }
        }
    }

    /// What came since the last time, if it is a whole frame; the next one begins.
    pub fn finish(&mut self) -> Option<Whole> {
        self.end_picture();
        let is_open = self.open.take().is_some();
        let whole = Whole {
            is_keyframe: std::mem::take(&mut self.is_keyframe),
            data: std::mem::take(&mut self.data),
        };
        self.has_sequence = false;
        (!is_open && !whole.data.is_empty()).then_some(whole)
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

#[cfg(test)]
mod tests;

//! VP9 (RFC 9628): all layers of a picture, with an index behind them if there are several (VP9 bitstream, annex B).
use super::{Parts, MAX_LAYER_FRAMES};
use crate::codec::vp9;

impl Parts {
    pub(super) fn push_vp9(&mut self, payload: &[u8]) -> Option<()> {
        let descriptor = vp9::parse(payload)?;
        let data = payload.get(descriptor.len..)?;
        let is_first = self.data.is_empty();
        if descriptor.starts_frame != self.open.is_none() || (is_first && !vp9::starts_picture(payload)) {
            return None;
        }
        if is_first {
            self.is_keyframe = vp9::is_keyframe(payload);
        }
        let at = *self.open.get_or_insert(self.data.len());
        self.data.extend_from_slice(data);
        if descriptor.ends_frame {
            self.open = None;
            self.layers.push(self.data.len().saturating_sub(at));
        }
        (self.layers.len() <= MAX_LAYER_FRAMES).then_some(())
    }

    /// Decoders find the layers' frames by the index.
    pub(super) fn end_picture(&mut self) {
        let largest = self.layers.iter().max().copied().unwrap_or(0) as u32;
        if self.layers.len() > 1 {
            let size_len = 4 - (largest | 1).leading_zeros() as usize / 8;
            let marker = 0xC0 | (size_len as u8 - 1) << 3 | (self.layers.len() as u8 - 1);
            self.data.push(marker);
            for &len in &self.layers {
                self.data
                    .extend_from_slice(&(len as u32).to_le_bytes()[..size_len]);
            }
            self.data.push(marker);
        }
        self.layers.clear();
    }
}

//! AV1: OBUs without their temporal delimiter, each with its length, as files have them (AV1 §5.2).
use super::Parts;
use crate::codec::av1::{elements, leb128, Element, Head};

const HAS_SIZE: u8 = 0x02;

impl Parts {
    pub(super) fn push_av1(&mut self, payload: &[u8]) -> Option<()> {
        // What goes on must be gone on with: an empty or other packet between means a loss.
        let expected = self.open.is_some();
        let mut is_first = true;
        for element in elements(payload) {
            let element = element?;
            if std::mem::replace(&mut is_first, false) && element.continues != expected {
                return None;
            }
            self.element(&element)?;
        }
        (!is_first).then_some(())
    }

    fn element(&mut self, element: &Element<'_>) -> Option<()> {
        let at = *self.open.get_or_insert(self.data.len());
        self.data.extend_from_slice(element.data);
        if element.goes_on {
            return Some(());
        }
        self.open = None;
        self.end_obu(at)
    }

    /// Checks the OBU that stands at the end of the data, and gives it its length.
    fn end_obu(&mut self, at: usize) -> Option<()> {
        let obu = &self.data[at..];
        let head = Head::of(obu)?;
        let after = obu.get(head.len..)?;
        let (body, size_len) = if head.has_size {
            let (len, body) = leb128(after)?;
            (body.get(..len)?, after.len() - body.len())
        } else {
            (after, 0)
        };
        let (begins_keyframe, len) = (head.begins_keyframe(body), body.len());
        if head.is_left_out() {
            self.data.truncate(at);
            return Some(());
        }
        self.has_sequence |= head.is_sequence_header();
        self.is_keyframe |= self.has_sequence && begins_keyframe;
        self.data.truncate(at + head.len + size_len + len);
        if !head.has_size {
            self.data[at] |= HAS_SIZE;
            let (size, size_len) = leb128_of(len)?;
            let place = at + head.len;
            self.data.splice(place..place, size[..size_len].iter().copied());
        }
        Some(())
    }
}

fn leb128_of(len: usize) -> Option<([u8; 4], usize)> {
    let (mut bytes, mut left) = ([0; 4], len);
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = left as u8 & 0x7F;
        left >>= 7;
        if left == 0 {
            return Some((bytes, at + 1));
        }
        *byte |= 0x80;
    }
    None
}

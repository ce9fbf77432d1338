//! H.264 (RFC 6184): single units, STAP-A and FU-A.
use super::Parts;
use crate::command::H264Form;

const IDR_SLICE: u8 = 5;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

impl Parts {
    pub(super) fn push_h264(&mut self, payload: &[u8]) -> Option<()> {
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
        if is_first != self.open.is_none() {
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
        if self.open.is_some() {
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
        self.open = Some(self.data.len());
        self.data.extend_from_slice(&[0, 0, 0, 1, head]);
    }

    fn end_unit(&mut self) {
        let Some(at) = self.open.take() else { return };
        if self.form == H264Form::Avcc {
            let len = (self.data.len() - at - 4) as u32;
            self.data[at..at + 4].copy_from_slice(&len.to_be_bytes());
        }
    }
}

//! Feedback: generic NACK and PLI (RFC 4585), FIR (RFC 5104).
use super::bytes::{half, word};

/// A generic NACK: which packets of `media_ssrc` are missed.
#[derive(Clone, Copy, Debug)]
pub struct Nack<'a> {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    pub(super) pairs: &'a [u8],
}

impl<'a> Nack<'a> {
    /// The lost sequence numbers in the order asked.
    pub fn lost(&self) -> LostSequences<'a> {
        LostSequences {
            rest: self.pairs,
            base: 0,
            mask: 0,
        }
    }
}

/// Iterates over the sequence numbers of a NACK's (packet id, bit mask) pairs.
#[derive(Clone, Debug)]
pub struct LostSequences<'a> {
    rest: &'a [u8],
    base: u16,
    mask: u32,
}

impl Iterator for LostSequences<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.mask == 0 {
            let (pair, rest) = self.rest.split_first_chunk::<4>()?;
            self.rest = rest;
            self.base = half(pair, 0);
            // Bit 0 stands for the packet id itself, bit n for the nth after it.
            self.mask = u32::from(half(pair, 2)) << 1 | 1;
        }
        let offset = self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        Some(self.base.wrapping_add(offset as u16))
    }
}

/// A picture loss indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pli {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
}

/// A full intra request; the streams meant stand in its entries.
#[derive(Clone, Copy, Debug)]
pub struct Fir<'a> {
    pub sender_ssrc: u32,
    pub(super) entries: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirEntry {
    pub ssrc: u32,
    /// The same number again is a repeat of the same request.
    pub sequence: u8,
}

impl<'a> Fir<'a> {
    pub fn entries(&self) -> FirEntries<'a> {
        FirEntries { rest: self.entries }
    }
}

/// Iterates over FIR entries.
#[derive(Clone, Debug)]
pub struct FirEntries<'a> {
    rest: &'a [u8],
}

impl Iterator for FirEntries<'_> {
    type Item = FirEntry;

    fn next(&mut self) -> Option<FirEntry> {
        let (entry, rest) = self.rest.split_first_chunk::<8>()?;
        self.rest = rest;
        Some(FirEntry {
            ssrc: word(entry, 0),
            sequence: entry[4],
        })
    }
}

impl RawFeedback<'_> {
    /// The bit rate that a receiver estimates (draft-alvestrand-rmcat-remb-03 section 2.2).
    pub fn remb(&self) -> Option<u64> {
        let &[b'R', b'E', b'M', b'B', _, head, middle, low] = self.body.first_chunk::<8>()? else {
            return None;
        };
        let mantissa = u64::from(u32::from_be_bytes([0, head & 0x03, middle, low]));
        let exponent = u32::from(head >> 2);
        Some(if mantissa.leading_zeros() < exponent {
            u64::MAX
        } else {
            mantissa.checked_shl(exponent).unwrap_or(0)
        })
    }
}

/// Feedback whose information is read by whoever wants it.
#[derive(Clone, Copy, Debug)]
pub struct RawFeedback<'a> {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    /// The feedback control information.
    pub body: &'a [u8],
}

//! Feedback: generic NACK and PLI (RFC 4585), FIR (RFC 5104).

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
        let _ = (self.rest, self.base, self.mask);
        todo!()
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
        let _ = self.rest;
        todo!()
    }
}

/// Feedback that is recognised and not read here.
#[derive(Clone, Copy, Debug)]
pub struct RawFeedback<'a> {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    /// The feedback control information.
    pub body: &'a [u8],
}

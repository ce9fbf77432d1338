//! Reading transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
use super::bytes::{half, word};
use super::RtcpError;

#[cfg(test)]
mod tests;

/// Base number, count of statuses, reference time, count of feedback packets.
const HEAD_LEN: usize = 8;
/// 64 ms, the unit of the reference time, in ticks of 250 µs.
const TICKS_PER_REFERENCE: i64 = 256;
/// What fills the last word; a receiver that says more than it counts is not understood.
const MAX_FILL: usize = 3;

/// What a receiver tells of packets with consecutive numbers.
#[derive(Clone, Copy, Debug)]
pub struct ArrivalReport<'a> {
    /// The first number.
    pub base: u16,
    /// Of how many numbers it tells.
    pub count: u16,
    /// The receiver's clock in 64 ms, 24 bits of it.
    pub reference: u32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> ArrivalReport<'a> {
    /// Reads a body of whole sense: every status is there, none is reserved, and nothing is left over.
    pub fn read(body: &'a [u8]) -> Result<ArrivalReport<'a>, RtcpError> {
        let (head, rest) = body.split_first_chunk::<HEAD_LEN>().ok_or(RtcpError::Truncated)?;
        let count = half(head, 2);
        let (chunks_len, deltas_len) = measure(rest, count)?;
        let (chunks, rest) = rest.split_at_checked(chunks_len).ok_or(RtcpError::Truncated)?;
        let (deltas, fill) = rest.split_at_checked(deltas_len).ok_or(RtcpError::Truncated)?;
        if fill.len() > MAX_FILL {
            return Err(RtcpError::WrongLength);
        }
        Ok(ArrivalReport {
            base: half(head, 0),
            count,
            reference: word(head, 4) >> 8,
            chunks,
            deltas,
        })
    }

    /// For each number when it arrived, in ticks of 250 µs since the reference time's zero; none if it did not.
    pub fn statuses(&self) -> Statuses<'a> {
        Statuses {
            chunks: self.chunks,
            deltas: self.deltas,
            left: self.count,
            chunk: Chunk { word: 0, left: 0 },
            ticks: i64::from(self.reference) * TICKS_PER_REFERENCE,
        }
    }
}

/// How many bytes the chunks and the deltas of so many statuses take.
fn measure(bytes: &[u8], count: u16) -> Result<(usize, usize), RtcpError> {
    let (mut left, mut chunks, mut deltas) = (count, 0, 0);
    if count == 0 {
        return Err(RtcpError::BadStatus);
    }
    while left > 0 {
        let word = bytes.get(chunks..chunks + 2).ok_or(RtcpError::Truncated)?;
        let chunk = Chunk::new(half(word, 0));
        let told = left.min(chunk.left);
        deltas += chunk.deltas_len(told).ok_or(RtcpError::BadStatus)?;
        chunks += 2;
        left -= told;
    }
    Ok((chunks, deltas))
}

/// Two bytes that hold some symbols, of which so many are left.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    word: u16,
    left: u16,
}

impl Chunk {
    fn new(word: u16) -> Chunk {
        let left = match word >> 14 {
            0 | 1 => word & 0x1FFF,
            2 => 14,
            _ => 7,
        };
        Chunk { word, left }
    }

    fn symbol(&mut self) -> u16 {
        self.left -= 1;
        match self.word >> 14 {
            0 | 1 => self.word >> 13,
            2 => self.word >> self.left & 1,
            _ => self.word >> (2 * self.left) & 3,
        }
    }

    /// A symbol is the length of its delta; the fourth is reserved. A run of nothing is no chunk.
    fn deltas_len(mut self, told: u16) -> Option<usize> {
        match (self.word >> 14, self.word >> 13) {
            _ if told == 0 => None,
            (0 | 1, 3) => None,
            (0 | 1, symbol) => Some(usize::from(symbol) * usize::from(told)),
            _ => (0..told).try_fold(0, |len, _| match self.symbol() {
                3 => None,
                symbol => Some(len + usize::from(symbol)),
            }),
        }
    }
}

/// Iterates over the statuses of a report.
#[derive(Clone, Debug)]
pub struct Statuses<'a> {
    chunks: &'a [u8],
    deltas: &'a [u8],
    left: u16,
    chunk: Chunk,
    ticks: i64,
}

impl Iterator for Statuses<'_> {
    type Item = Option<i64>;

    fn next(&mut self) -> Option<Option<i64>> {
        self.left = self.left.checked_sub(1)?;
        if self.chunk.left == 0 {
            let (word, rest) = self.chunks.split_first_chunk::<2>()?;
            (self.chunk, self.chunks) = (Chunk::new(u16::from_be_bytes(*word)), rest);
        }
        let delta = match self.chunk.symbol() {
            0 => return Some(None),
            1 => {
                let (delta, rest) = self.deltas.split_first()?;
                self.deltas = rest;
                i64::from(*delta)
            }
            _ => {
                let (delta, rest) = self.deltas.split_first_chunk::<2>()?;
                self.deltas = rest;
                i64::from(i16::from_be_bytes(*delta))
            }
        };
        self.ticks += delta;
        Some(Some(self.ticks))
    }
}

//! The body of transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
use super::bytes::{put_half, put_word};
use super::RtcpError;
use crate::time::Time;

/// Packets that one feedback tells of: with every delta long, it and its compound still fit a path of 1280 bytes.
const MAX_STATUSES: usize = 400;
/// Base number, count of statuses, reference time, count of feedback packets.
const HEAD_LEN: usize = 8;
const TICK_NANOS: u64 = 250_000;
/// 64 ms, the unit of the reference time, in ticks.
const REFERENCE_BITS: u32 = 8;
const LONGEST_RUN: usize = (1 << 13) - 1;
/// Symbols of one bit, and of two, in a vector chunk.
const BITS: usize = 14;
const PAIRS: usize = 7;

const MISSING: u8 = 0;
const SHORT: u8 = 1;
const LONG: u8 = 2;

/// Node time in the 250 µs of a delta; counted once for all, so that no rounding adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks(u64);

impl Ticks {
    pub fn at(time: Time) -> Ticks {
        Ticks(time.as_nanos() / TICK_NANOS)
    }
}

/// What became of packets with consecutive numbers; the last of them arrived.
pub struct ArrivalStatuses {
    symbols: [u8; MAX_STATUSES],
    deltas: [i16; MAX_STATUSES],
    len: usize,
    received: usize,
    /// In 64 ms.
    reference: u64,
}

impl ArrivalStatuses {
    /// Takes as many as fit one packet; none if none arrived.
    pub fn gather(arrivals: impl Iterator<Item = Option<Ticks>> + Clone) -> Option<ArrivalStatuses> {
        let first = arrivals.clone().flatten().next()?;
        let reference = first.0 >> REFERENCE_BITS;
        let mut statuses = ArrivalStatuses {
            symbols: [MISSING; MAX_STATUSES],
            deltas: [0; MAX_STATUSES],
            len: 0,
            received: 0,
            reference,
        };
        let mut before = reference << REFERENCE_BITS;
        for (at, arrival) in arrivals.enumerate().take(MAX_STATUSES) {
            let Some(Ticks(ticks)) = arrival else { continue };
            // Eight seconds apart, one needs a reference of its own.
            let Ok(delta) = i16::try_from(ticks as i64 - before as i64) else {
                break;
            };
            before = ticks;
            statuses.take(at, delta);
        }
        // So many are missing in front that none fits behind them: they are told of alone.
        if statuses.len == 0 {
            statuses.len = MAX_STATUSES;
        }
        Some(statuses)
    }

    fn take(&mut self, at: usize, delta: i16) {
        self.symbols[at] = if (0..=255).contains(&delta) { SHORT } else { LONG };
        self.deltas[self.received] = delta;
        self.received += 1;
        self.len = at + 1;
    }

    /// Of how many numbers it tells.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes the feedback control information; returns its length, not yet in whole words.
    pub(super) fn write(&self, out: &mut [u8], base: u16, count: u8) -> Result<usize, RtcpError> {
        let head = out.get_mut(..HEAD_LEN).ok_or(RtcpError::NoRoom)?;
        put_word(head, 0, u32::from(base) << 16 | self.len as u32);
        put_word(head, 4, (self.reference as u32) << 8 | u32::from(count));
        let mut end = HEAD_LEN;
        let mut rest = &self.symbols[..self.len];
        while !rest.is_empty() {
            let (chunk, taken) = first_chunk(rest);
            put_half(out.get_mut(end..end + 2).ok_or(RtcpError::NoRoom)?, 0, chunk);
            (rest, end) = (&rest[taken..], end + 2);
        }
        for &delta in &self.deltas[..self.received] {
            end = put_delta(out, end, delta)?;
        }
        Ok(end)
    }
}

fn put_delta(out: &mut [u8], at: usize, delta: i16) -> Result<usize, RtcpError> {
    let short = u8::try_from(delta).ok();
    let bytes = delta.to_be_bytes();
    let bytes = short.as_ref().map_or(&bytes[..], std::slice::from_ref);
    let end = at + bytes.len();
    out.get_mut(at..end)
        .ok_or(RtcpError::NoRoom)?
        .copy_from_slice(bytes);
    Ok(end)
}

/// The chunk that begins with the first symbol and holds the most of them, and how many.
fn first_chunk(symbols: &[u8]) -> (u16, usize) {
    let first = symbols[0];
    let run = symbols.iter().take_while(|&&symbol| symbol == first).count();
    let bits = &symbols[..symbols.len().min(BITS)];
    let one_bit = !bits.contains(&LONG);
    let vector = if one_bit {
        bits
    } else {
        &symbols[..symbols.len().min(PAIRS)]
    };
    if run >= vector.len() {
        let run = run.min(LONGEST_RUN);
        return (u16::from(first) << 13 | run as u16, run);
    }
    let (head, width, room) = if one_bit {
        (0x8000, 1, BITS)
    } else {
        (0xC000, 2, PAIRS)
    };
    let chunk = vector.iter().enumerate().fold(head, |chunk, (at, &symbol)| {
        chunk | u16::from(symbol) << (width * (room - 1 - at))
    });
    (chunk, vector.len())
}

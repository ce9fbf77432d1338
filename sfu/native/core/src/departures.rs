//! What left a connection under transport-wide numbers, until its receiver tells when it arrived
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).
use crate::bandwidth::{Departure, Outcome};
use crate::rtcp::ArrivalReport;
use crate::time::Time;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Packets remembered: 4 s of the richest ladder's 540 and of four voices, with as many again for repairs.
pub const MOST: usize = 4096;
/// Extended numbers begin here, so that what precedes the first stays positive.
const FIRST: u64 = 1 << 16;
/// 24 bits of 64 ms, and of how many ticks of 250 µs one is.
const REFERENCE_BITS: u32 = 24;
const TICKS_PER_REFERENCE: i64 = 256;
const TICK_NANOS: u64 = 250_000;

/// One packet that left; small, since one is written for each.
#[derive(Clone, Copy, Default)]
struct Kept {
    /// Microseconds of node time, of which the lower 32 bits are exact for an hour.
    at: u32,
    /// 0 for what nothing more is to be learned of.
    len: u16,
    /// Of a probe, the lower bits of its number; else 0. The highest bit says that the packet was told lost.
    flags: u16,
}

const TOLD_LOST: u16 = 1 << 15;

pub struct Departures {
    ring: Box<[Kept]>,
    next: u64,
    /// The newest.
    probe: u32,
    /// The newest reference time, extended beyond its 24 bits.
    reference: Option<i64>,
}

impl Departures {
    pub fn new() -> Departures {
        Departures {
            ring: vec![Kept::default(); MOST].into(),
            next: FIRST,
            probe: 0,
            reference: None,
        }
    }

    /// The number of the next packet that leaves.
    pub fn number(&self) -> u16 {
        self.next as u16
    }

    /// Notes that a packet left under `number()`; of a probe, its number, which is none of 32768 in a row twice.
    pub fn left(&mut self, len: usize, probe: u32, now: Time) {
        self.probe = self.probe.max(probe);
        self.ring[place(self.next)] = Kept {
            at: micros(now),
            len: len as u16,
            flags: probe as u16 & !TOLD_LOST,
        };
        self.next += 1;
    }

    /// A packet leaves again as it was: when it arrives says nothing of when it left.
    pub fn forget(&mut self, number: u16) {
        let known = self.next - u64::from((self.next as u16).wrapping_sub(number));
        if known < self.next && known + MOST as u64 >= self.next {
            self.ring[place(known)].len = 0;
        }
    }

    /// Hands on what a report tells that was not known: each packet once as lost, and once as arrived. False if it tells
    /// of no packet that is remembered.
    pub fn told(&mut self, report: &ArrivalReport<'_>, now: Time, mut each: impl FnMut(Outcome)) -> bool {
        let shift = self.extend(report.reference) - i64::from(report.reference);
        let first = self.next - u64::from((self.next as u16).wrapping_sub(report.base));
        let oldest = FIRST.max(self.next.saturating_sub(MOST as u64));
        let mut any = false;
        for (number, ticks) in (first..self.next).zip(report.statuses()) {
            if number < oldest {
                continue;
            }
            any = true;
            let kept = &mut self.ring[place(number)];
            let arrived = ticks.map(|ticks| since_zero(ticks + shift * TICKS_PER_REFERENCE));
            let is_old = kept.len == 0 || arrived.is_none() && kept.flags & TOLD_LOST != 0;
            if is_old {
                continue;
            }
            let departure = kept.departure(self.probe, now);
            each(Outcome { departure, arrived });
            match arrived {
                Some(_) => kept.len = 0,
                None => kept.flags |= TOLD_LOST,
            }
        }
        any
    }

    /// The reference time next to the newest one; the first begins a turn later, so that what precedes it is positive.
    fn extend(&mut self, reference: u32) -> i64 {
        let Some(newest) = self.reference else {
            let first = (1 << REFERENCE_BITS) + i64::from(reference);
            self.reference = Some(first);
            return first;
        };
        let unused = 32 - REFERENCE_BITS;
        let step = (reference.wrapping_sub(newest as u32) << unused) as i32 >> unused;
        let extended = (newest + i64::from(step)).max(0);
        self.reference = Some(newest.max(extended));
        extended
    }
}

impl Kept {
    fn departure(&self, newest_probe: u32, now: Time) -> Departure {
        let age = micros(now).wrapping_sub(self.at);
        let low = u32::from(self.flags & !TOLD_LOST);
        let back = newest_probe.wrapping_sub(low) & u32::from(!TOLD_LOST);
        Departure {
            sent: now - Duration::from_micros(u64::from(age)),
            len: u32::from(self.len),
            probe: if low == 0 { 0 } else { newest_probe - back },
        }
    }
}

fn place(number: u64) -> usize {
    (number % MOST as u64) as usize
}

fn micros(time: Time) -> u32 {
    (time.as_nanos() / 1_000) as u32
}

fn since_zero(ticks: i64) -> Duration {
    Duration::from_nanos(ticks.max(0) as u64 * TICK_NANOS)
}

//! NTP time in RTCP: 32.32 fixed point seconds since 1900 (RFC 3550 §4).

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A 64-bit NTP timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ntp(pub u64);

impl Ntp {
    /// Zero is written by who has no clock (RFC 3550 §6.4.1).
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// From nanoseconds since the NTP epoch (1900); wraps with the era as NTP does.
    pub fn from_nanos(nanos: u64) -> Ntp {
        let seconds = nanos / NANOS_PER_SECOND;
        let fraction = ((nanos % NANOS_PER_SECOND) << 32) / NANOS_PER_SECOND;
        Ntp(seconds << 32 | fraction)
    }

    /// Nanoseconds since the epoch of its era, to the nearest.
    pub fn as_nanos(self) -> u64 {
        let fraction = self.0 & 0xFFFF_FFFF;
        (self.0 >> 32) * NANOS_PER_SECOND + ((fraction * NANOS_PER_SECOND + (1 << 31)) >> 32)
    }

    /// Nanoseconds since an earlier (or until a later) time, at most 68 years away: right across eras.
    pub fn since(self, earlier: Ntp) -> i64 {
        let fixed = i128::from(self.0.wrapping_sub(earlier.0) as i64);
        ((fixed * i128::from(NANOS_PER_SECOND)) >> 32) as i64
    }

    /// The time so many nanoseconds later.
    pub fn later(self, nanos: i64) -> Ntp {
        let fixed = (i128::from(nanos) << 32) / i128::from(NANOS_PER_SECOND);
        Ntp(self.0.wrapping_add(fixed as u64))
    }

    /// The middle 32 bits, as LSR carries them.
    pub fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

//! NTP time in RTCP: 32.32 fixed point seconds since 1900 (RFC 3550 §4).

/// A 64-bit NTP timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ntp(pub u64);

impl Ntp {
    /// From nanoseconds since the NTP epoch (1900); wraps with the era as NTP does.
    pub fn from_nanos(_nanos: u64) -> Ntp {
        todo!()
    }

    /// Nanoseconds since the epoch of its era.
    pub fn as_nanos(self) -> u64 {
        todo!()
    }

    /// The middle 32 bits, as LSR carries them.
    pub fn middle(self) -> u32 {
        todo!()
    }
}

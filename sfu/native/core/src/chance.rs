//! Numbers that look random and follow from a seed, so that a run can be repeated.

/// SplitMix64: for first sequence numbers and the like, never for secrets.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A first sequence number below 2^15, so that a lost first packet confuses no roll-over count (RFC 3711 section 3.3.1).
    pub fn sequence(&mut self) -> u16 {
        (self.next() >> 49) as u16
    }

    pub fn word(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }
}

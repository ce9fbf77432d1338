//! Arithmetic of numbers that wrap around.

/// Whether `a` comes after `b` in the shorter direction round the circle.
pub fn is_newer(a: u16, b: u16) -> bool {
    a != b && a.wrapping_sub(b) < 0x8000
}

/// Extends 16-bit sequence numbers to 64 bits by the nearest continuation of the highest seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unwrapper {
    highest: Option<u64>,
}

impl Unwrapper {
    pub const fn new() -> Unwrapper {
        Unwrapper { highest: None }
    }

    /// The extended number, remembered if it is the highest. The first is 65536 + sequence, so that what was sent
    /// shortly before it stays positive.
    pub fn unwrap(&mut self, sequence: u16) -> u64 {
        let extended = self.peek(sequence);
        self.highest = self.highest.max(Some(extended));
        extended
    }

    /// The same without remembering: for packets that are not authenticated or feedback about them.
    pub fn peek(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            return (1 << 16) + u64::from(sequence);
        };
        let step = sequence.wrapping_sub(highest as u16) as i16;
        highest.wrapping_add_signed(i64::from(step))
    }

    pub fn highest(&self) -> Option<u64> {
        self.highest
    }
}

/// The same for 32-bit timestamps; the first is 2^32 + timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimestampUnwrapper {
    highest: Option<u64>,
}

impl TimestampUnwrapper {
    pub const fn new() -> TimestampUnwrapper {
        TimestampUnwrapper { highest: None }
    }

    pub fn unwrap(&mut self, timestamp: u32) -> u64 {
        let extended = self.peek(timestamp);
        self.highest = self.highest.max(Some(extended));
        extended
    }

    pub fn peek(&self, timestamp: u32) -> u64 {
        let Some(highest) = self.highest else {
            return (1 << 32) + u64::from(timestamp);
        };
        let step = timestamp.wrapping_sub(highest as u32) as i32;
        highest.wrapping_add_signed(i64::from(step))
    }

    pub fn highest(&self) -> Option<u64> {
        self.highest
    }
}

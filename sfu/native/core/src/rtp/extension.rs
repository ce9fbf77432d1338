//! Elements of the header extension (RFC 8285) and the ones we read.

/// Iterates over (id, data); ends at the first malformed element.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    rest: &'a [u8],
    two_byte: bool,
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let _ = (self.rest, self.two_byte);
        todo!()
    }
}

/// The client-to-mixer audio level (RFC 6464).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioLevel {
    /// In -dBov: 0 loud, 127 silent.
    pub level: u8,
    pub voice: bool,
}

impl AudioLevel {
    /// Reads the data of an audio-level element.
    pub fn parse(_data: &[u8]) -> Option<AudioLevel> {
        todo!()
    }
}

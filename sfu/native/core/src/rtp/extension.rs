//! Elements of the header extension (RFC 8285) and the ones we read.

/// Iterates over (id, data); ends at the first malformed element.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    rest: &'a [u8],
    two_byte: bool,
}

impl<'a> Extensions<'a> {
    pub(super) fn new(elements: &'a [u8], two_byte: bool) -> Extensions<'a> {
        Extensions {
            rest: elements,
            two_byte,
        }
    }

    /// Id, length and where the data begin; None ends the iteration (RFC 8285 §4.2 for 15 and for 0 with a length).
    fn element_head(&self) -> Option<(u8, usize, usize)> {
        let first = *self.rest.first()?;
        if self.two_byte {
            return Some((first, usize::from(*self.rest.get(1)?), 2));
        }
        match (first >> 4, usize::from(first & 0x0F) + 1) {
            (0 | 15, _) => None,
            (id, len) => Some((id, len, 1)),
        }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let padding = self.rest.iter().take_while(|&&byte| byte == 0).count();
        self.rest = &self.rest[padding..];
        let found = self.element_head().and_then(|(id, len, start)| {
            let data = self.rest.get(start..start + len)?;
            self.rest = &self.rest[start + len..];
            Some((id, data))
        });
        if found.is_none() {
            self.rest = &[];
        }
        found
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
    pub fn parse(data: &[u8]) -> Option<AudioLevel> {
        let &byte = data.first()?;
        Some(AudioLevel {
            level: byte & 0x7F,
            voice: byte & 0x80 != 0,
        })
    }
}

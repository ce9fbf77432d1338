//! Packets out of a stream of bytes, each behind its length (RFC 4571 section 2).
use std::ops::Range;

pub const LENGTH_LEN: usize = 2;
/// As long as a datagram may be; of what is longer, nobody could be told.
pub const MAX_PACKET_LEN: usize = 2048;

/// What comes next in the bytes that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where a whole packet lies.
    Packet(Range<usize>),
    /// A packet of which the bytes are passed over.
    TooLong,
    /// Nothing more until more was read; what has begun is kept.
    End,
}

/// One direction of a connection. It holds no more than one unfinished packet.
pub struct Splitter {
    kept: Box<[u8; LENGTH_LEN + MAX_PACKET_LEN]>,
    kept_len: usize,
    /// How much of a packet that is too long is still to come.
    skip: usize,
}

impl Default for Splitter {
    fn default() -> Splitter {
        Splitter {
            kept: Box::new([0; LENGTH_LEN + MAX_PACKET_LEN]),
            kept_len: 0,
            skip: 0,
        }
    }
}

impl Splitter {
    /// Puts what was kept to the front of a buffer and returns its length: what is read next belongs behind it.
    pub fn resume(&mut self, buffer: &mut [u8]) -> usize {
        let len = std::mem::take(&mut self.kept_len);
        buffer[..len].copy_from_slice(&self.kept[..len]);
        len
    }

    /// The next part of the bytes from `at` on, which moves along. Stop at `End`.
    pub fn next(&mut self, bytes: &[u8], at: &mut usize) -> Part {
        let passed = self.skip.min(bytes.len() - *at);
        self.skip -= passed;
        *at += passed;
        let rest = &bytes[*at..];
        let Some((length, behind)) = rest.split_first_chunk::<LENGTH_LEN>() else {
            return self.keep(rest);
        };
        let len = usize::from(u16::from_be_bytes(*length));
        let start = *at + LENGTH_LEN;
        if len > MAX_PACKET_LEN {
            (self.skip, *at) = (len, start);
            return Part::TooLong;
        }
        if behind.len() < len {
            return self.keep(rest);
        }
        *at = start + len;
        Part::Packet(start..*at)
    }

    fn keep(&mut self, rest: &[u8]) -> Part {
        self.kept[..rest.len()].copy_from_slice(rest);
        self.kept_len = rest.len();
        Part::End
    }
}

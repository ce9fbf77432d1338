//! Prepared datagrams, packed one after the other in an arena that the shell sends and empties.
use crate::ice::Path;
use std::ops::Range;

/// What a datagram carries; where not all of it can leave, pictures wait for voices, and voices for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cargo {
    /// Checks, handshakes and reports.
    Control,
    Audio,
    Video,
}

/// One prepared datagram; `Outbox::bytes` holds its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    pub path: Path,
    /// A small number that is equal for equal receivers, to sort runs by.
    pub receiver: u32,
    pub cargo: Cargo,
    start: u32,
    len: u32,
}

impl Datagram {
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Where its bytes lie in `Outbox::arena`.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

pub struct Outbox {
    arena: Vec<u8>,
    used: usize,
    datagrams: Vec<Datagram>,
}

/// The least a datagram is taken to need, so that the list never grows on the steady path.
const SMALLEST_DATAGRAM: usize = 32;

impl Outbox {
    pub fn new(capacity: usize) -> Outbox {
        Outbox {
            arena: vec![0; capacity],
            used: 0,
            datagrams: Vec::with_capacity(capacity / SMALLEST_DATAGRAM),
        }
    }

    /// In the order they were prepared.
    pub fn datagrams(&self) -> &[Datagram] {
        &self.datagrams
    }

    pub fn bytes(&self, datagram: &Datagram) -> &[u8] {
        &self.arena[datagram.range()]
    }

    pub fn arena(&self) -> &[u8] {
        &self.arena
    }

    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// How many bytes can still be prepared.
    pub fn free(&self) -> usize {
        if self.datagrams.len() == self.datagrams.capacity() {
            return 0;
        }
        self.arena.len() - self.used
    }

    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.datagrams.clear();
    }

    pub(crate) fn grow(&mut self, capacity: usize) {
        if capacity > self.arena.len() {
            self.arena.resize(capacity, 0);
            self.datagrams
                .reserve(capacity / SMALLEST_DATAGRAM - self.datagrams.len());
        }
    }

    /// Room for the next datagram, which exists only once `commit` is called.
    pub(crate) fn room(&mut self, len: usize) -> Option<&mut [u8]> {
        if self.free() < len {
            return None;
        }
        Some(&mut self.arena[self.used..self.used + len])
    }

    /// Makes the first `len` bytes of the room a datagram.
    pub(crate) fn commit(&mut self, path: Path, receiver: u32, cargo: Cargo, len: usize) -> &[u8] {
        let datagram = Datagram {
            path,
            receiver,
            cargo,
            start: self.used as u32,
            len: len as u32,
        };
        self.datagrams.push(datagram);
        self.used += len;
        self.bytes(&datagram)
    }
}

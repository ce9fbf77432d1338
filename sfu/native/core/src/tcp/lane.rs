//! A ring of whole packets in memory that was taken once.
use super::splitter::LENGTH_LEN;
use crate::time::Time;
use std::collections::VecDeque;

#[derive(Clone, Copy)]
struct Place {
    start: usize,
    len: usize,
    since: Time,
}

impl Place {
    fn end(&self) -> usize {
        self.start + self.len
    }
}

/// Packets of one urgency, oldest first, each behind its length and in one piece.
pub struct Lane {
    ring: Box<[u8]>,
    places: VecDeque<Place>,
    most: usize,
}

impl Lane {
    /// Memory that was never written to costs nothing: the system gives its pages when they are used.
    pub fn new(bytes: usize, packets: usize) -> Lane {
        Lane {
            ring: vec![0; bytes].into_boxed_slice(),
            places: VecDeque::with_capacity(packets),
            most: packets,
        }
    }

    /// Takes a packet if there is room for it; `len` was checked to fit in its two bytes.
    pub fn push(&mut self, length: [u8; LENGTH_LEN], packet: &[u8], now: Time) -> bool {
        let len = LENGTH_LEN + packet.len();
        let Some(start) = self.room(len) else {
            return false;
        };
        let (head, body) = self.ring[start..start + len].split_at_mut(LENGTH_LEN);
        head.copy_from_slice(&length);
        body.copy_from_slice(packet);
        let since = now;
        self.places.push_back(Place { start, len, since });
        true
    }

    /// Where so many bytes lie free in one piece; the ring begins anew where it is empty, to stay in few pages.
    fn room(&self, len: usize) -> Option<usize> {
        if self.places.len() == self.most {
            return None;
        }
        let (Some(oldest), Some(newest)) = (self.places.front(), self.places.back()) else {
            return (len <= self.ring.len()).then_some(0);
        };
        let write = newest.end();
        let has_wrapped = newest.start < oldest.start;
        match has_wrapped {
            true => (write + len <= oldest.start).then_some(write),
            false if write + len <= self.ring.len() => Some(write),
            false => (len <= oldest.start).then_some(0),
        }
    }

    pub fn packets(&self) -> impl Iterator<Item = &[u8]> {
        self.places
            .iter()
            .map(|place| &self.ring[place.start..place.end()])
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn oldest(&self) -> Option<&[u8]> {
        self.packets().next()
    }

    /// Since when the oldest waits.
    pub fn oldest_since(&self) -> Option<Time> {
        self.places.front().map(|place| place.since)
    }

    pub fn drop_oldest(&mut self) -> bool {
        self.places.pop_front().is_some()
    }
}

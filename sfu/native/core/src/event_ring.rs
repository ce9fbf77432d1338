//! Events on their way to the caller: bounded, the newest state of each object never lost.
use crate::bandwidth::Cause;
use crate::event::Event;
use crate::handle::{PeerId, TrackId};
use std::collections::VecDeque;

const SMALLEST_CAPACITY: usize = 1024;

pub struct EventRing {
    queue: VecDeque<Event>,
    capacity: usize,
    /// At most one report of levels waits; newer levels join it.
    levels: Vec<(TrackId, u8)>,
    /// The newest of each peer.
    estimates: Vec<(PeerId, u64, Cause)>,
    dropped: u64,
}

impl EventRing {
    pub fn new() -> EventRing {
        EventRing {
            queue: VecDeque::new(),
            capacity: SMALLEST_CAPACITY,
            levels: Vec::new(),
            estimates: Vec::new(),
            dropped: 0,
        }
    }

    /// Makes room for the last state of this many peers and tracks.
    pub fn fit(&mut self, peers: usize, tracks: usize) {
        self.capacity = self.capacity.max(SMALLEST_CAPACITY + 3 * peers + tracks);
        self.levels.reserve(tracks.saturating_sub(self.levels.len()));
        self.estimates.reserve(peers.saturating_sub(self.estimates.len()));
    }

    pub fn push(&mut self, event: Event) {
        if let Event::PeerClosed { peer, .. } = &event {
            self.estimates.retain(|(known, ..)| known != peer);
        }
        if self.queue.len() >= self.capacity && !self.drop_superseded(&event) {
            self.queue.pop_front();
            self.dropped += 1;
        }
        self.queue.push_back(event);
    }

    /// Adds a level; the loudest since the last drain stays.
    pub fn level(&mut self, track: TrackId, level: u8) {
        match self.levels.iter_mut().find(|(known, _)| *known == track) {
            Some((_, loudest)) => *loudest = level.min(*loudest),
            None => self.levels.push((track, level)),
        }
    }

    /// Replaces what waits of the same peer.
    pub fn estimate(&mut self, peer: PeerId, bit_rate: u64, cause: Cause) {
        self.estimates.retain(|&(known, ..)| known != peer);
        self.estimates.push((peer, bit_rate, cause));
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.levels.is_empty() && self.estimates.is_empty()
    }

    pub fn drain(&mut self, into: &mut Vec<Event>) {
        into.extend(self.queue.drain(..));
        let estimates = self.estimates.drain(..);
        into.extend(estimates.map(|(peer, bit_rate, cause)| Event::Estimated {
            peer,
            bit_rate,
            cause,
        }));
        if !self.levels.is_empty() {
            into.push(Event::AudioLevels(self.levels.clone()));
            self.levels.clear();
        }
    }

    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Removes an older state of the same object.
    fn drop_superseded(&mut self, event: &Event) -> bool {
        let Some(whose) = state_of(event) else {
            return false;
        };
        let older = self
            .queue
            .iter()
            .position(|known| state_of(known).as_ref() == Some(&whose));
        older.is_some_and(|older| self.queue.remove(older).is_some())
    }
}

#[derive(PartialEq, Eq)]
enum Whose {
    Track(TrackId),
    Peer(PeerId),
}

fn state_of(event: &Event) -> Option<Whose> {
    match event {
        Event::TrackFlowing { track, .. } | Event::TrackStalled { track } => Some(Whose::Track(*track)),
        Event::PicturesFitted { peer, .. } => Some(Whose::Peer(*peer)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::CloseReason;
    use crate::handle::PeerId;

    fn drained(ring: &mut EventRing) -> Vec<Event> {
        let mut events = Vec::new();
        ring.drain(&mut events);
        events
    }

    #[test]
    fn a_flood_of_one_track_leaves_what_others_said() {
        let mut ring = EventRing::new();
        ring.push(Event::PeerClosed {
            peer: PeerId(1),
            reason: CloseReason::ClosedByPeer,
        });
        for _ in 0..5_000 {
            ring.push(Event::TrackStalled { track: TrackId(7) });
        }
        let events = drained(&mut ring);
        assert_eq!((events.len(), ring.dropped()), (SMALLEST_CAPACITY, 0));
        assert!(matches!(events[0], Event::PeerClosed { .. }));
        assert_eq!(events.last(), Some(&Event::TrackStalled { track: TrackId(7) }));
    }

    #[test]
    fn levels_wait_as_one_event_with_the_loudest() {
        let mut ring = EventRing::new();
        for (track, level) in [(1, 40), (2, 90), (1, 30), (1, 50)] {
            ring.level(TrackId(track), level);
        }
        assert_eq!(
            drained(&mut ring),
            [Event::AudioLevels(vec![(TrackId(1), 30), (TrackId(2), 90)])]
        );
        assert!(ring.is_empty());
    }
}

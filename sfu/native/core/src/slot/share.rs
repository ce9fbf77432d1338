//! What a connection's line lets a slot show.
use super::Slot;
use crate::allocation::{Rung, Rungs, Wish};
use crate::time::Time;
use crate::track::{Track, MAX_LAYERS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nothing, until there is room.
    Paused,
    Layer(usize),
}

impl Slot {
    pub fn is_paused(&self) -> bool {
        self.share == Some(Share::Paused)
    }

    /// The layer that the line has room for, else the one that is wished for; none if neither sends.
    pub fn aimed(&self, track: &Track, now: Time) -> Option<usize> {
        let shared = match self.share {
            Some(Share::Layer(layer)) => track
                .layers
                .get(layer)
                .filter(|known| known.sends(now))
                .map(|_| layer),
            _ => None,
        };
        shared.or_else(|| track.layer_named(self.wish.as_deref()?, now))
    }

    /// What the slot asks for of the line: each layer that sends and can be changed to, up to the one wished for.
    pub fn asks(&self, track: &Track, now: Time) -> Wish {
        let mut found = [(0, 0); MAX_LAYERS];
        let mut count = 0;
        for (at, layer) in track.layers.iter().enumerate() {
            if layer.sends(now) && (layer.sender_report.is_some() || at == self.target(track)) {
                found[count] = (layer.rate.get(now).max(1), at);
                count += 1;
            }
        }
        let found = &mut found[..count];
        found.sort_unstable();
        let wished = self.wish.as_deref().and_then(|rid| track.layer_named(rid, now));
        let last = wished.and_then(|wished| found.iter().position(|&(_, at)| at == wished));
        let mut rungs = Rungs::default();
        for &(bit_rate, layer) in found.iter().take(last.map_or(count, |last| last + 1)) {
            rungs.push(Rung {
                layer: layer as u8,
                temporal: 0,
                bit_rate: u32::try_from(bit_rate).unwrap_or(u32::MAX),
            });
        }
        let held = match self.share {
            Some(Share::Paused) => Some(0),
            Some(Share::Layer(layer)) => rungs.up_to(layer as u8, 0),
            None => None,
        };
        Wish {
            priority: self.priority,
            rungs,
            held,
        }
    }
}

//! What a viewer is shown of one picture with layers: the node's own allocation on top of the estimate.
use forwarder_core::allocation::{Allocation, Line, Priority, Rung, Rungs, Wish};
use forwarder_core::time::Time;
use std::time::Duration;

/// The lesson's ladder, in bits a second.
pub const LADDER: [u64; 6] = [150_000, 250_000, 700_000, 1_450_000, 2_500_000, 4_300_000];
/// How often the node decides.
const EACH: Duration = Duration::from_millis(100);
/// Of what a line carries, what pictures may cost: the rest is for repairs.
const CARRIED: f64 = 0.95;
/// Of that, what they may cost to be raised: the rest is for their peaks.
const ROOM: f64 = 0.85;

pub struct Shown {
    allocation: Allocation,
    rungs: Rungs,
    held: Option<u8>,
    grants: Vec<u8>,
    due: Time,
}

impl Shown {
    pub fn new() -> Shown {
        let mut rungs = Rungs::default();
        for (layer, bit_rate) in LADDER.iter().enumerate() {
            rungs.push(Rung {
                layer: layer as u8,
                temporal: 0,
                bit_rate: *bit_rate as u32,
            });
        }
        Shown {
            allocation: Allocation::default(),
            rungs,
            held: None,
            grants: Vec::new(),
            due: Time::ZERO,
        }
    }

    /// In bits a second; 0 while nothing is shown.
    pub fn bit_rate(&self) -> u64 {
        let rung = self.held.and_then(|held| self.rungs.shown(held));
        rung.map_or(0, |rung| u64::from(rung.bit_rate))
    }

    pub fn decide(&mut self, estimate: u64, now: Time) {
        if now < self.due {
            return;
        }
        self.due = now + EACH;
        let wish = Wish {
            priority: Priority::Teacher,
            rungs: self.rungs,
            held: self.held,
        };
        let line = Line {
            estimate,
            voices: 0,
            repairs: 0,
        };
        self.allocation.decide(&line, &[wish], &mut self.grants, now);
        self.held = self.grants.first().copied();
    }
}

/// Whether a layer is the best for a line: it fits, and for the next there is no room.
pub fn is_best(shown: u64, capacity: u64) -> bool {
    let carried = capacity as f64 * CARRIED;
    let next = LADDER.iter().find(|layer| **layer > shown);
    shown as f64 <= carried && next.is_none_or(|next| *next as f64 > carried * ROOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_layer_fits_and_the_next_has_no_room() {
        assert!(is_best(700_000, 1_000_000) && !is_best(250_000, 1_000_000));
        // Between both bounds the one that is there may stay.
        assert!(is_best(1_450_000, 1_600_000) && is_best(700_000, 1_600_000));
        assert!(is_best(4_300_000, 9_000_000) && !is_best(0, 300_000) && is_best(0, 150_000));
    }

    #[test]
    fn a_line_shows_what_the_nodes_allocation_grants() {
        let mut shown = Shown::new();
        shown.decide(1_000_000, Time::ZERO);
        assert_eq!(shown.bit_rate(), 700_000);
        (0..10).for_each(|at| shown.decide(400_000, Time::from_millis(1_000 + 100 * at)));
        assert_eq!(shown.bit_rate(), 250_000);
    }
}

//! What a line carries of what a viewer is to see, by teaching value. Voices are never taken away; then come letters that
//! can be read, the teacher's face, whoever holds the floor, and the other rooms.
mod ladder;
mod steady;

#[cfg(test)]
mod tests;

pub use ladder::{cost, LEVELS};
pub use steady::{Allocation, Cause, Line, Verdict};

/// What a picture is worth to the lesson, from the least on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    OtherRoom,
    FloorHolder,
    Teacher,
    Courseware,
}

impl Priority {
    pub const BY_VALUE: [Priority; 4] = [
        Priority::Courseware,
        Priority::Teacher,
        Priority::FloorHolder,
        Priority::OtherRoom,
    ];
}

/// Layers of a track by temporal layers of each.
pub const MAX_RUNGS: usize = 16;

/// One form in which a picture can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rung {
    pub layer: u8,
    /// The highest temporal layer of it.
    pub temporal: u8,
    /// In bit/s.
    pub bit_rate: u32,
}

/// The forms of one picture, from the poorest to the richest; each costs more than the one before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rungs {
    rungs: [Rung; MAX_RUNGS],
    len: u8,
}

impl Rungs {
    /// Adds a form that is richer than all before; of those, what costs as much or more is never wanted again.
    pub fn push(&mut self, rung: Rung) {
        while self
            .as_slice()
            .last()
            .is_some_and(|last| last.bit_rate >= rung.bit_rate)
        {
            self.len -= 1;
        }
        if let Some(place) = self.rungs.get_mut(usize::from(self.len)) {
            *place = rung;
            self.len += 1;
        }
    }

    pub fn as_slice(&self) -> &[Rung] {
        &self.rungs[..usize::from(self.len)]
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of them are granted when this form is shown; none if it is not among them.
    pub fn up_to(&self, layer: u8, temporal: u8) -> Option<u8> {
        let found = |rung: &Rung| (rung.layer, rung.temporal) == (layer, temporal);
        self.as_slice().iter().position(found).map(|at| at as u8 + 1)
    }

    /// The form that is shown with so many granted; none stands for a pause.
    pub fn shown(&self, grant: u8) -> Option<Rung> {
        let last = usize::from(grant).checked_sub(1)?;
        self.as_slice().get(last).copied()
    }

    /// What so many cost, in bit/s.
    fn bit_rate(&self, grant: u8) -> u64 {
        self.shown(grant).map_or(0, |rung| u64::from(rung.bit_rate))
    }

    /// How many may be granted within a share: the poorest always, where there is a share at all.
    fn within(&self, share: u32) -> u8 {
        if share == 0 {
            return 0;
        }
        let fitting = self
            .as_slice()
            .iter()
            .filter(|rung| rung.bit_rate <= share)
            .count();
        (fitting as u8).max(1).min(self.len)
    }
}

/// One picture that a viewer is to see.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub priority: Priority,
    pub rungs: Rungs,
    /// How many rungs were granted until now, 0 for a pause; none for a picture that has just come or changed.
    pub held: Option<u8>,
}

impl Wish {
    fn is_fresh(&self) -> bool {
        self.held.is_none() && !self.rungs.is_empty()
    }
}

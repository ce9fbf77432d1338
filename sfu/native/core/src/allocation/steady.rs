//! When a connection's pictures change: down within half a second of a line that carries less, up after ten with room.
use super::ladder::{compare, cost, fit, level};
use super::Wish;
use crate::time::Time;
use std::cmp::Ordering;
use std::time::Duration;

/// A line is given this long to carry what it seems not to: an estimate has dips, a picture has peaks.
const TOLERATED: Duration = Duration::from_millis(500);
/// A connection that has never been lowered climbs this fast.
const FIRST_CLIMB: Duration = Duration::from_secs(1);
/// Up only after this, and doubled each time that a rise did not last as long.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST_PATIENCE: Duration = Duration::from_secs(60);
/// Of what the line carries, so much may be planned with for a rise; the rest is room for peaks.
const ROOM: (u64, u64) = (17, 20);
/// Seconds whose lowest estimate is remembered, beside the present one.
const SECONDS: usize = 10;

/// No viewer has more, whatever it says.
const FASTEST: u64 = 10_000_000_000;

/// What a connection's line carries, and what it carries beside pictures, in bit/s.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub estimate: u64,
    /// Never taken away, whatever the estimate.
    pub voices: u64,
    /// Of the last seconds.
    pub repairs: u64,
}

impl Line {
    fn for_pictures(&self) -> u64 {
        let estimate = self.estimate.min(FASTEST);
        // A burst of losses must not push out the pictures for whose sake it is repaired.
        let repairs = self.repairs.clamp(estimate / 20, estimate * 3 / 10);
        estimate.saturating_sub(repairs + self.voices)
    }
}

/// Why pictures were lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The line carries less.
    Line,
    /// The pictures have become richer or more.
    Pictures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All stays as it was.
    Kept,
    /// What has just come has its form, and nothing else had to give way.
    Begun,
    Lowered(Cause),
    Raised,
}

impl Verdict {
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Kept => "kept",
            Verdict::Begun => "begun",
            Verdict::Lowered(Cause::Line) => "line",
            Verdict::Lowered(Cause::Pictures) => "pictures",
            Verdict::Raised => "room",
        }
    }
}

/// What one connection remembers of the decisions before.
pub struct Allocation {
    /// The lowest budget of each second, by the second modulo their number.
    lows: [u64; SECONDS + 1],
    second: u64,
    over_since: Option<Time>,
    lowered: Option<Time>,
    /// When the first picture began, or the last was raised.
    changed: Option<Time>,
    raised: Option<Time>,
    patience: Duration,
    /// With which the last decision was made.
    budget: u64,
    level: u8,
    rise: Vec<u8>,
}

impl Default for Allocation {
    fn default() -> Allocation {
        Allocation {
            lows: [u64::MAX; SECONDS + 1],
            second: 0,
            over_since: None,
            lowered: None,
            changed: None,
            raised: None,
            patience: PATIENCE,
            budget: 0,
            level: super::LEVELS,
            rise: Vec::new(),
        }
    }
}

impl Allocation {
    /// Makes room for so many wishes, so that deciding needs none.
    pub fn fit(&mut self, wishes: usize) {
        self.rise.reserve(wishes.saturating_sub(self.rise.len()));
    }

    /// The ladder's level that was reached last.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Decides how many rungs each wish gets.
    pub fn decide(&mut self, line: &Line, wishes: &[Wish], grants: &mut Vec<u8>, now: Time) -> Verdict {
        let budget = line.for_pictures();
        self.note(budget, now);
        grants.clear();
        grants.extend(wishes.iter().map(|wish| wish.held.unwrap_or(0)));
        let verdict = if wishes.iter().any(Wish::is_fresh) {
            self.begin(budget, wishes, grants, now)
        } else if self.is_over(cost(wishes, grants), budget, now) {
            self.lower(budget, wishes, grants, now)
        } else {
            self.raise(wishes, grants, now)
        };
        if verdict != Verdict::Kept {
            (self.budget, self.over_since) = (budget, None);
        }
        self.level = level(wishes, grants);
        verdict
    }

    /// What has just come gets its form at once; of what was there, something may have to give way.
    fn begin(&mut self, budget: u64, wishes: &[Wish], grants: &mut Vec<u8>, now: Time) -> Verdict {
        fit(wishes, budget, true, grants);
        self.changed.get_or_insert(now);
        let gave_way = |(wish, &grant): (&Wish, &u8)| wish.held.is_some_and(|held| grant < held);
        if wishes.iter().zip(grants.iter()).any(gave_way) {
            return self.lowered(budget, now);
        }
        Verdict::Begun
    }

    fn lower(&mut self, budget: u64, wishes: &[Wish], grants: &mut Vec<u8>, now: Time) -> Verdict {
        fit(wishes, budget, true, grants);
        self.lowered(budget, now)
    }

    fn lowered(&mut self, budget: u64, now: Time) -> Verdict {
        let lasted = self.raised.take().is_none_or(|raised| now >= raised + PATIENCE);
        self.patience = if lasted {
            PATIENCE
        } else {
            (self.patience * 2).min(MOST_PATIENCE)
        };
        self.lowered = Some(now);
        let is_line = budget < self.budget - self.budget / 20;
        Verdict::Lowered(if is_line { Cause::Line } else { Cause::Pictures })
    }

    fn raise(&mut self, wishes: &[Wish], grants: &mut Vec<u8>, now: Time) -> Verdict {
        let waited = |since: Option<Time>, wait| since.is_none_or(|since| now >= since + wait);
        let (wait, seconds) = match self.lowered {
            Some(_) => (PATIENCE, SECONDS),
            None => (FIRST_CLIMB, 1),
        };
        if !waited(self.changed, wait) || !waited(self.lowered, self.patience) {
            return Verdict::Kept;
        }
        let budget = self.lowest(seconds) / ROOM.1 * ROOM.0;
        fit(wishes, budget, false, &mut self.rise);
        if compare(wishes, &self.rise, grants) != Ordering::Greater {
            return Verdict::Kept;
        }
        std::mem::swap(&mut self.rise, grants);
        (self.changed, self.raised) = (Some(now), Some(now));
        Verdict::Raised
    }

    fn is_over(&mut self, cost: u64, budget: u64, now: Time) -> bool {
        if cost <= budget {
            self.over_since = None;
            return false;
        }
        now >= *self.over_since.get_or_insert(now) + TOLERATED
    }

    fn note(&mut self, budget: u64, now: Time) {
        let second = now.as_nanos() / 1_000_000_000;
        let places = self.lows.len() as u64;
        for passed in (self.second + 1..=second).rev().take(self.lows.len()) {
            self.lows[(passed % places) as usize] = u64::MAX;
        }
        self.second = self.second.max(second);
        let low = &mut self.lows[(self.second % places) as usize];
        *low = budget.min(*low);
    }

    /// The lowest budget of the present second and so many before.
    fn lowest(&self, seconds: usize) -> u64 {
        let places = self.lows.len() as u64;
        let from = self.second.saturating_sub(seconds as u64);
        let lows = (from..=self.second).map(|second| self.lows[(second % places) as usize]);
        lows.min().unwrap_or(0)
    }
}

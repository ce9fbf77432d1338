//! Connections that have not yet shown a genuine check: few, and not for long.
use crate::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Enough for a county's schools at the bell: a check follows its connection within a round trip.
pub const MOST_WAITING: usize = 256;
/// Many round trips of a satellite, in which also a lost segment comes again.
pub const WAITING_LIMIT: Duration = Duration::from_secs(10);

/// Who waits, by a name of the caller's. A flood pushes out those who came first, not those who come.
pub struct Door<Name> {
    waiting: VecDeque<(Name, Time)>,
}

impl<Name> Default for Door<Name> {
    fn default() -> Door<Name> {
        Door {
            waiting: VecDeque::with_capacity(MOST_WAITING),
        }
    }
}

impl<Name: Copy + PartialEq> Door<Name> {
    /// Lets somebody wait; returns who has to go for it.
    pub fn enter(&mut self, name: Name, now: Time) -> Option<Name> {
        let full = self.waiting.len() == MOST_WAITING;
        let pushed_out = full.then(|| self.waiting.pop_front()).flatten();
        self.waiting.push_back((name, now + WAITING_LIMIT));
        pushed_out.map(|(name, _)| name)
    }

    /// Somebody waits no longer: admitted, or gone.
    pub fn leave(&mut self, name: Name) {
        self.waiting.retain(|&(known, _)| known != name);
    }

    pub fn deadline(&self) -> Time {
        self.waiting.front().map_or(Time::NEVER, |&(_, until)| until)
    }

    /// Somebody whose time is up, who then waits no longer.
    pub fn overdue(&mut self, now: Time) -> Option<Name> {
        if self.deadline() > now {
            return None;
        }
        self.waiting.pop_front().map(|(name, _)| name)
    }
}

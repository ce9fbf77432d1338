//! When each peer wants to be looked at next.
use crate::time::Time;

/// One time per peer index; a scan of it is cheaper than keeping a queue in order.
#[derive(Default)]
pub struct Agenda {
    times: Vec<Time>,
}

impl Agenda {
    /// Brings a peer's time forward.
    pub fn no_later_than(&mut self, peer: usize, time: Time) {
        if let Some(known) = self.times.get_mut(peer) {
            *known = (*known).min(time);
        }
    }

    pub fn set(&mut self, peer: usize, time: Time) {
        if self.times.len() <= peer {
            self.times.resize(peer + 1, Time::NEVER);
        }
        self.times[peer] = time;
    }

    pub fn earliest(&self) -> Time {
        self.times.iter().copied().min().unwrap_or(Time::NEVER)
    }

    /// The first peer from `from` on whose time has come.
    pub fn due(&self, from: usize, now: Time) -> Option<usize> {
        let rest = self.times.get(from..)?;
        rest.iter()
            .position(|&time| time <= now)
            .map(|offset| from + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_peer_is_due_first_and_only_then() {
        let at = Time::from_millis;
        let mut agenda = Agenda::default();
        agenda.set(2, at(50));
        agenda.set(0, at(90));
        assert_eq!((agenda.earliest(), agenda.due(0, at(49))), (at(50), None));
        agenda.no_later_than(0, at(40));
        agenda.no_later_than(2, at(60));
        assert_eq!(
            (
                agenda.due(0, at(50)),
                agenda.due(1, at(50)),
                agenda.due(3, at(50))
            ),
            (Some(0), Some(2), None)
        );
        agenda.set(0, Time::NEVER);
        assert_eq!(agenda.earliest(), at(50));
    }
}

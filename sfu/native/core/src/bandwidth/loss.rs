//! What loss says of the rate. A way may lose by itself, whatever is sent: only loss that grows with the rate, as a small
//! queue makes it, is a bound.
#[cfg(test)]
mod tests;

use crate::time::Time;
use std::time::Duration;

const KEPT: usize = 32;
/// An observation has at least so many datagrams and takes at least so long, that frames do not make its rate waver.
const DATAGRAMS: u32 = 20;
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(2);
/// What an older observation counts, compared with the next.
const FADING: f64 = 0.94;
/// Losses come in bursts: so many say as much as one independent one.
const BURST: f64 = 3.0;
/// By how much, as a logarithm, a bound has to explain the losses better than none.
const CONVINCING: f64 = 2.0;
/// Loss that jumps by this much, twice in a row, is a way that became narrow until shown otherwise.
const JUMP: f64 = 0.2;
/// By this much once is enough.
const LEAP: f64 = 0.4;
/// By this much four times in a row: what several senders on a short queue lose together comes slowly.
const CREEP: f64 = 0.08;
const CREEPS: u32 = 4;
/// So many observations show whether a cut has helped.
const CHECKS: u32 = 2;
/// Beside another who fills the queue, what is lost beyond twice the usual and this is his and ours.
const SPIKE: f64 = 0.01;
/// No way worth sending on loses more than this by itself.
const MOST_INHERENT: f64 = 0.5;
/// How fast the inherent loss follows what is seen.
const FOLLOWS: f64 = 0.1;
/// The first observations are all that is known, and count alike.
const FIRST: u32 = 4;
/// Later it goes up slower: what comes with the rate is not the way's own, and a cut will tell.
const FOLLOWS_UP: f64 = 0.02;

/// What became of the datagrams of a short time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Observation {
    pub began: Time,
    /// Bit/s that left.
    pub rate: f64,
    pub sent: u32,
    pub lost: u32,
}

/// The loss that a cut has answered: inherent if it stays, the way's narrowness if not.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    share: f64,
    /// Of the observations since.
    after: f64,
    checks: u32,
}

#[derive(Clone, Debug)]
pub struct Loss {
    ring: [Observation; KEPT],
    next: usize,
    current: Observation,
    bytes: u64,
    /// What the way loses by itself, 0 to 1.
    inherent: f64,
    recent: f64,
    jumps: u32,
    creeps: u32,
    /// Observations that the inherent loss has followed.
    followed: u32,
    /// A cut is to show whether it is inherent.
    suspect: Option<Suspect>,
    /// Another fills the queue: nothing that is lost is inherent.
    is_shared: bool,
    is_spike: bool,
    /// Loss of what left before the last cut is answered already.
    answered: Time,
}

impl Loss {
    pub fn new() -> Loss {
        Loss {
            ring: [Observation::default(); KEPT],
            next: 0,
            current: Observation::default(),
            bytes: 0,
            inherent: 0.0,
            recent: 0.0,
            jumps: 0,
            creeps: 0,
            followed: 0,
            suspect: None,
            is_shared: false,
            is_spike: false,
            answered: Time::ZERO,
        }
    }

    pub fn inherent(&self) -> f64 {
        self.inherent
    }

    pub fn recent(&self) -> f64 {
        self.recent
    }

    /// Whether another fills the queue.
    pub fn set_shared(&mut self, is_shared: bool) {
        self.is_shared = is_shared;
    }

    /// Whether the newest observation lost more than the way does by itself.
    pub fn is_spike(&self) -> bool {
        self.is_spike
    }

    /// Notes a datagram; the bound that follows, if there is one, in bit/s.
    pub fn told(&mut self, sent: Time, len: u32, is_lost: bool) -> Option<u64> {
        let elapsed = sent.since(self.current.began);
        let is_enough = elapsed >= SHORTEST && self.current.sent >= DATAGRAMS || elapsed >= LONGEST;
        let mut bound = None;
        if self.current.sent == 0 || is_enough {
            if self.current.sent > 0 && elapsed < 2 * LONGEST {
                self.current.rate = self.bytes as f64 * 8.0 / elapsed.as_secs_f64().max(1e-3);
                bound = self.observed(self.current);
            }
            self.bytes = 0;
            self.current = Observation {
                began: sent,
                ..Observation::default()
            };
        }
        self.bytes += u64::from(len);
        self.current.sent += 1;
        self.current.lost += u32::from(is_lost);
        bound
    }

    /// What was told lost has arrived.
    pub fn late(&mut self, sent: Time) {
        let ring = self.ring.iter_mut();
        let of = ring.filter(|known| known.sent > 0 && known.began <= sent);
        let newest = of.max_by_key(|known| known.began);
        let of = match newest {
            Some(known) if sent < self.current.began => known,
            _ => &mut self.current,
        };
        of.lost = of.lost.saturating_sub(1);
    }

    /// What is known of loss that left until now is answered by a cut.
    pub fn answered(&mut self, now: Time) {
        self.answered = now;
        (self.jumps, self.creeps, self.is_spike) = (0, 0, false);
    }

    pub fn observed(&mut self, seen: Observation) -> Option<u64> {
        self.ring[self.next] = seen;
        self.next = (self.next + 1) % KEPT;
        let share = f64::from(seen.lost) / f64::from(seen.sent.max(1));
        self.recent += 0.3 * (share - self.recent);
        if seen.began < self.answered {
            return None;
        }
        if self.suspect.is_some() && !self.is_shown(share) {
            return None;
        }
        self.is_spike = share > 2.0 * self.inherent + SPIKE;
        let bound = self.jump(seen, share).or_else(|| self.bound());
        if bound.is_none() {
            self.follow(share);
        }
        bound.map(|bound| bound as u64)
    }

    /// Whether it is known by now what became of the suspected loss.
    fn is_shown(&mut self, share: f64) -> bool {
        let Some(suspect) = &mut self.suspect else {
            return true;
        };
        suspect.checks += 1;
        suspect.after += share;
        if suspect.checks < CHECKS {
            return false;
        }
        let after = suspect.after / f64::from(suspect.checks);
        if after > suspect.share / 2.0 && !self.is_shared {
            self.inherent = after.min(MOST_INHERENT);
        }
        self.suspect = None;
        true
    }

    fn follow(&mut self, share: f64) {
        let follows = match (share > self.inherent, self.is_shared) {
            (false, _) => FOLLOWS,
            (true, false) if self.followed < FIRST => 1.0 / f64::from(self.followed + 1),
            (true, false) => FOLLOWS_UP,
            (true, true) => 0.0,
        };
        self.followed = self.followed.saturating_add(1);
        self.inherent += follows * (share - self.inherent);
        self.inherent = self.inherent.clamp(0.0, MOST_INHERENT);
    }

    /// A sudden loss is answered with what passed.
    fn jump(&mut self, seen: Observation, share: f64) -> Option<f64> {
        let more = if seen.sent < DATAGRAMS / 2 {
            0.0
        } else {
            share - self.inherent
        };
        self.creeps = if more >= CREEP { self.creeps + 1 } else { 0 };
        self.jumps = if more >= JUMP { self.jumps + 1 } else { 0 };
        if self.creeps < CREEPS && self.jumps < 2 && more < LEAP {
            return None;
        }
        self.creeps = 0;
        self.suspect = Some(Suspect {
            share,
            after: 0.0,
            checks: 0,
        });
        Some(seen.rate * (1.0 - share) / (1.0 - self.inherent))
    }

    /// The rate beyond which nothing more passes, if that explains the losses much better than a constant share.
    fn bound(&self) -> Option<f64> {
        let (sent, lost) = self.sums(|_| true);
        if lost < 3.0 || sent < f64::from(2 * DATAGRAMS) {
            return None;
        }
        let mean = lost / sent;
        let (mut passed, mut weights) = (0.0, 0.0);
        self.each(|seen, weight| {
            let share = f64::from(seen.lost) / f64::from(seen.sent.max(1));
            if share > mean {
                passed += weight * seen.rate * (1.0 - share);
                weights += weight;
            }
        });
        if weights <= 0.0 {
            return None;
        }
        let bound = passed / weights;
        let (below, lost_below) = self.sums(|seen| seen.rate <= bound * 1.02);
        let inherent = if below < f64::from(DATAGRAMS) {
            self.inherent.min(mean)
        } else {
            lost_below / below
        };
        let bound = bound / (1.0 - inherent.min(MOST_INHERENT));
        let gain = self.likelihood(inherent, bound) - self.likelihood(mean, f64::INFINITY);
        (gain / BURST > CONVINCING).then_some(bound)
    }

    /// How likely the losses are, as a logarithm, on a way that loses this share and carries at most `bound`.
    fn likelihood(&self, inherent: f64, bound: f64) -> f64 {
        let mut sum = 0.0;
        self.each(|seen, weight| {
            let beyond = (1.0 - bound / seen.rate.max(1.0)).max(0.0);
            let share = (inherent + (1.0 - inherent) * beyond).clamp(1e-3, 0.95);
            let (lost, sent) = (f64::from(seen.lost), f64::from(seen.sent));
            sum += weight * (lost * share.ln() + (sent - lost) * (1.0 - share).ln());
        });
        sum
    }

    fn sums(&self, counts: impl Fn(&Observation) -> bool) -> (f64, f64) {
        let (mut sent, mut lost) = (0.0, 0.0);
        self.each(|seen, weight| {
            if counts(seen) {
                sent += weight * f64::from(seen.sent);
                lost += weight * f64::from(seen.lost);
            }
        });
        (sent, lost)
    }

    fn each(&self, mut visit: impl FnMut(&Observation, f64)) {
        let mut weight = 1.0;
        for back in 1..=KEPT {
            visit(&self.ring[(self.next + KEPT - back) % KEPT], weight);
            weight *= FADING;
        }
    }
}

//! The side of ICE that dials: checks what it was given, nominates the first path that answers, keeps consent.
//! Of RFC 8445 what a client of a lite agent, or of a browser, needs: it stays controlling and gathers nothing.
use super::{Path, CONSENT_LIFETIME};
use crate::stun::{self, Class, Message, Request, Role, TransactionId};
use crate::time::Time;
use std::time::Duration;

/// Paths that are tried: some candidates times some addresses of ours, and those that a check came by.
pub const MAX_PATHS: usize = 32;
/// No two checks leave closer together (RFC 8445 section 14.2).
const PACE: Duration = Duration::from_millis(20);
/// A check without answer is repeated; the path may be a satellite's.
const REPEAT: Duration = Duration::from_millis(300);
/// How often consent is renewed (RFC 7675 section 5.1), times 0.8 to 1.2.
const CONSENT_INTERVAL: Duration = Duration::from_secs(5);
/// Answers to the last few checks of a path are known.
const MAX_PENDING: usize = 4;
/// Type preference of host candidates (RFC 8445 section 5.1.2.2).
const PRIORITY: u32 = 126 << 24 | 65_535 << 8 | 255;

#[derive(Clone, Copy)]
struct Pending {
    transaction: TransactionId,
    sent: Time,
    nominates: bool,
}

struct Pair {
    path: Path,
    due: Time,
    pending: [Option<Pending>; MAX_PENDING],
}

/// What a genuine answer proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub round_trip: Duration,
    /// From now on media may leave along `path()`.
    pub is_chosen: bool,
}

pub struct IceDial {
    username: String,
    key: stun::Key,
    tie_breaker: u64,
    pairs: Vec<Pair>,
    /// The path that answered first, and whether it has answered its nomination.
    chosen: Option<usize>,
    is_nominated: bool,
    heard_at: Time,
    next_check: Time,
}

impl IceDial {
    pub fn new(
        local_ufrag: &str,
        remote_ufrag: &str,
        remote_password: &str,
        paths: &[Path],
        tie_breaker: u64,
        now: Time,
    ) -> IceDial {
        let mut dial = IceDial {
            username: format!("{remote_ufrag}:{local_ufrag}"),
            key: stun::Key::new(remote_password),
            tie_breaker,
            pairs: Vec::with_capacity(MAX_PATHS),
            chosen: None,
            is_nominated: false,
            heard_at: now,
            next_check: now,
        };
        paths.iter().for_each(|&path| dial.add(path, now));
        dial
    }

    /// Tries a path that is new: a candidate, or where a genuine check came from (RFC 8445 section 7.3.1.4).
    pub fn add(&mut self, path: Path, now: Time) {
        let is_known = self.pairs.iter().any(|pair| pair.path == path);
        if !is_known && self.pairs.len() < MAX_PATHS {
            self.pairs.push(Pair {
                path,
                due: now,
                pending: [None; MAX_PENDING],
            });
        }
    }

    /// Whether it goes along a path, or may yet.
    pub fn holds(&self, path: &Path) -> bool {
        let known = |pair: &Pair| pair.path == *path;
        match self.chosen {
            Some(chosen) => known(&self.pairs[chosen]),
            None => self.pairs.iter().any(known),
        }
    }

    /// Where to send: the nominated path.
    pub fn path(&self) -> Option<Path> {
        let chosen = self.chosen.filter(|_| self.is_nominated)?;
        Some(self.pairs[chosen].path)
    }

    /// When a check is due, or consent ends.
    pub fn deadline(&self) -> Time {
        let due = match self.chosen {
            Some(chosen) => self.pairs[chosen].due,
            None => self
                .pairs
                .iter()
                .map(|pair| pair.due)
                .min()
                .unwrap_or(Time::NEVER),
        };
        due.max(self.next_check).min(self.heard_at + CONSENT_LIFETIME)
    }

    pub fn expired(&self, now: Time) -> bool {
        now >= self.heard_at + CONSENT_LIFETIME
    }

    /// Writes the check that is due, if one is; `chance` makes its transaction and spreads those of consent.
    pub fn check(&mut self, transaction: TransactionId, now: Time, out: &mut [u8]) -> Option<(Path, usize)> {
        if now < self.next_check {
            return None;
        }
        let due = |pair: &&usize| self.pairs[**pair].due <= now;
        let candidates: Vec<usize> = self
            .chosen
            .map_or((0..self.pairs.len()).collect(), |chosen| vec![chosen]);
        let index = *candidates
            .iter()
            .filter(due)
            .min_by_key(|&&pair| self.pairs[pair].due)?;
        let nominates = self.chosen.is_some();
        let request = Request {
            transaction,
            username: &self.username,
            priority: PRIORITY,
            role: Role::Controlling(self.tie_breaker),
            use_candidate: nominates,
        };
        let len = stun::write_request(out, &request, &self.key).ok()?;
        let pair = &mut self.pairs[index];
        pair.pending.rotate_right(1);
        pair.pending[0] = Some(Pending {
            transaction,
            sent: now,
            nominates,
        });
        pair.due = now
            + if self.is_nominated {
                spread(&transaction)
            } else {
                REPEAT
            };
        self.next_check = now + PACE;
        Some((pair.path, len))
    }

    /// Takes an answer; only one to a check of ours, along its path and made with the password, proves anything.
    pub fn answer(&mut self, message: &Message<'_>, path: Path, now: Time) -> Option<Answered> {
        let index = self.pairs.iter().position(|pair| pair.path == path)?;
        let pending = self.pairs[index].pending.iter().flatten();
        let asked = *pending
            .clone()
            .find(|asked| asked.transaction == message.transaction)?;
        if message.class != Class::Success || !message.has_integrity() || !message.verify_integrity(&self.key)
        {
            return None;
        }
        let is_ours = *self.chosen.get_or_insert(index) == index;
        if is_ours {
            self.heard_at = now;
        }
        let is_chosen = is_ours && asked.nominates && !self.is_nominated;
        self.is_nominated |= is_chosen;
        let pair = &mut self.pairs[index];
        match (is_ours, asked.nominates) {
            // The nomination follows at once.
            (true, false) => pair.due = now,
            (true, true) => pair.due = now + spread(&asked.transaction),
            (false, _) => {}
        }
        Some(Answered {
            round_trip: now.since(asked.sent),
            is_chosen,
        })
    }
}

/// 0.8 to 1.2 of the interval, by a number that was drawn anyway.
fn spread(transaction: &TransactionId) -> Duration {
    CONSENT_INTERVAL * (80 + u32::from(transaction[11]) * 40 / 255) / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{parse, write_success, Key};

    fn path(port: u16) -> Path {
        let remote = ([192, 0, 2, 1], port).into();
        Path { socket: 0, remote }
    }

    fn dial(ports: &[u16]) -> IceDial {
        let paths: Vec<Path> = ports.iter().map(|&port| path(port)).collect();
        IceDial::new("us", "them", "their password", &paths, 7, Time::ZERO)
    }

    fn at(ms: u64) -> Time {
        Time::from_millis(ms)
    }

    /// The next check: when, whither, whether it nominates, and its transaction.
    fn next(dial: &mut IceDial) -> (u64, Path, bool, TransactionId) {
        let (now, mut out) = (dial.deadline(), [0; 256]);
        let transaction = (now.as_nanos() as u128).to_be_bytes()[4..].try_into().unwrap();
        let (path, len) = dial.check(transaction, now, &mut out).expect("a check is due");
        let request = parse(&out[..len]).unwrap();
        assert!(request.verify_integrity(&Key::new("their password")));
        assert_eq!(
            (request.username, request.role),
            (Some(&b"them:us"[..]), Some(Role::Controlling(7)))
        );
        (
            now.as_nanos() / 1_000_000,
            path,
            request.use_candidate,
            transaction,
        )
    }

    fn answer(
        dial: &mut IceDial,
        transaction: TransactionId,
        from: Path,
        password: &str,
        ms: u64,
    ) -> Option<Answered> {
        let mut out = [0; 128];
        let len = write_success(&mut out, &transaction, from.remote, &Key::new(password)).unwrap();
        dial.answer(&parse(&out[..len]).unwrap(), from, at(ms))
    }

    #[test]
    fn candidates_are_checked_in_turn_until_one_answers_and_is_nominated() {
        let mut dial = dial(&[1, 2]);
        let first = next(&mut dial);
        let second = next(&mut dial);
        assert_eq!((first.0, first.1, second.0, second.1), (0, path(1), 20, path(2)));
        assert_eq!((next(&mut dial).0, next(&mut dial).0), (300, 320));
        let answered = answer(&mut dial, second.3, path(2), "their password", 350).unwrap();
        assert_eq!(
            (answered.round_trip.as_millis(), answered.is_chosen, dial.path()),
            (330, false, None)
        );
        let nomination = next(&mut dial);
        assert_eq!((nomination.1, nomination.2), (path(2), true));
        assert!(
            answer(&mut dial, nomination.3, path(2), "their password", 360)
                .unwrap()
                .is_chosen
        );
        assert_eq!(dial.path(), Some(path(2)));
    }

    #[test]
    fn an_answer_that_is_not_genuine_proves_nothing() {
        let mut dial = dial(&[1, 2]);
        let (_, _, _, transaction) = next(&mut dial);
        assert_eq!(
            answer(&mut dial, transaction, path(1), "another password", 10),
            None
        );
        assert_eq!(
            answer(&mut dial, transaction, path(2), "their password", 10),
            None
        );
        assert_eq!(answer(&mut dial, [9; 12], path(1), "their password", 10), None);
        assert!(answer(&mut dial, transaction, path(1), "their password", 10).is_some());
    }

    #[test]
    fn consent_is_renewed_and_ends_thirty_seconds_after_the_last_answer() {
        let mut dial = dial(&[1]);
        for _ in 0..2 {
            let (ms, from, _, transaction) = next(&mut dial);
            answer(&mut dial, transaction, from, "their password", ms + 1);
        }
        let mut last = 21;
        for _ in 0..10 {
            let (ms, from, _, transaction) = next(&mut dial);
            assert!((3_900..=6_100).contains(&(ms - last)), "{ms} {last}");
            answer(&mut dial, transaction, from, "their password", ms + 1);
            last = ms;
        }
        assert!(!dial.expired(at(last + 30_000)) && dial.expired(at(last + 30_001)));
    }
}

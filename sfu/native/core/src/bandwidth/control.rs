//! What is done about what was seen: up, down, or a probe.
use super::increase::{self, KEPT};
use super::{since_zero, Cause, Estimator, Sight, Signal, State, WINDOW};
use crate::time::Time;
use std::time::Duration;

/// Sending less than this share of the rate is no use of it.
const USED: f64 = 0.7;
/// What is sent at most lies this far above what was seen to arrive.
const MOST_ABOVE: f64 = 1.5;
const ABOVE: u64 = 10_000;
/// A cut while little is sent is small: what arrives then is no measure of the way.
const KEPT_IDLE: f64 = 0.7;
/// Frames fill a short queue before the way is full.
const KEPT_LOSSY: f64 = 0.92;
/// While a queue is short, less of a cut empties it.
const KEPT_EARLY: f64 = 0.93;
/// Nobody is to lose more than this for a rate that grows.
const MOST_LOST: f64 = 0.12;
/// Beside another who fills the queue: bit/s more in each second, and what is kept when that was too much.
const COMPETING: f64 = 60_000.0;
const KEPT_COMPETING: f64 = 0.75;
/// A probe's promise that breaks so soon, on top of the round trip, was none: less than before it is right.
const PROMISED: Duration = Duration::from_secs(2);
const KEPT_BEFORE: f64 = 0.85;
/// Cuts that rest on what arrives do not add up: they may follow each other quickly.
const BETWEEN_CUTS: Duration = Duration::from_millis(100);
/// While the queue grows the way is full: even a short time shows what it carries.
const SHORT: Duration = Duration::from_millis(300);
/// A queue below this, or below what arrivals waver by, is none.
const QUEUE: Duration = Duration::from_millis(40);
const JITTERS: u32 = 6;
/// What grows, but is below this and what arrivals waver by, is a frame's own burst.
const SEEN: Duration = Duration::from_millis(15);
/// For so long after a cut a queue is taken for one of one's own, and so many further cuts are made for it.
const DRAINS: Duration = Duration::from_secs(5);
const MOST_DRAINS: u8 = 2;
/// So long after the last of them the queue would be gone if it were one's own.
const DRAINED: Duration = Duration::from_millis(1_500);
/// What a cut needs to show, on top of the round trip.
const DETECTION: Duration = Duration::from_millis(300);
/// After a cut it is quiet for so long before a probe.
const QUIET: Duration = Duration::from_secs(2);
/// Nothing heard of for so long is bad news; receiver reports come seldom.
const SILENCE: Duration = Duration::from_secs(1);
const SILENCE_REPORTED: Duration = Duration::from_secs(6);
const ROUND_TRIPS: u32 = 3;

impl Estimator {
    pub(super) fn steer(&mut self, now: Time) {
        let elapsed = now.since(self.steered);
        self.steered = now;
        let is_drained = self.drains == 0 || self.since_cut(now) >= DRAINED;
        self.contention.saw(self.is_short(), is_drained, now);
        self.loss.set_shared(self.contention.is_on());
        if self.contention.is_on() {
            self.state = State::Increase;
            self.raise_by((COMPETING * elapsed.as_secs_f64().min(1.0)) as u64);
            return;
        }
        let is_wavering = self.waiting.queue() < SEEN + self.jitter();
        let signal = match self.trend.signal() {
            Signal::Over if is_wavering => Signal::Normal,
            signal => signal,
        };
        self.state = self.state.after(signal);
        match self.state {
            State::Increase => self.increase(elapsed, now),
            State::Decrease => self.cut_for_delay(now),
            State::Hold => {}
        }
    }

    fn increase(&mut self, elapsed: Duration, now: Time) {
        let round_trip = self.round_trip.or_default();
        if !self.is_short() && self.since_cut(now) < DRAINS {
            // What stands in the queue since the cut does not go by itself.
            if self.drains > 0 && self.since_cut(now) >= round_trip + DETECTION {
                let drains = self.drains - 1;
                self.cut_to((self.rate as f64 * KEPT) as u64, Cause::Delay, now);
                self.drains = drains;
            }
            return;
        }
        if self.capacity.outgrown(self.rate) {
            self.probing.hurry();
        }
        // Whether so much is the way's own or that of several senders on a short queue is not for more rate to find out.
        if self.loss.recent() > MOST_LOST {
            self.cause = Cause::Loss;
            return;
        }
        let is_near = self.capacity.is_near(self.rate);
        if is_near && self.holds_for_queue(now) {
            return;
        }
        if is_near && self.is_idle(now) {
            self.cause = Cause::Idle;
            return;
        }
        let grown = increase::increased(self.rate, is_near, self.datagram, round_trip, elapsed);
        self.raise_by(grown - self.rate);
    }

    /// Raises no further than what arrives shows to be of use.
    fn raise_by(&mut self, more: u64) {
        let shown = self.acknowledged.rate(WINDOW).map_or(0, |rate| {
            (rate as f64 / (1.0 - self.loss.inherent()) * MOST_ABOVE) as u64 + ABOVE
        });
        if shown <= self.rate {
            self.cause = Cause::Idle;
            return;
        }
        self.raise_to((self.rate + more).min(shown), Cause::Increase);
    }

    /// Near the capacity a queue that is seen, but grows too slowly for the trend, is answered once and waited for. It may
    /// be another's: then it stays, and the rate goes on.
    fn holds_for_queue(&mut self, now: Time) -> bool {
        if self.is_short() {
            self.queued = None;
            return false;
        }
        let is_new = self.queued.is_none();
        let since = *self.queued.get_or_insert(now);
        if is_new && !self.is_idle(now) {
            let passed = self.passed().unwrap_or(self.rate as f64);
            self.cut_to((passed * KEPT_EARLY) as u64, Cause::Delay, now);
        }
        now.since(since) < DRAINS
    }

    fn cut_for_delay(&mut self, now: Time) {
        let is_idle = self.is_idle(now);
        let between = if is_idle {
            self.round_trip.or_default() + BETWEEN_CUTS
        } else {
            BETWEEN_CUTS
        };
        if self.since_cut(now) < between {
            return;
        }
        let passed = self.passed().unwrap_or(self.rate as f64);
        let mut kept = passed * KEPT;
        if is_idle {
            kept = kept.max(self.rate as f64 * KEPT_IDLE);
        } else {
            self.capacity.seen(passed as u64);
        }
        if let Some((_, before)) = self.lifted.take().filter(|(at, _)| self.is_recent(*at, now)) {
            kept = kept.min(before as f64 * KEPT_BEFORE);
            self.probing.regret(now);
        }
        self.cut_to(kept as u64, Cause::Delay, now);
    }

    fn is_recent(&self, lifted: Time, now: Time) -> bool {
        now.since(lifted) < PROMISED + self.round_trip.or_default()
    }

    pub(super) fn cut_for_loss(&mut self, bound: u64, now: Time) {
        self.loss.answered(now);
        self.capacity.seen(bound);
        let kept = if self.is_short() { KEPT_LOSSY } else { KEPT };
        self.cut_to((bound as f64 * kept) as u64, Cause::Loss, now);
    }

    /// Beside another only loss says that it is too much.
    pub(super) fn cut_for_others(&mut self, now: Time) {
        self.loss.answered(now);
        self.cut_to((self.rate as f64 * KEPT_COMPETING) as u64, Cause::Loss, now);
    }

    /// What would pass if it were sent: what arrives, and what the way loses by itself.
    fn passed(&self) -> Option<f64> {
        let passed = self.acknowledged.rate(SHORT)? as f64;
        Some(passed / (1.0 - self.loss.inherent()))
    }

    pub(super) fn cut_to(&mut self, rate: u64, cause: Cause, now: Time) {
        self.cut = Some(now);
        self.drains = MOST_DRAINS;
        let quiet = QUIET.max(ROUND_TRIPS * self.round_trip.or_default());
        self.probing.put_off(quiet, now);
        if rate < self.rate {
            self.rate = rate.max(self.limits.floor);
            self.cause = cause;
        }
    }

    /// Where the way seems full already, a burst passes that a rate may not: what becomes of it is remembered.
    pub(super) fn lift_to(&mut self, rate: u64, now: Time) {
        if rate > self.rate && self.capacity.is_near(self.rate) {
            self.lifted = Some((now, self.rate));
        }
        self.raise_to(rate, Cause::Probe);
    }

    pub(super) fn raise_to(&mut self, rate: u64, cause: Cause) {
        let ceiling = self.limits.ceiling.min(self.reported.ceiling());
        if rate <= self.rate {
            return;
        }
        self.cause = if rate > ceiling { Cause::Ceiling } else { cause };
        self.rate = rate.min(ceiling).max(self.rate);
    }

    pub(super) fn plan(&mut self, now: Time) {
        let sight = self.sight(now);
        if self.is_numbered {
            self.probing.plan(sight, now);
        }
    }

    pub(super) fn sight(&self, now: Time) -> Sight {
        let round_trip = self.round_trip.or_default();
        let quiet = QUIET.max(ROUND_TRIPS * round_trip);
        Sight {
            rate: self.rate,
            wanted: self.wanted.min(self.reported.ceiling()),
            round_trip,
            jitter: self.jitter(),
            inherent: self.loss.inherent(),
            is_idle: self.is_idle(now),
            is_calm: self.trend.signal() != Signal::Over && self.since_cut(now) >= quiet && self.is_short(),
        }
    }

    /// Whether no queue is seen.
    fn is_short(&self) -> bool {
        self.waiting.queue() <= QUEUE.max(JITTERS * self.jitter())
    }

    fn jitter(&self) -> Duration {
        Duration::from_micros((self.trend.jitter() * 1e3) as u64)
    }

    fn is_idle(&self, now: Time) -> bool {
        let departed = self.departed.rate_at(since_zero(now), WINDOW);
        departed.is_none_or(|rate| (rate as f64) < USED * self.rate as f64)
    }

    fn since_cut(&self, now: Time) -> Duration {
        self.cut.map_or(Duration::MAX, |cut| now.since(cut))
    }

    pub(super) fn silent_at(&self) -> Time {
        let least = if self.is_numbered {
            SILENCE
        } else {
            SILENCE_REPORTED
        };
        let patience = least.max(ROUND_TRIPS * self.round_trip.or_default());
        self.unheard.map_or(Time::NEVER, |since| since + patience)
    }
}

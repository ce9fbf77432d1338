//! Which indexes of a stream were handled: refuses the second use of each (RFC 3711 §3.3.2).
use super::SrtpError;

/// How far back an index may lie: some seconds of video, so that a repair without RTX over a satellite still counts.
pub(super) const WINDOW: u64 = 2048;
/// Packets that an outage swallows at once; more is a wild number until another comes close to it.
const LONGEST_LEAP: u64 = 4096;
/// How far two packets that follow each other may be apart.
const NEAR: u64 = 64;

/// The window of one stream. A bit stands at its index modulo the window's size.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    /// One more than the highest index handled; 0 before the first.
    next: u64,
    handled: [u64; WINDOW as usize / 64],
    /// A genuine index far ahead that nothing has confirmed yet.
    doubted: Option<u64>,
}

impl Replay {
    pub(super) const fn new() -> Replay {
        Replay {
            next: 0,
            handled: [0; WINDOW as usize / 64],
            doubted: None,
        }
    }

    /// Whether a genuine index may move the window: one far ahead would make all that follows too old, so it takes two
    /// (RFC 3550 appendix A.1).
    pub(super) fn believe(&mut self, index: u64) -> bool {
        let before = self.doubted.take();
        let is_near = |doubted: u64| doubted != index && doubted.abs_diff(index) <= NEAR;
        let believed = index < self.next + LONGEST_LEAP || before.is_some_and(is_near);
        if !believed {
            self.doubted = Some(index);
        }
        believed
    }

    /// The index that a sequence number means: nearest to the highest so far; the first has roll-over counter 0.
    pub(super) fn index_of(&self, sequence: u16) -> Result<u64, SrtpError> {
        let Some(highest) = self.next.checked_sub(1) else {
            return Ok(u64::from(sequence));
        };
        let step = sequence.wrapping_sub(highest as u16) as i16;
        // Before the first roll-over there is nothing older.
        highest
            .checked_add_signed(i64::from(step))
            .ok_or(SrtpError::TooOld)
    }

    /// Whether an index is still unused.
    pub(super) fn check(&self, index: u64) -> Result<(), SrtpError> {
        if index >= self.next {
            return Ok(());
        }
        if self.next - index > WINDOW {
            return Err(SrtpError::TooOld);
        }
        let (word, bit) = place(index);
        if self.handled[word] & bit != 0 {
            return Err(SrtpError::Replayed);
        }
        Ok(())
    }

    /// Marks an index that `check` allowed.
    pub(super) fn mark(&mut self, index: u64) {
        if index >= self.next {
            self.forget(self.next, index);
            self.next = index + 1;
        }
        let (word, bit) = place(index);
        self.handled[word] |= bit;
    }

    /// Clears the places of the indexes from `first` to `last`, which become those of the window's new front.
    fn forget(&mut self, first: u64, last: u64) {
        if last - first >= WINDOW {
            self.handled.fill(0);
            return;
        }
        for index in first..=last {
            let (word, bit) = place(index);
            self.handled[word] &= !bit;
        }
    }
}

fn place(index: u64) -> (usize, u64) {
    let at = index % WINDOW;
    ((at / 64) as usize, 1 << (at % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(replay: &mut Replay, index: u64) -> Result<(), SrtpError> {
        replay.check(index)?;
        replay.mark(index);
        Ok(())
    }

    #[test]
    fn every_index_is_handled_once_in_any_order() {
        for start in [0, 63, 0xFFFF, 0xFFFF_FFFF] {
            let mut replay = Replay::new();
            for step in [0, 5, 1, 4, 2, 3, 2047, 100, 2048, 6000, 3953] {
                assert_eq!(handle(&mut replay, start + step), Ok(()), "{start}+{step}");
                assert_eq!(handle(&mut replay, start + step), Err(SrtpError::Replayed));
            }
        }
    }

    #[test]
    fn what_lies_behind_the_window_is_too_old() {
        let mut replay = Replay::new();
        handle(&mut replay, 5000).unwrap();
        assert_eq!(replay.check(5000 - WINDOW), Err(SrtpError::TooOld));
        assert_eq!(replay.check(5000 - WINDOW + 1), Ok(()));
        assert_eq!(replay.check(0), Err(SrtpError::TooOld));
    }

    #[test]
    fn moving_forward_forgets_exactly_what_leaves() {
        let mut replay = Replay::new();
        let mut seen = std::collections::HashSet::new();
        let mut random = 1u64;
        for _ in 0..100_000 {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let next = replay.next;
            let index = next.saturating_sub(2500) + (random >> 33) % 2600;
            let expected = match (next.saturating_sub(index) > WINDOW, seen.contains(&index)) {
                (true, _) => Err(SrtpError::TooOld),
                (false, true) => Err(SrtpError::Replayed),
                (false, false) => Ok(()),
            };
            assert_eq!(handle(&mut replay, index), expected);
            if expected.is_ok() {
                seen.insert(index);
            }
        }
        assert!(seen.len() > 50_000);
    }

    #[test]
    fn the_index_follows_the_sequence_across_every_wrap() {
        for start in [0u64, 0x7FFF, 0x8000, 0xFFFF] {
            let mut replay = Replay::new();
            assert_eq!(replay.index_of(start as u16), Ok(start));
            replay.mark(start);
            for index in start + 1..start + 200_000 {
                assert_eq!(replay.index_of(index as u16), Ok(index));
                replay.mark(index);
                assert_eq!(replay.index_of((index - 1) as u16), Ok(index - 1));
            }
        }
    }

    #[test]
    fn before_the_first_roll_over_there_is_nothing() {
        let mut replay = Replay::new();
        replay.mark(3);
        assert_eq!(replay.index_of(0xFFFF), Err(SrtpError::TooOld));
        assert_eq!(replay.index_of(0x8003), Err(SrtpError::TooOld));
        assert_eq!(replay.index_of(0x8002), Ok(0x8002));
    }
}

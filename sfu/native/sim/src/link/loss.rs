//! Which packets a wire loses.
use super::Cause;
use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    None,
    /// Each packet alone, with this probability.
    Random(f64),
    /// Gilbert and Elliott's model with nothing lost in the good state and all in the bad one.
    Bursts {
        share: f64,
        /// How many packets a burst takes on average.
        mean: f64,
    },
}

pub(super) struct LossState {
    loss: Loss,
    is_bad: bool,
}

impl LossState {
    /// The first packet finds the states as any later one does.
    pub fn new(loss: Loss, random: &mut Random) -> LossState {
        let is_bad = match loss {
            Loss::Bursts { share, mean } => {
                assert!(
                    (0.0..1.0).contains(&share) && mean >= 1.0 && to_bad(share, mean) <= 1.0,
                    "no bursts of {mean} packets lose {share} of all"
                );
                random.happens(share)
            }
            _ => false,
        };
        LossState { loss, is_bad }
    }

    /// Why the next packet is lost, if it is.
    pub fn next(&mut self, random: &mut Random) -> Option<Cause> {
        match self.loss {
            Loss::None => None,
            Loss::Random(share) => random.happens(share).then_some(Cause::Random),
            Loss::Bursts { share, mean } => {
                let is_lost = self.is_bad;
                let leaves = if self.is_bad {
                    1.0 / mean
                } else {
                    to_bad(share, mean)
                };
                self.is_bad ^= random.happens(leaves);
                is_lost.then_some(Cause::Burst)
            }
        }
    }
}

/// How probable a burst is to begin behind a packet that arrives, for the share of lost ones to be right.
fn to_bad(share: f64, mean: f64) -> f64 {
    share / (1.0 - share) / mean
}

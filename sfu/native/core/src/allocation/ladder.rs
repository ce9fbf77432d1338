//! The ladder of a lesson's pictures: how rich each may become before another's turn comes.
use super::{Priority, Wish, MAX_RUNGS};
use std::cmp::Ordering;
use std::ops::ControlFlow;

/// L5; on L0 a viewer has sound, and the most valuable picture whose poorest form fits.
pub const LEVELS: u8 = LADDER.len() as u8;

/// How rich a picture may become on levels L1 to L5, in bit/s by `Priority`. With sound they are 0.25, 0.7, 1.45, 2.5 and
/// 4.3 Mbit/s for a teacher, courseware and three rooms. Any share has room for a picture's poorest form.
const LADDER: [[u32; 4]; 5] = [
    [0, 0, 120_000, 120_000],
    [0, 0, 400_000, 250_000],
    [0, 150_000, 850_000, 400_000],
    [150_000, 150_000, 1_200_000, 800_000],
    [250_000, 250_000, 2_500_000, 1_000_000],
];

/// Up to which grant a picture may be raised now.
#[derive(Clone, Copy)]
struct Step {
    level: u8,
    wish: usize,
    most: u8,
}

/// All steps in their order: level by level, the more valuable picture first; above the ladder one rung each in turn.
fn each_step(wishes: &[Wish], mut take: impl FnMut(Step) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut turn = |level: u8, most: &dyn Fn(&Wish) -> u8| {
        Priority::BY_VALUE.into_iter().try_for_each(|priority| {
            let mut of_it = (0..wishes.len()).filter(|&at| wishes[at].priority == priority);
            of_it.try_for_each(|wish| {
                take(Step {
                    level,
                    wish,
                    most: most(&wishes[wish]),
                })
            })
        })
    };
    for (level, shares) in (1..).zip(&LADDER) {
        turn(level, &|wish| wish.rungs.within(shares[wish.priority as usize]))?;
    }
    let last = &LADDER[LADDER.len() - 1];
    for round in 1..=MAX_RUNGS as u8 {
        turn(LEVELS + 1, &|wish| {
            let within = wish.rungs.within(last[wish.priority as usize]);
            (within + round).min(wish.rungs.len)
        })?;
    }
    ControlFlow::Continue(())
}

/// Grants in the ladder's order what the budget has room for; what was held is never raised where `only_lower`.
pub fn fit(wishes: &[Wish], budget: u64, only_lower: bool, grants: &mut Vec<u8>) {
    grants.clear();
    grants.resize(wishes.len(), 0);
    let mut left = budget;
    let _ = each_step(wishes, |step| {
        let wish = &wishes[step.wish];
        let most = match wish.held {
            Some(held) if only_lower => step.most.min(held),
            _ => step.most,
        };
        let granted = grants[step.wish];
        let room = left + wish.rungs.bit_rate(granted);
        let richer = (granted + 1..=most)
            .rev()
            .find(|&grant| wish.rungs.bit_rate(grant) <= room);
        if let Some(grant) = richer {
            left = room - wish.rungs.bit_rate(grant);
            grants[step.wish] = grant;
        }
        ControlFlow::Continue(())
    });
}

/// Which of two ways to grant is worth more: the one that goes further at the first step at which they differ.
pub fn compare(wishes: &[Wish], one: &[u8], other: &[u8]) -> Ordering {
    let mut order = Ordering::Equal;
    let _ = each_step(wishes, |Step { wish, most, .. }| {
        order = one[wish].min(most).cmp(&other[wish].min(most));
        match order {
            Ordering::Equal => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    });
    order
}

/// The highest level of which, and of all below, everything is granted that there is.
pub fn level(wishes: &[Wish], grants: &[u8]) -> u8 {
    let mut reached = LEVELS;
    let _ = each_step(wishes, |Step { level, wish, most }| {
        if level > LEVELS {
            return ControlFlow::Break(());
        }
        if grants[wish] < most {
            reached = level - 1;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    reached
}

/// What grants cost, in bit/s.
pub fn cost(wishes: &[Wish], grants: &[u8]) -> u64 {
    let each = wishes.iter().zip(grants);
    each.map(|(wish, &grant)| wish.rungs.bit_rate(grant)).sum()
}

use super::ladder::{compare, cost, fit, level};
use super::*;
use crate::chance::Chance;
use crate::time::Time;
use std::cmp::Ordering;

const RUNS: usize = 400;

/// Pictures with so many thousand bit/s of layers each.
fn wish(priority: Priority, kbits: &[u32]) -> Wish {
    let mut rungs = Rungs::default();
    for (layer, kbit) in (0..).zip(kbits) {
        rungs.push(Rung {
            layer,
            temporal: 0,
            bit_rate: kbit * 1_000,
        });
    }
    Wish {
        priority,
        rungs,
        held: None,
    }
}

/// A room's page as domain.md has it on L5: teacher, courseware and three rooms, of which one holds the floor.
fn lesson() -> Vec<Wish> {
    vec![
        wish(Priority::Teacher, &[120, 400, 850, 1_200, 2_500]),
        wish(Priority::Courseware, &[100, 250, 400, 800, 1_000]),
        wish(Priority::OtherRoom, &[150, 250]),
        wish(Priority::FloorHolder, &[150, 250]),
        wish(Priority::OtherRoom, &[150, 250]),
    ]
}

fn below(chance: &mut Chance, limit: u64) -> u64 {
    chance.next() % limit
}

/// Anything that could be asked for.
fn wishes(chance: &mut Chance) -> Vec<Wish> {
    let count = below(chance, 9);
    let mut any = || {
        let priority = Priority::BY_VALUE[below(chance, 4) as usize];
        let mut kbits: Vec<u32> = (0..below(chance, 6))
            .map(|_| 1 + below(chance, 3_000) as u32)
            .collect();
        kbits.sort_unstable();
        let mut made = wish(priority, &kbits);
        let held = below(chance, made.rungs.as_slice().len() as u64 + 1) as u8;
        made.held = (below(chance, 4) > 0).then_some(held);
        made
    };
    (0..count).map(|_| any()).collect()
}

fn fitted(wishes: &[Wish], budget: u64, only_lower: bool) -> Vec<u8> {
    let mut grants = Vec::new();
    fit(wishes, budget, only_lower, &mut grants);
    grants
}

fn least(wish: &Wish) -> u64 {
    wish.rungs
        .as_slice()
        .first()
        .map_or(u64::MAX, |rung| u64::from(rung.bit_rate))
}

#[test]
fn no_more_is_granted_than_the_line_carries_and_nothing_waits_that_fits() {
    let mut chance = Chance::new(1);
    for _ in 0..RUNS {
        let (wishes, budget) = (wishes(&mut chance), below(&mut chance, 8_000_000));
        for only_lower in [false, true] {
            let grants = fitted(&wishes, budget, only_lower);
            let left = budget
                .checked_sub(cost(&wishes, &grants))
                .expect("no more than the budget");
            let waits = |(wish, &grant): (&Wish, &u8)| {
                let may = !only_lower || wish.held != Some(0);
                grant == 0 && may && least(wish) <= left
            };
            assert!(
                !wishes.iter().zip(&grants).any(waits),
                "{budget} {grants:?} {wishes:?}"
            );
        }
    }
}

#[test]
fn a_line_that_carries_more_is_never_worth_less() {
    let mut chance = Chance::new(2);
    for _ in 0..RUNS {
        let wishes = wishes(&mut chance);
        let mut before = vec![0; wishes.len()];
        let mut budget = 0;
        while budget < 6_000_000 {
            let grants = fitted(&wishes, budget, false);
            assert_ne!(
                compare(&wishes, &grants, &before),
                Ordering::Less,
                "{budget} {wishes:?}"
            );
            assert!(level(&wishes, &grants) >= level(&wishes, &before));
            before = grants;
            budget += 1 + below(&mut chance, 700_000);
        }
    }
}

#[test]
fn nothing_is_paused_for_the_sake_of_what_is_worth_less() {
    let mut chance = Chance::new(3);
    for _ in 0..RUNS {
        let (wishes, budget) = (wishes(&mut chance), below(&mut chance, 5_000_000));
        let grants = fitted(&wishes, budget, false);
        let left = budget - cost(&wishes, &grants);
        for (paused, _) in wishes.iter().zip(&grants).filter(|(_, &grant)| grant == 0) {
            let worth_less = wishes
                .iter()
                .zip(&grants)
                .filter(|(wish, _)| wish.priority < paused.priority);
            let theirs: u64 = worth_less.map(|(wish, &grant)| wish.rungs.bit_rate(grant)).sum();
            assert!(least(paused) > left + theirs, "{budget} {grants:?} {wishes:?}");
        }
    }
}

#[test]
fn lowering_raises_nothing() {
    let mut chance = Chance::new(4);
    for _ in 0..RUNS {
        let (wishes, budget) = (wishes(&mut chance), below(&mut chance, 5_000_000));
        let grants = fitted(&wishes, budget, true);
        let rises = |(wish, &grant): (&Wish, &u8)| wish.held.is_some_and(|held| grant > held);
        assert!(!wishes.iter().zip(&grants).any(rises), "{grants:?} {wishes:?}");
    }
}

#[test]
fn each_level_of_the_ladder_is_what_its_rate_carries() {
    // Without sound, which is some 50 kbit/s.
    let table: [(u64, u8, [u8; 5]); 8] = [
        (4_260, 5, [5, 5, 2, 2, 2]),
        (2_460, 4, [4, 4, 1, 1, 1]),
        (1_410, 3, [3, 3, 0, 1, 0]),
        (660, 2, [2, 2, 0, 0, 0]),
        (225, 1, [1, 1, 0, 0, 0]),
        (100, 0, [0, 1, 0, 0, 0]),
        (99, 0, [0, 0, 0, 0, 0]),
        (0, 0, [0, 0, 0, 0, 0]),
    ];
    for (kbits, reached, expected) in table {
        let (wishes, budget) = (lesson(), kbits * 1_000);
        let grants = fitted(&wishes, budget, false);
        assert_eq!(
            (level(&wishes, &grants), &grants[..]),
            (reached, &expected[..]),
            "{kbits}"
        );
    }
}

#[test]
fn above_the_ladder_rooms_grow_in_turn() {
    let rooms = [wish(Priority::OtherRoom, &[150, 400, 1_200]); 4];
    assert_eq!(fitted(&rooms, 1_600_000, false), [2, 2, 2, 2]);
    assert_eq!(fitted(&rooms, 2_400_000, false), [3, 2, 2, 2]);
    assert_eq!(fitted(&rooms, 4_800_000, false), [3, 3, 3, 3]);
    assert_eq!(level(&rooms, &[1, 1, 1, 1]), LEVELS);
}

#[test]
fn a_form_that_costs_no_less_than_a_richer_one_is_no_rung() {
    let rungs = wish(Priority::Teacher, &[120, 500, 400, 400]).rungs;
    let kept: Vec<u8> = rungs.as_slice().iter().map(|rung| rung.layer).collect();
    assert_eq!(kept, [0, 3]);
    assert_eq!(
        (rungs.up_to(3, 0), rungs.up_to(1, 0), rungs.shown(0)),
        (Some(2), None, None)
    );
}

#[test]
fn the_largest_connection_is_decided_in_bounded_work() {
    let kbits: Vec<u32> = (1..=MAX_RUNGS as u32).map(|rung| rung * 100).collect();
    let wishes = vec![wish(Priority::OtherRoom, &kbits); 128];
    assert_eq!(fitted(&wishes, u64::MAX / 2, false), vec![MAX_RUNGS as u8; 128]);
    assert_eq!(fitted(&wishes, 0, false), vec![0; 128]);
}

/// A connection that decides each 100 ms.
struct Watched {
    allocation: Allocation,
    wishes: Vec<Wish>,
    grants: Vec<u8>,
    ms: u64,
    /// When what was decided.
    verdicts: Vec<(u64, Verdict)>,
}

impl Watched {
    fn new(wishes: Vec<Wish>) -> Watched {
        Watched {
            allocation: Allocation::default(),
            wishes,
            grants: Vec::new(),
            ms: 60_000,
            verdicts: Vec::new(),
        }
    }

    fn decide(&mut self, kbits: u64) {
        let line = Line {
            estimate: kbits * 1_000,
            voices: 40_000,
            repairs: 0,
        };
        self.ms += 100;
        let now = Time::from_millis(self.ms);
        let verdict = self.allocation.decide(&line, &self.wishes, &mut self.grants, now);
        for (wish, &grant) in self.wishes.iter_mut().zip(&self.grants) {
            wish.held = Some(grant);
        }
        if verdict != Verdict::Kept {
            self.verdicts.push((self.ms, verdict));
        }
    }

    fn pass(&mut self, seconds: u64, kbits: u64) {
        (0..seconds * 10).for_each(|_| self.decide(kbits));
    }

    fn took(&mut self) -> Vec<Verdict> {
        self.verdicts.drain(..).map(|(_, verdict)| verdict).collect()
    }
}

#[test]
fn a_line_that_falls_lowers_within_a_second_and_rises_after_ten() {
    let mut watched = Watched::new(lesson());
    watched.pass(20, 6_000);
    assert_eq!(
        (watched.took(), watched.allocation.level()),
        (vec![Verdict::Begun], 5)
    );
    watched.pass(1, 750);
    assert_eq!(watched.took(), [Verdict::Lowered(Cause::Line)]);
    assert_eq!(
        (watched.allocation.level(), &watched.grants[..]),
        (2, &[2, 2, 0, 0, 0][..])
    );
    watched.pass(60, 750);
    assert_eq!(watched.took(), []);
    watched.pass(9, 6_000);
    assert_eq!(watched.took(), []);
    watched.pass(3, 6_000);
    assert_eq!(
        (watched.took(), watched.allocation.level()),
        (vec![Verdict::Raised], 5)
    );
}

#[test]
fn a_dip_of_less_than_half_a_second_changes_nothing() {
    let mut watched = Watched::new(lesson());
    watched.pass(10, 6_000);
    watched.took();
    for _ in 0..20 {
        (0..5).for_each(|_| watched.decide(300));
        watched.pass(1, 6_000);
    }
    assert_eq!(watched.took(), []);
}

#[test]
fn a_connection_that_was_never_lowered_climbs_with_its_estimate() {
    let mut watched = Watched::new(lesson());
    for (at, kbits) in [300, 600, 1_200, 2_400, 4_800, 6_000].into_iter().enumerate() {
        watched.pass(if at == 5 { 4 } else { 1 }, kbits);
    }
    assert_eq!(watched.allocation.level(), 5);
    assert!(!watched
        .took()
        .iter()
        .any(|verdict| matches!(verdict, Verdict::Lowered(_))));
}

#[test]
fn a_noisy_estimate_does_not_flap() {
    for seed in 0..12 {
        let mut chance = Chance::new(seed);
        let mean = 150 + below(&mut chance, 5_000);
        let mut watched = Watched::new(lesson());
        for _ in 0..2_000 {
            let noise = 75 + below(&mut chance, 51);
            watched.decide(mean * noise / 100);
        }
        let rises = |(_, verdict): &&(u64, Verdict)| *verdict == Verdict::Raised;
        let lowered = watched
            .verdicts
            .iter()
            .position(|(_, verdict)| matches!(verdict, Verdict::Lowered(_)));
        let again = watched.verdicts[lowered.unwrap_or(0)..]
            .iter()
            .filter(rises)
            .count();
        assert!(
            again <= 2 && watched.verdicts.len() <= 10,
            "{mean} kbit/s: {:?}",
            watched.verdicts
        );
    }
}

#[test]
fn a_line_that_swings_is_followed_down_at_once_and_up_ever_more_seldom() {
    let mut watched = Watched::new(lesson());
    for _ in 0..40 {
        watched.pass(15, 3_000);
        watched.pass(15, 600);
    }
    let mut lowered = None;
    let mut raised = 0;
    for (ms, verdict) in &watched.verdicts {
        match verdict {
            Verdict::Lowered(_) => lowered = Some(ms),
            Verdict::Raised if lowered.is_some() => {
                raised += 1;
                assert!(ms - lowered.unwrap() >= 10_000, "{:?}", watched.verdicts);
            }
            _ => {}
        }
    }
    assert!((2..=20).contains(&raised), "{:?}", watched.verdicts);
}

#[test]
fn any_estimate_leaves_voices_and_never_more_than_it_carries_for_long() {
    let mut chance = Chance::new(7);
    for _ in 0..60 {
        let mut watched = Watched::new(wishes(&mut chance));
        for _ in 0..20 {
            let kbits = below(&mut chance, 6_000);
            watched.pass(2, kbits);
            let room = (kbits * 1_000).saturating_sub(40_000);
            assert!(cost(&watched.wishes, &watched.grants) <= room);
        }
    }
}

#[test]
fn what_comes_new_makes_what_is_worth_less_give_way_at_once() {
    let mut watched = Watched::new(vec![wish(Priority::OtherRoom, &[150, 800])]);
    watched.pass(3, 1_000);
    watched.took();
    watched.wishes.push(wish(Priority::Teacher, &[120, 400, 1_000]));
    watched.decide(1_000);
    assert_eq!(watched.grants, [1, 2]);
    assert_eq!(watched.took(), [Verdict::Lowered(Cause::Pictures)]);
    watched.wishes.push(wish(Priority::OtherRoom, &[150]));
    watched.decide(1_000);
    assert_eq!(
        (watched.grants.clone(), watched.took()),
        (vec![1, 2, 1], vec![Verdict::Begun])
    );
}

#[test]
fn pictures_that_grow_beyond_the_line_are_lowered_for_that() {
    let mut watched = Watched::new(vec![wish(Priority::Teacher, &[120, 400])]);
    watched.pass(3, 600);
    watched.took();
    watched.wishes[0].rungs = wish(Priority::Teacher, &[120, 900]).rungs;
    watched.pass(1, 600);
    assert_eq!(watched.took(), [Verdict::Lowered(Cause::Pictures)]);
    assert_eq!(watched.grants, [1]);
}

#[test]
fn repairs_take_their_part_up_to_a_third() {
    let mut allocation = Allocation::default();
    let wishes = [wish(Priority::Teacher, &[120, 600, 800])];
    let mut grants = Vec::new();
    for (repairs, granted) in [(0, 3), (200_000, 2), (5_000_000, 2)] {
        let line = Line {
            estimate: 1_000_000,
            voices: 40_000,
            repairs,
        };
        allocation.decide(&line, &wishes, &mut grants, Time::from_millis(60_000));
        assert_eq!(grants, [granted], "{repairs}");
    }
}

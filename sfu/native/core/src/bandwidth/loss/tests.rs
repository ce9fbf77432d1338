use super::*;
use crate::chance::Chance;

/// Sends at rates that go up for some seconds; the first bound that is found.
fn bound(seed: u64, passes: impl Fn(f64, f64) -> bool) -> Option<u64> {
    let (mut loss, mut chance) = (Loss::new(), Chance::new(seed));
    let mut rate = 500_000.0;
    let mut now = Time::ZERO;
    while now < Time::from_millis(12_000) {
        now = now + Duration::from_secs_f64(9_600.0 / rate);
        rate *= 1.0 + 0.08 * 9_600.0 / rate;
        let share = f64::from(chance.word()) / f64::from(u32::MAX);
        if let Some(bound) = loss.told(now, 1_200, !passes(rate, share)) {
            return Some(bound);
        }
    }
    None
}

#[test]
fn loss_that_does_not_grow_with_the_rate_is_no_bound() {
    for seed in 0..20 {
        assert_eq!(bound(seed, |_, share| share > 0.02), None, "{seed}");
        assert_eq!(bound(seed, |_, share| share > 0.1), None, "{seed}");
    }
}

#[test]
fn loss_that_grows_with_the_rate_is_a_bound_with_or_without_inherent_loss() {
    for seed in 0..20 {
        for inherent in [0.0, 0.05] {
            let passes = |rate: f64, share: f64| share < (1.0 - inherent) * (800_000.0 / rate).min(1.0);
            let found = bound(seed, passes).unwrap();
            assert!((640_000..=960_000).contains(&found), "{seed} {inherent} {found}");
        }
    }
}

#[test]
fn what_comes_late_was_not_lost() {
    let mut loss = Loss::new();
    for step in 0..100 {
        loss.told(Time::from_millis(step * 10), 1_200, step % 2 == 0);
    }
    (0..100).for_each(|step| loss.late(Time::from_millis(step * 10)));
    let lost: u32 = loss.ring.iter().map(|seen| seen.lost).sum();
    assert_eq!(lost + loss.current.lost, 0);
}

/// Of 40 datagrams each half second so many are lost, second by second; when a bound is found.
fn bound_at(loss: &mut Loss, lost_of_40: &[u32]) -> Option<usize> {
    let seen = |at: usize, lost: u32| Observation {
        began: Time::from_millis(500 * at as u64),
        rate: 800_000.0,
        sent: 40,
        lost,
    };
    let mut all = lost_of_40.iter().enumerate();
    all.find_map(|(at, lost)| loss.observed(seen(at, *lost)).map(|_| at))
}

#[test]
fn loss_that_creeps_up_while_the_rate_stays_is_answered_by_a_cut() {
    let creeping: Vec<u32> = (0..40).map(|at| at / 4).collect();
    assert!(bound_at(&mut Loss::new(), &creeping).is_some());
    assert_eq!(bound_at(&mut Loss::new(), &[4; 40]), None);
}

#[test]
fn beside_another_no_loss_becomes_inherent() {
    for (is_shared, most) in [(true, 0.001), (false, 1.0)] {
        let mut loss = Loss::new();
        loss.set_shared(is_shared);
        bound_at(&mut loss, &[1; 20]);
        assert!(loss.inherent() <= most && loss.is_spike() == is_shared);
    }
}

//! The figures as a table for people, each beside its goal.
use super::case::{Case, Direction, Tcp};
use super::figures::{Figures, Phase, LEAST, MOST};
use super::media::Source;
use super::network::{run, MakeController};
use std::fmt::Write;

const QUEUEING_MS: f64 = 100.0;
const LOSS: f64 = 0.01;
const DOWN_S: f64 = 2.0;
const UP_S: f64 = 10.0;
const FAIR: f64 = 0.9;
/// What media must get beside one endless TCP.
const BESIDE_TCP: f64 = 0.25;

/// A value and whether it is what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    pub name: &'static str,
    pub is_met: bool,
}

/// A run with the case it is of: one of a source that follows the estimate, one of a source with layers.
pub struct Run {
    pub case: Case,
    pub followed: Figures,
    pub stepped: Figures,
}

impl Phase {
    /// What is demanded of every phase that media has for itself.
    pub fn goals(&self) -> Vec<Goal> {
        let goal = |name, is_met| Goal { name, is_met };
        let mut goals = vec![
            goal("loss", self.loss <= LOSS),
            goal("down", self.back_under_s.is_some_and(|took| took <= DOWN_S)),
        ];
        if self.to_s - self.from_s >= UP_S as u64 {
            goals.push(goal("up", self.most_of_it_s.is_some_and(|took| took <= UP_S)));
        }
        if let Some(share) = self.utilisation {
            goals.push(goal("estimate", (LEAST..=MOST).contains(&share)));
        }
        if let Some(queueing) = self.queueing_p95_ms {
            goals.push(goal("queueing", queueing <= QUEUEING_MS));
        }
        goals
    }
}

impl Run {
    pub fn of(case: Case, make: MakeController<'_>, seed: u64) -> Run {
        Run {
            followed: run(&case, Source::Following, make, seed),
            stepped: run(&case, Source::Stepped, make, seed),
            case,
        }
    }

    pub fn name(&self) -> String {
        let one_way = self
            .case
            .media
            .iter()
            .map(|flow| flow.one_way.as_millis())
            .max()
            .unwrap_or(0);
        let variant = if self.case.variant.is_empty() {
            String::new()
        } else {
            format!(", {}", self.case.variant)
        };
        format!(
            "{}, one way {one_way} ms, jitter {} ms{variant}",
            self.case.name,
            self.case.jitter.as_millis()
        )
    }

    /// How many goals were met, of how many.
    pub fn score(&self) -> (usize, usize) {
        let goals = self.goals();
        (goals.iter().filter(|goal| goal.is_met).count(), goals.len())
    }

    pub fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        if self.followed.has_competitor {
            if self.case.tcp == Tcp::Long {
                let last = self.followed.phases.last();
                let is_met = last.is_some_and(|phase| phase.throughput >= BESIDE_TCP);
                goals.push(Goal {
                    name: "share",
                    is_met,
                });
            }
        } else {
            goals.extend(self.followed.phases.iter().flat_map(Phase::goals));
            if let Some(index) = self.followed.fairness {
                goals.push(Goal {
                    name: "fairness",
                    is_met: index >= FAIR,
                });
            }
        }
        goals
    }

    pub fn table(&self) -> String {
        let mut text = format!("{}\n", self.name());
        for phase in &self.followed.phases {
            let way = if phase.direction == Direction::Forward {
                ""
            } else {
                " back"
            };
            let missed: Vec<&str> = phase
                .goals()
                .into_iter()
                .filter(|goal| !goal.is_met)
                .map(|goal| goal.name)
                .collect();
            let verdict = match (self.followed.has_competitor, missed.is_empty()) {
                (true, _) => String::new(),
                (false, true) => "met".into(),
                (false, false) => format!("missed: {}", missed.join(", ")),
            };
            let _ = writeln!(
                text,
                "  {:>3}-{:<3} s{way:5} {:>5} kbit/s  estimate {}  queueing p95 {} ms  loss {:5.2} % ({:.2} % in all)  down {} s  90 % {} s  media {:4.2}  {verdict}",
                phase.from_s,
                phase.to_s,
                phase.capacity / 1_000,
                shown(phase.utilisation, 2),
                shown(phase.queueing_p95_ms, 0),
                100.0 * phase.loss,
                100.0 * phase.loss_in_all,
                shown(phase.back_under_s, 1),
                shown(phase.most_of_it_s, 1),
                phase.throughput,
            );
        }
        let fairness = self
            .followed
            .fairness
            .map_or(String::new(), |index| format!("Jain {index:.2}, "));
        let (met, all) = self.score();
        let _ = writeln!(
            text,
            "  {fairness}layers: best {:.0} %, above {:.0} % of the time; goals met: {met} of {all}",
            100.0 * self.stepped.on_best_layer,
            100.0 * self.stepped.above_best_layer,
        );
        text
    }
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "   -".into(), |value| format!("{value:4.digits$}"))
}

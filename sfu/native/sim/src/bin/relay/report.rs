//! A relay's account of itself, as one line of JSON.
use forwarder_sim::lateness::Lateness;
use forwarder_sim::link::{Cause, Tally};
use std::fmt;
use std::time::Duration;

/// A relay that is later than that makes the line worse than it was asked to be.
const LATEST: Duration = Duration::from_millis(2);

pub struct Report<'a> {
    /// Each link by name, with the number of packets that are under way.
    pub links: [(&'static str, Tally, usize); 2],
    pub lateness: &'a Lateness,
    /// Datagrams that no link has dropped.
    pub own_losses: u64,
}

impl Report<'_> {
    /// Whether the links did what they were asked to, and nothing else happened.
    fn counts(&self) -> bool {
        let is_explained = self
            .links
            .iter()
            .all(|(_, tally, under_way)| tally.explains(*under_way));
        is_explained && self.own_losses == 0 && self.lateness.percentile(99) < LATEST
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{")?;
        for (name, tally, under_way) in &self.links {
            let causes = Cause::ALL.map(|cause| format!(r#""{}": {}"#, cause.name(), tally.lost(cause)));
            write!(
                f,
                r#""{name}": {{"pushed": {}, "delivered": {}, "duplicated": {}, "under_way": {under_way}, "lost": {{{}}}}}, "#,
                tally.pushed,
                tally.delivered,
                tally.duplicated,
                causes.join(", "),
            )?;
        }
        let late = |of_a_hundred| self.lateness.percentile(of_a_hundred).as_secs_f64() * 1e3;
        write!(
            f,
            r#""own_losses": {}, "late_ms": {{"p50": {:.2}, "p99": {:.2}, "worst": {:.2}}}, "counts": {}}}"#,
            self.own_losses,
            late(50),
            late(99),
            self.lateness.worst().as_secs_f64() * 1e3,
            self.counts(),
        )
    }
}

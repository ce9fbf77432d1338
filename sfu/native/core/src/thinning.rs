//! Higher temporal layers left out of what a slot shows, with the numbers of packets and pictures closed over them.
//!
//! No slot does so yet: the rungs of `allocation` still have one temporal layer each.
//!
//! A *line* is the number that a packet would have if nothing had ever been left out; all of a slot's segments count in it.
use std::collections::VecDeque;

/// Some ten seconds of what is left out of a rich picture: nobody asks for repairs of what is older.
const KEPT: usize = 1024;

/// One packet that was left out.
#[derive(Clone, Copy, Debug)]
struct Gap {
    line: u64,
    /// Pictures that were left out up to and with it.
    pictures: u16,
}

/// A packet as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Passing {
    pub line: u64,
    pub timestamp: u32,
    pub temporal_layer: u8,
    /// Of its lower layers it needs only what came with the lowest one.
    pub layer_sync: bool,
    pub begins_keyframe: bool,
}

#[derive(Debug)]
pub struct Thinning {
    /// The highest temporal layer that passes now, and the one to come to.
    limit: u8,
    wanted: u8,
    /// Of the newest picture: its timestamp, and whether it passes.
    newest: Option<(u32, bool)>,
    /// The newest line that was looked at.
    edge: u64,
    gaps: VecDeque<Gap>,
    /// How many were left out in all, those included that are no longer kept.
    count: u64,
    pictures: u16,
}

impl Default for Thinning {
    fn default() -> Thinning {
        Thinning {
            limit: u8::MAX,
            wanted: u8::MAX,
            newest: None,
            edge: 0,
            gaps: VecDeque::new(),
            count: 0,
            pictures: 0,
        }
    }
}

impl Thinning {
    /// Lets pass up to this temporal layer: less from the next picture on, more from one that needs nothing left out.
    pub fn want(&mut self, temporal_layer: u8) {
        self.wanted = temporal_layer;
        if temporal_layer != u8::MAX {
            self.gaps.reserve(KEPT.saturating_sub(self.gaps.len()));
        }
    }

    /// Whether a packet leaves; one that comes late has a number that waits for it.
    pub fn passes(&mut self, packet: &Passing) -> bool {
        if packet.line <= self.edge {
            return !self.gaps.iter().any(|gap| gap.line == packet.line);
        }
        self.edge = packet.line;
        let passes = match self.newest {
            Some((timestamp, passes)) if timestamp == packet.timestamp => passes,
            _ => self.decide(packet),
        };
        if !passes {
            self.leave_out(packet);
        }
        self.newest = Some((packet.timestamp, passes));
        passes
    }

    /// The number that a line leaves under; none if that is no longer known.
    pub fn number(&self, line: u64) -> Option<u64> {
        let later = self.later_than(line);
        let is_known = later < self.gaps.len() || self.count == self.gaps.len() as u64;
        is_known.then(|| line - (self.count - later as u64))
    }

    /// The line of a number that has left; none if that is no longer known.
    pub fn line(&self, number: u64) -> Option<u64> {
        let before = self.count - self.gaps.len() as u64;
        let mut line = number + before;
        let mut at = 0;
        while self.gaps.get(at).is_some_and(|gap| gap.line <= line) {
            line += 1;
            at += 1;
        }
        (at > 0 || before == 0).then_some(line)
    }

    /// How many pictures were left out before a line.
    pub fn pictures(&self, line: u64) -> u16 {
        let before = self.gaps.len() - self.later_than(line);
        match before.checked_sub(1) {
            Some(last) => self.gaps[last].pictures,
            None => self
                .gaps
                .front()
                .map_or(self.pictures, |gap| gap.pictures.wrapping_sub(1)),
        }
    }

    fn decide(&mut self, packet: &Passing) -> bool {
        let layer = packet.temporal_layer;
        let may_rise = packet.begins_keyframe
            || (packet.layer_sync && layer <= self.wanted && Some(layer) == self.limit.checked_add(1));
        if self.wanted < self.limit || packet.begins_keyframe {
            self.limit = self.wanted;
        } else if may_rise {
            self.limit = layer;
        }
        layer <= self.limit
    }

    fn leave_out(&mut self, packet: &Passing) {
        let is_new = self
            .newest
            .is_none_or(|(timestamp, _)| timestamp != packet.timestamp);
        self.pictures = self.pictures.wrapping_add(u16::from(is_new));
        if self.gaps.len() == KEPT {
            self.gaps.pop_front();
        }
        self.gaps.push_back(Gap {
            line: packet.line,
            pictures: self.pictures,
        });
        self.count += 1;
    }

    /// How many of the kept gaps are behind a line.
    fn later_than(&self, line: u64) -> usize {
        self.gaps.iter().rev().take_while(|gap| gap.line > line).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures of two packets each: layers 0, 2, 1, 2 and so on, as browsers make them.
    const LAYERS: [u8; 4] = [0, 2, 1, 2];

    fn packet(line: u64, layer_sync: bool) -> Passing {
        let picture = line / 2;
        Passing {
            line,
            timestamp: picture as u32 * 3_000,
            temporal_layer: LAYERS[picture as usize % 4],
            layer_sync,
            begins_keyframe: false,
        }
    }

    fn passing(thinning: &mut Thinning, lines: std::ops::Range<u64>) -> Vec<u64> {
        lines
            .filter(|&line| thinning.passes(&packet(line, false)))
            .collect()
    }

    #[test]
    fn numbers_and_pictures_are_closed_over_what_is_left_out() {
        let mut thinning = Thinning::default();
        thinning.want(1);
        let passed = passing(&mut thinning, 1_000..1_080);
        assert_eq!(passed.len(), 40);
        for (at, line) in passed.iter().enumerate() {
            assert_eq!(thinning.number(*line), Some(1_000 + at as u64));
            assert_eq!(thinning.line(1_000 + at as u64), Some(*line));
            let picture = (line / 2 - 500) as u16;
            assert_eq!(thinning.pictures(*line), picture - at as u16 / 2);
        }
    }

    #[test]
    fn a_limit_falls_between_pictures_and_rises_where_nothing_is_missed() {
        let mut thinning = Thinning::default();
        assert_eq!(passing(&mut thinning, 1_000..1_003), [1_000, 1_001, 1_002]);
        thinning.want(0);
        assert_eq!(passing(&mut thinning, 1_003..1_010), [1_003, 1_008, 1_009]);
        thinning.want(2);
        assert_eq!(passing(&mut thinning, 1_010..1_016), []);
        assert!(thinning.passes(&packet(1_016, false)) && thinning.passes(&packet(1_017, false)));
        // Layer 2 of itself would be fine, and layer 1 behind it would not.
        assert!(!thinning.passes(&packet(1_018, true)) && !thinning.passes(&packet(1_019, true)));
        for line in [1_020, 1_021, 1_022, 1_023] {
            assert!(thinning.passes(&packet(line, true)));
        }
        assert_eq!(passing(&mut thinning, 1_024..1_032).len(), 8);
    }

    #[test]
    fn a_keyframe_lifts_any_limit() {
        let mut thinning = Thinning::default();
        thinning.want(0);
        passing(&mut thinning, 1_000..1_016);
        thinning.want(2);
        let keyframe = Passing {
            begins_keyframe: true,
            ..packet(1_016, false)
        };
        assert!(thinning.passes(&keyframe));
        assert_eq!(passing(&mut thinning, 1_017..1_024).len(), 7);
    }

    #[test]
    fn a_late_packet_leaves_under_the_number_that_waited_for_it() {
        let mut thinning = Thinning::default();
        thinning.want(0);
        passing(&mut thinning, 1_000..1_001);
        passing(&mut thinning, 1_002..1_010);
        let late = packet(1_001, false);
        assert!(thinning.passes(&late));
        assert_eq!(
            (thinning.number(1_001), thinning.number(1_008)),
            (Some(1_001), Some(1_002))
        );
        // What was left out stays out when it comes again.
        assert!(!thinning.passes(&packet(1_002, false)));
    }

    #[test]
    fn what_is_no_longer_kept_is_not_guessed_at() {
        let mut thinning = Thinning::default();
        thinning.want(0);
        let passed = passing(&mut thinning, 1_000..9_000);
        let (first, last) = (passed[0], passed[passed.len() - 1]);
        assert_eq!((thinning.number(first), thinning.line(1_000)), (None, None));
        let newest = 999 + passed.len() as u64;
        assert_eq!(
            (thinning.number(last), thinning.line(newest)),
            (Some(newest), Some(last))
        );
    }
}

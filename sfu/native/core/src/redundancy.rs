//! Sound sent again inside later packets (RFC 2198): towards whom, how far apart, and whose number a copy has.
use crate::history::History;
use crate::packet::Packet;
use crate::rtp::red::{self, Copy};
use crate::segment::Segment;
use crate::time::Time;
use std::time::Duration;

/// A network carries no more without fragments, extensions and locks included.
const MAX_PAYLOAD: usize = 1_100;
/// A copy is looked for among so many numbers before its packet: more than 14 bits of offset hold at 20 ms.
const FARTHEST: u64 = 32;
/// Of 256, about 2 % and 1 %.
const BEGINS: u8 = 5;
const GOES_ON: u8 = 3;
/// Of 256, about 5 %.
const MUCH: u8 = 13;
/// Reports come each second or each five; a lossy line that pauses is lossy still.
const LASTS: Duration = Duration::from_secs(20);

/// How many packets earlier the copies of a packet were sent, the oldest first. Any two of three packets may be lost; the
/// far copy outlives a run of three (a near pair would not), and costs no more where losses are independent.
const SPACED: &[u64] = &[4, 1];
/// As browsers send it.
const NEXT: &[u64] = &[1];

/// Whether a receiver loses so much that its sound is sent more than once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lossy {
    until: Option<Time>,
    much_until: Option<Time>,
}

impl Lossy {
    /// Takes in a receiver report's fraction lost, or the share that was asked for again, of 256.
    pub fn report(&mut self, fraction_lost: u8, now: Time) {
        let needed = if self.is(now) { GOES_ON } else { BEGINS };
        if fraction_lost >= needed {
            self.until = Some(now + LASTS);
        }
        if fraction_lost >= MUCH {
            self.much_until = Some(now + LASTS);
        }
    }

    pub fn is(&self, now: Time) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// So much that of the repairs too many are lost as well.
    pub fn is_much(&self, now: Time) -> bool {
        self.much_until.is_some_and(|until| now < until)
    }
}

/// Which copies a packet gets: on a lossy line all that help, else what its publisher sends.
pub fn distances(is_lossy: bool, came_redundant: bool) -> &'static [u64] {
    match (is_lossy, came_redundant) {
        (true, _) => SPACED,
        (false, true) => NEXT,
        (false, false) => &[],
    }
}

/// The copies that go before one packet, the oldest first.
#[derive(Clone, Copy, Default)]
pub struct Copies<'a> {
    copies: [Copy<'a>; 2],
    count: usize,
}

impl<'a> Copies<'a> {
    /// Of those at these distances all that are kept, of the same stretch and codec, and fit; `barrier` is the first
    /// number that may be seen.
    pub fn of(
        packet: &Packet<'_>,
        (history, barrier): (&'a History, u64),
        segment: &Segment,
        payload_type: u8,
        distances: &[u64],
    ) -> Copies<'a> {
        let mut found = Copies::default();
        let timestamp = segment.timestamp(packet.timestamp);
        // The nearest first: it saves most.
        for &distance in distances.iter().rev() {
            let Some(earlier) = packet
                .sequence
                .checked_sub(distance)
                .filter(|&sequence| sequence >= barrier && segment.out_sequence(sequence).is_some())
                .and_then(|sequence| history.get(sequence))
            else {
                continue;
            };
            let copy = Copy {
                payload_type,
                offset: timestamp.wrapping_sub(segment.timestamp(earlier.timestamp)),
                payload: earlier.payload,
            };
            found.push(copy, earlier.codec == packet.codec, packet.payload);
        }
        found
    }

    pub fn as_slice(&self) -> &[Copy<'a>] {
        &self.copies[..self.count]
    }

    /// In front, if it says something and fits.
    fn push(&mut self, copy: Copy<'a>, same_codec: bool, newest: &[u8]) {
        let fits = (1..=red::MAX_OFFSET).contains(&copy.offset)
            && (1..=red::MAX_COPY_LEN).contains(&copy.payload.len())
            && red::len(self.as_slice(), newest) + red::COPY_HEADER_LEN + copy.payload.len() <= MAX_PAYLOAD;
        if same_codec && fits && self.count < self.copies.len() {
            self.copies.copy_within(..self.count, 1);
            self.copies[0] = copy;
            self.count += 1;
        }
    }
}

/// The number of a copy that was taken at `copied`, if it is not known yet: copies name only their time. `newest` is the
/// number and timestamp of the packet that carries it, `known` says the timestamp of a packet that is there.
pub fn number_of(copied: u32, newest: (u64, u32), known: impl Fn(u64) -> Option<u32>) -> Option<u64> {
    let (mut later, mut later_at) = newest;
    let last = newest.0.saturating_sub(FARTHEST);
    let earlier = (last..newest.0).rev().find_map(|sequence| {
        let at = known(sequence)?;
        let is_earlier = copied.wrapping_sub(at) as i32 >= 0;
        if !is_earlier {
            (later, later_at) = (sequence, at);
        }
        is_earlier.then_some((sequence, at))
    });
    let (earlier, earlier_at) = earlier.filter(|&(_, at)| at != copied)?;
    let missing = later - earlier - 1;
    if missing <= 1 {
        return (missing == 1).then_some(earlier + 1);
    }
    // Of several that are missing only equal steps tell which is which.
    let (span, packets) = (later_at.wrapping_sub(earlier_at), (later - earlier) as u32);
    let step = span / packets;
    let since = copied.wrapping_sub(earlier_at);
    let even = step > 0 && span % packets == 0 && since % step == 0 && since < span;
    even.then(|| earlier + u64::from(since / step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_lossy_from_two_percent_until_twenty_seconds_below_one() {
        let mut lossy = Lossy::default();
        let mut told = |ms, fraction| {
            let now = Time::from_millis(ms);
            lossy.report(fraction, now);
            lossy.is(now)
        };
        assert!(!told(0, 4) && told(1_000, 5));
        assert!(told(15_000, 3) && told(34_999, 2));
        assert!(!told(35_000, 4) && told(36_000, 12));
        assert!(!lossy.is_much(Time::from_millis(36_000)));
        lossy.report(13, Time::from_millis(40_000));
        lossy.report(12, Time::from_millis(41_000));
        assert!(lossy.is_much(Time::from_millis(59_999)) && !lossy.is_much(Time::from_millis(60_000)));
    }

    /// Seeded losses: how many of a thousand packets neither came nor were copied into one that came.
    fn never_heard(distances: &[u64], loss: u32, mean_run: u32) -> u32 {
        const PACKETS: usize = 400_000;
        let mut state = 0x2545_f491_u32;
        let mut chance = |of: u32| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            u64::from(state) * 1_000_000 / (1 << 32) < u64::from(of)
        };
        // Gilbert's model: a lost packet is followed by a lost one as often as makes runs of the mean length.
        let stay = if mean_run == 1 {
            loss
        } else {
            1_000_000 - 1_000_000 / mean_run
        };
        let enter = if mean_run == 1 {
            loss
        } else {
            (u64::from(loss) * u64::from(1_000_000 - stay) / u64::from(1_000_000 - loss)) as u32
        };
        let mut is_lost = false;
        let lost: Vec<bool> = (0..PACKETS)
            .map(|_| {
                is_lost = chance(if is_lost { stay } else { enter });
                is_lost
            })
            .collect();
        let came = |at: usize| {
            distances
                .iter()
                .any(|&far| lost.get(at + far as usize) == Some(&false))
        };
        let silent = (0..PACKETS - 8).filter(|&at| lost[at] && !came(at)).count();
        (silent * 10_000 / PACKETS) as u32
    }

    #[test]
    fn spaced_copies_are_worth_as_much_as_near_ones_and_twice_as_much_in_bursts() {
        let (independent, near) = (never_heard(SPACED, 100_000, 1), never_heard(&[2, 1], 100_000, 1));
        assert!(
            independent.abs_diff(near) <= 3 && independent <= 15,
            "{independent} {near}"
        );
        let (bursts, near) = (never_heard(SPACED, 100_000, 3), never_heard(&[2, 1], 100_000, 3));
        assert!(bursts * 10 <= near * 6 && bursts <= 260, "{bursts} {near}");
    }

    #[test]
    fn a_copy_has_the_number_that_is_missing_where_it_was_taken() {
        let at = |sequence: u64| 10_000 + sequence as u32 * 960;
        let named = |copied, missing: &[u64]| {
            number_of(copied, (100, at(100)), |sequence| {
                (sequence > 60 && !missing.contains(&sequence)).then(|| at(sequence))
            })
        };
        assert_eq!(named(at(99), &[99]), Some(99));
        assert_eq!(named(at(96), &[96, 97, 99]), Some(96));
        assert_eq!(named(at(97), &[96, 97, 99]), Some(97));
        assert_eq!(named(at(99), &[98]), None, "it is there");
        assert_eq!(named(at(98) + 1, &[98, 97]), None, "it was taken between two");
        assert_eq!(named(at(50), &[99]), None, "nothing is known so far back");
    }

    #[test]
    fn a_copy_before_silence_is_found_if_only_one_is_missing() {
        let at = |sequence: u64| match sequence {
            98 => Some(1_000),
            _ => None,
        };
        assert_eq!(number_of(1_960, (100, 20_000), at), Some(99));
        let at = |sequence: u64| (sequence == 97).then_some(40);
        assert_eq!(number_of(1_960, (100, 20_000), at), None);
    }

    #[test]
    fn numbers_are_found_where_timestamps_wrap() {
        let at = |sequence: u64| (sequence as u32 * 960).wrapping_sub(960 * 99);
        let known = |sequence| (sequence != 98).then(|| at(sequence));
        assert_eq!(number_of(at(98), (100, at(100)), known), Some(98));
    }
}

//! How many bytes of repairs a slot may still get: a share of what it was sent, by what its line loses, and some seconds
//! more at once; so no flood of requests makes a connection carry more than twice its media.
use crate::command::Kind;

/// Of 256: what is lost before anything was reported, and what comes asked for twice.
const LEAST: usize = 16;
const WHOLE: usize = 256;
/// Two seconds of a rich stream may be lost as a whole; a thin line is not filled for long by what a flood asks for.
const MOST_VIDEO: usize = 1 << 20;
const MOST_AUDIO: usize = 64 << 10;
const LEAST_VIDEO: usize = 128 << 10;
/// Bytes of two seconds, of a rate in bit/s.
const SPAN: u64 = 2;

#[derive(Clone, Copy, Debug)]
pub struct Credit {
    left: usize,
    most: usize,
    /// Of what is sent, of 256.
    share: usize,
    kind: Kind,
}

impl Credit {
    pub fn of(kind: Kind) -> Credit {
        let most = match kind {
            Kind::Audio => MOST_AUDIO,
            Kind::Video => MOST_VIDEO,
        };
        Credit {
            left: most,
            most,
            share: WHOLE,
            kind,
        }
    }

    /// Takes in what a report tells as lost, of 256, how often a repair is sent, and the stream's rate in bit/s.
    pub fn adapt(&mut self, lost: u8, times: usize, rate: u64) {
        self.share = share(lost, times);
        if self.kind == Kind::Video {
            let span = usize::try_from(rate / 8 * SPAN).unwrap_or(MOST_VIDEO);
            self.most = span.clamp(LEAST_VIDEO, MOST_VIDEO);
            self.left = self.left.min(self.most);
        }
    }

    pub fn earn(&mut self, bytes: usize) {
        self.left = (self.left + bytes * self.share / WHOLE).min(self.most);
    }

    /// Whether bytes may be spent; then they are.
    pub fn spend(&mut self, bytes: usize) -> bool {
        let enough = self.left >= bytes;
        self.left -= if enough { bytes } else { 0 };
        enough
    }
}

/// The part of what is sent that may be sent again. Repairs are lost as well, so that `lost / (1 - lost)` of all packets
/// have to be; half as much again, for what is asked for twice and for reports that are a second old.
fn share(lost: u8, times: usize) -> usize {
    let lost = usize::from(lost);
    let needed = lost * WHOLE / (WHOLE - lost);
    (LEAST + needed * times * 3 / 2).min(WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(credit: &mut Credit) -> usize {
        (0..100_000).filter(|_| credit.spend(100)).count() * 100
    }

    #[test]
    fn before_any_report_what_was_sent_can_be_sent_once_more_and_no_flood_gets_more() {
        let mut credit = Credit::of(Kind::Audio);
        assert_eq!(spent(&mut credit), 65_500);
        credit.earn(1_000);
        assert_eq!(spent(&mut credit), 1_000);
        credit.earn(1 << 30);
        assert_eq!(spent(&mut credit), 65_500);
    }

    #[test]
    fn the_share_follows_what_is_lost() {
        let percent = |lost: usize, times| share((lost * 256 / 100) as u8, times) * 100 / WHOLE;
        assert_eq!(
            [0, 2, 10, 30, 50].map(|lost| percent(lost, 1)),
            [6, 8, 21, 69, 100]
        );
        assert_eq!([0, 2, 10, 30].map(|lost| percent(lost, 2)), [6, 12, 37, 100]);
        // A line loses so much, and repairs of it are lost as often: all of it can be repaired.
        for lost in 0..=128_u8 {
            let needed = usize::from(lost) * WHOLE / (WHOLE - usize::from(lost));
            assert!(share(lost, 1) >= needed.min(WHOLE));
        }
    }

    #[test]
    fn a_thin_line_gets_two_seconds_of_its_picture_at_once_and_a_good_one_earns_little() {
        let mut credit = Credit::of(Kind::Video);
        credit.adapt(0, 1, 4_000_000);
        assert_eq!(spent(&mut credit), 1_000_000 / 100 * 100);
        credit.adapt(0, 1, 600_000);
        credit.earn(1 << 30);
        assert_eq!(spent(&mut credit), 150_000);
        credit.earn(16_000);
        assert_eq!(spent(&mut credit), 1_000);
    }
}

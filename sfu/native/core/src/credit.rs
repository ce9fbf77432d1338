//! How many bytes of repairs a slot may still get: what it was sent, and some seconds more; so no flood of requests
//! makes a connection carry more than twice its media.
use crate::command::Kind;

#[derive(Clone, Copy, Debug)]
pub struct Credit {
    left: usize,
    most: usize,
}

impl Credit {
    /// Two seconds of a rich stream may be lost as a whole.
    pub fn of(kind: Kind) -> Credit {
        let most = match kind {
            Kind::Audio => 64 << 10,
            Kind::Video => 1 << 20,
        };
        Credit { left: most, most }
    }

    pub fn earn(&mut self, bytes: usize) {
        self.left = (self.left + bytes).min(self.most);
    }

    /// Whether bytes may be spent; then they are.
    pub fn spend(&mut self, bytes: usize) -> bool {
        let enough = self.left >= bytes;
        self.left -= if enough { bytes } else { 0 };
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_can_be_sent_once_more_and_no_flood_gets_more() {
        let mut credit = Credit::of(Kind::Audio);
        let spent = (0..10_000).filter(|_| credit.spend(100)).count();
        assert_eq!(spent, 655);
        credit.earn(1_000);
        assert_eq!((0..100).filter(|_| credit.spend(100)).count(), 10);
        credit.earn(1 << 30);
        assert_eq!((0..10_000).filter(|_| credit.spend(100)).count(), 655);
    }
}

//! Protected packets kept as they left, for receivers without a repair stream: identical bytes or nothing, since a
//! nonce must never seal two contents.
use std::ops::Range;

#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    sequence: u64,
    at: u64,
    len: u16,
    /// The transport-wide one that stands in it.
    number: Option<u16>,
}

pub struct Sealed {
    kept: Vec<Kept>,
    bytes: Vec<u8>,
    written: u64,
}

impl Sealed {
    pub fn new(packets: usize, bytes: usize) -> Sealed {
        Sealed {
            kept: vec![Kept::default(); packets],
            bytes: vec![0; bytes],
            written: 0,
        }
    }

    pub fn keep(&mut self, sequence: u64, number: Option<u16>, packet: &[u8]) {
        let ring = self.bytes.len() as u64;
        let left = ring - self.written % ring;
        if left < packet.len() as u64 {
            self.written += left;
        }
        let at = self.written;
        self.written += packet.len() as u64;
        let range = self.range(at, packet.len());
        self.bytes[range].copy_from_slice(packet);
        let place = self.place(sequence);
        self.kept[place] = Kept {
            sequence,
            at,
            len: packet.len() as u16,
            number,
        };
    }

    /// A packet as it left, and the transport-wide number that stands in it.
    pub fn get(&self, sequence: u64) -> Option<(&[u8], Option<u16>)> {
        let kept = self.kept[self.place(sequence)];
        let held =
            kept.len > 0 && kept.sequence == sequence && self.written - kept.at <= self.bytes.len() as u64;
        held.then(|| (&self.bytes[self.range(kept.at, kept.len as usize)], kept.number))
    }

    fn place(&self, sequence: u64) -> usize {
        (sequence % self.kept.len() as u64) as usize
    }

    fn range(&self, at: u64, len: usize) -> Range<usize> {
        let start = (at % self.bytes.len() as u64) as usize;
        start..start + len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_comes_back_byte_for_byte_or_not_at_all() {
        let mut sealed = Sealed::new(32, 10_000);
        let packet = |sequence: u64| vec![sequence as u8; 100 + (sequence * 37 % 900) as usize];
        for sequence in 100..2_000 {
            sealed.keep(sequence, None, &packet(sequence));
            let known: Vec<u64> = (sequence - 64..=sequence)
                .filter(|&known| sealed.get(known).is_some())
                .collect();
            assert!(known.contains(&sequence) && known.len() <= 32);
            assert!(known
                .iter()
                .all(|&known| sealed.get(known).unwrap().0 == packet(known)));
        }
        assert_eq!(sealed.get(2_000), None);
    }
}

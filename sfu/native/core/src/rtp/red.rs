//! Redundant audio data (RFC 2198): earlier frames once more, in front of the newest.

/// More copies than any encoder sends; a packet with more is malformed.
pub const MAX_COPIES: usize = 16;
/// 14 bits of timestamp offset, 10 bits of length.
pub const MAX_OFFSET: u32 = 0x3fff;
pub const MAX_COPY_LEN: usize = 0x3ff;
/// Of a copy, and of the newest frame.
pub const COPY_HEADER_LEN: usize = 4;
pub const LAST_HEADER_LEN: usize = 1;

/// A frame that was sent before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copy<'a> {
    pub payload_type: u8,
    /// How much earlier than the newest frame it was taken.
    pub offset: u32,
    pub payload: &'a [u8],
}

/// A payload taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Redundant<'a> {
    copies: [Copy<'a>; MAX_COPIES],
    count: usize,
    pub payload_type: u8,
    /// The newest frame; never empty.
    pub payload: &'a [u8],
}

impl<'a> Redundant<'a> {
    /// In the order of the packet, which is the oldest first.
    pub fn copies(&self) -> &[Copy<'a>] {
        &self.copies[..self.count]
    }
}

/// Takes a payload apart; none if its parts do not fit in it. Empty copies say nothing and are left out.
pub fn parse(payload: &[u8]) -> Option<Redundant<'_>> {
    let mut headers = payload;
    let mut sizes = [(0, 0, 0); MAX_COPIES];
    let mut count = 0;
    let payload_type = loop {
        let (&first, rest) = headers.split_first()?;
        if first & 0x80 == 0 {
            headers = rest;
            break first;
        }
        let ([first, high, middle, low], rest) = headers.split_first_chunk::<COPY_HEADER_LEN>()?;
        let fields = u32::from_be_bytes([0, *high, *middle, *low]);
        *sizes.get_mut(count)? = (first & 0x7f, fields >> 10, fields as usize & MAX_COPY_LEN);
        count += 1;
        headers = rest;
    };
    let mut found = Redundant {
        copies: [Copy::default(); MAX_COPIES],
        count: 0,
        payload_type,
        payload: &[],
    };
    let mut blocks = headers;
    for &(payload_type, offset, len) in &sizes[..count] {
        let (payload, rest) = blocks.split_at_checked(len)?;
        blocks = rest;
        if len > 0 {
            found.copies[found.count] = Copy {
                payload_type,
                offset,
                payload,
            };
            found.count += 1;
        }
    }
    found.payload = blocks;
    (!blocks.is_empty()).then_some(found)
}

/// How long a payload with these copies becomes.
pub fn len(copies: &[Copy<'_>], payload: &[u8]) -> usize {
    let copied = copies.iter().map(|copy| COPY_HEADER_LEN + copy.payload.len());
    copied.sum::<usize>() + LAST_HEADER_LEN + payload.len()
}

/// Writes copies and the newest frame; none if there is no room, or a copy is too long or too old for its fields.
pub fn write(out: &mut [u8], copies: &[Copy<'_>], payload_type: u8, payload: &[u8]) -> Option<usize> {
    let len = len(copies, payload);
    let out = out.get_mut(..len)?;
    let mut at = 0;
    for copy in copies {
        if copy.offset > MAX_OFFSET || copy.payload.len() > MAX_COPY_LEN {
            return None;
        }
        let [_, high, middle, low] = (copy.offset << 10 | copy.payload.len() as u32).to_be_bytes();
        out[at..at + COPY_HEADER_LEN].copy_from_slice(&[0x80 | copy.payload_type, high, middle, low]);
        at += COPY_HEADER_LEN;
    }
    out[at] = payload_type & 0x7f;
    at += LAST_HEADER_LEN;
    for block in copies.iter().map(|copy| copy.payload).chain([payload]) {
        out[at..at + block.len()].copy_from_slice(block);
        at += block.len();
    }
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLDER: Copy<'_> = Copy {
        payload_type: 111,
        offset: 3_840,
        payload: b"older",
    };
    const OLD: Copy<'_> = Copy {
        payload_type: 111,
        offset: 960,
        payload: b"old",
    };

    #[test]
    fn what_is_written_is_read_again() {
        let mut out = [0; 64];
        let len = write(&mut out, &[OLDER, OLD], 111, b"new").unwrap();
        assert_eq!(out[..9], [0xef, 0x3c, 0x00, 0x05, 0xef, 0x0f, 0x00, 0x03, 0x6f]);
        assert_eq!(&out[9..len], b"olderoldnew");
        let read = parse(&out[..len]).unwrap();
        assert_eq!(read.copies(), [OLDER, OLD]);
        assert_eq!((read.payload_type, read.payload), (111, b"new".as_slice()));
        let len = write(&mut out, &[], 111, b"new").unwrap();
        let read = parse(&out[..len]).unwrap();
        assert_eq!((read.copies().len(), read.payload), (0, b"new".as_slice()));
    }

    #[test]
    fn a_payload_that_is_cut_anywhere_is_refused_or_shorter() {
        let mut out = [0; 64];
        let len = write(&mut out, &[OLDER, OLD], 111, b"n").unwrap();
        assert!((0..len).all(|cut| parse(&out[..cut]).is_none()));
        let endless = [0xef, 0, 4, 1].repeat(MAX_COPIES + 1);
        assert!(parse(&[endless.as_slice(), &[111], &[0; 64]].concat()).is_none());
    }

    #[test]
    fn an_empty_copy_is_none() {
        let read = parse(&[0xef, 0x0f, 0x00, 0x00, 0x6f, 9]);
        assert_eq!(
            read.map(|read| (read.count, read.payload)),
            Some((0, [9].as_slice()))
        );
    }

    #[test]
    fn what_does_not_fit_the_fields_or_the_room_is_not_written() {
        let mut out = [0; 2_048];
        let long = [0; MAX_COPY_LEN + 1];
        for copy in [
            Copy {
                payload: &long,
                ..OLD
            },
            Copy {
                offset: MAX_OFFSET + 1,
                ..OLD
            },
        ] {
            assert_eq!(write(&mut out, &[copy], 111, b"new"), None);
        }
        assert_eq!(write(&mut out[..10], &[OLD], 111, b"new"), None);
        assert_eq!(write(&mut out[..11], &[OLD], 111, b"new"), Some(11));
    }
}

//! AV1 payloads (AV1 RTP payload format, version 1.0): the aggregation header and the OBU elements behind it.

const CONTINUES: u8 = 0x80;
const GOES_ON: u8 = 0x40;
const NEW_SEQUENCE: u8 = 0x08;

const SEQUENCE_HEADER: u8 = 1;
const DELIMITER: u8 = 2;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;
const TILE_LIST: u8 = 8;
const PADDING: u8 = 15;

/// An OBU or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    pub data: &'a [u8],
    /// Z: it goes on with what the packet before ended with.
    pub continues: bool,
    /// Y: the next packet goes on with it.
    pub goes_on: bool,
}

/// The elements of a payload, each none where the payload is not as it should be (§4.4).
pub struct Elements<'a> {
    rest: &'a [u8],
    head: u8,
    /// How many are left; none when each has a length.
    left: Option<u8>,
    is_first: bool,
}

pub fn elements(payload: &[u8]) -> Elements<'_> {
    let (head, rest) = payload
        .split_first()
        .map_or((0, payload), |(&head, rest)| (head, rest));
    let count = head >> 4 & 0x03;
    Elements {
        rest,
        head,
        left: (count > 0).then_some(count),
        is_first: true,
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Option<Element<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left.map_or(self.rest.is_empty(), |left| left == 0) {
            return None;
        }
        let Some(data) = self.take() else {
            (self.rest, self.left) = (&[], None);
            return Some(None);
        };
        let is_last = self.left.map_or(self.rest.is_empty(), |left| left == 0);
        let is_first = std::mem::replace(&mut self.is_first, false);
        Some(Some(Element {
            data,
            continues: is_first && self.head & CONTINUES != 0,
            goes_on: is_last && self.head & GOES_ON != 0,
        }))
    }
}

impl<'a> Elements<'a> {
    fn take(&mut self) -> Option<&'a [u8]> {
        if let Some(left) = &mut self.left {
            *left -= 1;
            if *left == 0 {
                return Some(std::mem::take(&mut self.rest)).filter(|data| !data.is_empty());
            }
        }
        let (len, after) = leb128(self.rest)?;
        let (data, rest) = after.split_at_checked(len)?;
        self.rest = rest;
        Some(data)
    }
}

/// A length and what follows it; no frame of ours needs more than four bytes for one (AV1 §4.10.5).
pub fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// An OBU's header (AV1 §5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    obu_type: u8,
    pub has_size: bool,
    /// One byte, or two with the extension.
    pub len: usize,
}

impl Head {
    pub fn of(obu: &[u8]) -> Option<Head> {
        let &first = obu.first().filter(|&&first| first & 0x80 == 0)?;
        Some(Head {
            obu_type: first >> 3 & 0x0F,
            has_size: first & 0x02 != 0,
            len: if first & 0x04 != 0 { 2 } else { 1 },
        })
    }

    pub fn is_sequence_header(&self) -> bool {
        self.obu_type == SEQUENCE_HEADER
    }

    /// What receivers ignore or files do without (§5; AV1 in ISO media files §2.4).
    pub fn is_left_out(&self) -> bool {
        matches!(self.obu_type, DELIMITER | TILE_LIST | PADDING)
    }

    /// Whether a frame begins here that is a keyframe and shown; `body` is what follows the header.
    pub fn begins_keyframe(&self, body: &[u8]) -> bool {
        // show_existing_frame, two bits of frame_type, show_frame (AV1 §5.9.2).
        let is_frame = matches!(self.obu_type, FRAME_HEADER | FRAME);
        is_frame && body.first().is_some_and(|&first| first >> 4 == 1)
    }
}

/// Whether this packet begins a coded video sequence: by the N bit, or by a sequence header and a keyframe, since not
/// every sender sets the bit.
pub fn is_keyframe(payload: &[u8]) -> bool {
    match payload.first() {
        Some(&head) if head & CONTINUES == 0 => head & NEW_SEQUENCE != 0 || begins_sequence(payload),
        _ => false,
    }
}

fn begins_sequence(payload: &[u8]) -> bool {
    let mut has_header = false;
    for element in elements(payload) {
        let Some((head, body)) = element.and_then(|element| open(element.data)) else {
            return false;
        };
        if has_header && head.begins_keyframe(body) {
            return true;
        }
        has_header |= head.is_sequence_header();
    }
    false
}

/// Header and body of an OBU that may be cut off at its end.
pub fn open(obu: &[u8]) -> Option<(Head, &[u8])> {
    let head = Head::of(obu)?;
    let rest = obu.get(head.len..)?;
    let body = if head.has_size { leb128(rest)?.1 } else { rest };
    Some((head, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_has_the_n_bit_or_a_sequence_header_and_continues_nothing() {
        let table: [(&[u8], bool); 11] = [
            (&[0x08], true),
            (&[0x18, 0x0A], true),
            (&[0x88, 0x0A], false),
            (&[0x10, 0x30, 0x10], false),
            (&[0x20, 2, 0x08, 0, 0x30, 0x10], true),
            (&[0x20, 2, 0x08, 0, 0x30, 0x30], false),
            (&[0x20, 2, 0x08, 0, 0x30, 0x00], false),
            (&[0x60, 3, 0x0A, 1, 0, 0x32, 2, 0x10], true),
            (&[0x00, 1, 0x10, 2, 0x08, 0, 2, 0x18, 0x10], true),
            (&[0x00, 9, 0x08, 0], false),
            (&[], false),
        ];
        for (payload, keyframe) in table {
            assert_eq!(is_keyframe(payload), keyframe, "{payload:02x?}");
        }
    }

    #[test]
    fn elements_have_lengths_but_for_the_last_of_a_counted_few() {
        let read = |payload: &'static [u8]| elements(payload).collect::<Vec<_>>();
        let element = |data, continues, goes_on| {
            Some(Element {
                data,
                continues,
                goes_on,
            })
        };
        assert_eq!(
            read(&[0xE0, 2, 1, 2, 3]),
            [element(&[1, 2], true, false), element(&[3], false, true)]
        );
        assert_eq!(read(&[0xC0, 2, 1, 2]), [element(&[1, 2], true, true)]);
        assert_eq!(read(&[0x10, 1, 2]), [element(&[1, 2], false, false)]);
        assert_eq!(read(&[0x00]), []);
        for cut in [
            &[0x20, 2, 1][..],
            &[0x20, 2, 1, 2],
            &[0x10],
            &[0x00, 1],
            &[0x00, 0x80, 0x80],
        ] {
            assert_eq!(elements(cut).last(), Some(None), "{cut:02x?}");
        }
    }
}

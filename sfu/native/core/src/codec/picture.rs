//! The numbers that VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2) give their pictures, continued from stream to stream.
use super::{vp8, vp9, Codec};

/// A picture's numbers; 0 for those that the payload does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    pub id: u16,
    /// TL0PICIDX.
    pub tl0: u8,
    /// KEYIDX, of VP8 only.
    pub key: u8,
}

/// The picture id and where it stands in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    pub value: u16,
    /// 15 bits in two bytes; else 7 bits in one.
    pub is_long: bool,
    pub at: usize,
}

/// A number of the descriptor and which byte of the payload holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub value: u8,
    pub at: usize,
}

/// Where the numbers of a payload stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub id: Option<PictureId>,
    pub tl0: Option<Field>,
    pub key: Option<Field>,
}

/// The numbers of a payload; none for codecs that have none, and for what is cut short.
pub fn numbers(codec: Codec, payload: &[u8]) -> Option<Picture> {
    Some(fields(codec, payload)?.numbers())
}

/// Adds an offset to the numbers in place; returns what they are now.
pub fn rewrite(codec: Codec, payload: &mut [u8], offset: &Picture) -> Option<Picture> {
    let fields = fields(codec, payload)?;
    let picture = fields.numbers().plus(offset, fields.id);
    fields.write(payload, &picture);
    Some(picture)
}

fn fields(codec: Codec, payload: &[u8]) -> Option<Fields> {
    match codec {
        Codec::Vp8 => Some(vp8::parse(payload)?.fields),
        Codec::Vp9 => Some(vp9::parse(payload)?.fields),
        _ => None,
    }
}

impl Picture {
    /// What to add to the numbers of `next` so that it follows this picture.
    pub fn offset_to(&self, next: &Picture) -> Picture {
        Picture {
            id: self.id.wrapping_add(1).wrapping_sub(next.id),
            tl0: self.tl0.wrapping_add(1).wrapping_sub(next.tl0),
            key: self.key.wrapping_add(1).wrapping_sub(next.key),
        }
    }

    fn plus(&self, offset: &Picture, id: Option<PictureId>) -> Picture {
        let mask = if id.is_some_and(|id| id.is_long) {
            0x7fff
        } else {
            0x7f
        };
        Picture {
            id: self.id.wrapping_add(offset.id) & mask,
            tl0: self.tl0.wrapping_add(offset.tl0),
            key: self.key.wrapping_add(offset.key) & 0x1f,
        }
    }
}

impl Fields {
    pub fn numbers(&self) -> Picture {
        let value = |field: Option<Field>| field.map_or(0, |field| field.value);
        Picture {
            id: self.id.map_or(0, |id| id.value),
            tl0: value(self.tl0),
            key: value(self.key),
        }
    }

    /// Writes other numbers over those present, in the width they have. `payload` is the one they were read from, or
    /// a copy.
    pub fn write(&self, payload: &mut [u8], picture: &Picture) {
        match self.id {
            Some(PictureId {
                is_long: true, at, ..
            }) => payload[at..at + 2].copy_from_slice(&(picture.id | 0x8000).to_be_bytes()),
            Some(PictureId { at, .. }) => payload[at] = picture.id as u8 & 0x7F,
            None => {}
        }
        if let Some(Field { at, .. }) = self.tl0 {
            payload[at] = picture.tl0;
        }
        if let Some(Field { at, .. }) = self.key {
            payload[at] = payload[at] & 0xE0 | picture.key & 0x1F;
        }
    }
}

pub(super) fn read_field(payload: &[u8], at: &mut usize) -> Option<Field> {
    let field = Field {
        value: *payload.get(*at)?,
        at: *at,
    };
    *at += 1;
    Some(field)
}

pub(super) fn read_picture_id(payload: &[u8], at: &mut usize) -> Option<PictureId> {
    let Field {
        value: first,
        at: start,
    } = read_field(payload, at)?;
    let is_long = first & 0x80 != 0;
    let high = u16::from(first & 0x7F);
    let value = if is_long {
        high << 8 | u16::from(read_field(payload, at)?.value)
    } else {
        high
    };
    Some(PictureId {
        value,
        is_long,
        at: start,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_by_one_in_the_width_they_have() {
        let known = Picture {
            id: 0x7fff,
            tl0: 255,
            key: 31,
        };
        let table: [(Codec, &[u8], &[u8]); 5] = [
            (
                Codec::Vp8,
                &[0x90, 0xF0, 0x92, 0x34, 0x56, 0xA7, 0],
                &[0x90, 0xF0, 0x80, 0, 0, 0xA0, 0],
            ),
            (Codec::Vp8, &[0x90, 0x80, 0x05, 0x50], &[0x90, 0x80, 0, 0x50]),
            (
                Codec::Vp9,
                &[0xA8, 0x92, 0x34, 0x40, 0x56, 0x82],
                &[0xA8, 0x80, 0, 0x40, 0, 0x82],
            ),
            (Codec::Vp9, &[0x88, 0x12, 0x82], &[0x88, 0, 0x82]),
            (Codec::Vp9, &[0x08, 0x82], &[0x08, 0x82]),
        ];
        for (codec, before, after) in table {
            let mut payload = before.to_vec();
            let offset = known.offset_to(&numbers(codec, before).unwrap());
            let written = rewrite(codec, &mut payload, &offset).unwrap();
            assert_eq!(payload, after, "{codec:?} {before:02x?}");
            assert_eq!(numbers(codec, &payload).unwrap().id, written.id);
        }
    }

    #[test]
    fn other_codecs_have_no_numbers() {
        for codec in [Codec::H264, Codec::Av1, Codec::Opus, Codec::Other] {
            let mut payload = [0x90, 0xF0, 0x92, 0x34, 0x56, 0xA7, 0];
            assert_eq!(
                rewrite(
                    codec,
                    &mut payload,
                    &Picture {
                        id: 1,
                        tl0: 1,
                        key: 1
                    }
                ),
                None
            );
            assert_eq!(payload, [0x90, 0xF0, 0x92, 0x34, 0x56, 0xA7, 0]);
        }
    }
}

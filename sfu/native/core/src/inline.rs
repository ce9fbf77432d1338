//! What the packet path reads of a slot, kept in the slot itself: a pointer to follow costs more than the bytes.

/// More codecs than any browser offers for one kind.
pub const MAX_CODECS: usize = 32;
/// A one-byte header extension element holds no more (RFC 8285 section 4.2).
pub const MAX_MID_LEN: usize = 16;

/// A media identification (RFC 8843 section 15).
#[derive(Clone, Copy, Debug)]
pub struct Mid {
    bytes: [u8; MAX_MID_LEN],
    len: u8,
}

impl Mid {
    /// A name that was checked to fit; what does not is cut off.
    pub fn new(name: &str) -> Mid {
        let len = name.len().min(MAX_MID_LEN);
        let mut bytes = [0; MAX_MID_LEN];
        bytes[..len].copy_from_slice(&name.as_bytes()[..len]);
        Mid {
            bytes,
            len: len as u8,
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }
}

/// Payload types for packets of a track, by the track's own order of codecs.
#[derive(Clone, Copy, Debug)]
pub struct PayloadTypes {
    types: [u8; MAX_CODECS],
}

/// No payload type is above 127.
const NONE: u8 = 0xff;

impl PayloadTypes {
    pub const EMPTY: PayloadTypes = PayloadTypes {
        types: [NONE; MAX_CODECS],
    };

    pub fn of(types: impl Iterator<Item = Option<u8>>) -> PayloadTypes {
        let mut row = PayloadTypes::EMPTY;
        for (place, known) in row.types.iter_mut().zip(types) {
            *place = known.unwrap_or(NONE);
        }
        row
    }

    pub fn get(&self, codec: u8) -> Option<u8> {
        self.types
            .get(codec as usize)
            .copied()
            .filter(|&known| known != NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_without_a_payload_type_has_none() {
        let types = PayloadTypes::of([Some(96), None, Some(0)].into_iter());
        assert_eq!(
            [0, 1, 2, 3, 200].map(|codec| types.get(codec)),
            [Some(96), None, Some(0), None, None]
        );
    }

    #[test]
    fn a_mid_comes_back_as_it_was() {
        assert_eq!(Mid::new("s12").as_bytes(), b"s12");
        assert_eq!(Mid::new("sixteen bytes ok").as_bytes(), b"sixteen bytes ok");
    }
}

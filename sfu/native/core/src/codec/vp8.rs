//! The VP8 payload descriptor (RFC 7741 §4.2) and frame tag.

/// A number of the descriptor and where it stands in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    pub value: u16,
    /// 15 bits in two bytes; else 7 bits in one.
    pub is_long: bool,
    pub at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub value: u8,
    pub at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The first packet of a frame: S bit and partition 0.
    pub starts_frame: bool,
    pub is_reference: bool,
    pub picture_id: Option<PictureId>,
    /// TL0PICIDX.
    pub tl0_picture_index: Option<Field>,
    /// TID, 0 without the field.
    pub temporal_layer: u8,
    pub layer_sync: bool,
    /// KEYIDX, 5 bits, low in the byte at its place.
    pub key_index: Option<Field>,
    /// The VP8 data begin here.
    pub len: usize,
}

/// Reads the descriptor; None when it is cut short.
pub fn parse(_payload: &[u8]) -> Option<Descriptor> {
    todo!()
}

/// Whether this packet is the first of a keyframe.
pub fn is_keyframe(_payload: &[u8]) -> bool {
    todo!()
}

impl Descriptor {
    /// Writes another picture id, TL0PICIDX and KEYIDX over those present, in the width they have.
    pub fn rewrite(&self, _payload: &mut [u8], _picture_id: u16, _tl0_picture_index: u8, _key_index: u8) {
        todo!()
    }
}

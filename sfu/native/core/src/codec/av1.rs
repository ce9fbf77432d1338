//! The AV1 aggregation header (AV1 RTP payload format §4.4).

/// Whether this packet begins a coded video sequence: the N bit.
pub fn is_keyframe(_payload: &[u8]) -> bool {
    todo!()
}

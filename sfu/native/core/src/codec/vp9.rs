//! The VP9 payload descriptor (RFC 9628 §4.2), as far as a keyframe needs.

/// Whether this packet begins a picture that is not predicted from another.
pub fn is_keyframe(_payload: &[u8]) -> bool {
    todo!()
}

//! H.264 payloads (RFC 6184): single units, STAP-A and FU-A, as packetisation-mode 1 has them.

/// Whether decoding can begin here: a sequence parameter set or the start of an IDR slice.
pub fn is_keyframe(_payload: &[u8]) -> bool {
    todo!()
}

/// Whether a picture begins here: a delimiter, parameter set, SEI, or a slice whose first macroblock is 0.
pub fn starts_frame(_payload: &[u8]) -> bool {
    todo!()
}

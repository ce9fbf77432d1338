//! What the first byte of a connection says where TLS is let in too.
use super::splitter::MAX_PACKET_LEN;

/// A record of TLS's handshake, as every client of it begins (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 0x16;

// As the high byte of a length (RFC 4571) it would announce a packet that nobody may send.
const _: () = assert!((HANDSHAKE as usize) << 8 > MAX_PACKET_LEN);

/// Whether somebody begins who speaks TLS, and not a peer with a check behind its length.
pub fn is_tls(first: u8) -> bool {
    first == HANDSHAKE
}

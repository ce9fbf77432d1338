//! What a datagram is, by its first bytes (RFC 7983, RFC 5761 §4).

/// The protocols that share one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Unknown,
}

/// Tells the protocol of a datagram; whether it is well-formed is its parser's question.
pub fn kind(datagram: &[u8]) -> Kind {
    match datagram {
        [0..=3, _, ..] => Kind::Stun,
        [20..=63, _, ..] => Kind::Dtls,
        // RTCP types 192..=223 are RTP payload types 64..=95, which RFC 5761 keeps free.
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells_the_protocol() {
        let table = [
            (0..=3, Kind::Stun),
            (4..=19, Kind::Unknown),
            (20..=63, Kind::Dtls),
            (64..=127, Kind::Unknown),
            (128..=191, Kind::Rtp),
            (192..=255, Kind::Unknown),
        ];
        for (first_bytes, expected) in table {
            for first in first_bytes {
                assert_eq!(kind(&[first, 96, 0, 0]), expected, "first byte {first}");
            }
        }
    }

    #[test]
    fn rtcp_is_told_from_rtp_by_the_second_byte() {
        for second in 0..=255u8 {
            let expected = if (192..=223).contains(&second) {
                Kind::Rtcp
            } else {
                Kind::Rtp
            };
            assert_eq!(kind(&[0x80, second]), expected, "second byte {second}");
        }
    }

    #[test]
    fn less_than_two_bytes_are_unknown() {
        assert_eq!(kind(&[]), Kind::Unknown);
        assert_eq!(kind(&[0x80]), Kind::Unknown);
    }
}

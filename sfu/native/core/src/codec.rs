//! What the forwarder has to know of codecs: where a keyframe or a frame begins, and what changes when streams are joined.
pub mod av1;
pub mod h264;
pub mod lines;
pub mod opus;
pub mod picture;
pub mod vp8;
pub mod vp9;

pub use lines::lines_of;

/// Codecs by their name in SDP; all others pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
    Other,
}

impl Codec {
    /// By the encoding name, in any case (RFC 8866 §6.6).
    pub fn from_name(name: &str) -> Codec {
        const NAMES: [(&str, Codec); 5] = [
            ("opus", Codec::Opus),
            ("vp8", Codec::Vp8),
            ("vp9", Codec::Vp9),
            ("h264", Codec::H264),
            ("av1", Codec::Av1),
        ];
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or(Codec::Other, |&(_, codec)| codec)
    }
}

impl Codec {
    /// As SDP names it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Opus => "opus",
            Codec::Vp8 => "vp8",
            Codec::Vp9 => "vp9",
            Codec::H264 => "h264",
            Codec::Av1 => "av1",
            Codec::Other => "other",
        }
    }
}

/// Whether decoding can begin with this payload. Audio and unknown codecs can begin anywhere.
pub fn is_keyframe(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 => vp8::is_keyframe(payload),
        Codec::Vp9 => vp9::is_keyframe(payload),
        Codec::H264 => h264::is_keyframe(payload),
        Codec::Av1 => av1::is_keyframe(payload),
        Codec::Opus | Codec::Other => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_a_whole_and_in_any_case() {
        assert_eq!(Codec::from_name("H264"), Codec::H264);
        assert_eq!(Codec::from_name("Opus"), Codec::Opus);
        for other in ["", "h26", "h2644", "vp88", "rtx"] {
            assert_eq!(Codec::from_name(other), Codec::Other, "{other}");
        }
    }

    #[test]
    fn what_is_not_video_we_know_can_begin_anywhere() {
        assert!(is_keyframe(Codec::Opus, &[]) && is_keyframe(Codec::Other, &[1]));
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            assert!(!is_keyframe(codec, &[]), "{codec:?}");
        }
    }
}

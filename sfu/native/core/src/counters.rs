//! Why something was dropped, and how often.
use crate::ice::Refusal;
use crate::srtp::SrtpError;

macro_rules! reasons {
    ($($variant:ident => $name:literal,)*) => {
        /// Every way in which a datagram, packet or request can come to nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason { $($variant,)* }

        impl Reason {
            const ALL: &'static [Reason] = &[$(Reason::$variant,)*];

            pub const fn name(self) -> &'static str {
                match self { $(Reason::$variant => $name,)* }
            }
        }
    };
}

reasons! {
    UnknownProtocol => "unknown_protocol",
    UnknownPath => "unknown_path",
    UnknownUfrag => "unknown_ufrag",
    MalformedStun => "malformed_stun",
    StunNotARequest => "stun_not_a_request",
    StunWrongUsername => "stun_wrong_username",
    StunWithoutIntegrity => "stun_without_integrity",
    StunWrongIntegrity => "stun_wrong_integrity",
    PathOfAnother => "path_of_another",
    DtlsBeforeIce => "dtls_before_ice",
    MediaBeforeDtls => "media_before_dtls",
    MalformedRtp => "malformed_rtp",
    MalformedRtcp => "malformed_rtcp",
    MalformedArrivals => "malformed_arrivals",
    MalformedRemb => "malformed_remb",
    ArrivalsOfNothing => "arrivals_of_nothing",
    SrtpAuthentication => "srtp_authentication",
    SrtpReplay => "srtp_replay",
    SrtpTooOld => "srtp_too_old",
    SrtpOther => "srtp_other",
    WildSequence => "wild_sequence",
    UnknownSsrc => "unknown_ssrc",
    UnknownPayloadType => "unknown_payload_type",
    UnusedLayer => "unused_layer",
    TrackClosed => "track_closed",
    EmptyRepair => "empty_repair",
    MalformedRedundancy => "malformed_redundancy",
    Duplicate => "duplicate",
    TooOld => "too_old",
    TooLarge => "too_large",
    CodecNotNegotiated => "codec_not_negotiated",
    AwaitingKeyframe => "awaiting_keyframe",
    BeforeStart => "before_start",
    RepairNotNegotiated => "repair_not_negotiated",
    RepairNotKept => "repair_not_kept",
    RepairTooSoon => "repair_too_soon",
    RepairTooMany => "repair_too_many",
    OutboxFull => "outbox_full",
    SealRefused => "seal_refused",
    TcpQueueFull => "tcp_queue_full",
    TcpAudioTooSlow => "tcp_audio_too_slow",
    TcpVideoTooSlow => "tcp_video_too_slow",
    TcpClosed => "tcp_closed",
}

/// One number for each reason.
#[derive(Clone, Debug)]
pub struct Drops([u64; Reason::ALL.len()]);

impl Default for Drops {
    fn default() -> Drops {
        Drops([0; Reason::ALL.len()])
    }
}

impl Drops {
    pub fn count(&mut self, reason: Reason) {
        self.add(reason, 1);
    }

    pub fn add(&mut self, reason: Reason, count: u64) {
        self.0[reason as usize] += count;
    }

    pub fn get(&self, reason: Reason) -> u64 {
        self.0[reason as usize]
    }

    /// The reasons that occurred, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Reason::ALL
            .iter()
            .map(|&reason| (reason.name(), self.get(reason)))
            .filter(|&(_, n)| n > 0)
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Reason {
        match refusal {
            Refusal::NotARequest => Reason::StunNotARequest,
            Refusal::NoUsername | Refusal::WrongUsername => Reason::StunWrongUsername,
            Refusal::NoIntegrity => Reason::StunWithoutIntegrity,
            Refusal::WrongIntegrity => Reason::StunWrongIntegrity,
            Refusal::NoRoom => Reason::OutboxFull,
        }
    }
}

impl From<SrtpError> for Reason {
    fn from(error: SrtpError) -> Reason {
        match error {
            SrtpError::WrongTag => Reason::SrtpAuthentication,
            SrtpError::Replayed => Reason::SrtpReplay,
            SrtpError::TooOld => Reason::SrtpTooOld,
            SrtpError::Leapt => Reason::WildSequence,
            _ => Reason::SrtpOther,
        }
    }
}

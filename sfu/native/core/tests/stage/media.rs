//! What people send and see: RTP packets as values, and how codecs and payloads are made.
use forwarder_core::command::{AddSlot, AddTrack, Codec, Encoding, Kind};
use forwarder_core::handle::{PeerId, SlotId, TrackId};
use forwarder_core::rtp::{self, write_header, Header};

pub const MID_EXTENSION: u8 = 1;
pub const RID_EXTENSION: u8 = 2;
pub const REPAIRED_RID_EXTENSION: u8 = 3;
pub const LEVEL_EXTENSION: u8 = 4;
pub const TRANSPORT_CC_EXTENSION: u8 = 5;
pub const MARK_EXTENSION: u8 = 6;

pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
pub const VP8_RTX: u8 = 97;
pub const H264: u8 = 102;
pub const H264_RTX: u8 = 103;
pub const VP9: u8 = 98;
pub const VP9_RTX: u8 = 99;
pub const AV1: u8 = 45;
pub const AV1_RTX: u8 = 46;

/// A plain RTP packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rtp {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub mid: Option<String>,
    pub rid: Option<String>,
    pub repaired_rid: Option<String>,
    pub level: Option<u8>,
    /// The transport-wide number.
    pub number: Option<u16>,
    /// Whose media it is.
    pub mark: Option<u32>,
    pub payload: Vec<u8>,
}

impl Rtp {
    pub fn bytes(&self) -> (Vec<u8>, usize) {
        let level = self.level.map(|level| [level]);
        let text = |text: &'_ Option<String>| text.clone().unwrap_or_default().into_bytes();
        let (mid, rid, repaired) = (text(&self.mid), text(&self.rid), text(&self.repaired_rid));
        let level: &[u8] = level.as_ref().map_or(&[], |level| level);
        let number = self.number.map(u16::to_be_bytes);
        let number: &[u8] = number.as_ref().map_or(&[], |number| number);
        let mark = self.mark.map(u32::to_be_bytes);
        let mark: &[u8] = mark.as_ref().map_or(&[], |mark| mark);
        let all: [(u8, &[u8]); 6] = [
            (MID_EXTENSION, &mid),
            (RID_EXTENSION, &rid),
            (REPAIRED_RID_EXTENSION, &repaired),
            (LEVEL_EXTENSION, level),
            (TRANSPORT_CC_EXTENSION, number),
            (MARK_EXTENSION, mark),
        ];
        let extensions: Vec<(u8, &[u8])> = all.into_iter().filter(|(_, data)| !data.is_empty()).collect();
        let mut bytes = vec![0; 2_000];
        let header = Header {
            marker: self.marker,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            extensions: &extensions,
        };
        let header_len = write_header(&mut bytes, &header).unwrap();
        bytes.truncate(header_len);
        bytes.extend_from_slice(&self.payload);
        (bytes, header_len)
    }

    pub fn parse(plain: &[u8]) -> Rtp {
        let view = rtp::parse(plain).expect("a well-formed packet");
        let data = |id: u8| view.extension(plain, id);
        let text = |id: u8| data(id).map(|data| String::from_utf8(data.to_vec()).unwrap());
        Rtp {
            marker: view.marker,
            payload_type: view.payload_type,
            sequence: view.sequence,
            timestamp: view.timestamp,
            ssrc: view.ssrc,
            mid: text(MID_EXTENSION),
            rid: text(RID_EXTENSION),
            repaired_rid: text(REPAIRED_RID_EXTENSION),
            level: data(LEVEL_EXTENSION).map(|data| data[0]),
            number: data(TRANSPORT_CC_EXTENSION).map(|data| u16::from_be_bytes([data[0], data[1]])),
            mark: data(MARK_EXTENSION).map(|data| u32::from_be_bytes(data.try_into().unwrap())),
            payload: view.payload(plain).unwrap().to_vec(),
        }
    }

    /// The same packet in a repair stream.
    pub fn as_rtx(&self, ssrc: u32, payload_type: u8, sequence: u16) -> Rtp {
        let payload = [&self.sequence.to_be_bytes(), self.payload.as_slice()].concat();
        Rtp {
            ssrc,
            payload_type,
            sequence,
            payload,
            ..self.clone()
        }
    }
}

/// A publisher's stream that counts by itself.
#[derive(Clone, Debug)]
pub struct Stream {
    pub next: Rtp,
    pub clock_rate: u32,
    /// Picture id, TL0PICIDX and KEYIDX of the next VP8 picture.
    pub picture: (u16, u8, u8),
}

impl Stream {
    pub fn opus(ssrc: u32) -> Stream {
        Stream::new(ssrc, OPUS, 48_000)
    }

    pub fn vp8(ssrc: u32) -> Stream {
        Stream::new(ssrc, VP8, 90_000)
    }

    pub fn h264(ssrc: u32) -> Stream {
        Stream::new(ssrc, H264, 90_000)
    }

    pub fn vp9(ssrc: u32) -> Stream {
        Stream::new(ssrc, VP9, 90_000)
    }

    pub fn av1(ssrc: u32) -> Stream {
        Stream::new(ssrc, AV1, 90_000)
    }

    fn new(ssrc: u32, payload_type: u8, clock_rate: u32) -> Stream {
        let next = Rtp {
            payload_type,
            ssrc,
            sequence: 1_000,
            timestamp: 50_000,
            ..Rtp::default()
        };
        Stream {
            next,
            clock_rate,
            picture: (100, 10, 5),
        }
    }

    pub fn starting_at(mut self, sequence: u16, timestamp: u32) -> Stream {
        (self.next.sequence, self.next.timestamp) = (sequence, timestamp);
        self
    }

    /// 20 ms of sound; the payload names its sequence number.
    pub fn sound(&mut self, level: u8) -> Rtp {
        self.next.level = Some(level);
        self.next.payload = [b"sound ".as_slice(), &self.next.sequence.to_be_bytes(), &[7; 80]].concat();
        let packet = self.advance();
        self.next.timestamp = self.next.timestamp.wrapping_add(self.clock_rate / 50);
        packet
    }

    /// One picture of some packets, 40 ms after the one before.
    pub fn picture(&mut self, is_keyframe: bool, packets: usize) -> Vec<Rtp> {
        self.picture.2 = self.picture.2.wrapping_add(u8::from(is_keyframe)) & 0x1f;
        let made = (0..packets).map(|at| {
            self.next.marker = at + 1 == packets;
            self.next.payload = match self.next.payload_type {
                VP8 => vp8_payload(self.picture, is_keyframe, at == 0),
                VP9 => vp9_payload(self.picture, is_keyframe, at == 0, at + 1 == packets),
                AV1 => av1_payload(is_keyframe, at == 0, at + 1 == packets),
                _ => h264_payload(is_keyframe, at == 0),
            };
            self.next
                .payload
                .extend_from_slice(&self.next.sequence.to_be_bytes());
            self.next.payload.extend_from_slice(&[9; 900]);
            self.advance()
        });
        let made = made.collect();
        self.picture = (
            self.picture.0.wrapping_add(1) & 0x7fff,
            self.picture.1.wrapping_add(1),
            self.picture.2,
        );
        self.next.timestamp = self.next.timestamp.wrapping_add(self.clock_rate / 25);
        made
    }

    fn advance(&mut self) -> Rtp {
        let packet = self.next.clone();
        self.next.sequence = self.next.sequence.wrapping_add(1);
        packet
    }
}

fn vp8_payload((id, tl0, key): (u16, u8, u8), is_keyframe: bool, is_first: bool) -> Vec<u8> {
    let [high, low] = (id | 0x8000).to_be_bytes();
    let start = if is_first { 0x90 } else { 0x80 };
    vec![
        start,
        0xf0,
        high,
        low,
        tl0,
        key & 0x1f,
        u8::from(!is_keyframe),
        0x9d,
        0x01,
        0x2a,
    ]
}

/// Non-flexible, with picture id, layers and TL0PICIDX (RFC 9628 section 4.2).
fn vp9_payload((id, tl0, _): (u16, u8, u8), is_keyframe: bool, is_first: bool, is_last: bool) -> Vec<u8> {
    let [high, low] = (id | 0x8000).to_be_bytes();
    let flags = [(0x40, !is_keyframe), (0x08, is_first), (0x04, is_last)];
    let set = flags.iter().filter(|(_, is_set)| *is_set);
    let head = set.fold(0xa0, |head, (flag, _)| head | flag);
    vec![head, high, low, 0, tl0, if is_keyframe { 0x82 } else { 0x86 }]
}

/// One frame OBU in parts, at a keyframe behind a sequence header.
fn av1_payload(is_keyframe: bool, is_first: bool, is_last: bool) -> Vec<u8> {
    let cut = if is_first { 0 } else { 0x80 } | if is_last { 0 } else { 0x40 };
    match (is_first, is_keyframe) {
        (true, true) => vec![cut | 0x28, 2, 0x08, 7, 0x30, 0x10],
        (true, false) => vec![cut | 0x10, 0x30, 0x30],
        (false, _) => vec![cut | 0x10],
    }
}

/// Picture id, TL0PICIDX and KEYIDX of a VP8 payload.
pub fn vp8_numbers(payload: &[u8]) -> (u16, u8, u8) {
    let fields = forwarder_core::codec::vp8::parse(payload)
        .expect("a descriptor")
        .fields;
    (
        fields.id.unwrap().value,
        fields.tl0.unwrap().value,
        fields.key.unwrap().value,
    )
}

/// Picture id and TL0PICIDX of a VP9 payload.
pub fn vp9_numbers(payload: &[u8]) -> (u16, u8) {
    let fields = forwarder_core::codec::vp9::parse(payload)
        .expect("a descriptor")
        .fields;
    (fields.id.unwrap().value, fields.tl0.unwrap().value)
}

/// A fragmentation unit of a slice, the first with the start bit (RFC 6184 section 5.8).
fn h264_payload(is_keyframe: bool, is_first: bool) -> Vec<u8> {
    let slice = if is_keyframe { 5 } else { 1 };
    vec![0x7c, if is_first { 0x80 | slice } else { slice }]
}

pub fn opus_codec() -> Codec {
    codec("opus", OPUS, 48_000, None)
}

pub fn vp8_codec() -> Codec {
    codec("VP8", VP8, 90_000, Some(VP8_RTX))
}

pub fn h264_codec() -> Codec {
    codec("H264", H264, 90_000, Some(H264_RTX))
}

pub fn vp9_codec() -> Codec {
    codec("VP9", VP9, 90_000, Some(VP9_RTX))
}

pub fn av1_codec() -> Codec {
    codec("AV1", AV1, 90_000, Some(AV1_RTX))
}

fn codec(name: &str, payload_type: u8, clock_rate: u32, rtx_payload_type: Option<u8>) -> Codec {
    let video = rtx_payload_type.is_some();
    let name = name.to_owned();
    Codec {
        name,
        payload_type,
        clock_rate,
        rtx_payload_type,
        nack: true,
        pli: video,
        fir: video,
    }
}

pub fn audio_track(track: u32, peer: PeerId, ssrc: u32) -> AddTrack {
    track_of(
        track,
        peer,
        Kind::Audio,
        vec![opus_codec()],
        vec![Encoding {
            ssrc,
            rtx_ssrc: None,
            rid: None,
        }],
    )
}

pub fn video_track(track: u32, peer: PeerId, ssrc: u32) -> AddTrack {
    let encodings = vec![Encoding {
        ssrc,
        rtx_ssrc: Some(ssrc + 1),
        rid: None,
    }];
    track_of(
        track,
        peer,
        Kind::Video,
        vec![vp8_codec(), h264_codec(), vp9_codec(), av1_codec()],
        encodings,
    )
}

fn track_of(track: u32, peer: PeerId, kind: Kind, codecs: Vec<Codec>, encodings: Vec<Encoding>) -> AddTrack {
    AddTrack {
        track: TrackId(track),
        peer,
        kind,
        mid: format!("t{track}"),
        codecs,
        encodings,
        open: true,
        mark: 0,
    }
}

pub fn audio_slot(slot: u32, peer: PeerId, ssrc: u32) -> AddSlot {
    let codecs = vec![Codec {
        payload_type: 63,
        ..opus_codec()
    }];
    let mid = format!("s{slot}");
    AddSlot {
        slot: SlotId(slot),
        peer,
        kind: Kind::Audio,
        mid,
        ssrc,
        rtx_ssrc: None,
        codecs,
        numbered: false,
    }
}

/// The slot's payload types are 20 and 21 for VP8, 22 and 23 for H.264, 24 to 27 for VP9 and AV1.
pub fn video_slot(slot: u32, peer: PeerId, ssrc: u32) -> AddSlot {
    let vp8 = Codec {
        payload_type: 20,
        rtx_payload_type: Some(21),
        ..vp8_codec()
    };
    let h264 = Codec {
        payload_type: 22,
        rtx_payload_type: Some(23),
        ..h264_codec()
    };
    let vp9 = Codec {
        payload_type: 24,
        rtx_payload_type: Some(25),
        ..vp9_codec()
    };
    let av1 = Codec {
        payload_type: 26,
        rtx_payload_type: Some(27),
        ..av1_codec()
    };
    let mid = format!("s{slot}");
    let (kind, codecs) = (Kind::Video, vec![vp8, h264, vp9, av1]);
    AddSlot {
        slot: SlotId(slot),
        peer,
        kind,
        mid,
        ssrc,
        rtx_ssrc: Some(ssrc + 1),
        codecs,
        numbered: false,
    }
}

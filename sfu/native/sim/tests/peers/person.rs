//! One str0m peer: ICE, DTLS, SRTP, repairs and reports are its own.
use crate::picture::Made;
use forwarder_core::command::{AddPeer, Codec};
use forwarder_core::dtls::{Fingerprint, FingerprintAlgorithm, Role};
use forwarder_core::handle::PeerId;
use forwarder_core::ice::Path;
use forwarder_core::time::Time;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::media::MediaKind;
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, RtpWrite};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc};

pub const VP8: u8 = 96;
pub const VP8_RTX: u8 = 97;
const LEVEL: u8 = 1;
const TRANSPORT_CC: u8 = 3;
const MID: u8 = 4;
const RID: u8 = 10;
const REPAIRED_RID: u8 = 11;
/// All media is in one section.
pub const SECTION: &str = "v";
const NODE_PASSWORD: &str = "the password of the node";

/// A packet that arrived, repaired or not.
#[derive(Clone, Debug)]
pub struct Seen {
    pub sequence: u64,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

pub struct Person {
    pub peer: PeerId,
    pub path: Path,
    pub deadline: Time,
    pub is_connected: bool,
    rtc: Rtc,
    /// str0m's clock at our 0: it is only ever added to.
    start: Instant,
    node: SocketAddr,
    ssrc: u32,
    seen: Vec<Seen>,
    keyframe_wanted: bool,
    out: Vec<Vec<u8>>,
}

impl Person {
    pub fn new(number: u32, node: SocketAddr, node_digest: &[u8], now: Time) -> Person {
        let remote: SocketAddr = format!("192.0.2.{number}:{}", 5_000 + number).parse().unwrap();
        let start = Instant::now();
        let rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_extension_map()
            .set_extension(LEVEL, Extension::AudioLevel)
            .set_extension(TRANSPORT_CC, Extension::TransportSequenceNumber)
            .set_extension(MID, Extension::RtpMid)
            .set_extension(RID, Extension::RtpStreamId)
            .set_extension(REPAIRED_RID, Extension::RepairedRtpStreamId)
            .build(start + Duration::from_nanos(now.as_nanos()));
        let mut person = Person {
            peer: PeerId(number),
            path: Path { socket: 0, remote },
            deadline: now,
            is_connected: false,
            rtc,
            start,
            node,
            ssrc: 0,
            seen: Vec::new(),
            keyframe_wanted: false,
            out: Vec::new(),
        };
        person
            .rtc
            .add_local_candidate(Candidate::host(remote, "udp").unwrap());
        person
            .rtc
            .add_remote_candidate(Candidate::host(node, "udp").unwrap());
        let mut direct = person.rtc.direct_api();
        direct.set_ice_controlling(true);
        direct.set_remote_ice_credentials(IceCreds {
            ufrag: node_ufrag(number),
            pass: NODE_PASSWORD.into(),
        });
        direct.set_remote_fingerprint(str0m::config::Fingerprint {
            hash_func: "sha-256".into(),
            bytes: node_digest.to_vec(),
        });
        direct.start_dtls(true).unwrap();
        person
    }

    pub fn order(&mut self) -> AddPeer {
        let direct = self.rtc.direct_api();
        let credentials = direct.local_ice_credentials();
        AddPeer {
            peer: self.peer,
            local_ufrag: node_ufrag(self.peer.0),
            local_password: NODE_PASSWORD.into(),
            remote_ufrag: credentials.ufrag,
            remote_password: credentials.pass,
            candidates: Vec::new(),
            remote_fingerprint: Fingerprint {
                algorithm: FingerprintAlgorithm::Sha256,
                digest: direct.local_dtls_fingerprint().bytes.clone(),
            },
            dtls_role: Role::Passive,
            mid_extension: MID,
            rid_extension: RID,
            repaired_rid_extension: REPAIRED_RID,
            audio_level_extension: LEVEL,
            transport_cc_extension: TRANSPORT_CC,
            mark_extension: 0,
        }
    }

    /// Will send one stream and answer requests for repairs of it.
    pub fn publish(&mut self, ssrc: u32) {
        self.ssrc = ssrc;
        let mut direct = self.rtc.direct_api();
        direct.declare_media(SECTION.into(), MediaKind::Video);
        direct.declare_stream_tx(ssrc.into(), Some((ssrc + 1).into()), SECTION.into(), None);
    }

    /// Will see one stream and ask for repairs of it.
    pub fn watch(&mut self, ssrc: u32) {
        let mut direct = self.rtc.direct_api();
        direct.declare_media(SECTION.into(), MediaKind::Video);
        direct.expect_stream_rx(ssrc.into(), Some((ssrc + 1).into()), SECTION.into(), None);
    }

    pub fn send(&mut self, packet: Made, now: Time) {
        let at = self.instant(now);
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx(&self.ssrc.into()).expect("a publisher");
        let write = RtpWrite::new(
            VP8.into(),
            packet.sequence.into(),
            packet.timestamp,
            at,
            packet.payload,
        );
        stream.write_rtp(write.marker(packet.marker).nackable(true));
        self.poll();
    }

    pub fn receive(&mut self, datagram: &[u8], now: Time) {
        let at = self.instant(now);
        let contents = datagram.try_into().expect("a datagram of a known kind");
        let (source, destination) = (self.node, self.path.remote);
        let received = Receive {
            proto: Protocol::Udp,
            source,
            destination,
            contents,
        };
        self.rtc
            .handle_input(Input::Receive(at, received))
            .expect("str0m takes it");
        self.poll();
    }

    pub fn tick(&mut self, now: Time) {
        let at = self.instant(now);
        self.rtc
            .handle_input(Input::Timeout(at))
            .expect("str0m takes the time");
        self.poll();
    }

    /// What it wants to send.
    pub fn take_out(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.out)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.clone()
    }

    pub fn keyframe_wanted(&mut self) -> bool {
        std::mem::take(&mut self.keyframe_wanted)
    }

    fn instant(&self, now: Time) -> Instant {
        self.start + Duration::from_nanos(now.as_nanos())
    }

    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output().expect("str0m goes on") {
                Output::Timeout(at) => {
                    self.deadline =
                        Time::from_nanos(at.saturating_duration_since(self.start).as_nanos() as u64);
                    return;
                }
                Output::Transmit(transmit) => self.out.push(transmit.contents.to_vec()),
                Output::Event(event) => self.note(event),
            }
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Connected => self.is_connected = true,
            Event::KeyframeRequest(_) => self.keyframe_wanted = true,
            Event::RtpPacket(packet) => self.seen.push(Seen {
                sequence: *packet.seq_no,
                timestamp: packet.header.timestamp,
                payload: packet.payload.to_vec(),
            }),
            _ => {}
        }
    }
}

pub fn vp8() -> Codec {
    Codec {
        name: "VP8".into(),
        payload_type: VP8,
        clock_rate: 90_000,
        rtx_payload_type: Some(VP8_RTX),
        nack: true,
        pli: true,
        fir: false,
    }
}

/// Each peer has one of its own: the node tells them apart by it.
fn node_ufrag(number: u32) -> String {
    format!("node{number}")
}

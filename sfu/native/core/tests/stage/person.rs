//! One person at the other end of a connection: sends checks, shakes hands, seals and opens packets.
use super::handshake::{digest, session, CLOSE, DONE, HELLO};
use super::media::{self, Rtp};
use super::{Sent, Stage};
use forwarder_core::command::AddPeer;
use forwarder_core::dtls::{Fingerprint, FingerprintAlgorithm, Role};
use forwarder_core::handle::PeerId;
use forwarder_core::ice::Path;
use forwarder_core::rtcp::{self, Packet, ReportBlock, SenderInfo, Writer};
use forwarder_core::rtp;
use forwarder_core::srtp::{Inbound, Outbound, Profile};
use forwarder_core::stun::{self, Key, Request};
use forwarder_core::time::Time;

/// RTCP as it reached a person.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    SenderReport(SenderInfo),
    ReceiverReport(Vec<ReportBlock>),
    Nack {
        ssrc: u32,
        lost: Vec<u16>,
    },
    Pli(u32),
    Fir {
        ssrc: u32,
        sequence: u8,
    },
    /// Transport-wide feedback: about a stream, from a number on, so many packets.
    Arrivals {
        ssrc: u32,
        base: u16,
        count: u16,
    },
    Name(Vec<u8>),
}

/// What reached a person, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Media(Rtp),
    Told(Told),
    Check,
    Handshake(Vec<u8>),
}

pub struct Person {
    pub peer: PeerId,
    pub path: Path,
    pub role: Role,
    pub profile: Profile,
    /// As the recorder does, and no browser.
    pub takes_frames: bool,
    number: u8,
    checks: u8,
    outbound: Option<Outbound>,
    inbound: Option<Inbound>,
}

impl Person {
    pub fn new(number: u32) -> Person {
        let remote = format!("192.0.2.{number}:{}", 5_000 + number).parse().unwrap();
        Person {
            peer: PeerId(100 + number),
            path: Path { socket: 0, remote },
            role: Role::Passive,
            profile: Profile::AeadAes128Gcm,
            number: number as u8,
            checks: 0,
            takes_frames: true,
            outbound: None,
            inbound: None,
        }
    }

    pub fn order(&self) -> AddPeer {
        let algorithm = FingerprintAlgorithm::Sha256;
        AddPeer {
            peer: self.peer,
            local_ufrag: format!("node{}", self.number),
            local_password: format!("the password of node {}", self.number),
            remote_ufrag: format!("they{}", self.number),
            remote_password: "the password of a person".into(),
            candidates: Vec::new(),
            remote_fingerprint: Fingerprint {
                algorithm,
                digest: digest(self.number),
            },
            dtls_role: self.role,
            mid_extension: media::MID_EXTENSION,
            rid_extension: media::RID_EXTENSION,
            repaired_rid_extension: media::REPAIRED_RID_EXTENSION,
            audio_level_extension: media::LEVEL_EXTENSION,
            transport_cc_extension: media::TRANSPORT_CC_EXTENSION,
            mark_extension: if self.takes_frames {
                media::MARK_EXTENSION
            } else {
                0
            },
        }
    }

    pub fn connect(&mut self, stage: &mut Stage) {
        self.check(stage, true);
        self.shake_hands(stage);
        self.hear(stage);
    }

    /// A genuine check on the person's present path.
    pub fn check(&mut self, stage: &mut Stage, use_candidate: bool) {
        let order = self.order();
        let datagram = self.check_for(&order.local_ufrag, &order.local_password, use_candidate);
        stage.receive(&datagram, self.path);
    }

    /// A genuine check that nominates the present path, not sent yet.
    pub fn consent_check(&mut self) -> Vec<u8> {
        let order = self.order();
        self.check_for(&order.local_ufrag, &order.local_password, true)
    }

    pub fn check_for(&mut self, ufrag: &str, password: &str, use_candidate: bool) -> Vec<u8> {
        self.checks = self.checks.wrapping_add(1);
        let request = Request {
            transaction: [self.checks; 12],
            username: &format!("{ufrag}:they{}", self.number),
            priority: 1,
            role: stun::Role::Controlling(u64::from(self.number)),
            use_candidate,
        };
        let mut datagram = [0; 256];
        let len = stun::write_request(&mut datagram, &request, &Key::new(password)).unwrap();
        datagram[..len].to_vec()
    }

    pub fn shake_hands(&mut self, stage: &mut Stage) {
        stage.receive(&[HELLO, &[self.number]].concat(), self.path);
        let keys = session(self.profile, self.number);
        self.outbound = Outbound::new(keys.profile, &keys.remote_key, &keys.remote_salt).ok();
        self.inbound = Inbound::new(keys.profile, &keys.local_key, &keys.local_salt).ok();
    }

    pub fn leave(&mut self, stage: &mut Stage) {
        stage.receive(CLOSE, self.path);
    }

    pub fn seal(&mut self, packet: &Rtp) -> Vec<u8> {
        let (mut bytes, header_len) = packet.bytes();
        let outbound = self.outbound.as_mut().expect("a connected person");
        let stream = outbound.add_stream(packet.ssrc).unwrap();
        let len = bytes.len();
        bytes.resize(len + 32, 0);
        let len = outbound.protect_rtp(stream, &mut bytes, len, header_len).unwrap();
        bytes.truncate(len);
        bytes
    }

    pub fn send(&mut self, stage: &mut Stage, packet: &Rtp) {
        let datagram = self.seal(packet);
        stage.receive(&datagram, self.path);
    }

    pub fn send_all(&mut self, stage: &mut Stage, packets: &[Rtp]) {
        packets.iter().for_each(|packet| self.send(stage, packet));
    }

    /// Sends a compound that starts with an empty receiver report.
    pub fn tell(&mut self, stage: &mut Stage, write: impl FnOnce(&mut Writer<'_>)) {
        let datagram = self.compound(write);
        stage.receive(&datagram, self.path);
    }

    /// The same, sealed and not sent yet.
    pub fn compound(&mut self, write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut bytes = [0; 1_500];
        let mut writer = Writer::new(&mut bytes[..1_400]);
        writer.receiver_report(1, &[]).unwrap();
        write(&mut writer);
        let len = writer.len();
        let len = self
            .outbound
            .as_mut()
            .unwrap()
            .protect_rtcp(&mut bytes, len)
            .unwrap();
        bytes[..len].to_vec()
    }

    /// Tells what the line here carries (draft-alvestrand-rmcat-remb-03 section 2.2).
    pub fn estimate(&mut self, stage: &mut Stage, bit_rate: u64) {
        let exponent = (64 - bit_rate.leading_zeros()).saturating_sub(18);
        let mantissa = ((bit_rate >> exponent) as u32).to_be_bytes();
        let head = (exponent as u8) << 2 | mantissa[1];
        let mut bytes = vec![
            0x80, 201, 0, 1, 0, 0, 0, 1, 0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0,
        ];
        bytes.extend_from_slice(b"REMB");
        bytes.extend_from_slice(&[1, head, mantissa[2], mantissa[3], 0, 0, 0, 1]);
        let len = bytes.len();
        bytes.resize(len + 64, 0);
        let sealed = self.outbound.as_mut().unwrap().protect_rtcp(&mut bytes, len);
        bytes.truncate(sealed.unwrap());
        stage.receive(&bytes, self.path);
    }

    /// Sends RTCP that no writer of ours makes.
    pub fn tell_raw(&mut self, stage: &mut Stage, plain: &[u8]) {
        let mut bytes = [plain, &[0; 32]].concat();
        let outbound = self.outbound.as_mut().unwrap();
        let len = outbound.protect_rtcp(&mut bytes, plain.len()).unwrap();
        stage.receive(&bytes[..len], self.path);
    }

    pub fn nack(&mut self, stage: &mut Stage, ssrc: u32, lost: &[u16]) {
        self.tell(stage, |writer| {
            writer.nack(1, ssrc, lost.iter().copied()).unwrap()
        });
    }

    pub fn pli(&mut self, stage: &mut Stage, ssrc: u32) {
        self.tell(stage, |writer| writer.pli(1, ssrc).unwrap());
    }

    /// Takes what the node sent to this person, with the time it left.
    pub fn hear_at(&mut self, stage: &mut Stage) -> Vec<(Time, Heard)> {
        let mine: Vec<Sent> = stage
            .sent
            .iter()
            .filter(|sent| sent.path == self.path)
            .cloned()
            .collect();
        stage.sent.retain(|sent| sent.path != self.path);
        mine.into_iter()
            .flat_map(|sent| {
                self.open(&sent.bytes)
                    .into_iter()
                    .map(move |heard| (sent.at, heard))
            })
            .collect()
    }

    pub fn hear(&mut self, stage: &mut Stage) -> Vec<Heard> {
        self.hear_at(stage).into_iter().map(|(_, heard)| heard).collect()
    }

    /// The media among what the node sent.
    pub fn see(&mut self, stage: &mut Stage) -> Vec<Rtp> {
        let media = |heard| match heard {
            Heard::Media(packet) => Some(packet),
            _ => None,
        };
        self.hear(stage).into_iter().filter_map(media).collect()
    }

    /// The RTCP among what the node sent.
    pub fn told(&mut self, stage: &mut Stage) -> Vec<(Time, Told)> {
        let told = |(at, heard)| match heard {
            Heard::Told(told) => Some((at, told)),
            _ => None,
        };
        self.hear_at(stage).into_iter().filter_map(told).collect()
    }

    fn open(&mut self, bytes: &[u8]) -> Vec<Heard> {
        use forwarder_core::demux::{kind, Kind};
        match kind(bytes) {
            Kind::Stun => vec![Heard::Check],
            Kind::Dtls => vec![Heard::Handshake(bytes.to_vec())],
            Kind::Rtp => vec![Heard::Media(self.open_media(bytes))],
            Kind::Rtcp => self.open_told(bytes).into_iter().map(Heard::Told).collect(),
            Kind::Unknown => panic!("the node sent what nobody knows"),
        }
    }

    /// Every packet must be genuine and come once: replays are refused here.
    fn open_media(&mut self, bytes: &[u8]) -> Rtp {
        let mut bytes = bytes.to_vec();
        let view = rtp::parse(&bytes).unwrap();
        let opened = self
            .inbound
            .as_mut()
            .unwrap()
            .unprotect_rtp(&mut bytes, &view)
            .expect("a genuine packet");
        Rtp::parse(&bytes[..opened.len])
    }

    fn open_told(&mut self, bytes: &[u8]) -> Vec<Told> {
        let mut bytes = bytes.to_vec();
        let len = self
            .inbound
            .as_mut()
            .unwrap()
            .unprotect_rtcp(&mut bytes)
            .expect("genuine RTCP");
        rtcp::packets(&bytes[..len])
            .map(|packet| told(&packet.expect("well-formed RTCP")))
            .collect()
    }
}

fn told(packet: &Packet<'_>) -> Told {
    match packet {
        Packet::SenderReport(report) => Told::SenderReport(report.info),
        Packet::ReceiverReport(report) => Told::ReceiverReport(report.blocks().collect()),
        Packet::Nack(nack) => Told::Nack {
            ssrc: nack.media_ssrc,
            lost: nack.lost().collect(),
        },
        Packet::Pli(pli) => Told::Pli(pli.media_ssrc),
        Packet::Fir(fir) => {
            let entry = fir.entries().next().unwrap();
            Told::Fir {
                ssrc: entry.ssrc,
                sequence: entry.sequence,
            }
        }
        Packet::TransportCc(raw) => Told::Arrivals {
            ssrc: raw.media_ssrc,
            base: u16::from_be_bytes([raw.body[0], raw.body[1]]),
            count: u16::from_be_bytes([raw.body[2], raw.body[3]]),
        },
        Packet::SourceDescription(names) => Told::Name(names.cname().unwrap().1.to_vec()),
        other => panic!("the node does not send {other:?}"),
    }
}

/// Whether the node's half of the handshake reached the person.
pub fn is_done(heard: &[Heard]) -> bool {
    heard.contains(&Heard::Handshake(DONE.to_vec()))
}

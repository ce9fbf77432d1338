//! A connection to the forwarder under test: checks, DTLS and outgoing SRTP over one loopback socket.
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use _forwarder::certificate::Certificate;
use _forwarder::clock;
use _forwarder::dtls::{OpensslFactory, FIRST_TIMEOUT};
use _forwarder::forwarder::Forwarder;
use forwarder_core::command::{AddPeer, Command};
use forwarder_core::dtls::{Dtls, DtlsFactory, Fingerprint, FingerprintAlgorithm, Role, State};
use forwarder_core::handle::PeerId;
use forwarder_core::srtp::{Outbound, StreamIndex};
use forwarder_core::stun;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::X509Builder;

const PATIENCE: Duration = Duration::from_secs(10);
const PASSWORD: &str = "the password of the node";
pub const MID_EXTENSION: u8 = 4;
pub const TRANSPORT_CC_EXTENSION: u8 = 5;

pub fn self_signed() -> Certificate {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut builder = X509Builder::new().unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(1).unwrap())
        .unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let pem = builder.build().to_pem().unwrap();
    Certificate::from_pem(&pem, &key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

pub struct Client {
    /// Not connected, so that the floor's datagrams reach it too.
    pub socket: UdpSocket,
    server: SocketAddr,
    peer: u32,
    dtls: Box<dyn Dtls>,
}

impl Client {
    /// Adds itself to the forwarder as `peer` and shakes hands.
    pub fn connect(forwarder: &Forwarder, peer: u32, certificate: &Certificate) -> Client {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut factory = OpensslFactory::new(certificate, FIRST_TIMEOUT).unwrap();
        let dtls = factory
            .start(Role::Active, FingerprintAlgorithm::Sha256, clock::now())
            .unwrap();
        forwarder.apply(vec![add_peer(peer, certificate)]).unwrap();
        let server = forwarder.addresses()[0];
        let mut client = Client {
            socket,
            server,
            peer,
            dtls,
        };
        client.shake_hands();
        client
    }

    /// A nominating check; it keeps consent too.
    pub fn check(&self) {
        self.send(&nomination(self.peer));
    }

    pub fn send(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.server).unwrap();
    }

    fn shake_hands(&mut self) {
        let began = Instant::now();
        let mut buffer = [0; 2048];
        self.check();
        self.receive(&mut buffer);
        while matches!(self.dtls.state(), State::Handshaking) {
            assert!(began.elapsed() < PATIENCE, "peer {} does not connect", self.peer);
            self.dtls.tick(clock::now());
            while let Some(length) = self.dtls.transmit(&mut buffer) {
                self.send(&buffer[..length]);
            }
            self.receive(&mut buffer);
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) {
        match self.socket.recv(buffer) {
            Ok(length) if (20..64).contains(&buffer[0]) => self.dtls.receive(&buffer[..length], clock::now()),
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }

    pub fn sender(&self, ssrc: u32) -> (Outbound, StreamIndex) {
        let State::Connected(session) = self.dtls.state() else {
            panic!("peer {} is not connected", self.peer);
        };
        let mut outbound = Outbound::new(session.profile, &session.local_key, &session.local_salt).unwrap();
        let stream = outbound.add_stream(ssrc).unwrap();
        (outbound, stream)
    }
}

/// A check of a peer that nominates the path it comes by.
pub fn nomination(peer: u32) -> Vec<u8> {
    let request = stun::Request {
        transaction: *b"transaction!",
        username: &format!("node{peer}:browser{peer}"),
        priority: 1,
        role: stun::Role::Controlling(1),
        use_candidate: true,
    };
    let mut buffer = [0; 256];
    let length = stun::write_request(&mut buffer, &request, &stun::Key::new(PASSWORD)).unwrap();
    buffer[..length].to_vec()
}

pub fn add_peer(peer: u32, certificate: &Certificate) -> Command {
    let digest = certificate.sha256().unwrap();
    Command::AddPeer(AddPeer {
        peer: PeerId(peer),
        local_ufrag: format!("node{peer}"),
        local_password: PASSWORD.into(),
        remote_ufrag: format!("browser{peer}"),
        remote_password: PASSWORD.into(),
        candidates: Vec::new(),
        remote_fingerprint: Fingerprint {
            algorithm: FingerprintAlgorithm::Sha256,
            digest,
        },
        dtls_role: Role::Passive,
        mid_extension: MID_EXTENSION,
        rid_extension: 0,
        repaired_rid_extension: 0,
        transport_cc_extension: TRANSPORT_CC_EXTENSION,
        audio_level_extension: 0,
        mark_extension: 0,
    })
}

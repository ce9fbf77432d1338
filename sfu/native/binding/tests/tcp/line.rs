//! The other end of a TCP connection with media, as a browser has it.
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use _forwarder::certificate::Certificate;
use _forwarder::clock;
use _forwarder::dtls::{OpensslFactory, FIRST_TIMEOUT};
use _forwarder::forwarder::Forwarder;
use forwarder_core::demux::{kind, Kind};
use forwarder_core::dtls::{Dtls, DtlsFactory, FingerprintAlgorithm, Role, State};
use socket2::{Domain, Socket, Type};

use crate::client;

pub const PATIENCE: Duration = Duration::from_secs(60);
/// So little that who does not read is soon full.
const SMALL: usize = 4 << 10;

pub fn framed(packet: &[u8]) -> Vec<u8> {
    [&(packet.len() as u16).to_be_bytes()[..], packet].concat()
}

/// A nominating check of a peer.
pub fn check(peer: u32) -> Vec<u8> {
    client::nomination(peer)
}

pub fn is_media(packet: &[u8]) -> bool {
    kind(packet) == Kind::Rtp
}

pub fn sequence_of(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[2], packet[3]])
}

pub struct Line(TcpStream);

impl Line {
    pub fn connect(forwarder: &Forwarder) -> Line {
        Line::connect_to(forwarder.addresses()[0])
    }

    pub fn connect_to(address: SocketAddr) -> Line {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(SMALL).unwrap();
        socket.connect(&address.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Line(stream)
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// The next packet; nothing once the other side has hung up.
    pub fn read(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 2];
        self.fill(&mut length)?;
        let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
        self.fill(&mut packet)?;
        Some(packet)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Option<()> {
        match self.0.read_exact(bytes) {
            Ok(()) => Some(()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("nothing came: {error}"),
        }
    }
}

/// A connected peer.
pub struct Viewer {
    pub line: Line,
    dtls: Box<dyn Dtls>,
}

impl Viewer {
    pub fn connect(forwarder: &Forwarder, peer: u32, certificate: &Certificate) -> Viewer {
        forwarder
            .apply(vec![client::add_peer(peer, certificate)])
            .unwrap();
        let mut factory = OpensslFactory::new(certificate, FIRST_TIMEOUT).unwrap();
        let dtls = factory
            .start(Role::Active, FingerprintAlgorithm::Sha256, clock::now())
            .unwrap();
        let mut viewer = Viewer {
            line: Line::connect(forwarder),
            dtls,
        };
        viewer.line.write(&framed(&check(peer)));
        viewer.shake_hands();
        viewer
    }

    fn shake_hands(&mut self) {
        let began = Instant::now();
        let mut buffer = [0; 2048];
        while matches!(self.dtls.state(), State::Handshaking) {
            assert!(began.elapsed() < PATIENCE, "the handshake does not end");
            self.dtls.tick(clock::now());
            while let Some(length) = self.dtls.transmit(&mut buffer) {
                self.line.write(&framed(&buffer[..length]));
            }
            let packet = self.line.read().expect("the forwarder stays");
            if kind(&packet) == Kind::Dtls {
                self.dtls.receive(&packet, clock::now());
            }
        }
    }

    pub fn next_media(&mut self) -> Vec<u8> {
        loop {
            let packet = self.line.read().expect("the forwarder stays");
            if is_media(&packet) {
                return packet;
            }
        }
    }
}

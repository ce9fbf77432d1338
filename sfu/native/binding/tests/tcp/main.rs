//! Media over TCP with a real forwarder and real sockets on the loopback interface.
#[path = "../../benches/forward/client.rs"]
#[allow(dead_code)]
mod client;
mod line;

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::thread;

use _forwarder::forwarder::{Forwarder, Refused};
use client::{self_signed, Client};
use forwarder_core::command::{AddSlot, AddTrack, Codec, Command, Encoding, Kind};
use forwarder_core::counters::Reason;
use forwarder_core::handle::{PeerId, SlotId, TrackId};
use forwarder_core::rtp::{write_header, Header};
use forwarder_core::srtp::{Outbound, StreamIndex};
use forwarder_core::tcp::MOST_WAITING;
use line::{check, is_media, sequence_of, Line, Viewer};

const HEADER_LEN: usize = 12;
const TAG_LEN: usize = 16;
const PACKET_LEN: usize = 1216;
const SSRC: u32 = 1000;
const TRACK: TrackId = TrackId(1);
const BATCH: u16 = 16;

fn forwarder() -> Forwarder {
    Forwarder::start(&["127.0.0.1:0".parse().unwrap()], (true, &[]), &self_signed()).unwrap()
}

fn dropped(forwarder: &Forwarder, reason: &str) -> u64 {
    let dropped = forwarder.stats().unwrap().dropped;
    dropped.get(reason).copied().unwrap_or(0)
}

#[test]
fn a_check_is_answered_however_its_bytes_come() {
    let (forwarder, certificate) = (forwarder(), self_signed());
    forwarder.apply(vec![client::add_peer(1, &certificate)]).unwrap();
    let mut line = Line::connect(&forwarder);
    for byte in line::framed(&check(1)) {
        line.write(&[byte]);
    }
    let answer = line.read().unwrap();
    assert_eq!(answer[..2], [0x01, 0x01], "a success response");
    // It stays, and more of them may come in one piece.
    line.write(&[line::framed(&check(1)), line::framed(&check(1))].concat());
    assert!(line.read().is_some() && line.read().is_some());
}

#[test]
fn who_says_something_else_first_is_hung_up_on() {
    let forwarder = forwarder();
    let http: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
    for said in [
        http,
        &line::framed(&[0x16, 0xfe, 0xfd]),
        &line::framed(&[0x80, 0x60]),
    ] {
        let mut line = Line::connect(&forwarder);
        line.write(said);
        assert_eq!(line.read(), None);
    }
    assert_eq!(dropped(&forwarder, "tcp_not_a_check"), 3);
}

#[test]
fn at_the_front_tls_is_handed_over_unread_and_all_else_is_as_elsewhere() {
    let (front, certificate) = ("127.0.0.1:0".parse().unwrap(), self_signed());
    let addresses = ["127.0.0.1:0".parse().unwrap()];
    let forwarder = Forwarder::start(&addresses, (false, &[front]), &certificate).unwrap();
    forwarder.apply(vec![client::add_peer(1, &certificate)]).unwrap();
    let mut lines: Vec<Line> = (0..3).map(|_| Line::connect_to(forwarder.fronts()[0])).collect();
    lines[0].write(&line::framed(&check(1)));
    lines[1].write(b"GET / HTTP/1.1\r\n\r\n");
    lines[2].write(&[0x16, 3, 1]);
    assert_eq!(lines[0].read().unwrap()[..2], [0x01, 0x01], "a success response");
    assert_eq!(lines[1].read(), None);
    let guest = loop {
        thread::yield_now();
        if let Some(guest) = forwarder.guests().pop() {
            break guest;
        }
    };
    lines[2].write(&[2, 0]);
    let mut guest = TcpStream::from(guest);
    guest.set_nonblocking(false).unwrap();
    let mut begun = [0; 5];
    guest.read_exact(&mut begun).unwrap();
    assert_eq!(begun, [0x16, 3, 1, 2, 0]);
    assert_eq!(dropped(&forwarder, "tcp_not_a_check"), 1);
}

#[test]
fn guests_that_nobody_takes_over_are_hung_up_on_beyond_a_number() {
    let front = "127.0.0.1:0".parse().unwrap();
    let addresses = ["127.0.0.1:0".parse().unwrap()];
    let forwarder = Forwarder::start(&addresses, (false, &[front]), &self_signed()).unwrap();
    let mut lines: Vec<Line> = Vec::new();
    while dropped(&forwarder, "tcp_guest_refused") == 0 {
        assert!(lines.len() < 1_000, "it never refuses");
        let mut line = Line::connect_to(forwarder.fronts()[0]);
        line.write(&[0x16]);
        lines.push(line);
    }
    assert!(!forwarder.guests().is_empty());
}

#[test]
fn a_check_of_nobody_is_not_answered_and_who_brings_no_other_is_hung_up_on() {
    let forwarder = forwarder();
    let (mut silent, mut stranger) = (Line::connect(&forwarder), Line::connect(&forwarder));
    stranger.write(&line::framed(&check(77)));
    assert_eq!((silent.read(), stranger.read()), (None, None));
    assert_eq!(dropped(&forwarder, "tcp_check_too_late"), 2);
}

#[test]
fn a_flood_of_silent_connections_leaves_room_for_the_next() {
    let (forwarder, certificate) = (forwarder(), self_signed());
    forwarder.apply(vec![client::add_peer(1, &certificate)]).unwrap();
    let mut silent: Vec<Line> = (0..MOST_WAITING).map(|_| Line::connect(&forwarder)).collect();
    let mut last = Line::connect(&forwarder);
    last.write(&line::framed(&check(1)));
    assert!(last.read().is_some());
    assert_eq!(silent[0].read(), None);
    assert!(dropped(&forwarder, "tcp_pushed_out") >= 1);
}

#[test]
fn a_taken_port_is_an_error_in_words() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let Err(error) = Forwarder::start(&[address], (true, &[]), &self_signed()) else {
        panic!("it listens twice");
    };
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    let sentence = error.to_string();
    assert!(
        sentence.starts_with(&format!("TCP {address} cannot be listened on")),
        "{sentence}"
    );
    drop(Forwarder::start(&[address], (false, &[]), &self_signed()).unwrap());
}

fn h264() -> Vec<Codec> {
    vec![Codec {
        name: "h264".into(),
        payload_type: 102,
        clock_rate: 90_000,
        rtx_payload_type: None,
        nack: false,
        pli: true,
        fir: false,
    }]
}

/// A camera of peer 1 for each viewer.
fn bind(viewers: &[u32]) -> Vec<Command> {
    let encodings = vec![Encoding {
        ssrc: SSRC,
        rtx_ssrc: None,
        rid: None,
    }];
    let mut commands = vec![Command::AddTrack(AddTrack {
        track: TRACK,
        peer: PeerId(1),
        kind: Kind::Video,
        mid: "0".into(),
        codecs: h264(),
        encodings,
        open: true,
        mark: 0,
    })];
    for &number in viewers {
        let slot = SlotId(number);
        commands.push(Command::AddSlot(AddSlot {
            slot,
            peer: PeerId(number),
            kind: Kind::Video,
            mid: "0".into(),
            ssrc: SSRC,
            rtx_ssrc: None,
            codecs: h264(),
            numbered: false,
        }));
        let track = Some(TRACK);
        commands.push(Command::BindSlot { slot, track });
    }
    commands
}

/// A picture each packet, of which the first is a keyframe.
fn packet(sequence: u16) -> Vec<u8> {
    let mut packet = vec![7; PACKET_LEN];
    packet[HEADER_LEN] = if sequence == 0 { 0x65 } else { 0x41 };
    let header = Header {
        marker: true,
        payload_type: 102,
        sequence,
        timestamp: u32::from(sequence) * 3_000,
        ssrc: SSRC,
        extensions: &[],
    };
    write_header(&mut packet, &header).unwrap();
    packet
}

fn lost_pictures(forwarder: &Forwarder, peer: u32) -> u64 {
    let peers = forwarder.stats().unwrap().stats.peers;
    let stats = peers.iter().find(|stats| stats.peer == PeerId(peer));
    stats.expect("a living peer").dropped.get(Reason::TcpVideoTooSlow)
}

/// A publisher by datagrams, and a viewer that has every packet before the next ones leave.
struct Lesson {
    publisher: Client,
    outbound: Outbound,
    stream: StreamIndex,
    reader: Viewer,
    sequence: u16,
    /// The newest that the reader got, in the numbers of its slot.
    last: Option<u16>,
}

impl Lesson {
    fn go_on(&mut self) {
        assert!(self.sequence < 60_000, "it never ends");
        for _ in 0..BATCH {
            let mut packet = packet(self.sequence);
            let len = PACKET_LEN - TAG_LEN;
            let sealed = self
                .outbound
                .protect_rtp(self.stream, &mut packet, len, HEADER_LEN);
            assert_eq!(sealed, Ok(PACKET_LEN));
            self.publisher.send(&packet);
            self.sequence += 1;
        }
        for _ in 0..BATCH {
            let next = sequence_of(&self.reader.next_media());
            assert_eq!(next, self.last.map_or(next, |last| last.wrapping_add(1)));
            self.last = Some(next);
        }
    }
}

#[test]
fn one_that_does_not_read_loses_old_pictures_and_holds_nobody_up() {
    let (forwarder, certificate) = (forwarder(), self_signed());
    let publisher = Client::connect(&forwarder, 1, &certificate);
    let reader = Viewer::connect(&forwarder, 2, &certificate);
    let mut sleeper = Viewer::connect(&forwarder, 3, &certificate);
    let (outbound, stream) = publisher.sender(SSRC);
    forwarder.apply(bind(&[2, 3])).unwrap();
    let mut lesson = Lesson {
        publisher,
        outbound,
        stream,
        reader,
        sequence: 0,
        last: None,
    };
    while lost_pictures(&forwarder, 3) == 0 {
        lesson.go_on();
    }
    assert_eq!(lost_pictures(&forwarder, 2), 0);
    // Whatever was dropped: what comes are whole packets, in order, and the newest are among them.
    let sent = usize::from(lesson.sequence);
    let waking = thread::spawn(move || {
        let first = sequence_of(&sleeper.next_media());
        let next = || sequence_of(&sleeper.next_media()).wrapping_sub(first);
        let seen = std::iter::repeat_with(next);
        let mut is_old = true;
        let upto_newest = seen.take_while(|&at| std::mem::replace(&mut is_old, usize::from(at) < sent));
        upto_newest.collect::<Vec<u16>>()
    });
    while !waking.is_finished() {
        lesson.go_on();
    }
    let seen = waking.join().unwrap();
    assert!(
        seen.is_sorted() && seen.len() < usize::from(seen[seen.len() - 1]),
        "{seen:?}"
    );
}

#[test]
fn a_peer_that_ends_is_hung_up_on_and_a_connection_that_ends_is_forgotten() {
    let (forwarder, certificate) = (forwarder(), self_signed());
    let mut first = Viewer::connect(&forwarder, 1, &certificate);
    let second = Viewer::connect(&forwarder, 2, &certificate);
    forwarder.apply(vec![Command::RemovePeer(PeerId(1))]).unwrap();
    while let Some(packet) = first.line.read() {
        assert!(!is_media(&packet));
    }
    drop(second.line);
    // Its peer lives on, and comes again by another connection.
    let mut again = Line::connect(&forwarder);
    again.write(&line::framed(&check(2)));
    assert!(again.read().is_some());
    assert!(!matches!(forwarder.stats(), Err(Refused::Closed)));
}

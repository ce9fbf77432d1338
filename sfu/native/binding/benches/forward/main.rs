//! CPU time for each forwarded packet, beside the bare floor of the same minute, for 1, 10 and 100 receivers.
//!
//! A publisher sends H.264 over real sockets to a real forwarder, one packet or a burst of eight at a time; nobody reads
//! what the receivers get, so that only the forwarder's thread is measured. Prints one JSON object a line.
mod client;
mod floor;

use std::thread;
use std::time::{Duration, Instant};

use _forwarder::forwarder::Forwarder;
use forwarder_core::command::{AddSlot, AddTrack, Codec, Command, Encoding, Kind};
use forwarder_core::handle::{PeerId, SlotId, TrackId};
use forwarder_core::rtp::{self, Header};
use forwarder_core::srtp::{Outbound, StreamIndex};
use socket2::SockRef;

use client::{self_signed, Client};
use floor::Floor;

const HEADER_LEN: usize = 12;
const TAG_LEN: usize = 16;
/// What a browser's video packet measures on the wire.
const PACKET_LEN: usize = 1216;
const SSRC: u32 = 1000;
const PUBLISHER: u32 = 1;
const BURSTS: [usize; 2] = [1, 8];
/// Floor and forwarder take turns, and the median of the turns counts: the machine's other work hits both.
const TURNS: usize = 5;
const PACKETS_A_TURN: usize = 20_000;

fn main() {
    for receivers in [1, 10, 100] {
        let mut lesson = Lesson::start(receivers);
        for burst in BURSTS {
            measure(&mut lesson, burst);
        }
    }
}

fn measure(lesson: &mut Lesson, burst: usize) {
    let receivers = lesson.receivers.len();
    let addresses: Vec<_> = lesson
        .receivers
        .iter()
        .map(|client| client.socket.local_addr().unwrap())
        .collect();
    let mut floor = Floor::new(&addresses, burst);
    let (mut floors, mut forwards, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (floor_us, forward_us) = (floor.cpu_us(PACKETS_A_TURN), lesson.cpu_us(burst));
        floors.push(floor_us);
        forwards.push(forward_us);
        ratios.push(forward_us / floor_us);
    }
    let suffix = if burst == 1 {
        String::new()
    } else {
        format!("_burst{burst}")
    };
    print(
        &format!("floor_cpu_us_n{receivers}{suffix}"),
        median(floors),
        "us",
    );
    print(
        &format!("forward_cpu_us_n{receivers}{suffix}"),
        median(forwards),
        "us",
    );
    print(
        &format!("forward_cpu_vs_floor_n{receivers}{suffix}"),
        median(ratios),
        "ratio",
    );
}

fn print(name: &str, value: f64, unit: &str) {
    println!("{{\"name\": \"{name}\", \"value\": {value:.3}, \"unit\": \"{unit}\"}}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One publisher and its receivers, connected for as long as the measurement lasts.
struct Lesson {
    forwarder: Forwarder,
    publisher: Client,
    receivers: Vec<Client>,
    outbound: Outbound,
    stream: StreamIndex,
    sequence: u16,
    began: Instant,
}

impl Lesson {
    fn start(receivers: u32) -> Lesson {
        let certificate = self_signed();
        let forwarder =
            Forwarder::start(&["127.0.0.1:0".parse().unwrap()], (true, &[]), &certificate).unwrap();
        let publisher = Client::connect(&forwarder, PUBLISHER, &certificate);
        let connect = |number| Client::connect(&forwarder, PUBLISHER + number, &certificate);
        let receivers: Vec<_> = (1..=receivers).map(connect).collect();
        for client in &receivers {
            // Nobody reads: the smallest queue makes each datagram cost the same from the first to the last.
            SockRef::from(&client.socket).set_recv_buffer_size(1).unwrap();
        }
        let (outbound, stream) = publisher.sender(SSRC);
        forwarder.apply(published(receivers.len())).unwrap();
        let began = Instant::now();
        Lesson {
            forwarder,
            publisher,
            receivers,
            outbound,
            stream,
            sequence: 0,
            began,
        }
    }

    /// CPU microseconds of the forwarder's thread for each packet that it sent.
    fn cpu_us(&mut self, burst: usize) -> f64 {
        self.publisher.check();
        self.receivers.iter().for_each(Client::check);
        let incoming = (PACKETS_A_TURN / self.receivers.len()).max(200);
        let before = self.counts();
        // Slow enough that the forwarder sleeps between bursts, as it does in a lesson.
        let pause = Duration::from_micros((8 * burst * self.receivers.len()).max(100) as u64);
        for _ in 0..incoming / burst {
            self.send_burst(burst);
            thread::sleep(pause);
        }
        let after = self.settled_counts();
        let expected = (incoming / burst * burst * self.receivers.len()) as u64;
        let sent = after.packets - before.packets;
        assert!(
            sent >= expected * 99 / 100,
            "{sent} of {expected} packets were forwarded"
        );
        1e6 * (after.cpu_seconds - before.cpu_seconds) / sent as f64
    }

    fn send_burst(&mut self, burst: usize) {
        for number in 0..burst {
            let packet = self.next_packet(number + 1 == burst);
            self.publisher.send(&packet);
        }
    }

    fn next_packet(&mut self, marker: bool) -> [u8; PACKET_LEN] {
        let mut packet = [7; PACKET_LEN];
        // The first is an IDR slice, where video may start; the rest are slices of other pictures.
        packet[HEADER_LEN] = if self.sequence == 0 { 0x65 } else { 0x41 };
        let timestamp = (self.began.elapsed().as_micros() * 9 / 100) as u32;
        let sequence = self.sequence;
        let header = Header {
            marker,
            payload_type: 102,
            sequence,
            timestamp,
            ssrc: SSRC,
            extensions: &[],
        };
        rtp::write_header(&mut packet, &header).unwrap();
        self.sequence = self.sequence.wrapping_add(1);
        let (len, stream) = (PACKET_LEN - TAG_LEN, self.stream);
        assert_eq!(
            self.outbound.protect_rtp(stream, &mut packet, len, HEADER_LEN),
            Ok(PACKET_LEN)
        );
        packet
    }

    /// Once everything sent was forwarded, or stopped being so.
    fn settled_counts(&self) -> Counts {
        let mut before = self.counts();
        loop {
            thread::sleep(Duration::from_millis(20));
            let now = self.counts();
            if now.packets == before.packets {
                return now;
            }
            before = now;
        }
    }

    fn counts(&self) -> Counts {
        let snapshot = self.forwarder.stats().unwrap();
        assert!(
            snapshot.dropped.is_empty(),
            "the shell dropped {:?}",
            snapshot.dropped
        );
        let packets = snapshot.stats.slots.iter().map(|slot| slot.packets).sum();
        Counts {
            packets,
            cpu_seconds: snapshot.cpu_seconds,
        }
    }
}

struct Counts {
    packets: u64,
    cpu_seconds: f64,
}

fn h264() -> Vec<Codec> {
    vec![Codec {
        name: "h264".into(),
        payload_type: 102,
        clock_rate: 90_000,
        rtx_payload_type: None,
        nack: true,
        pli: true,
        fir: false,
    }]
}

/// One video track, and a slot for it in every receiver.
fn published(receivers: usize) -> Vec<Command> {
    let track = TrackId(1);
    let mut commands = vec![Command::AddTrack(AddTrack {
        track,
        peer: PeerId(PUBLISHER),
        kind: Kind::Video,
        mid: "0".into(),
        codecs: h264(),
        encodings: vec![Encoding {
            ssrc: SSRC,
            rtx_ssrc: None,
            rid: None,
        }],
        open: true,
        mark: 0,
    })];
    for number in 1..=receivers as u32 {
        let slot = SlotId(number);
        commands.push(Command::AddSlot(AddSlot {
            slot,
            peer: PeerId(PUBLISHER + number),
            kind: Kind::Video,
            mid: "0".into(),
            ssrc: 2000 + number,
            rtx_ssrc: None,
            codecs: h264(),
            numbered: true,
        }));
        commands.push(Command::BindSlot {
            slot,
            track: Some(track),
        });
    }
    commands
}

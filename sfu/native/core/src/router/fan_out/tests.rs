use super::*;
use crate::command::{AddPeer, AddSlot, AddTrack, Codec, Command, Encoding, Kind};
use crate::dtls::{Dtls, DtlsFactory, Fingerprint, FingerprintAlgorithm, Role, State};
use crate::event::{CloseReason, Event};
use crate::handle::{PeerId, SlotId, TrackId};
use crate::ice::Path;
use crate::layer::Incoming;
use crate::sealed::Sealed;
use crate::srtp::Profile;
use crate::worker::{Worker, WorkerConfig};

struct Silent;

impl Dtls for Silent {
    fn receive(&mut self, _: &[u8], _: Time) {}
    fn tick(&mut self, _: Time) {}
    fn deadline(&self) -> Time {
        Time::NEVER
    }
    fn transmit(&mut self, _: &mut [u8]) -> Option<usize> {
        None
    }
    fn state(&self) -> State<'_> {
        State::Handshaking
    }
    fn close(&mut self) {}
}

impl DtlsFactory for Silent {
    fn start(&mut self, _: Role, _: FingerprintAlgorithm, _: Time) -> Result<Box<dyn Dtls>, String> {
        Ok(Box::new(Silent))
    }
}

fn opus() -> Vec<Codec> {
    let name = "opus".to_owned();
    let codec = Codec {
        name,
        payload_type: 111,
        clock_rate: 48_000,
        rtx_payload_type: None,
        nack: true,
        pli: false,
        fir: false,
    };
    vec![codec]
}

fn peer(number: u32) -> Command {
    let (algorithm, digest) = (FingerprintAlgorithm::Sha256, vec![0; 32]);
    let text = |name: &str| format!("{name}{number}");
    Command::AddPeer(AddPeer {
        peer: PeerId(number),
        local_ufrag: text("ufrag"),
        local_password: text("password"),
        remote_ufrag: text("theirs"),
        remote_password: text("password"),
        candidates: Vec::new(),
        remote_fingerprint: Fingerprint { algorithm, digest },
        dtls_role: Role::Passive,
        mid_extension: 0,
        rid_extension: 0,
        repaired_rid_extension: 0,
        transport_cc_extension: 0,
        audio_level_extension: 0,
        mark_extension: 0,
    })
}

/// Peer 1 speaks to peers 2 and 3, whose keys are there without a handshake.
fn lesson() -> Worker {
    let config = WorkerConfig {
        ntp_epoch_nanos: 0,
        seed: 1,
        cname: "test".into(),
        addresses: vec!["192.0.2.100:5000".parse().unwrap()],
    };
    let mut worker = Worker::new(config, Box::new(Silent));
    let encodings = vec![Encoding {
        ssrc: 10,
        rtx_ssrc: None,
        rid: None,
    }];
    let (track, kind, mid, codecs, open) = (TrackId(1), Kind::Audio, "0".to_owned(), opus(), true);
    let track = AddTrack {
        track,
        peer: PeerId(1),
        kind,
        mid,
        codecs,
        encodings,
        open,
        mark: 0,
    };
    let mut batch = vec![peer(1), peer(2), peer(3), Command::AddTrack(track)];
    for number in [2, 3] {
        let (slot, mid) = (SlotId(number), "0".to_owned());
        let order = AddSlot {
            slot,
            peer: PeerId(number),
            kind,
            mid,
            ssrc: 7,
            rtx_ssrc: None,
            codecs: opus(),
            numbered: false,
        };
        batch.push(Command::AddSlot(order));
        batch.push(Command::BindSlot {
            slot,
            track: Some(TrackId(1)),
        });
    }
    worker.apply(batch, Time::ZERO).unwrap();
    let router = &mut worker.router;
    for viewer in [1, 2] {
        let remote = format!("192.0.2.{viewer}:9").parse().unwrap();
        router.peers[viewer].link.path = Some(Path { socket: 0, remote });
        router.peers[viewer].link.srtp = Outbound::new(Profile::AeadAes128Gcm, &[1; 16], &[2; 12]).ok();
        router.open_streams(viewer - 1);
        router.begin_slot(viewer - 1, Time::ZERO);
    }
    worker
}

fn speak(router: &mut Router, sequence: u16) {
    let payload = b"sound".as_slice();
    let (timestamp, marker, level, is_repair) = (u32::from(sequence) * 960, false, None, false);
    let incoming = Incoming {
        sequence,
        timestamp,
        marker,
        level,
        payload,
        is_repair,
        is_copy: false,
        mark: 0,
    };
    router.contain(0, Time::ZERO, |router| {
        let accepted = router.tracks[0]
            .receive(0, 111, &incoming, Time::ZERO)
            .ok()
            .unwrap();
        router.fan_out(0, 0, &accepted.taken.packet, Time::ZERO);
    });
}

#[test]
fn what_breaks_in_a_viewers_slot_ends_the_viewer_and_nobody_else() {
    let mut worker = lesson();
    speak(&mut worker.router, 1);
    assert_eq!(worker.outbox().datagrams().len(), 2);
    // A ring without room cannot be: what keeps a packet there divides by nothing.
    worker.router.slots[0].sealed = Some(Sealed::new(0, 0));
    speak(&mut worker.router, 2);
    speak(&mut worker.router, 3);
    let to_third = worker
        .outbox()
        .datagrams()
        .iter()
        .filter(|datagram| datagram.receiver == 2);
    assert_eq!(to_third.count(), 3);
    let mut events = Vec::new();
    worker.events(&mut events);
    let reason = CloseReason::BrokenInvariant;
    assert_eq!(
        events,
        [Event::PeerClosed {
            peer: PeerId(2),
            reason
        }]
    );
    let stats = worker.stats();
    assert_eq!(
        (stats.peers.len(), stats.tracks.len(), stats.slots.len()),
        (2, 1, 1)
    );
}

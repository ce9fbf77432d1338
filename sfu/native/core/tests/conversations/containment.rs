use crate::stage::handshake::BREAK;
use crate::stage::media::*;
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::event::{CloseReason, Event};

#[test]
fn a_panic_ends_the_one_peer_and_the_lesson_goes_on() {
    let mut stage = Stage::new();
    let (mut publisher, mut broken, mut viewer) = (stage.join(), stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.order(Command::AddTrack(audio_track(2, broken.peer, 20)));
    for (slot, person) in [(1, &broken), (2, &viewer), (3, &publisher)] {
        stage.order(Command::AddSlot(audio_slot(slot, person.peer, 7_000 + slot)));
        stage.bind(slot, if slot == 3 { 2 } else { 1 });
    }
    let mut stream = Stream::opus(10);
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!(
        (broken.see(&mut stage).len(), viewer.see(&mut stage).len()),
        (1, 1)
    );
    stage.take_events();
    stage.receive(BREAK, broken.path);
    let reason = CloseReason::BrokenInvariant;
    assert_eq!(
        stage.take_events(),
        [Event::PeerClosed {
            peer: broken.peer,
            reason
        }]
    );
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!(
        (broken.hear(&mut stage).len(), viewer.see(&mut stage).len()),
        (0, 1)
    );
    let stats = stage.worker.stats();
    assert_eq!(
        (stats.peers.len(), stats.tracks.len(), stats.slots.len()),
        (2, 1, 2)
    );
    assert_eq!(stage.slot(3).track, None);
    stage.order(Command::AddPeer(broken.order()));
    broken.connect(&mut stage);
    assert!(stage.peer(broken.peer).connected);
}

#[test]
fn no_bytes_whatsoever_break_the_worker() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    let mut chance = 1u64;
    let mut next = || {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) as usize
    };
    let mut stream = Stream::vp8(10);
    for round in 0..3_000 {
        let packet = stream.picture(round % 50 == 0, 1).remove(0);
        let mut payload = packet.payload.clone();
        let (len, at) = (next() % (payload.len() + 1), next() % payload.len());
        payload[at] = next() as u8;
        payload.truncate(len);
        let payload_type = if next() % 4 == 0 {
            VP8_RTX
        } else {
            packet.payload_type
        };
        // Genuine packets with any content, then the same with any bytes.
        let packet = Rtp {
            payload,
            payload_type,
            ssrc: 10 + (next() % 3) as u32,
            ..packet
        };
        let mut datagram = publisher.seal(&packet);
        stage.receive(&datagram, publisher.path);
        let at = next() % datagram.len();
        datagram[at] ^= 1 << (next() % 8);
        datagram.truncate(1 + next() % datagram.len());
        stage.receive(&datagram, publisher.path);
        stage.pass(1);
    }
    let closed = |event: &Event| matches!(event, Event::PeerClosed { .. });
    assert!(!stage.take_events().iter().any(closed));
    assert!(!viewer.see(&mut stage).is_empty());
}

//! ICE restarts: other credentials for a connection that lives, while media goes on.
use crate::stage::media::*;
use crate::stage::person::{Heard, Person};
use crate::stage::Stage;
use forwarder_core::command::{Command, RestartIce};
use forwarder_core::counters::Reason;
use forwarder_core::event::{CloseReason, Event};
use forwarder_core::ice::Path;

const FRESH: &str = "a fresh password of the node";

/// A speaker, a viewer that hears it, and the speaker's voice.
fn lesson(stage: &mut Stage) -> (Person, Person, Stream) {
    let (speaker, viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, speaker.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (speaker, viewer, Stream::opus(10))
}

fn restart(person: &Person, ufrag: &str) -> Command {
    Command::RestartIce(RestartIce {
        peer: person.peer,
        local_ufrag: ufrag.into(),
        local_password: FRESH.into(),
        remote_ufrag: person.order().remote_ufrag,
        remote_password: person.order().remote_password,
    })
}

fn elsewhere(person: &Person) -> Path {
    let remote = (person.path.remote.ip(), 60_000).into();
    Path {
        remote,
        ..person.path
    }
}

fn check(stage: &mut Stage, person: &mut Person, ufrag: &str, use_candidate: bool) -> usize {
    let datagram = person.check_for(ufrag, FRESH, use_candidate);
    stage.receive(&datagram, person.path);
    let heard = person.hear(stage);
    heard.iter().filter(|heard| **heard == Heard::Check).count()
}

#[test]
fn media_goes_on_along_the_old_path_until_another_is_nominated() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    stage.order(restart(&viewer, "fresh"));
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
    let old = viewer.path;
    viewer.path = elsewhere(&viewer);
    assert_eq!(check(&mut stage, &mut viewer, "fresh", false), 1);
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 0, "not nominated yet");
    assert_eq!(check(&mut stage, &mut viewer, "fresh", true), 1);
    speaker.send(&mut stage, &voice.sound(1));
    let seen = viewer.see(&mut stage);
    assert_eq!((seen.len(), seen[0].ssrc), (1, 7_000), "the same keys and stream");
    viewer.path = old;
    assert_eq!(viewer.see(&mut stage).len(), 1, "what left before");
    let events = stage.take_events();
    let is_the_peers =
        |event: &Event| matches!(event, Event::PeerConnected { .. } | Event::PeerClosed { .. });
    assert!(!events.iter().any(is_the_peers), "{events:?}");
}

#[test]
fn a_publisher_sends_from_its_new_path_without_a_handshake() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    stage.order(restart(&speaker, "fresh"));
    speaker.send(&mut stage, &voice.sound(1));
    speaker.path = elsewhere(&speaker);
    check(&mut stage, &mut speaker, "fresh", true);
    speaker.send(&mut stage, &voice.sound(1));
    let seen = viewer.see(&mut stage);
    assert_eq!(seen[1].sequence, seen[0].sequence.wrapping_add(1));
    assert_eq!(stage.track(1).packets, 2);
}

#[test]
fn old_credentials_keep_consent_and_teach_no_path_until_the_new_ones_have_one() {
    let mut stage = Stage::new();
    let (_, mut viewer, _) = lesson(&mut stage);
    stage.order(restart(&viewer, "fresh"));
    for _ in 0..4 {
        stage.pass(10_000);
        viewer.check(&mut stage, true);
    }
    assert_eq!(
        viewer
            .hear(&mut stage)
            .iter()
            .filter(|heard| **heard == Heard::Check)
            .count(),
        4
    );
    let old = viewer.path;
    viewer.path = elsewhere(&viewer);
    viewer.check(&mut stage, true);
    assert_eq!(viewer.hear(&mut stage), [Heard::Check]);
    assert!(!stage.worker.knows(&viewer.path));
    assert_eq!(check(&mut stage, &mut viewer, "fresh", true), 1);
    viewer.path = old;
    let before = stage.dropped(Reason::UnknownUfrag);
    viewer.check(&mut stage, true);
    assert_eq!(stage.dropped(Reason::UnknownUfrag), before + 1);
}

#[test]
fn a_restart_alone_is_no_consent() {
    let mut stage = Stage::new();
    let (_, viewer, _) = lesson(&mut stage);
    stage.pass(20_000);
    stage.order(restart(&viewer, "fresh"));
    stage.pass(10_000);
    let (peer, reason) = (viewer.peer, CloseReason::ConsentExpired);
    assert!(stage.take_events().contains(&Event::PeerClosed { peer, reason }));
    assert!(stage.apply(vec![restart(&viewer, "again")]).is_err());
}

#[test]
fn of_two_restarts_the_second_counts_and_the_path_in_use_is_kept() {
    let mut stage = Stage::new();
    let (_, mut viewer, _) = lesson(&mut stage);
    stage.order(restart(&viewer, "second"));
    stage.order(restart(&viewer, "third"));
    assert_eq!(check(&mut stage, &mut viewer, "second", true), 0);
    viewer.check(&mut stage, true);
    assert_eq!(viewer.hear(&mut stage), [Heard::Check]);
    assert_eq!(check(&mut stage, &mut viewer, "third", true), 1);
}

#[test]
fn a_ufrag_in_use_anywhere_is_refused_and_free_once_its_peer_has_gone() {
    let mut stage = Stage::new();
    let (speaker, viewer, _) = lesson(&mut stage);
    stage.order(restart(&viewer, "fresh"));
    for taken in ["fresh", "node1", "node2"] {
        let refused = stage.apply(vec![restart(&speaker, taken)]).unwrap_err();
        assert!(
            refused.sentence.contains("is another's"),
            "{taken}: {}",
            refused.sentence
        );
    }
    stage.order(Command::RemovePeer(viewer.peer));
    stage.order(restart(&speaker, "fresh"));
}

#[test]
fn who_is_dialled_is_not_restarted() {
    let mut stage = Stage::new();
    let order = Person::new(9).order();
    let candidates = vec!["192.0.2.9:7000".parse().unwrap()];
    let peer = order.peer;
    stage.order(Command::AddPeer(forwarder_core::command::AddPeer {
        candidates,
        ..order
    }));
    let refused = stage.apply(vec![Command::RestartIce(RestartIce {
        peer,
        local_ufrag: "fresh".into(),
        local_password: FRESH.into(),
        remote_ufrag: "they9".into(),
        remote_password: "the password of a person".into(),
    })]);
    assert!(refused.unwrap_err().sentence.contains("is dialled"));
}

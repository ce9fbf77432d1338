//! A router gives a peer another address: it is followed there once it has answered a check, and nobody else moves it.
use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::{Sent, Stage};
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::ice::Path;
use forwarder_core::stun::{self, Class, Key};

/// A speaker, a viewer that hears it and has reported before, and the speaker's voice.
fn lesson(stage: &mut Stage) -> (Person, Person, Stream) {
    let (mut speaker, mut viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, speaker.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    let mut voice = Stream::opus(10);
    speaker.send(stage, &voice.sound(1));
    viewer.tell(stage, |_| {});
    assert_eq!(viewer.see(stage).len(), 1);
    (speaker, viewer, voice)
}

fn elsewhere(person: &Person, port: u16) -> Path {
    let remote = (person.path.remote.ip(), port).into();
    Path {
        remote,
        ..person.path
    }
}

/// The checks that the node has sent along a path.
fn checks(stage: &mut Stage, path: Path) -> Vec<Vec<u8>> {
    let is_check = |sent: &Sent| {
        sent.path == path && stun::parse(&sent.bytes).is_ok_and(|check| check.class == Class::Request)
    };
    let checks = stage.sent.iter().filter(|sent| is_check(sent));
    let checks = checks.map(|sent| sent.bytes.clone()).collect();
    stage.sent.retain(|sent| !is_check(sent));
    checks
}

/// What who has this password answers to a check.
fn answer(check: &[u8], password: &str, path: Path) -> Vec<u8> {
    let transaction = stun::parse(check).unwrap().transaction;
    let mut out = [0; 128];
    let len = stun::write_success(&mut out, &transaction, path.remote, &Key::new(password)).unwrap();
    out[..len].to_vec()
}

#[test]
fn a_viewer_that_answers_along_its_new_path_hears_on_there() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    let old = viewer.path;
    viewer.path = elsewhere(&viewer, 60_000);
    viewer.tell(&mut stage, |_| {});
    let asked = checks(&mut stage, viewer.path);
    assert_eq!(asked.len(), 1);
    let check = stun::parse(&asked[0]).unwrap();
    let order = viewer.order();
    let name = format!("{}:{}", order.remote_ufrag, order.local_ufrag);
    assert_eq!(check.username, Some(name.as_bytes()));
    assert!(check.verify_integrity(&Key::new(&order.remote_password)) && !check.use_candidate);
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 0, "not before it has answered");
    let said = answer(&asked[0], &order.remote_password, viewer.path);
    stage.receive(&said, viewer.path);
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
    viewer.path = old;
    assert_eq!(viewer.see(&mut stage).len(), 1, "what left before");
}

#[test]
fn a_publisher_is_followed_by_its_media() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    speaker.path = elsewhere(&speaker, 60_000);
    speaker.send(&mut stage, &voice.sound(1));
    let asked = checks(&mut stage, speaker.path);
    let password = speaker.order().remote_password;
    stage.receive(&answer(&asked[0], &password, speaker.path), speaker.path);
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
    assert_eq!(stage.track(1).packets, 2);
}

#[test]
fn only_the_answer_of_the_peer_to_that_check_from_that_path_moves_it() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    let (home, password) = (viewer.path, viewer.order().remote_password);
    viewer.path = elsewhere(&viewer, 60_000);
    viewer.tell(&mut stage, |_| {});
    let asked = checks(&mut stage, viewer.path).remove(0);
    let third = elsewhere(&viewer, 60_001);
    for (said, from) in [
        (answer(&asked, "another password", viewer.path), viewer.path),
        (answer(&asked, &password, third), third),
        (asked.clone(), viewer.path),
    ] {
        stage.receive(&said, from);
        assert!(!stage.worker.knows(&from));
    }
    let mut other = answer(&asked, &password, viewer.path);
    other[19] ^= 1;
    stage.receive(&other, viewer.path);
    speaker.send(&mut stage, &voice.sound(1));
    viewer.path = home;
    assert_eq!(viewer.see(&mut stage).len(), 1);
}

#[test]
fn what_is_not_genuine_or_was_heard_before_asks_nobody() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    let there = elsewhere(&viewer, 60_000);
    let (heard, sound) = (viewer.compound(|_| {}), speaker.seal(&voice.sound(1)));
    stage.receive(&heard, viewer.path);
    stage.receive(&sound, speaker.path);
    let mut forged = viewer.compound(|_| {});
    *forged.last_mut().unwrap() ^= 1;
    let mut foreign = speaker.seal(&voice.sound(1));
    foreign[30] ^= 1;
    for datagram in [
        heard,
        sound,
        forged,
        foreign,
        vec![0x80; 40],
        vec![0x80, 201],
        vec![0x80, 96],
    ] {
        let before = stage.dropped(Reason::UnknownPath);
        stage.receive(&datagram, there);
        assert_eq!(stage.dropped(Reason::UnknownPath), before + 1);
        assert_eq!(checks(&mut stage, there).len(), 0, "{datagram:?}");
    }
}

#[test]
fn a_genuine_packet_that_was_only_seen_elsewhere_is_asked_once_in_a_while() {
    let mut stage = Stage::new();
    let (_, mut viewer, _) = lesson(&mut stage);
    let there = elsewhere(&viewer, 60_000);
    let mut asked = 0;
    for _ in 0..100 {
        stage.pass(10);
        let datagram = viewer.compound(|_| {});
        stage.receive(&datagram, there);
        asked += checks(&mut stage, there).len();
    }
    assert!((9..=11).contains(&asked), "{asked}");
    assert!(!stage.worker.knows(&there));
}

#[test]
fn a_flood_of_nobodys_packets_has_few_keys_tried() {
    let mut stage = Stage::new();
    let (_, mut viewer, _) = lesson(&mut stage);
    let there = elsewhere(&viewer, 60_000);
    let mut forged = viewer.compound(|_| {});
    *forged.last_mut().unwrap() ^= 1;
    for _ in 0..2_000 {
        stage.receive(&forged, there);
    }
    let genuine = viewer.compound(|_| {});
    stage.receive(&genuine, there);
    assert_eq!(checks(&mut stage, there).len(), 0, "none is left to try");
    stage.pass(100);
    let genuine = viewer.compound(|_| {});
    stage.receive(&genuine, there);
    assert_eq!(checks(&mut stage, there).len(), 1);
}

#[test]
fn amid_a_restart_the_browsers_own_checks_say_where_it_is() {
    let mut stage = Stage::new();
    let (_, mut viewer, _) = lesson(&mut stage);
    let order = viewer.order();
    stage.order(Command::RestartIce(forwarder_core::command::RestartIce {
        peer: viewer.peer,
        local_ufrag: "fresh".into(),
        local_password: "a fresh password of the node".into(),
        remote_ufrag: order.remote_ufrag,
        remote_password: order.remote_password,
    }));
    viewer.path = elsewhere(&viewer, 60_000);
    viewer.tell(&mut stage, |_| {});
    assert_eq!(checks(&mut stage, viewer.path).len(), 0);
}

use crate::stage::handshake::{CLOSE, FAILURE, HELLO};
use crate::stage::media::{audio_track, Stream};
use crate::stage::person::{is_done, Heard};
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::dtls::Role;
use forwarder_core::event::{CloseReason, Event};
use forwarder_core::ice::Path;
use forwarder_core::srtp::Profile;

#[test]
fn a_check_and_a_handshake_make_a_connection() {
    for profile in Profile::ALL {
        let mut stage = Stage::with(profile, 1);
        let mut person = stage.arrive();
        person.profile = profile;
        person.check(&mut stage, true);
        assert_eq!(person.hear(&mut stage), [Heard::Check]);
        assert!(!stage.peer(person.peer).connected);
        person.shake_hands(&mut stage);
        assert!(is_done(&person.hear(&mut stage)));
        let connected = Event::PeerConnected {
            peer: person.peer,
            profile,
            remote: person.path.remote,
        };
        assert_eq!(stage.take_events(), [connected]);
        assert!(stage.peer(person.peer).connected);
    }
}

#[test]
fn the_active_side_speaks_first_and_repeats_itself() {
    let mut stage = Stage::new();
    let mut person = crate::stage::person::Person::new(7);
    person.role = Role::Active;
    stage.order(Command::AddPeer(person.order()));
    stage.pass(5_000);
    assert_eq!(person.hear(&mut stage), []);
    person.check(&mut stage, false);
    assert_eq!(
        person.hear(&mut stage),
        [Heard::Check, Heard::Handshake(HELLO.to_vec())]
    );
    stage.pass(1_000);
    assert_eq!(person.hear(&mut stage), [Heard::Handshake(HELLO.to_vec())]);
    person.shake_hands(&mut stage);
    assert!(stage.peer(person.peer).connected);
}

#[test]
fn a_handshake_before_a_check_is_dropped_and_counted() {
    let mut stage = Stage::new();
    let mut person = stage.arrive();
    person.shake_hands(&mut stage);
    assert_eq!(
        (stage.dropped(Reason::DtlsBeforeIce), person.hear(&mut stage)),
        (1, vec![])
    );
    assert!(!stage.peer(person.peer).connected);
}

#[test]
fn media_before_the_handshake_is_dropped_and_counted() {
    let mut stage = Stage::new();
    let mut person = stage.arrive();
    person.check(&mut stage, true);
    stage.receive(
        &[0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9],
        person.path,
    );
    assert_eq!(stage.peer(person.peer).dropped.get(Reason::MediaBeforeDtls), 1);
}

#[test]
fn a_check_with_a_wrong_password_teaches_nothing() {
    let mut stage = Stage::new();
    let mut person = stage.arrive();
    let forged = person.check_for("node1", "not the password", true);
    stage.receive(&forged, person.path);
    assert_eq!(person.hear(&mut stage), []);
    assert_eq!(stage.peer(person.peer).dropped.get(Reason::StunWrongIntegrity), 1);
    person.shake_hands(&mut stage);
    assert_eq!(stage.dropped(Reason::DtlsBeforeIce), 1);
}

#[test]
fn what_belongs_to_nobody_is_counted_by_reason() {
    let mut stage = Stage::new();
    let mut person = stage.join();
    let stranger = Path {
        socket: 0,
        remote: "198.51.100.9:9".parse().unwrap(),
    };
    let check = person.check_for("nobody", "x", true);
    stage.receive(&check, stranger);
    stage.receive(&check[..30], stranger);
    stage.receive(&[0x80, 96, 0, 0], stranger);
    stage.receive(&[99; 40], stranger);
    stage.receive(&[], stranger);
    let counts = [
        Reason::UnknownUfrag,
        Reason::MalformedStun,
        Reason::UnknownPath,
        Reason::UnknownProtocol,
    ];
    assert_eq!(counts.map(|reason| stage.dropped(reason)), [1, 1, 1, 2]);
}

#[test]
fn another_certificate_than_announced_ends_the_peer() {
    let mut stage = Stage::new();
    let mut person = stage.arrive();
    person.check(&mut stage, true);
    person.hear(&mut stage);
    stage.receive(&[HELLO, &[99]].concat(), person.path);
    let reason = CloseReason::FingerprintMismatch;
    assert_eq!(
        stage.take_events(),
        [Event::PeerClosed {
            peer: person.peer,
            reason
        }]
    );
    assert!(person
        .hear(&mut stage)
        .contains(&Heard::Handshake(CLOSE.to_vec())));
    assert!(stage.worker.stats().peers.is_empty());
}

#[test]
fn a_peer_that_closes_is_gone_with_its_tracks() {
    let mut stage = Stage::new();
    let mut person = stage.join();
    stage.order(Command::AddTrack(audio_track(1, person.peer, 10)));
    person.leave(&mut stage);
    let reason = CloseReason::ClosedByPeer;
    assert_eq!(
        stage.take_events(),
        [Event::PeerClosed {
            peer: person.peer,
            reason
        }]
    );
    assert!(stage.worker.stats().tracks.is_empty());
    let again = Stream::opus(10).sound(0);
    let datagram = person.seal(&again);
    stage.receive(&datagram, person.path);
    assert_eq!(stage.dropped(Reason::UnknownPath), 1);
}

#[test]
fn a_handshake_that_fails_ends_the_peer() {
    let mut stage = Stage::new();
    let mut person = stage.arrive();
    person.check(&mut stage, true);
    stage.receive(FAILURE, person.path);
    let reason = CloseReason::HandshakeFailed;
    assert_eq!(
        stage.take_events(),
        [Event::PeerClosed {
            peer: person.peer,
            reason
        }]
    );
}

#[test]
fn consent_ends_thirty_seconds_after_the_last_check() {
    let mut stage = Stage::new();
    let mut person = stage.join();
    for _ in 0..4 {
        stage.pass(20_000);
        person.check(&mut stage, false);
    }
    stage.pass(29_999);
    assert_eq!(stage.take_events(), []);
    stage.pass(1);
    let reason = CloseReason::ConsentExpired;
    assert_eq!(
        stage.take_events(),
        [Event::PeerClosed {
            peer: person.peer,
            reason
        }]
    );
}

#[test]
fn a_handshake_that_never_ends_ends_the_peer() {
    let mut stage = Stage::new();
    let mut person = stage.arrive();
    for _ in 0..3 {
        person.check(&mut stage, true);
        stage.pass(10_000);
    }
    let reason = CloseReason::HandshakeFailed;
    assert_eq!(
        stage.take_events(),
        [Event::PeerClosed {
            peer: person.peer,
            reason
        }]
    );
}

#[test]
fn a_nominated_path_takes_over_and_only_a_genuine_check_can_do_that() {
    let mut stage = Stage::new();
    let mut person = stage.join();
    let before = person.path;
    person.path = Path {
        socket: 1,
        remote: "203.0.113.5:777".parse().unwrap(),
    };
    let media = Stream::opus(10).sound(0);
    person.send(&mut stage, &media);
    assert_eq!(stage.dropped(Reason::UnknownPath), 1);
    assert_eq!(stage.peer(person.peer).remote, Some(before.remote));
    person.check(&mut stage, true);
    assert_eq!(stage.peer(person.peer).remote, Some(person.path.remote));
    assert_eq!(person.hear(&mut stage), [Heard::Check]);
    stage.pass(1_000);
    assert!(stage.sent.iter().all(|sent| sent.path == person.path));
}

#[test]
fn removing_a_peer_says_farewell_to_it_and_nothing_to_the_caller() {
    let mut stage = Stage::new();
    let mut person = stage.join();
    stage.order(Command::RemovePeer(person.peer));
    assert_eq!(person.hear(&mut stage), [Heard::Handshake(CLOSE.to_vec())]);
    assert_eq!(stage.take_events(), []);
    stage.order(Command::AddPeer(person.order()));
}

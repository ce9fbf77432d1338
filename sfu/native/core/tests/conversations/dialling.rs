use crate::stage::handshake::HELLO;
use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::{Sent, Stage};
use forwarder_core::command::{AddPeer, Command};
use forwarder_core::dtls::Role;
use forwarder_core::event::{CloseReason, Event};
use forwarder_core::stun::{self, Key};

/// Dials a person at a candidate that is dead and one that lives.
fn dial(stage: &mut Stage, role: Role) -> Person {
    let mut person = Person::new(9);
    person.role = role;
    let candidates = vec!["192.0.2.250:9".parse().unwrap(), person.path.remote];
    stage.order(Command::AddPeer(AddPeer {
        candidates,
        ..person.order()
    }));
    person
}

/// Takes the checks that reached the person.
fn checks(stage: &mut Stage, person: &Person) -> Vec<Sent> {
    let (checks, others) = stage
        .sent
        .drain(..)
        .partition(|sent| sent.path == person.path && sent.bytes[0] < 4);
    stage.sent = others;
    checks
}

/// Answers a check as a lite agent does; returns whether it nominates.
fn answer(stage: &mut Stage, person: &Person, check: &Sent) -> bool {
    let request = stun::parse(&check.bytes).unwrap();
    let key = Key::new(&person.order().remote_password);
    assert!(request.verify_integrity(&key));
    let mut out = [0; 128];
    let mapped = "192.0.2.100:5000".parse().unwrap();
    let len = stun::write_success(&mut out, &request.transaction, mapped, &key).unwrap();
    stage.receive(&out[..len], person.path);
    request.use_candidate
}

fn answer_all(stage: &mut Stage, person: &Person) -> usize {
    let checks = checks(stage, person);
    checks.iter().filter(|check| answer(stage, person, check)).count()
}

#[test]
fn a_dialled_peer_is_checked_nominated_and_connected() {
    let mut stage = Stage::new();
    let mut person = dial(&mut stage, Role::Active);
    stage.pass(50);
    assert_eq!(answer_all(&mut stage, &person), 0);
    stage.pass(50);
    assert_eq!(answer_all(&mut stage, &person), 1);
    let hello = |sent: &Sent| sent.path == person.path && sent.bytes == HELLO;
    assert!(
        stage.sent.iter().any(hello),
        "the active side begins the handshake"
    );
    person.shake_hands(&mut stage);
    assert!(matches!(stage.take_events()[..], [Event::PeerConnected { .. }]));
    stage.order(Command::AddTrack(audio_track(1, person.peer, 10)));
    person.send(&mut stage, &Stream::opus(10).sound(1));
    assert_eq!(stage.track(1).packets, 1);
    assert!(stage.peer(person.peer).round_trip_ms.unwrap() < 50.0);
}

#[test]
fn a_dialled_peer_that_never_answers_ends_after_thirty_seconds() {
    let mut stage = Stage::new();
    let person = dial(&mut stage, Role::Passive);
    stage.pass(29_900);
    assert_eq!(stage.take_events(), []);
    stage.pass(200);
    let expired = Event::PeerClosed {
        peer: person.peer,
        reason: CloseReason::ConsentExpired,
    };
    assert_eq!(stage.take_events(), [expired]);
}

#[test]
fn consent_lasts_as_long_as_the_other_side_answers() {
    let mut stage = Stage::new();
    let mut person = dial(&mut stage, Role::Passive);
    for _ in 0..2 {
        stage.pass(50);
        answer_all(&mut stage, &person);
    }
    person.shake_hands(&mut stage);
    stage.take_events();
    for _ in 0..50 {
        stage.pass(1_000);
        answer_all(&mut stage, &person);
    }
    assert_eq!(stage.take_events(), []);
    stage.pass(31_000);
    assert!(matches!(
        stage.take_events()[..],
        [Event::PeerClosed {
            reason: CloseReason::ConsentExpired,
            ..
        }]
    ));
}

#[test]
fn answers_that_nobody_asked_for_are_dropped_and_counted() {
    let mut stage = Stage::new();
    let person = dial(&mut stage, Role::Passive);
    let accepted = stage.join();
    let mut out = [0; 128];
    for (transaction, from) in [
        ([0; 12], &person),
        ([0xff; 12], &person),
        ([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], &accepted),
    ] {
        let len = stun::write_success(&mut out, &transaction, from.path.remote, &Key::new("x")).unwrap();
        stage.receive(&out[..len], from.path);
    }
    use forwarder_core::counters::Reason;
    assert_eq!(
        (
            stage.peer(person.peer).dropped.get(Reason::StunWrongIntegrity),
            stage.dropped(Reason::StunNotARequest)
        ),
        (1, 2)
    );
}

#[test]
fn a_full_agent_may_check_back_and_keeps_the_other_role() {
    let mut stage = Stage::new();
    let person = dial(&mut stage, Role::Passive);
    let order = person.order();
    for (role, is_error) in [
        (stun::Role::Controlled(1), false),
        (stun::Role::Controlling(1), true),
    ] {
        let request = stun::Request {
            transaction: [7; 12],
            username: &format!("{}:{}", order.local_ufrag, order.remote_ufrag),
            priority: 1,
            role,
            use_candidate: false,
        };
        let mut out = [0; 256];
        let len = stun::write_request(&mut out, &request, &Key::new(&order.local_password)).unwrap();
        checks(&mut stage, &person);
        stage.receive(&out[..len], person.path);
        let answers = checks(&mut stage, &person);
        let classes: Vec<stun::Class> = answers
            .iter()
            .map(|sent| stun::parse(&sent.bytes).unwrap().class)
            .collect();
        let expected = if is_error {
            stun::Class::Error
        } else {
            stun::Class::Success
        };
        assert!(classes.contains(&expected), "{classes:?}");
    }
}

#[test]
fn a_candidate_that_no_address_of_ours_reaches_is_refused() {
    let mut stage = Stage::new();
    for candidate in ["[2001:db8::1]:5", "127.0.0.1:5"] {
        let candidates = vec![candidate.parse().unwrap()];
        let order = AddPeer {
            candidates,
            ..Person::new(9).order()
        };
        stage.apply(vec![Command::AddPeer(order)]).unwrap_err();
    }
}

#[test]
fn two_peers_are_not_dialled_along_one_way() {
    let mut stage = Stage::new();
    let first = dial(&mut stage, Role::Passive);
    let other = Person::new(8);
    let second = |candidates| {
        Command::AddPeer(AddPeer {
            candidates,
            ..other.order()
        })
    };
    let refused = stage.apply(vec![second(vec![first.path.remote])]).unwrap_err();
    assert!(refused.sentence.contains("another dialled peer"), "{refused}");
    // Where the first gives its way up in the same batch, the second may have it.
    stage
        .apply(vec![
            Command::RemovePeer(first.peer),
            second(vec![first.path.remote]),
        ])
        .unwrap();
}

#[test]
fn a_way_that_a_dialled_peer_has_not_chosen_is_free() {
    let mut stage = Stage::new();
    let first = dial(&mut stage, Role::Passive);
    for _ in 0..2 {
        stage.pass(50);
        answer_all(&mut stage, &first);
    }
    let other = Person::new(8);
    let dead = "192.0.2.250:9".parse().unwrap();
    for (remote, free) in [(first.path.remote, false), (dead, true)] {
        let order = AddPeer {
            candidates: vec![remote],
            ..other.order()
        };
        assert_eq!(stage.apply(vec![Command::AddPeer(order)]).is_ok(), free);
    }
}

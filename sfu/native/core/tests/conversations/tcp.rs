//! A path over TCP: learned like any other, and lost when its connection ends.
use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::event::{CloseReason, Event};
use forwarder_core::ice::Path;
use forwarder_core::outbox::Cargo;

fn over_tcp(person: &Person, port: u16) -> Path {
    let remote = (person.path.remote.ip(), port).into();
    Path {
        socket: Path::TCP,
        remote,
    }
}

/// A speaker, and a viewer over TCP that hears it.
fn lesson(stage: &mut Stage) -> (Person, Person, Stream) {
    let speaker = stage.join();
    let mut viewer = stage.arrive();
    viewer.path = over_tcp(&viewer, 9_000);
    viewer.connect(stage);
    stage.order(Command::AddTrack(audio_track(1, speaker.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (speaker, viewer, Stream::opus(10))
}

fn end(stage: &mut Stage, path: Path) {
    stage.worker.lose_path(&path, stage.now);
    stage.settle();
}

#[test]
fn media_goes_along_the_connection_that_a_check_has_taught() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    assert!(stage.worker.knows(&viewer.path));
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
}

#[test]
fn each_datagram_says_what_it_carries() {
    let mut stage = Stage::new();
    let (mut speaker, viewer, mut voice) = lesson(&mut stage);
    stage.order(Command::AddTrack(video_track(2, speaker.peer, 20)));
    stage.order(Command::AddSlot(video_slot(2, viewer.peer, 8_000)));
    stage.bind(2, 2);
    stage.sent.clear();
    speaker.send(&mut stage, &voice.sound(1));
    speaker.send_all(&mut stage, &Stream::vp8(20).picture(true, 2));
    stage.pass(1_000);
    let sent = |cargo| {
        let mine = stage.sent.iter().filter(|sent| sent.path == viewer.path);
        mine.filter(|sent| sent.cargo == cargo).count()
    };
    assert_eq!((sent(Cargo::Audio), sent(Cargo::Video)), (1, 2));
    assert!(sent(Cargo::Control) > 0);
}

#[test]
fn an_ended_connection_is_nobodys_and_a_new_one_goes_on_after_a_check() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    speaker.send(&mut stage, &voice.sound(1));
    let before = viewer.see(&mut stage);
    let (lost, next) = (viewer.path, over_tcp(&viewer, 9_001));
    end(&mut stage, lost);
    assert!(!stage.worker.knows(&lost));
    viewer.tell(&mut stage, |_| {});
    assert_eq!(stage.dropped(Reason::UnknownPath), 1);
    viewer.path = next;
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage), []);
    // Not even a nomination: it is the only path there is.
    viewer.check(&mut stage, false);
    speaker.send(&mut stage, &voice.sound(1));
    let after = viewer.see(&mut stage);
    assert_eq!(after[0].sequence, before[0].sequence.wrapping_add(2));
}

#[test]
fn who_has_lost_its_connection_is_waited_for_as_long_as_consent_lasts() {
    let mut stage = Stage::new();
    let (_, viewer, _) = lesson(&mut stage);
    stage.pass(15_000);
    end(&mut stage, viewer.path);
    stage.pass(14_000);
    let closed = Event::PeerClosed {
        peer: viewer.peer,
        reason: CloseReason::ConsentExpired,
    };
    assert!(!stage.take_events().contains(&closed));
    stage.pass(2_000);
    assert!(stage.take_events().contains(&closed));
}

#[test]
fn media_falls_back_to_datagrams_that_were_checked_lately() {
    let mut stage = Stage::new();
    let (mut speaker, mut viewer, mut voice) = lesson(&mut stage);
    let (tcp, udp) = (viewer.path, Person::new(2).path);
    viewer.path = udp;
    viewer.check(&mut stage, false);
    end(&mut stage, tcp);
    speaker.send(&mut stage, &voice.sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
}

#[test]
fn a_peer_that_ends_parts_with_its_connections_after_its_farewell() {
    let mut stage = Stage::new();
    let (speaker, viewer, _) = lesson(&mut stage);
    assert_eq!(stage.worker.parted(), None);
    stage.sent.clear();
    stage.order(Command::RemovePeer(viewer.peer));
    stage.order(Command::RemovePeer(speaker.peer));
    assert!(stage.sent.iter().any(|sent| sent.path == viewer.path));
    assert_eq!(stage.worker.parted(), Some(viewer.path));
    assert_eq!(stage.worker.parted(), None);
}

#[test]
fn of_too_many_connections_the_oldest_that_is_not_in_use_is_parted_with() {
    let mut stage = Stage::new();
    let (_, mut viewer, _) = lesson(&mut stage);
    let (first, in_use) = (over_tcp(&viewer, 9_001), viewer.path);
    for port in 9_001..9_009 {
        viewer.path = over_tcp(&viewer, port);
        viewer.check(&mut stage, false);
    }
    assert_eq!(stage.worker.parted(), Some(first));
    assert!(stage.worker.knows(&in_use) && !stage.worker.knows(&first));
}

#[test]
fn what_a_connection_could_not_carry_is_counted_for_its_peer() {
    let mut stage = Stage::new();
    let (_, viewer, _) = lesson(&mut stage);
    let elsewhere = over_tcp(&viewer, 1);
    let worker = &mut stage.worker;
    worker.unsent(&viewer.path, None, Reason::TcpVideoTooSlow, 3);
    worker.unsent(&elsewhere, None, Reason::TcpClosed, 2);
    let dropped = stage.peer(viewer.peer).dropped;
    assert_eq!(dropped.get(Reason::TcpVideoTooSlow), 3);
    assert_eq!(stage.dropped(Reason::TcpClosed), 2);
}

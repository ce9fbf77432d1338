//! Whose path is it? Only authenticated checks teach one, and none is taken from a peer that is still there.
use crate::stage::media::*;
use crate::stage::person::Heard;
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;
use forwarder_core::event::{CloseReason, Event};

#[test]
fn a_path_stays_with_the_peer_that_is_heard_on_it() {
    let mut stage = Stage::new();
    let (mut publisher, mut intruder) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    let mut stream = Stream::opus(10);
    intruder.path = publisher.path;
    intruder.check(&mut stage, true);
    assert_eq!(intruder.hear(&mut stage), []);
    assert_eq!(stage.peer(intruder.peer).dropped.get(Reason::PathOfAnother), 1);
    publisher.send(&mut stage, &stream.sound(1));
    assert_eq!(stage.track(1).packets, 1);
}

#[test]
fn a_path_that_its_peer_has_left_serves_the_next() {
    let mut stage = Stage::new();
    let (gone, mut next) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, next.peer, 10)));
    stage.pass(10_000);
    next.path = gone.path;
    next.check(&mut stage, true);
    assert_eq!(next.hear(&mut stage), [Heard::Check]);
    next.send(&mut stage, &Stream::opus(10).sound(1));
    assert_eq!(stage.track(1).packets, 1);
    stage.pass(20_000);
    let reason = CloseReason::ConsentExpired;
    let peer = gone.peer;
    assert!(stage.take_events().contains(&Event::PeerClosed { peer, reason }));
    next.send(&mut stage, &Stream::opus(10).starting_at(5_000, 1).sound(1));
    assert_eq!(stage.track(1).packets, 2);
}

use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::command::Command;
use forwarder_core::counters::Reason;

fn lesson(stage: &mut Stage) -> (Person, Person) {
    let (publisher, viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    (publisher, viewer)
}

fn sends(stage: &mut Stage, publisher: &mut Person, viewer: &mut Person, packets: &[Rtp]) -> usize {
    publisher.send_all(stage, packets);
    stage.pass(40);
    viewer.see(stage).len()
}

#[test]
fn one_wild_number_holds_up_nothing() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    assert_eq!(
        sends(&mut stage, &mut publisher, &mut viewer, &stream.picture(true, 2)),
        2
    );
    // Sealed in the order of their numbers, and sent in another.
    let ordinary: Vec<Vec<u8>> = (0..10)
        .flat_map(|_| stream.picture(false, 2))
        .map(|packet| publisher.seal(&packet))
        .collect();
    stream.next.sequence = stream.next.sequence.wrapping_add(31_980);
    let wild = publisher.seal(&stream.picture(false, 1)[0]);
    for datagram in std::iter::once(&wild).chain(&ordinary) {
        stage.receive(datagram, publisher.path);
    }
    assert_eq!(viewer.see(&mut stage).len(), ordinary.len());
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::WildSequence), 1);
    assert_eq!(stage.track(1).lost, 0);
}

#[test]
fn a_repair_that_names_a_wild_number_holds_up_nothing() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    sends(&mut stage, &mut publisher, &mut viewer, &stream.picture(true, 2));
    let mut wild = stream.clone().picture(false, 1).remove(0);
    wild.sequence = wild.sequence.wrapping_add(32_000);
    assert_eq!(
        sends(
            &mut stage,
            &mut publisher,
            &mut viewer,
            &[wild.as_rtx(11, VP8_RTX, 1)]
        ),
        0
    );
    for _ in 0..10 {
        assert_eq!(
            sends(&mut stage, &mut publisher, &mut viewer, &stream.picture(false, 2)),
            2
        );
    }
    assert_eq!(stage.track(1).dropped.get(Reason::WildSequence), 1);
}

#[test]
fn a_stream_that_goes_on_far_ahead_is_followed_from_its_second_packet() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    let mut stream = Stream::vp8(10);
    sends(&mut stage, &mut publisher, &mut viewer, &stream.picture(true, 2));
    stream.next.sequence = stream.next.sequence.wrapping_add(20_000);
    publisher.send_all(&mut stage, &stream.picture(false, 1));
    publisher.send_all(&mut stage, &stream.picture(true, 2));
    assert_eq!(stage.track(1).packets, 4);
    assert_eq!(stage.peer(publisher.peer).dropped.get(Reason::WildSequence), 1);
}

//! Transport-wide numbers: what leaves is numbered, and its receiver tells when it arrived.
use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::bandwidth::Cause;
use forwarder_core::command::{AddPeer, AddSlot, Command};
use forwarder_core::counters::Reason;
use forwarder_core::event::Event;
use forwarder_core::handle::PeerId;
use forwarder_core::rtcp::{ArrivalStatuses, Ticks, Writer};
use forwarder_core::time::Time;

fn numbered(slot: AddSlot) -> Command {
    Command::AddSlot(AddSlot {
        numbered: true,
        ..slot
    })
}

/// A picture in slot 1 and a voice in slot 2 of a viewer.
fn watch(stage: &mut Stage, publisher: &Person, viewer: &Person) {
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddTrack(audio_track(2, publisher.peer, 20)));
    stage.order(numbered(video_slot(1, viewer.peer, 7_000)));
    stage.order(numbered(audio_slot(2, viewer.peer, 8_000)));
    stage.bind(1, 1);
    stage.bind(2, 2);
}

fn numbers(seen: &[Rtp]) -> Vec<Option<u16>> {
    seen.iter().map(|packet| packet.number).collect()
}

/// From a number on: when each arrived, in ms of the viewer's clock.
fn arrivals(writer: &mut Writer<'_>, number: u16, arrived: &[Option<u64>]) {
    let ticks = arrived
        .iter()
        .map(|ms| ms.map(|ms| Ticks::at(Time::from_millis(ms))));
    let statuses = ArrivalStatuses::gather(ticks).unwrap();
    writer.transport_cc(1, 7_000, number, 0, &statuses).unwrap();
}

#[test]
fn pictures_voices_and_repairs_share_one_row_of_numbers() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    watch(&mut stage, &publisher, &viewer);
    let (mut camera, mut voice) = (Stream::vp8(10), Stream::opus(20));
    publisher.send_all(&mut stage, &camera.picture(true, 2));
    publisher.send(&mut stage, &voice.sound(1));
    let seen = viewer.see(&mut stage);
    assert_eq!(numbers(&seen), [Some(0), Some(1), Some(2)]);
    viewer.nack(&mut stage, 7_000, &[seen[1].sequence]);
    publisher.send_all(&mut stage, &camera.picture(false, 1));
    let seen = viewer.see(&mut stage);
    assert_eq!(numbers(&seen), [Some(3), Some(4)]);
    assert_eq!((seen[0].ssrc, seen[1].ssrc), (7_001, 7_000));
}

#[test]
fn a_kept_group_is_numbered_and_each_connection_counts_for_itself() {
    let mut stage = Stage::new();
    let (mut publisher, viewer) = (stage.join(), stage.join());
    watch(&mut stage, &publisher, &viewer);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 3));
    let mut late = stage.join();
    stage.order(numbered(video_slot(3, late.peer, 7_000)));
    stage.bind(3, 1);
    assert_eq!(numbers(&late.see(&mut stage)), [Some(0), Some(1), Some(2)]);
}

#[test]
fn what_was_not_agreed_on_is_not_numbered() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    let mut stranger = Person::new(9);
    stage.order(Command::AddPeer(AddPeer {
        transport_cc_extension: 0,
        ..stranger.order()
    }));
    stranger.connect(&mut stage);
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.order(numbered(audio_slot(2, stranger.peer, 7_000)));
    [1, 2].into_iter().for_each(|slot| stage.bind(slot, 1));
    publisher.send(&mut stage, &Stream::opus(10).sound(1));
    assert_eq!(numbers(&viewer.see(&mut stage)), [None]);
    assert_eq!(numbers(&stranger.see(&mut stage)), [None]);
}

#[test]
fn what_a_viewer_tells_of_each_packet_is_counted() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    watch(&mut stage, &publisher, &viewer);
    let mut voice = Stream::opus(20);
    for number in 0..200u16 {
        publisher.send(&mut stage, &voice.sound(1));
        let arrived = (number % 10 != 5).then_some(5_000 + u64::from(number) * 20);
        // What is lost is told with what comes after it.
        if number % 10 == 6 {
            viewer.tell(&mut stage, |writer| {
                arrivals(writer, number - 1, &[None, arrived])
            });
        } else if arrived.is_some() {
            viewer.tell(&mut stage, |writer| arrivals(writer, number, &[arrived]));
        }
        stage.pass(20);
    }
    let stats = stage.peer(viewer.peer);
    assert_eq!(stats.dropped.iter().count(), 0);
    assert_eq!((stats.told_arrived, stats.told_lost), (180, 20));
}

#[test]
fn a_viewer_that_tells_of_no_packet_may_name_its_rate_and_the_newest_is_told() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    stage.bind(1, 1);
    publisher.send(&mut stage, &Stream::opus(10).sound(1));
    // 100,000 bit/s times a power of two.
    for exponent in [1, 3, 2] {
        let remb = [&b"REMB"[..], &[1, exponent << 2 | 1, 0x86, 0xA0, 0, 0, 0, 9]].concat();
        let head = [0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0];
        viewer.tell_raw(&mut stage, &[&head[..], &remb].concat());
        stage.pass(600);
    }
    assert_eq!(estimates(&mut stage), [(viewer.peer, 400_000, Cause::Remb)]);
    assert_eq!(stage.peer(viewer.peer).estimate.unwrap().rate, 400_000);
    let short = [0x8F, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B'];
    viewer.tell_raw(&mut stage, &short);
    assert_eq!(stage.peer(viewer.peer).dropped.get(Reason::MalformedRemb), 1);
}

fn estimates(stage: &mut Stage) -> Vec<(PeerId, u64, Cause)> {
    let told = stage.take_events().into_iter().filter_map(|event| match event {
        Event::Estimated {
            peer,
            bit_rate,
            cause,
        } => Some((peer, bit_rate, cause)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_locked_repair_keeps_its_number_and_is_of_no_use_to_an_estimate() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    watch(&mut stage, &publisher, &viewer);
    let mut voice = Stream::opus(20);
    (0..3).for_each(|_| publisher.send(&mut stage, &voice.sound(1)));
    let seen = viewer.see(&mut stage);
    viewer.nack(&mut stage, 8_000, &[seen[1].sequence]);
    assert_eq!(stage.slot(2).repairs, 1);
    stage.sent.clear();
    viewer.tell(&mut stage, |writer| {
        arrivals(writer, 0, &[Some(1), Some(900), Some(41)])
    });
    let stats = stage.peer(viewer.peer);
    assert_eq!((stats.told_arrived, stats.told_lost), (2, 0));
    publisher.send(&mut stage, &voice.sound(1));
    assert_eq!(numbers(&viewer.see(&mut stage)), [Some(3)]);
}

#[test]
fn feedback_of_no_sense_is_counted_and_what_stands_beside_it_is_heard() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = (stage.join(), stage.join());
    watch(&mut stage, &publisher, &viewer);
    publisher.send_all(&mut stage, &Stream::vp8(10).picture(true, 2));
    let seen = viewer.see(&mut stage);
    viewer.tell(&mut stage, |writer| {
        arrivals(writer, 500, &[Some(1), None, Some(2)]);
        writer.nack(1, 7_000, [seen[0].sequence]).unwrap();
    });
    assert_eq!(viewer.see(&mut stage).len(), 1);
    let dropped = stage.peer(viewer.peer).dropped;
    assert_eq!(dropped.get(Reason::ArrivalsOfNothing), 1);
    // A run of nothing.
    let empty = [0, 0, 0, 1, 0, 0, 0, 0, 0x20, 0, 0, 0];
    viewer.tell_raw(
        &mut stage,
        &[&[0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2][..], &empty].concat(),
    );
    let dropped = stage.peer(viewer.peer).dropped;
    assert_eq!(
        (
            dropped.get(Reason::MalformedArrivals),
            dropped.get(Reason::MalformedRtcp)
        ),
        (1, 0)
    );
}

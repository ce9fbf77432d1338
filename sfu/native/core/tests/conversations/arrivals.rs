//! Transport-wide feedback: a sender hears when its packets arrived.
use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddPeer, Command};
use forwarder_core::time::Time;

fn numbered(packet: Rtp, number: u16) -> Rtp {
    Rtp {
        number: Some(number),
        ..packet
    }
}

fn arrivals(person: &mut Person, stage: &mut Stage) -> Vec<(Time, Told)> {
    let mut told = person.told(stage);
    told.retain(|(_, told)| matches!(told, Told::Arrivals { .. }));
    told
}

#[test]
fn whatever_arrives_is_told_of_50_ms_later() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    let mut stream = Stream::vp8(10);
    let began = stage.now;
    let picture = stream.picture(true, 3);
    publisher.send(&mut stage, &numbered(picture[0].clone(), 65_534));
    stage.pass(10);
    // A repair, a packet of no known stream, and what comes twice count too; number 0 is lost.
    publisher.send(&mut stage, &numbered(picture[1].as_rtx(11, VP8_RTX, 1), 65_535));
    publisher.send(&mut stage, &numbered(Stream::opus(99).sound(1), 1));
    publisher.send(&mut stage, &numbered(picture[1].clone(), 2));
    stage.pass(200);
    let told = arrivals(&mut publisher, &mut stage);
    let expected = Told::Arrivals {
        ssrc: 10,
        base: 65_534,
        count: 5,
    };
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, expected);
    assert_eq!(told[0].0.since(began).as_millis(), 50);
}

#[test]
fn while_packets_arrive_feedback_leaves_twenty_times_a_second() {
    let mut stage = Stage::new();
    let mut publisher = stage.join();
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    let mut stream = Stream::opus(10);
    for number in 0..200 {
        publisher.send(&mut stage, &numbered(stream.sound(1), number));
        stage.pass(5);
    }
    stage.pass(60);
    let told = arrivals(&mut publisher, &mut stage);
    assert!((18..=21).contains(&told.len()), "{}", told.len());
    let mut next = 0;
    for (_, told) in told {
        let Told::Arrivals { base, count, .. } = told else {
            panic!()
        };
        assert_eq!(base, next);
        next += count;
    }
    assert_eq!(next, 200);
}

#[test]
fn who_has_not_negotiated_it_hears_nothing() {
    let mut stage = Stage::new();
    let mut publisher = Person::new(9);
    stage.order(Command::AddPeer(AddPeer {
        transport_cc_extension: 0,
        ..publisher.order()
    }));
    publisher.connect(&mut stage);
    publisher.send(&mut stage, &numbered(Stream::opus(10).sound(1), 1));
    stage.pass(200);
    assert_eq!(arrivals(&mut publisher, &mut stage), []);
}

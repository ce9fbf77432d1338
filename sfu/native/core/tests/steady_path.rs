//! The steady path allocates nothing, proven by an allocator that counts.
#[path = "stage/mod.rs"]
mod stage;

#[path = "stage/counting.rs"]
mod counting;

use counting::allocations_in;
use forwarder_core::command::Command;
use forwarder_core::srtp::Profile;
use forwarder_core::time::Time;
use stage::media::*;
use stage::person::Person;
use stage::Stage;
use std::time::Duration;

const VIEWERS: u32 = 20;

/// A publisher with a camera and a microphone, and viewers that see and hear it.
fn lesson(profile: Profile) -> (Stage, Person) {
    let mut stage = Stage::with(profile, 1);
    let mut people: Vec<Person> = (0..=VIEWERS).map(|_| stage.arrive()).collect();
    for person in &mut people {
        person.profile = profile;
        person.connect(&mut stage);
    }
    let publisher = people.remove(0);
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddTrack(audio_track(2, publisher.peer, 30)));
    for (index, viewer) in (1..).zip(&people) {
        stage.order(Command::AddSlot(video_slot(index, viewer.peer, 7_000)));
        stage.order(Command::AddSlot(audio_slot(100 + index, viewer.peer, 8_000)));
        stage.bind(index, 1);
        stage.bind(100 + index, 2);
    }
    (stage, publisher)
}

/// Some seconds of a lesson as datagrams, each with its time in ms; every fiftieth picture has lost a packet.
fn seconds(
    publisher: &mut Person,
    camera: &mut Stream,
    microphone: &mut Stream,
    count: u64,
) -> Vec<(u64, Vec<u8>)> {
    let mut datagrams = Vec::new();
    for ms in (0..count * 1_000).step_by(20) {
        datagrams.push((ms, publisher.seal(&microphone.sound(40))));
        if ms % 40 == 0 {
            let mut packets = camera.picture(ms % 2_000 == 0, 8);
            if ms % 2_000 == 1_000 {
                packets.remove(3);
            }
            datagrams.extend(packets.iter().map(|packet| (ms, publisher.seal(packet))));
        }
    }
    datagrams
}

/// Plays datagrams into the worker as a shell would, with every timer, and returns how many datagrams left.
fn play(stage: &mut Stage, publisher: &Person, datagrams: &mut [(u64, Vec<u8>)]) -> usize {
    let began = stage.now;
    let mut sent = 0;
    for (ms, datagram) in datagrams {
        let now = began + Duration::from_millis(*ms);
        sent += run_timers(stage, now);
        stage.worker.receive(datagram, publisher.path, now);
        sent += stage.worker.outbox().datagrams().len();
        stage.worker.sent();
    }
    sent
}

fn run_timers(stage: &mut Stage, now: Time) -> usize {
    let mut sent = 0;
    while stage.worker.deadline() <= now {
        stage.now = now;
        stage.worker.tick(now);
        sent += stage.worker.outbox().datagrams().len();
        stage.worker.sent();
    }
    sent
}

#[test]
fn receiving_fanning_out_repairing_and_reporting_allocate_nothing() {
    for profile in Profile::ALL {
        let (mut stage, mut publisher) = lesson(profile);
        let (mut camera, mut microphone) = (Stream::vp8(10), Stream::opus(30));
        let mut warm_up = seconds(&mut publisher, &mut camera, &mut microphone, 12);
        play(&mut stage, &publisher, &mut warm_up);
        stage.now = stage.now + Duration::from_millis(20);
        let mut steady = seconds(&mut publisher, &mut camera, &mut microphone, 4);
        let (allocations, sent) = allocations_in(|| play(&mut stage, &publisher, &mut steady));
        assert!(
            sent > 4 * 250 * VIEWERS as usize * 9 / 10,
            "{sent} datagrams left"
        );
        assert_eq!(allocations, 0, "{profile:?}");
        assert_eq!(stage.slot(1).dropped.iter().collect::<Vec<_>>(), []);
    }
}

#[test]
fn the_allocator_counts() {
    let (allocations, kept) = allocations_in(|| vec![1u8; 100]);
    assert_eq!((allocations, kept.len()), (1, 100));
}

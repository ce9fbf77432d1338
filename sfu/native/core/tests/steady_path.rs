//! The steady path allocates nothing, proven by an allocator that counts.
#[path = "stage/mod.rs"]
mod stage;

#[path = "stage/counting.rs"]
mod counting;

use counting::allocations_in;
use forwarder_core::command::{AddSlot, Command};
use forwarder_core::demux::{kind, Kind};
use forwarder_core::ice::Path;
use forwarder_core::rtcp::{ArrivalStatuses, Ntp, ReportBlock, SenderInfo, Ticks, Writer};
use forwarder_core::rtp;
use forwarder_core::srtp::Profile;
use forwarder_core::time::Time;
use stage::media::*;
use stage::person::Person;
use stage::pipe::Pipe;
use stage::Stage;
use std::time::Duration;

const VIEWERS: u32 = 20;

/// A publisher with a camera and a microphone, and viewers that see and hear it; some sockets take TCP connections in.
fn lesson(profile: Profile, tcp: u16) -> (Stage, Person, Person) {
    let mut stage = Stage::with(profile, 1);
    let mut people: Vec<Person> = (0..=VIEWERS).map(|_| stage.arrive()).collect();
    for person in &mut people {
        person.profile = profile;
        person.path.socket |= tcp;
        person.connect(&mut stage);
    }
    let publisher = people.remove(0);
    stage.order(Command::AddTrack(video_track(1, publisher.peer, 10)));
    stage.order(Command::AddTrack(audio_track(2, publisher.peer, 30)));
    for (index, viewer) in (1..).zip(&people) {
        for slot in [
            video_slot(index, viewer.peer, 7_000),
            audio_slot(100 + index, viewer.peer, 8_000),
        ] {
            let numbered = true;
            stage.order(Command::AddSlot(AddSlot { numbered, ..slot }));
        }
        stage.bind(index, 1);
        stage.bind(100 + index, 2);
    }
    people
        .iter_mut()
        .for_each(|viewer| viewer.estimate(&mut stage, 10_000_000));
    (stage, publisher, people.remove(0))
}

/// A datagram on its way to the node.
struct Coming {
    ms: u64,
    path: Path,
    bytes: Vec<u8>,
}

/// Who takes part, and what their next packets are numbered.
struct Cast {
    publisher: Person,
    viewer: Person,
    camera: Stream,
    repair_type: u8,
    microphone: Stream,
    /// Transport-wide, and of the repair stream.
    number: u16,
    repair: u16,
}

impl Cast {
    fn media(&mut self, ms: u64, packet: Rtp) -> Coming {
        self.number = self.number.wrapping_add(1);
        let packet = Rtp {
            number: Some(self.number),
            ..packet
        };
        Coming {
            ms,
            path: self.publisher.path,
            bytes: self.publisher.seal(&packet),
        }
    }

    /// 20 ms of a lesson; each twenty-fifth picture has lost a packet, whose repair comes 20 ms later.
    fn publish(&mut self, ms: u64) -> Vec<Coming> {
        let sound = self.microphone.sound(40);
        let mut coming = vec![self.media(ms, sound)];
        if ms % 40 == 0 {
            let mut packets = self.camera.picture(ms % 2_000 == 0, 8);
            if ms % 1_000 == 520 {
                let lost = packets.remove(3);
                self.repair += 1;
                let repair = lost.as_rtx(11, self.repair_type, self.repair);
                coming.push(self.media(ms + 19, repair));
            }
            let packets: Vec<Coming> = packets.into_iter().map(|packet| self.media(ms, packet)).collect();
            coming.extend(packets);
        }
        coming
    }

    /// What is said beside media: consent checks, reports both ways, a loss, a wish for a keyframe, arrivals.
    fn talk(&mut self, ms: u64, newest_shown: u16, told: u16) -> Vec<Coming> {
        let info = SenderInfo {
            ssrc: 10,
            ntp: Ntp::from_nanos(ms * 1_000_000),
            rtp_timestamp: self.camera.next.timestamp,
            ..SenderInfo::default()
        };
        let block = ReportBlock {
            ssrc: 7_000,
            last_sender_report: 1,
            ..ReportBlock::default()
        };
        let from_publisher = [
            self.publisher.consent_check(),
            self.publisher
                .compound(|writer| writer.sender_report(&info, &[]).unwrap()),
        ];
        let lost = (1..5).map(|back| newest_shown.wrapping_sub(back)).rev();
        let from_viewer = [
            self.viewer.consent_check(),
            self.viewer
                .compound(|writer| writer.receiver_report(1, &[block]).unwrap()),
            self.viewer
                .compound(|writer| writer.nack(1, 7_000, lost).unwrap()),
            self.viewer.compound(|writer| writer.pli(1, 7_000).unwrap()),
            self.viewer.compound(|writer| transport_cc(writer, told, ms)),
        ];
        let paths = (self.publisher.path, self.viewer.path);
        let of = |path| move |bytes| Coming { ms, path, bytes };
        let said = from_publisher.into_iter().map(of(paths.0));
        said.chain(from_viewer.into_iter().map(of(paths.1))).collect()
    }

    /// Some seconds of all that; `shown` is the newest number in the viewer's slot before them, `number` the newest
    /// transport-wide one.
    fn seconds(&mut self, count: u64, shown: u16, number: u16) -> Vec<Coming> {
        let mut coming = Vec::new();
        for ms in (0..count * 1_000).step_by(20) {
            coming.extend(self.publish(ms));
            if ms % 500 == 100 {
                // Of each 40 ms, eight packets of a picture and two of sound.
                let told = number.wrapping_add((ms / 40 * 10) as u16).wrapping_sub(60);
                coming.extend(self.talk(ms, shown.wrapping_add((ms / 40 * 8) as u16), told));
            }
        }
        coming.sort_by_key(|coming| coming.ms);
        coming
    }
}

/// Of three packets from a number on, the second is missed.
fn transport_cc(writer: &mut Writer<'_>, number: u16, ms: u64) {
    let ticks = [
        Some(Ticks::at(Time::from_millis(ms + 5))),
        None,
        Some(Ticks::at(Time::from_millis(ms + 6))),
    ];
    let statuses = ArrivalStatuses::gather(ticks.into_iter()).unwrap();
    writer.transport_cc(1, 7_000, number, 1, &statuses).unwrap();
}

/// What left the node.
#[derive(Default)]
struct Left {
    datagrams: usize,
    /// The newest number in the viewer's slot, and on its connection.
    shown: u16,
    number: u16,
    /// Over TCP, what the viewer's connection carries; the publisher's comes through it as well.
    pipe: Pipe,
}

impl Left {
    fn take(&mut self, stage: &mut Stage, viewer: Path) {
        let outbox = stage.worker.outbox();
        for datagram in outbox.datagrams() {
            self.datagrams += 1;
            let bytes = outbox.bytes(datagram);
            let is_video = bytes.get(8..12) == Some(&7_000u32.to_be_bytes()) && kind(bytes) == Kind::Rtp;
            if is_video && datagram.path == viewer {
                self.shown = u16::from_be_bytes([bytes[2], bytes[3]]);
                let view = rtp::parse(bytes).unwrap();
                let number = view.extension(bytes, TRANSPORT_CC_EXTENSION).unwrap();
                self.number = u16::from_be_bytes(number.try_into().unwrap());
            }
            if datagram.path == viewer && viewer.is_tcp() {
                self.pipe.push(datagram.cargo, bytes, stage.now);
            }
        }
        self.pipe.write();
        stage.worker.sent();
    }
}

/// Plays datagrams into the worker as a shell would, with every timer.
fn play(stage: &mut Stage, left: &mut Left, coming: &mut [Coming], viewer: Path) {
    let began = stage.now;
    for Coming { ms, path, bytes } in coming {
        let now = began + Duration::from_millis(*ms);
        while stage.worker.deadline() <= now {
            stage.now = now;
            stage.worker.tick(now);
            left.take(stage, viewer);
        }
        stage.now = now;
        if path.is_tcp() {
            left.pipe
                .bring(bytes, |packet| stage.worker.receive(packet, *path, now));
        } else {
            stage.worker.receive(bytes, *path, now);
        }
        left.take(stage, viewer);
    }
}

/// Seconds of everything, of which the last ones must not allocate.
fn is_steady((profile, camera, repair_type): (Profile, Stream, u8), tcp: u16) {
    let (mut stage, publisher, viewer) = lesson(profile, tcp);
    let mut cast = Cast {
        publisher,
        viewer,
        camera,
        repair_type,
        microphone: Stream::opus(30),
        number: 65_000,
        repair: 0,
    };
    let mut left = Left::default();
    play(
        &mut stage,
        &mut left,
        &mut cast.seconds(12, 0, 0),
        cast.viewer.path,
    );
    stage.now = stage.now + Duration::from_millis(20);
    let before = (stage.slot(1), stage.track(1), left.datagrams);
    let told_before = stage.peer(cast.viewer.peer);
    let mut steady = cast.seconds(4, left.shown, left.number);
    let (allocations, ()) = allocations_in(|| play(&mut stage, &mut left, &mut steady, cast.viewer.path));
    let (wanted, sent) = (4 * 250 * VIEWERS as usize, left.datagrams - before.2);
    assert!(sent > wanted * 9 / 10, "{sent} left");
    assert_eq!(allocations, 0, "{profile:?}");
    let (slot, track) = (stage.slot(1), stage.track(1));
    assert_eq!(track.repaired - before.1.repaired, 4);
    assert!(track.nacks_sent > before.1.nacks_sent);
    assert!(track.keyframe_requests_sent > before.1.keyframe_requests_sent);
    assert_eq!((slot.repairs - before.0.repairs, slot.nacks_received), (32, 32));
    assert_eq!(slot.keyframe_requests_received, 32);
    assert_eq!(stage.peer(cast.publisher.peer).dropped.iter().count(), 0);
    let told = stage.peer(cast.viewer.peer);
    assert_eq!(told.told_arrived - told_before.told_arrived, 16);
    assert_eq!(told.told_lost - told_before.told_lost, 8);
    let is_tcp = tcp != 0;
    assert_eq!((left.pipe.written > 1_000_000, left.pipe.dropped), (is_tcp, 0));
}

#[test]
fn whatever_comes_in_a_lesson_allocates_nothing() {
    let profiles = Profile::ALL.map(|profile| (profile, Stream::vp8(10), VP8_RTX));
    let others = [(Stream::vp9(10), VP9_RTX), (Stream::av1(10), AV1_RTX)];
    let others = others.map(|(camera, repair_type)| (Profile::ALL[0], camera, repair_type));
    profiles
        .into_iter()
        .chain(others)
        .for_each(|case| is_steady(case, 0));
}

#[test]
fn over_tcp_it_allocates_nothing_either() {
    is_steady((Profile::ALL[0], Stream::vp8(10), VP8_RTX), Path::TCP);
}

#[test]
fn the_allocator_counts() {
    let (allocations, kept) = allocations_in(|| vec![1u8; 100]);
    assert_eq!((allocations, kept.len()), (1, 100));
}

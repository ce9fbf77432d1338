//! A viewer's line carries less, and then again all: what is shown follows it.
use crate::stage::camera::Camera;
use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::allocation::Priority;
use forwarder_core::command::Command;
use forwarder_core::event::Event;
use forwarder_core::handle::SlotId;

/// The layers of the camera take some 195, 390 and 780 kbit/s.
const ALL: u64 = 3_000_000;
const MIDDLE: u64 = 500_000;
const NONE: u64 = 100_000;

struct Lesson {
    stage: Stage,
    camera: Camera,
    viewer: Person,
    estimate: Option<u64>,
    microphone: Option<Stream>,
    seen: Vec<Rtp>,
    pictures: u64,
}

impl Lesson {
    fn new(estimate: Option<u64>) -> Lesson {
        let mut stage = Stage::new();
        let camera = Camera::new(&mut stage);
        let viewer = stage.join();
        stage.order(Command::AddSlot(video_slot(1, viewer.peer, 7_000)));
        stage.order(Command::SetPriority {
            slot: SlotId(1),
            priority: Priority::Teacher,
        });
        stage.bind(1, 1);
        Lesson {
            stage,
            camera,
            viewer,
            estimate,
            microphone: None,
            seen: Vec::new(),
            pictures: 0,
        }
    }

    /// A camera that answers each request for a keyframe with its next picture, and a viewer that tells its estimate.
    fn play(&mut self, ms: u64) {
        for _ in 0..ms / 40 {
            if let Some(estimate) = self.estimate.filter(|_| self.pictures % 5 == 0) {
                self.viewer.estimate(&mut self.stage, estimate);
            }
            if self.pictures % 25 == 0 {
                (0..3).for_each(|layer| self.camera.report(&mut self.stage, layer));
            }
            if let Some(microphone) = &mut self.microphone {
                let sounds = [microphone.sound(30), microphone.sound(30)];
                self.camera.person.send_all(&mut self.stage, &sounds);
            }
            let asked = self.camera.asked(&mut self.stage);
            let layers: Vec<usize> = asked.iter().map(|ssrc| *ssrc as usize / 10 - 1).collect();
            self.camera.picture(&mut self.stage, &layers);
            self.pictures += 1;
            if self.pictures % 100 == 0 {
                // Consent.
                self.camera.person.check(&mut self.stage, true);
                self.viewer.check(&mut self.stage, true);
            }
            self.seen.extend(self.viewer.see(&mut self.stage));
        }
    }

    /// Plays until the slot shows this layer; in how many ms it did.
    fn play_until(&mut self, rid: &str) -> u64 {
        let began = self.stage.now;
        while self.rid().as_deref() != Some(rid) {
            assert!(self.stage.now.since(began).as_secs() < 60, "{rid} never comes");
            self.play(40);
        }
        self.stage.now.since(began).as_millis() as u64
    }

    fn rid(&self) -> Option<String> {
        self.stage.slot(1).rid
    }

    /// What was told of the viewer's pictures: level, cause, and how many are less and paused.
    fn told(&mut self) -> Vec<(u8, &'static str, usize, usize)> {
        let fitted = |event| match event {
            Event::PicturesFitted {
                level,
                cause,
                reduced,
                ..
            } => {
                let paused = reduced.iter().filter(|each| each.is_paused).count();
                Some((level, cause.name(), reduced.len(), paused))
            }
            _ => None,
        };
        self.stage.take_events().into_iter().filter_map(fitted).collect()
    }

    fn assert_seamless(&self, ssrc: u32) {
        let shown: Vec<u16> = self
            .seen
            .iter()
            .filter(|packet| packet.ssrc == ssrc)
            .map(|packet| packet.sequence)
            .collect();
        let breaks = shown.windows(2).filter(|pair| pair[1] != pair[0].wrapping_add(1));
        assert_eq!((breaks.count(), shown.is_empty()), (0, false));
    }
}

#[test]
fn a_line_that_falls_lowers_the_picture_within_two_seconds_and_raises_it_after_ten() {
    let mut lesson = Lesson::new(Some(ALL));
    lesson.play(4_000);
    assert_eq!(lesson.rid().as_deref(), Some("h"));
    lesson.told();
    lesson.estimate = Some(MIDDLE);
    assert!(lesson.play_until("m") <= 2_000);
    assert_eq!(lesson.told(), [(2, "line", 1, 0)]);
    lesson.play(20_000);
    assert_eq!((lesson.rid().as_deref(), lesson.told()), (Some("m"), vec![]));
    lesson.estimate = Some(ALL);
    assert!((10_000..=14_000).contains(&lesson.play_until("h")));
    assert_eq!(lesson.told(), [(5, "room", 0, 0)]);
    lesson.assert_seamless(7_000);
}

#[test]
fn a_picture_that_finds_no_room_pauses_while_sound_goes_on_and_comes_back_without_a_break() {
    let mut lesson = Lesson::new(Some(ALL));
    let publisher = lesson.camera.person.peer;
    lesson
        .stage
        .order(Command::AddTrack(audio_track(2, publisher, 90)));
    let slot = audio_slot(2, lesson.viewer.peer, 8_000);
    lesson.stage.order(Command::AddSlot(slot));
    lesson.stage.bind(2, 2);
    lesson.microphone = Some(Stream::opus(90));
    lesson.play(4_000);
    lesson.estimate = Some(NONE);
    lesson.play(2_000);
    lesson.told();
    let before = (lesson.stage.slot(1).packets, lesson.stage.slot(2).packets);
    lesson.play(10_000);
    let after = (lesson.stage.slot(1).packets, lesson.stage.slot(2).packets);
    assert_eq!((after.0 - before.0, after.1 - before.1), (0, 500));
    assert_eq!(lesson.told(), []);
    lesson.estimate = Some(ALL);
    lesson.play(14_000);
    assert!(lesson.stage.slot(1).packets > after.0 + 50);
    assert_eq!(lesson.told(), [(5, "room", 0, 0)]);
    lesson.assert_seamless(7_000);
    lesson.assert_seamless(8_000);
}

#[test]
fn what_is_worth_less_gives_way_first() {
    let mut lesson = Lesson::new(Some(ALL));
    lesson
        .stage
        .order(Command::AddSlot(video_slot(2, lesson.viewer.peer, 9_000)));
    lesson.stage.bind(2, 1);
    lesson.play(4_000);
    let (teacher, room) = (lesson.stage.slot(1).rid, lesson.stage.slot(2).rid);
    assert_eq!((teacher.as_deref(), room.as_deref()), (Some("h"), Some("h")));
    lesson.estimate = Some(MIDDLE);
    lesson.play(4_000);
    let before = lesson.stage.slot(2).packets;
    lesson.play(2_000);
    assert_eq!(
        (lesson.rid().as_deref(), lesson.stage.slot(2).packets),
        (Some("m"), before)
    );
    assert_eq!(lesson.told().last(), Some(&(2, "line", 2, 1)));
}

#[test]
fn a_wish_is_the_most_that_is_shown_and_a_new_one_counts_at_once() {
    let mut lesson = Lesson::new(Some(ALL));
    let choose = |lesson: &mut Lesson, rid: &str| {
        lesson.stage.order(Command::ChooseLayer {
            slot: SlotId(1),
            rid: Some(rid.into()),
        });
    };
    choose(&mut lesson, "m");
    lesson.play(20_000);
    assert_eq!(lesson.rid().as_deref(), Some("m"));
    choose(&mut lesson, "h");
    assert!(lesson.play_until("h") <= 500);
    choose(&mut lesson, "l");
    assert!(lesson.play_until("l") <= 500);
    assert!(lesson.told().iter().all(|&(_, _, reduced, _)| reduced == 0));
}

#[test]
fn a_slot_that_is_bound_while_the_line_is_known_begins_with_what_fits() {
    let mut lesson = Lesson::new(Some(MIDDLE));
    lesson.play(4_000);
    lesson.stage.bind(1, None);
    lesson.play(1_000);
    let before = lesson.seen.len();
    lesson.stage.bind(1, 1);
    assert!(lesson.play_until("m") <= 500);
    lesson.play(2_000);
    let began: Vec<u32> = lesson.seen[before..]
        .iter()
        .map(|packet| packet.timestamp)
        .collect();
    // Two packets of each picture, never four.
    assert!(
        began.chunk_by(|a, b| a == b).all(|picture| picture.len() == 2),
        "{began:?}"
    );
    lesson.assert_seamless(7_000);
}

#[test]
fn without_an_estimate_a_slot_shows_what_was_named() {
    let mut lesson = Lesson::new(None);
    lesson.play(4_000);
    assert_eq!((lesson.rid().as_deref(), lesson.told()), (Some("h"), vec![]));
}

#[test]
fn sound_has_no_priority() {
    let mut stage = Stage::new();
    let viewer = stage.join();
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    for slot in [1, 9] {
        let order = Command::SetPriority {
            slot: SlotId(slot),
            priority: Priority::Teacher,
        };
        stage.apply(vec![order]).unwrap_err();
    }
}

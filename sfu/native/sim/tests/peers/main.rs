//! Peers that others wrote (str0m) talk to the core's worker over links in virtual time. Each name is a law.
mod node;
mod person;
mod picture;
mod scene;

use forwarder_core::time::Time;
use forwarder_sim::link::{Capacity, Conditions, Loss, Queue, Reordering};
use picture::Camera;
use scene::Scene;
use std::time::Duration;

fn wire() -> Conditions {
    Conditions::wire(Duration::from_millis(20))
}

/// What a picture takes of a second.
const PICTURE_MS: u64 = 40;

/// Has a camera speak for a while; keyframes come when they are asked for, and at the beginning.
fn lesson(scene: &mut Scene, camera: &mut Camera, publisher: usize, pictures: usize) {
    for _ in 0..pictures {
        let wanted = scene.people[publisher].keyframe_wanted();
        for packet in camera.picture(wanted, scene.now) {
            scene.people[publisher].send(packet, scene.now);
        }
        scene.pass(PICTURE_MS);
    }
    scene.pass(3_000);
}

#[test]
fn every_packet_arrives_once_and_as_it_was_sent() {
    let mut scene = Scene::new(1);
    let publisher = scene.publisher(wire(), wire());
    let viewers = [scene.viewer(wire(), wire()), scene.viewer(wire(), wire())];
    let mut camera = Camera::default();
    lesson(&mut scene, &mut camera, publisher, 100);
    for viewer in viewers {
        let seen = scene.people[viewer].seen();
        assert_eq!(seen.len(), camera.sent.len());
        picture::assert_true(&seen, &camera);
        picture::assert_whole(&seen);
    }
    scene.assert_no_number_twice();
}

#[test]
fn what_bad_links_lose_is_repaired_on_both_sides() {
    let bad = || Conditions {
        loss: Loss::Bursts {
            share: 0.02,
            mean: 2.0,
        },
        jitter: Duration::from_millis(10),
        duplication: 0.02,
        reordering: Some(Reordering {
            share: 0.02,
            by: Duration::from_millis(5),
        }),
        ..wire()
    };
    let mut scene = Scene::new(2);
    let publisher = scene.publisher(bad(), bad());
    let viewers = [scene.viewer(bad(), bad()), scene.viewer(wire(), wire())];
    let mut camera = Camera::default();
    lesson(&mut scene, &mut camera, publisher, 500);
    for viewer in viewers {
        let seen = scene.people[viewer].seen();
        picture::assert_true(&seen, &camera);
        picture::assert_whole(&seen);
        assert!(
            seen.len() * 1_000 >= camera.sent.len() * 995,
            "{} of {}",
            seen.len(),
            camera.sent.len()
        );
    }
    assert!(scene.lost() > 100, "{} lost", scene.lost());
    scene.assert_no_number_twice();
}

#[test]
fn who_comes_late_begins_with_a_keyframe() {
    let mut scene = Scene::new(3);
    let publisher = scene.publisher(wire(), wire());
    let mut camera = Camera::default();
    lesson(&mut scene, &mut camera, publisher, 60);
    let viewer = scene.viewer(wire(), wire());
    lesson(&mut scene, &mut camera, publisher, 60);
    let seen = scene.people[viewer].seen();
    assert!(!seen.is_empty());
    picture::assert_true(&seen, &camera);
    picture::assert_whole(&seen);
    scene.assert_no_number_twice();
}

#[test]
fn a_queue_that_overflows_loses_whole_stretches_and_pictures_go_on() {
    let thin = Conditions {
        capacity: Capacity::schedule(&[
            (Time::ZERO, 10_000_000),
            (Time::from_millis(6_000), 200_000),
            (Time::from_millis(7_000), 10_000_000),
        ]),
        queue: Queue::Lasting(Duration::from_millis(100)),
        ..wire()
    };
    let mut scene = Scene::new(4);
    let publisher = scene.publisher(wire(), wire());
    let viewer = scene.viewer(thin, wire());
    let mut camera = Camera::default();
    lesson(&mut scene, &mut camera, publisher, 200);
    let seen = scene.people[viewer].seen();
    picture::assert_true(&seen, &camera);
    assert!(scene.lost() > 20, "{} lost", scene.lost());
    let last = camera.sent.last().unwrap();
    assert!(seen
        .iter()
        .any(|packet| picture::content(&packet.payload) == picture::content(last)));
    scene.assert_no_number_twice();
}

use crate::stage::media::*;
use crate::stage::person::Person;
use crate::stage::Stage;
use forwarder_core::command::{AddPeer, AddSlot, AddTrack, Codec, Command, Kind};
use forwarder_core::dtls::{Fingerprint, FingerprintAlgorithm};
use forwarder_core::handle::{PeerId, SlotId, TrackId};

fn lesson(stage: &mut Stage) -> (Person, Person) {
    let (publisher, viewer) = (stage.join(), stage.join());
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.order(Command::AddTrack(video_track(2, publisher.peer, 20)));
    stage.order(Command::AddSlot(audio_slot(1, viewer.peer, 7_000)));
    (publisher, viewer)
}

fn picture(stage: &Stage) -> String {
    let mut stats = stage.worker.stats();
    stats.peers.sort_by_key(|peer| peer.peer);
    format!("{stats:?}")
}

/// All that a caller can get wrong, with a word of the sentence that says so.
fn wrong(publisher: &Person, viewer: &Person) -> Vec<(Command, &'static str)> {
    let stranger = Person::new(9);
    let order = || stranger.order();
    let digest = |algorithm, len| Fingerprint {
        algorithm,
        digest: vec![0; len],
    };
    let (track, slot) = (audio_track(9, publisher.peer, 90), audio_slot(9, viewer.peer, 90));
    let codec = |codec: Codec| vec![codec];
    let opus = opus_codec();
    vec![
        (
            Command::AddPeer(AddPeer {
                peer: PeerId(0),
                ..order()
            }),
            "not 0",
        ),
        (
            Command::AddPeer(AddPeer {
                peer: publisher.peer,
                ..order()
            }),
            "exists",
        ),
        (
            Command::AddPeer(AddPeer {
                local_ufrag: publisher.order().local_ufrag,
                ..order()
            }),
            "ufrag",
        ),
        (
            Command::AddPeer(AddPeer {
                remote_password: String::new(),
                ..order()
            }),
            "passwords",
        ),
        (
            Command::AddPeer(AddPeer {
                mid_extension: 15,
                ..order()
            }),
            "above 14",
        ),
        (
            Command::AddPeer(AddPeer {
                mid_extension: 2,
                ..order()
            }),
            "one id",
        ),
        (
            Command::AddPeer(AddPeer {
                remote_fingerprint: digest(FingerprintAlgorithm::Sha256, 20),
                ..order()
            }),
            "32 bytes",
        ),
        (
            Command::AddPeer(AddPeer {
                remote_fingerprint: digest(FingerprintAlgorithm::Sha1, 20),
                ..order()
            }),
            "sha-1",
        ),
        (Command::RemovePeer(PeerId(77)), "no peer 77"),
        (
            Command::AddTrack(AddTrack {
                track: TrackId(1),
                ..track.clone()
            }),
            "exists",
        ),
        (
            Command::AddTrack(AddTrack {
                peer: PeerId(77),
                ..track.clone()
            }),
            "no peer 77",
        ),
        (
            Command::AddTrack(AddTrack {
                mid: "t1".into(),
                ..track.clone()
            }),
            "mid",
        ),
        (
            Command::AddTrack(AddTrack {
                mid: "a mid of 17 bytes".into(),
                ..track.clone()
            }),
            "mid",
        ),
        (Command::AddTrack(audio_track(9, publisher.peer, 10)), "SSRC"),
        (
            Command::AddTrack(AddTrack {
                codecs: vec![],
                ..track.clone()
            }),
            "codecs",
        ),
        (
            Command::AddTrack(AddTrack {
                codecs: vec![opus.clone(), opus.clone()],
                ..track.clone()
            }),
            "payload type",
        ),
        (
            Command::AddTrack(AddTrack {
                codecs: codec(Codec {
                    payload_type: 72,
                    ..opus.clone()
                }),
                ..track.clone()
            }),
            "payload type",
        ),
        (
            Command::AddTrack(AddTrack {
                codecs: codec(Codec {
                    clock_rate: 0,
                    ..opus.clone()
                }),
                ..track.clone()
            }),
            "clock rate",
        ),
        (Command::RemoveTrack(TrackId(77)), "no track 77"),
        (
            Command::OpenTrack {
                track: TrackId(77),
                open: true,
            },
            "no track 77",
        ),
        (
            Command::AddSlot(AddSlot {
                slot: SlotId(1),
                ..slot.clone()
            }),
            "exists",
        ),
        (
            Command::AddSlot(AddSlot {
                ssrc: 7_000,
                ..slot.clone()
            }),
            "SSRC",
        ),
        (
            Command::AddSlot(AddSlot {
                rtx_ssrc: Some(90),
                ..slot.clone()
            }),
            "SSRC",
        ),
        (Command::RemoveSlot(SlotId(77)), "no slot 77"),
        (
            Command::BindSlot {
                slot: SlotId(77),
                track: None,
            },
            "no slot 77",
        ),
        (
            Command::BindSlot {
                slot: SlotId(1),
                track: Some(TrackId(77)),
            },
            "no track 77",
        ),
        (
            Command::BindSlot {
                slot: SlotId(1),
                track: Some(TrackId(2)),
            },
            "kind",
        ),
        (Command::RequestKeyframe(TrackId(1)), "audio"),
    ]
}

#[test]
fn a_batch_with_one_wrong_command_changes_nothing() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer) = lesson(&mut stage);
    stage.bind(1, 1);
    let before = picture(&stage);
    for (command, word) in wrong(&publisher, &viewer) {
        let legal = [
            Command::BindSlot {
                slot: SlotId(1),
                track: None,
            },
            Command::AddSlot(video_slot(5, viewer.peer, 8_000)),
            Command::RemoveTrack(TrackId(2)),
            Command::AddTrack(video_track(2, publisher.peer, 20)),
        ];
        let batch = legal.into_iter().chain([command.clone()]).collect();
        let error = stage.apply(batch).expect_err("a wrong command");
        assert!(
            error.index == 4 && error.sentence.contains(word),
            "{command:?}: {error}"
        );
        assert_eq!(picture(&stage), before);
    }
    publisher.send(&mut stage, &Stream::opus(10).sound(1));
    assert_eq!(viewer.see(&mut stage).len(), 1);
}

#[test]
fn a_batch_sees_what_its_own_commands_did() {
    let mut stage = Stage::new();
    let person = Person::new(9);
    let batch = vec![
        Command::AddPeer(person.order()),
        Command::AddTrack(audio_track(1, person.peer, 10)),
        Command::AddSlot(audio_slot(1, person.peer, 7_000)),
        Command::BindSlot {
            slot: SlotId(1),
            track: Some(TrackId(1)),
        },
        Command::RemovePeer(person.peer),
        Command::AddPeer(person.order()),
        Command::AddTrack(audio_track(1, person.peer, 10)),
    ];
    stage.apply(batch).expect("a legal batch");
    let stats = stage.worker.stats();
    assert_eq!(
        (stats.peers.len(), stats.tracks.len(), stats.slots.len()),
        (1, 1, 0)
    );
    let gone = vec![
        Command::RemovePeer(person.peer),
        Command::OpenTrack {
            track: TrackId(1),
            open: false,
        },
    ];
    assert_eq!(stage.apply(gone).expect_err("a track without a peer").index, 1);
    assert_eq!(stage.worker.stats().tracks.len(), 1);
}

#[test]
fn a_removed_track_leaves_its_slots_empty_and_a_removed_slot_its_track_alone() {
    let mut stage = Stage::new();
    let (publisher, viewer) = lesson(&mut stage);
    stage.bind(1, 1);
    stage.order(Command::RemoveTrack(TrackId(1)));
    assert_eq!(stage.slot(1).track, None);
    stage.order(Command::AddTrack(audio_track(1, publisher.peer, 10)));
    stage.bind(1, 1);
    stage.order(Command::RemovePeer(viewer.peer));
    assert_eq!(stage.track(1).packets, 0);
    let slot = AddSlot {
        kind: Kind::Audio,
        ..audio_slot(1, publisher.peer, 7_000)
    };
    stage.order(Command::AddSlot(slot));
}

use crate::stage::media::*;
use crate::stage::person::{Person, Told};
use crate::stage::Stage;
use forwarder_core::command::{AddSlot, AddTap, AddTrack, Codec, Command, H264Form};
use forwarder_core::counters::Reason;
use forwarder_core::handle::{TapId, TrackId};
use forwarder_core::rtcp::ReportBlock;
use forwarder_core::rtp::red::{self, Copy};

/// The payload types of redundant sound: as it comes, and as a slot takes it.
const RED: u8 = 50;
const RED_OUT: u8 = 51;
const OPUS_OUT: u8 = 63;

fn red_codec(payload_type: u8) -> Codec {
    Codec {
        name: "red".into(),
        payload_type,
        nack: false,
        ..opus_codec()
    }
}

fn red_track(track: u32, publisher: &Person, ssrc: u32) -> AddTrack {
    let mut order = audio_track(track, publisher.peer, ssrc);
    order.codecs.insert(0, red_codec(RED));
    order
}

fn red_slot(slot: u32, viewer: &Person, ssrc: u32) -> AddSlot {
    let mut order = audio_slot(slot, viewer.peer, ssrc);
    order.codecs.push(red_codec(RED_OUT));
    order
}

/// A publisher, a viewer that takes redundant sound, and one that does not.
fn lesson(stage: &mut Stage) -> (Person, Person, Person) {
    let (publisher, viewer, plain) = (stage.join(), stage.join(), stage.join());
    stage.order(Command::AddTrack(red_track(1, &publisher, 10)));
    stage.order(Command::AddSlot(red_slot(1, &viewer, 7_000)));
    stage.order(Command::AddSlot(audio_slot(2, plain.peer, 7_100)));
    stage.bind(1, 1);
    stage.bind(2, 1);
    (publisher, viewer, plain)
}

/// A packet with the ones at these distances before it once more, the oldest first.
fn wrapped(sent: &[Rtp], at: usize, distances: &[usize]) -> Rtp {
    let packet = &sent[at];
    let copies: Vec<Copy<'_>> = distances
        .iter()
        .map(|&distance| Copy {
            payload_type: OPUS,
            offset: packet.timestamp.wrapping_sub(sent[at - distance].timestamp),
            payload: &sent[at - distance].payload,
        })
        .collect();
    let mut payload = vec![0; red::len(&copies, &packet.payload)];
    red::write(&mut payload, &copies, OPUS, &packet.payload).unwrap();
    Rtp {
        payload_type: RED,
        payload,
        ..packet.clone()
    }
}

fn sounds(count: usize, first: u16) -> Vec<Rtp> {
    let mut stream = Stream::opus(10).starting_at(first, 0xffff_f000);
    (0..count).map(|_| stream.sound(40)).collect()
}

fn payloads(packets: &[Rtp]) -> Vec<&[u8]> {
    packets.iter().map(|packet| packet.payload.as_slice()).collect()
}

/// How much earlier the copies in a redundant packet are, and what it carries itself.
fn taken_apart(packet: &Rtp) -> (Vec<u32>, Vec<u8>) {
    assert_eq!(packet.payload_type, RED_OUT);
    let parts = red::parse(&packet.payload).unwrap();
    assert_eq!(parts.payload_type, OPUS_OUT);
    assert!(parts.copies().iter().all(|copy| copy.payload_type == OPUS_OUT));
    let offsets = parts.copies().iter().map(|copy| copy.offset).collect();
    (offsets, parts.payload.to_vec())
}

/// A receiver report that says how much of a slot was lost.
fn report_loss(stage: &mut Stage, viewer: &mut Person, ssrc: u32, fraction_lost: u8) {
    let block = ReportBlock {
        ssrc,
        fraction_lost,
        ..ReportBlock::default()
    };
    viewer.tell(stage, |writer| writer.receiver_report(1, &[block]).unwrap());
}

fn continuous(packets: &[Rtp]) -> bool {
    packets.windows(2).all(|pair| {
        pair[1].sequence == pair[0].sequence.wrapping_add(1)
            && pair[1].timestamp == pair[0].timestamp.wrapping_add(960)
    })
}

#[test]
fn redundant_sound_stays_so_for_who_takes_it_and_becomes_plain_for_others_and_taps() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, mut plain) = lesson(&mut stage);
    stage.order(Command::AddTap(AddTap {
        tap: TapId(1),
        track: TrackId(1),
        window: std::time::Duration::from_secs(1),
        rid: None,
        while_closed: false,
        form: H264Form::Avcc,
    }));
    let sent = sounds(6, 65_533);
    publisher.send(&mut stage, &sent[0]);
    (1..6).for_each(|at| publisher.send(&mut stage, &wrapped(&sent, at, &[1])));
    let heard = plain.see(&mut stage);
    assert_eq!(payloads(&heard), payloads(&sent));
    assert!(continuous(&heard) && heard.iter().all(|packet| packet.payload_type == OPUS_OUT));
    let heard = viewer.see(&mut stage);
    assert!(continuous(&heard) && heard[0].payload_type == OPUS_OUT);
    for (heard, sent) in heard.iter().zip(&sent).skip(1) {
        assert_eq!(taken_apart(heard), (vec![960], sent.payload.clone()));
    }
    let mut frames = Vec::new();
    stage.worker.frames(&mut frames);
    let data: Vec<&[u8]> = frames.iter().map(|frame| frame.data.as_slice()).collect();
    assert_eq!(data, payloads(&sent));
    assert!(frames.iter().all(|frame| frame.lost_packets == 0));
}

#[test]
fn what_is_lost_on_the_way_to_the_node_is_taken_from_later_packets_and_asked_of_nobody() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, mut plain) = lesson(&mut stage);
    let sent = sounds(12, 65_530);
    for at in (0..12).filter(|at| ![4, 5, 8].contains(at)) {
        let packet = if at < 2 {
            sent[at].clone()
        } else {
            wrapped(&sent, at, &[2, 1])
        };
        publisher.send(&mut stage, &packet);
    }
    stage.pass(1_100);
    assert_eq!(payloads(&plain.see(&mut stage)), payloads(&sent));
    let heard = viewer.see(&mut stage);
    assert_eq!(heard.len(), 12);
    let stats = stage.track(1);
    assert_eq!((stats.copied, stats.lost, stats.nacks_sent), (3, 0, 0));
    // Its sender has to know, or its own protection stays off.
    let blocks = publisher
        .told(&mut stage)
        .into_iter()
        .find_map(|(_, told)| match told {
            Told::ReceiverReport(blocks) if !blocks.is_empty() => Some(blocks),
            _ => None,
        });
    assert_eq!(blocks.map(|blocks| blocks[0].cumulative_lost), Some(3));
}

#[test]
fn a_lossy_line_gets_copies_until_it_has_been_clean_for_twenty_seconds() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, mut plain) = lesson(&mut stage);
    let mut stream = Stream::opus(10);
    let mut hear = |stage: &mut Stage, publisher: &mut Person, viewer: &mut Person, count: usize| {
        for _ in 0..count {
            publisher.send(stage, &stream.sound(40));
            stage.pass(20);
        }
        viewer.see(stage)
    };
    let mut all = hear(&mut stage, &mut publisher, &mut viewer, 6);
    assert!(all.iter().all(|packet| packet.payload_type == OPUS_OUT));
    report_loss(&mut stage, &mut viewer, 7_000, 5);
    let lossy = hear(&mut stage, &mut publisher, &mut viewer, 6);
    assert!(lossy.iter().all(|packet| taken_apart(packet).0 == [3_840, 960]));
    all.extend(lossy);
    stage.pass(20_000);
    publisher.check(&mut stage, true);
    report_loss(&mut stage, &mut viewer, 7_000, 0);
    let clean = hear(&mut stage, &mut publisher, &mut viewer, 2);
    assert!(clean.iter().all(|packet| packet.payload_type == OPUS_OUT));
    all.extend(clean);
    assert!(continuous(&all));
    assert_eq!(stage.slot(1).redundant, 6);
    assert!(plain
        .see(&mut stage)
        .iter()
        .all(|packet| packet.payload_type == OPUS_OUT));
}

#[test]
fn what_is_asked_for_again_counts_as_lost_though_reports_do_not_say_so() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, _) = lesson(&mut stage);
    let sent = sounds(40, 1_000);
    publisher.send_all(&mut stage, &sent[..30]);
    let newest = viewer.see(&mut stage)[29].sequence;
    // The same protected bytes again, which a person refuses as a replay.
    viewer.nack(&mut stage, 7_000, &[newest - 3]);
    stage.sent.clear();
    report_loss(&mut stage, &mut viewer, 7_000, 0);
    publisher.send(&mut stage, &sent[30]);
    assert_eq!(taken_apart(&viewer.see(&mut stage)[0]).0, [3_840, 960]);
}

#[test]
fn a_track_that_is_swapped_in_is_not_mixed_with_the_one_before() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, _) = lesson(&mut stage);
    let mut other = stage.join();
    stage.order(Command::AddTrack(audio_track(3, other.peer, 30)));
    report_loss(&mut stage, &mut viewer, 7_000, 30);
    let sent = sounds(10, 1_000);
    publisher.send_all(&mut stage, &sent);
    let mut stream = Stream::opus(30).starting_at(40_000, 7);
    (0..8).for_each(|_| other.send(&mut stage, &stream.sound(30)));
    stage.bind(1, 3);
    let later: Vec<Rtp> = (0..6).map(|_| stream.sound(30)).collect();
    other.send_all(&mut stage, &later);
    let heard = viewer.see(&mut stage);
    assert!(heard
        .windows(2)
        .all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
    let swapped = &heard[10..];
    assert_eq!(swapped[0].payload_type, OPUS_OUT);
    assert_eq!(swapped[0].payload, later[0].payload);
    // By the slot's own timestamps, which a swap may press together.
    let before = |at: usize, by: usize| swapped[at].timestamp.wrapping_sub(swapped[at - by].timestamp);
    assert_eq!(taken_apart(&swapped[1]).0, [before(1, 1)]);
    assert_eq!(taken_apart(&swapped[4]).0, [before(4, 4), before(4, 1)]);
}

#[test]
fn what_was_said_while_the_track_was_closed_is_in_no_copy() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, mut plain) = lesson(&mut stage);
    report_loss(&mut stage, &mut viewer, 7_000, 30);
    let sent = sounds(12, 1_000);
    publisher.send_all(&mut stage, &sent[..4]);
    stage.open(1, false);
    (4..8).for_each(|at| publisher.send(&mut stage, &wrapped(&sent, at, &[2, 1])));
    viewer.see(&mut stage);
    plain.see(&mut stage);
    stage.open(1, true);
    // The one before was lost while the track was closed, and comes in a copy.
    (9..12).for_each(|at| publisher.send(&mut stage, &wrapped(&sent, at, &[2, 1])));
    let secret = |packet: &Rtp| {
        sent[4..8]
            .iter()
            .any(|said| contains(&packet.payload, &said.payload))
    };
    let heard = viewer.see(&mut stage);
    assert!(heard.len() >= 3 && !heard.iter().any(secret));
    assert!(!plain.see(&mut stage).iter().any(secret));
}

fn contains(payload: &[u8], part: &[u8]) -> bool {
    payload.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_copy_that_makes_a_packet_too_large_is_left_out() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, _) = lesson(&mut stage);
    report_loss(&mut stage, &mut viewer, 7_000, 30);
    let mut sent = sounds(8, 1_000);
    sent.iter_mut().for_each(|packet| packet.payload.resize(500, 1));
    publisher.send_all(&mut stage, &sent);
    let heard = viewer.see(&mut stage);
    assert_eq!(taken_apart(&heard[7]).0, [960]);
    assert!(heard.iter().all(|packet| packet.payload.len() <= 1_100));
}

#[test]
fn malformed_redundancy_is_dropped_and_counted() {
    let mut stage = Stage::new();
    let (mut publisher, mut viewer, _) = lesson(&mut stage);
    let sent = sounds(3, 1_000);
    for (at, payload) in [vec![], vec![0xef, 0, 4, 40, 111, 1], vec![RED, 111, 9]]
        .into_iter()
        .enumerate()
    {
        let packet = Rtp {
            payload_type: RED,
            payload,
            ..sent[at].clone()
        };
        publisher.send(&mut stage, &packet);
    }
    assert!(viewer.see(&mut stage).is_empty());
    let dropped = stage.track(1).dropped;
    assert_eq!(dropped.get(Reason::MalformedRedundancy), 2);
    assert_eq!(dropped.get(Reason::UnknownPayloadType), 1);
}

//! Pictures whose every packet can be told from all others, and what must be true of those that arrive.
use crate::person::Seen;
use forwarder_core::codec::vp8;
use forwarder_core::time::Time;
use std::collections::{HashMap, HashSet};

const PACKETS: usize = 4;
const BYTES: usize = 900;
const CLOCK_RATE: u64 = 90_000;
/// Where what slots rewrite ends: picture id, TL0PICIDX and KEYIDX (RFC 7741 section 4.2).
const DESCRIPTOR_LEN: usize = 6;

/// A packet that a camera makes.
pub struct Made {
    pub payload: Vec<u8>,
    pub timestamp: u32,
    pub sequence: u64,
    pub marker: bool,
}

/// Publishes VP8 and remembers it.
#[derive(Default)]
pub struct Camera {
    pub sent: Vec<Vec<u8>>,
    pictures: u16,
    keyframes: u8,
}

impl Camera {
    pub fn picture(&mut self, is_keyframe: bool, now: Time) -> Vec<Made> {
        let is_keyframe = is_keyframe || self.pictures == 0;
        self.keyframes = (self.keyframes + u8::from(is_keyframe)) & 0x1f;
        let timestamp = (now.as_nanos() / 1_000 * CLOCK_RATE / 1_000_000) as u32;
        let made = (0..PACKETS).map(|at| {
            let payload = self.payload(is_keyframe, at);
            let sequence = 1_000 + self.sent.len() as u64;
            self.sent.push(payload.clone());
            Made {
                payload,
                timestamp,
                sequence,
                marker: at + 1 == PACKETS,
            }
        });
        let made = made.collect();
        self.pictures += 1;
        made
    }

    fn payload(&self, is_keyframe: bool, at: usize) -> Vec<u8> {
        let [high, low] = (self.pictures | 0x8000).to_be_bytes();
        let start = if at == 0 { 0x90 } else { 0x80 };
        let mut payload = vec![start, 0xf0, high, low, self.pictures as u8, self.keyframes];
        payload.extend([u8::from(!is_keyframe), 0x9d, 0x01, 0x2a]);
        payload.extend((self.sent.len() as u32).to_be_bytes());
        payload.resize(BYTES, at as u8);
        payload
    }
}

/// What no forwarder may change.
pub fn content(payload: &[u8]) -> &[u8] {
    &payload[DESCRIPTOR_LEN..]
}

/// Every packet is one that was sent, and none came twice.
pub fn assert_true(seen: &[Seen], camera: &Camera) {
    let sent: HashMap<&[u8], usize> = camera
        .sent
        .iter()
        .enumerate()
        .map(|(at, payload)| (content(payload), at))
        .collect();
    let mut met = HashSet::new();
    for packet in seen {
        let at = sent
            .get(content(&packet.payload))
            .expect("a packet that was sent");
        assert!(met.insert(*at), "packet {at} arrived twice");
    }
}

/// What arrived begins with a keyframe and can be decoded to its end: no packet is missing between.
pub fn assert_whole(seen: &[Seen]) {
    let mut in_order: Vec<&Seen> = seen.iter().collect();
    in_order.sort_by_key(|packet| packet.sequence);
    let first = in_order.first().expect("something arrived");
    let is_keyframe = first.payload[DESCRIPTOR_LEN] & 1 == 0;
    assert!(
        is_keyframe && vp8::parse(&first.payload).unwrap().starts_frame,
        "no keyframe is first"
    );
    for pair in in_order.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1, "a hole in the numbers");
        let (before, after) = (numbers(pair[0]), numbers(pair[1]));
        let is_new = pair[1].timestamp != pair[0].timestamp;
        assert_eq!(
            after,
            (before + u16::from(is_new)) & 0x7fff,
            "a hole in the pictures"
        );
    }
}

fn numbers(packet: &Seen) -> u16 {
    vp8::parse(&packet.payload).unwrap().fields.id.unwrap().value
}

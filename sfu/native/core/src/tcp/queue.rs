//! What waits to leave on one TCP connection: bounded, by urgency, and old video goes before anything else.
use super::lane::Lane;
use super::splitter::{LENGTH_LEN, MAX_PACKET_LEN};
use crate::outbox::Cargo;
use crate::time::Time;
use std::time::Duration;

/// A handshake's flights and some seconds of reports. What finds no room comes again by its own timer.
const CONTROL: (usize, usize) = (48 << 10, 256);
/// Two seconds of some ten voices.
const AUDIO: (usize, usize) = (64 << 10, 1024);
/// A second of one picture at its best, or a few keyframes at once.
const VIDEO: (usize, usize) = (512 << 10, 1024);
/// Later than this a picture is of no use in a conversation; a keyframe is.
pub const VIDEO_AGE: Duration = Duration::from_secs(1);
/// A voice is worth waiting for somewhat longer.
pub const AUDIO_AGE: Duration = Duration::from_secs(2);

/// Packets that will not leave, by urgency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    pub control: u64,
    pub audio: u64,
    pub video: u64,
}

pub struct Queue {
    control: Lane,
    audio: Lane,
    video: Lane,
    /// The rest of a packet of which a part has left: it must follow before anything else, whatever its age.
    begun: Box<[u8; LENGTH_LEN + MAX_PACKET_LEN]>,
    begun_at: usize,
    begun_len: usize,
}

impl Default for Queue {
    fn default() -> Queue {
        let lane = |(bytes, packets)| Lane::new(bytes, packets);
        Queue {
            control: lane(CONTROL),
            audio: lane(AUDIO),
            video: lane(VIDEO),
            begun: Box::new([0; LENGTH_LEN + MAX_PACKET_LEN]),
            begun_at: 0,
            begun_len: 0,
        }
    }
}

impl Queue {
    /// Takes a packet, for which older ones of its kind may have to go; returns what will not leave.
    pub fn push(&mut self, cargo: Cargo, packet: &[u8], now: Time) -> Dropped {
        let length = u16::try_from(packet.len()).ok();
        let Some(length) = length.filter(|_| packet.len() <= MAX_PACKET_LEN) else {
            return Dropped::one(cargo);
        };
        let mut dropped = self.expire(now);
        let lane = match cargo {
            Cargo::Control => &mut self.control,
            Cargo::Audio => &mut self.audio,
            Cargo::Video => &mut self.video,
        };
        while !lane.push(length.to_be_bytes(), packet, now) {
            if cargo == Cargo::Control || !lane.drop_oldest() {
                dropped.add(&Dropped::one(cargo));
                break;
            }
            dropped.add(&Dropped::one(cargo));
        }
        dropped
    }

    /// Lets go of what has waited too long.
    pub fn expire(&mut self, now: Time) -> Dropped {
        Dropped {
            control: 0,
            audio: expire(&mut self.audio, now, AUDIO_AGE),
            video: expire(&mut self.video, now, VIDEO_AGE),
        }
    }

    pub fn is_empty(&self) -> bool {
        let lanes = [&self.control, &self.audio, &self.video];
        self.begun_len == 0 && lanes.into_iter().all(Lane::is_empty)
    }

    /// What is to be written, in this order; a writer may take any number of bytes of it.
    pub fn waiting(&self) -> impl Iterator<Item = &[u8]> {
        let begun = (self.begun_len > 0).then(|| &self.begun[self.begun_at..self.begun_at + self.begun_len]);
        let lanes = [&self.control, &self.audio, &self.video];
        begun.into_iter().chain(lanes.into_iter().flat_map(Lane::packets))
    }

    /// Notes how many bytes of `waiting` have been written.
    pub fn written(&mut self, bytes: usize) {
        let of_begun = bytes.min(self.begun_len);
        self.begun_at += of_begun;
        self.begun_len -= of_begun;
        let mut left = bytes - of_begun;
        for lane in [&mut self.control, &mut self.audio, &mut self.video] {
            while let Some(packet) = lane.oldest().filter(|_| left > 0) {
                if left < packet.len() {
                    let rest = &packet[left..];
                    self.begun[..rest.len()].copy_from_slice(rest);
                    (self.begun_at, self.begun_len) = (0, rest.len());
                    left = 0;
                } else {
                    left -= packet.len();
                }
                lane.drop_oldest();
            }
        }
    }
}

fn expire(lane: &mut Lane, now: Time, age: Duration) -> u64 {
    let mut dropped = 0;
    while lane.oldest_since().is_some_and(|since| now.since(since) >= age) {
        lane.drop_oldest();
        dropped += 1;
    }
    dropped
}

impl Dropped {
    fn one(cargo: Cargo) -> Dropped {
        let of = |kind| u64::from(cargo == kind);
        Dropped {
            control: of(Cargo::Control),
            audio: of(Cargo::Audio),
            video: of(Cargo::Video),
        }
    }

    pub fn add(&mut self, more: &Dropped) {
        self.control += more.control;
        self.audio += more.audio;
        self.video += more.video;
    }

    pub fn is_none(&self) -> bool {
        *self == Dropped::default()
    }
}

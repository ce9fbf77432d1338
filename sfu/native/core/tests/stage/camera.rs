//! A camera that publishes simulcast layers.
use super::media::{video_track, Stream};
use super::person::{Person, Told};
use super::{Stage, NTP_EPOCH_NANOS};
use forwarder_core::command::{AddTrack, Command, Encoding};
use forwarder_core::rtcp::{Ntp, SenderInfo};

/// A camera that sends three layers of each picture, each with numbers of its own.
pub struct Camera {
    pub person: Person,
    pub layers: [Stream; 3],
}

pub const RIDS: [&str; 3] = ["l", "m", "h"];
/// By how many packets a picture of each layer is told from the others.
const PACKETS: [usize; 3] = [1, 2, 4];

impl Camera {
    pub fn new(stage: &mut Stage) -> Camera {
        let person = stage.join();
        let encodings = (0..3).map(|at| Encoding {
            ssrc: 10 + at as u32 * 10,
            rtx_ssrc: Some(11 + at as u32 * 10),
            rid: Some(RIDS[at].into()),
        });
        let encodings = encodings.collect();
        stage.order(Command::AddTrack(AddTrack {
            encodings,
            ..video_track(1, person.peer, 0)
        }));
        let layers = [
            Stream::vp8(10).starting_at(65_500, u32::MAX - 9_000),
            Stream::vp8(20).starting_at(20_000, 7_000_000),
            Stream::vp8(30).starting_at(40_000, 3_000_000),
        ];
        Camera { person, layers }
    }

    /// One picture in all layers; those at `keyframes` are keyframes.
    pub fn picture(&mut self, stage: &mut Stage, keyframes: &[usize]) {
        for (at, count) in PACKETS.into_iter().enumerate() {
            let packets = self.layers[at].picture(keyframes.contains(&at), count);
            self.person.send_all(stage, &packets);
        }
        stage.pass(40);
    }

    pub fn pictures(&mut self, stage: &mut Stage, count: usize) {
        (0..count).for_each(|_| self.picture(stage, &[]));
    }

    /// Tells the clock of a layer: its next picture is captured now.
    pub fn report(&mut self, stage: &mut Stage, layer: usize) {
        let now = Ntp::from_nanos(NTP_EPOCH_NANOS + stage.now.as_nanos());
        self.report_by(stage, layer, now);
    }

    /// The same by another clock.
    pub fn report_by(&mut self, stage: &mut Stage, layer: usize, ntp: Ntp) {
        let info = SenderInfo {
            ssrc: 10 + layer as u32 * 10,
            ntp,
            rtp_timestamp: self.layers[layer].next.timestamp,
            ..SenderInfo::default()
        };
        self.person
            .tell(stage, |writer| writer.sender_report(&info, &[]).unwrap());
    }

    /// Which layers were asked for a keyframe.
    pub fn asked(&mut self, stage: &mut Stage) -> Vec<u32> {
        let told = self.person.told(stage).into_iter();
        told.filter_map(|(_, told)| match told {
            Told::Pli(ssrc) => Some(ssrc),
            _ => None,
        })
        .collect()
    }
}

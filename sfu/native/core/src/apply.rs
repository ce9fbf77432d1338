//! A batch of commands: all of it, or nothing.
mod check;
mod draft;
mod restart;

pub use check::check;

use crate::command::Command;
use crate::dtls::Dtls;
use crate::router::Router;
use crate::time::Time;

/// Does what `check` found possible; nothing here can be refused.
pub fn perform(router: &mut Router, batch: Vec<Command>, handshakes: Vec<Box<dyn Dtls>>, now: Time) {
    let mut handshakes = handshakes.into_iter();
    for command in batch {
        match command {
            Command::AddPeer(order) => {
                let handshake = handshakes.next().expect("a handshake for each peer");
                router.add_peer(order, handshake, now);
            }
            Command::RemovePeer(peer) => router.remove_peer(peer, now),
            Command::RestartIce(order) => router.restart_ice(&order),
            Command::AddTrack(order) => router.add_track(&order),
            Command::RemoveTrack(track) => router.remove_track(track, now),
            Command::OpenTrack { track, open } => router.open_track(track, open, now),
            Command::AddSlot(order) => router.add_slot(&order, now),
            Command::RemoveSlot(slot) => router.remove_slot(slot),
            Command::BindSlot { slot, track } => router.bind(slot, track, now),
            Command::ChooseLayer { slot, rid } => router.choose_layer(slot, rid, now),
            Command::SetPriority { slot, priority } => router.set_priority(slot, priority, now),
            Command::RequestKeyframe(track) => router.request_keyframe(track, now),
            Command::RequestTapKeyframe(tap) => router.request_tap_keyframe(tap, now),
            Command::AddFeed(order) => router.add_feed(&order),
            Command::AddTap(order) => router.add_tap(&order, now),
            Command::RemoveTap(tap) => router.remove_tap(tap),
        }
    }
}

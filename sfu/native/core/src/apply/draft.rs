//! What would be if the commands so far were done: loaded from the router peer by peer, as commands touch it.
use crate::command::Kind;
use crate::handle::{PeerId, SlotId, TapId, TrackId};
use crate::ice::Path;
use crate::router::Router;
use std::collections::HashMap;
use std::net::SocketAddr;

/// A track or slot as far as others must agree with it.
#[derive(Clone, Debug)]
pub struct Stream {
    pub kind: Kind,
    pub mid: String,
    pub ssrcs: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
pub struct PeerDraft {
    /// The present one, and those that it may still be known by.
    pub ufrags: Vec<String>,
    pub is_dialled: bool,
    pub tracks: HashMap<TrackId, Stream>,
    pub slots: HashMap<SlotId, Stream>,
    /// SSRCs that removed slots have used under the connection's key.
    pub spent: usize,
}

pub struct Draft<'a> {
    router: &'a Router,
    peers: HashMap<PeerId, Option<PeerDraft>>,
    /// Where added tracks and slots live; none for removed ones.
    tracks: HashMap<TrackId, Option<PeerId>>,
    slots: HashMap<SlotId, Option<PeerId>>,
    /// Whether a tap is there after the commands so far.
    taps: HashMap<TapId, bool>,
    /// Ways that peers of this batch may go.
    dialled: Vec<Path>,
}

impl<'a> Draft<'a> {
    pub fn of(router: &'a Router) -> Draft<'a> {
        Draft {
            router,
            peers: HashMap::new(),
            tracks: HashMap::new(),
            slots: HashMap::new(),
            taps: HashMap::new(),
            dialled: Vec::new(),
        }
    }

    /// The ways to candidates that no other peer goes.
    pub fn paths_to(&self, candidates: &[SocketAddr]) -> Vec<Path> {
        let is_gone = |peer| matches!(self.peers.get(&peer), Some(None));
        let mut paths = self.router.paths_to(candidates, is_gone);
        paths.retain(|path| !self.dialled.contains(path));
        paths
    }

    pub fn dial(&mut self, paths: Vec<Path>) {
        self.dialled.extend(paths);
    }

    pub fn has_tap(&self, id: TapId) -> bool {
        let lives = || self.router.taps.index_of(id).is_some();
        self.taps.get(&id).copied().unwrap_or_else(lives)
    }

    pub fn tap_count(&self) -> usize {
        self.router.taps.len() + self.taps.values().filter(|&&added| added).count()
    }

    pub fn add_tap(&mut self, id: TapId) {
        self.taps.insert(id, true);
    }

    pub fn remove_tap(&mut self, id: TapId) {
        self.taps.insert(id, false);
    }

    pub fn peer(&mut self, id: PeerId) -> Option<&mut PeerDraft> {
        let router = self.router;
        self.peers.entry(id).or_insert_with(|| load(router, id)).as_mut()
    }

    pub fn track(&mut self, id: TrackId) -> Option<Kind> {
        let owner = self.owner_of_track(id)?;
        self.peer(owner)?.tracks.get(&id).map(|track| track.kind)
    }

    pub fn slot(&mut self, id: SlotId) -> Option<Kind> {
        let owner = self.owner_of_slot(id)?;
        self.peer(owner)?.slots.get(&id).map(|slot| slot.kind)
    }

    pub fn has_ufrag(&self, ufrag: &str) -> bool {
        let mut drafts = self.peers.values().flatten();
        let drafted = drafts.any(|peer| peer.ufrags.iter().any(|known| known == ufrag));
        let living = self
            .router
            .by_ufrag
            .get(ufrag.as_bytes())
            .map(|&peer| self.router.peers[peer].id);
        drafted || living.is_some_and(|peer| !self.peers.contains_key(&peer))
    }

    pub fn peer_count(&self) -> usize {
        let drafted = self.peers.iter().filter(|(_, peer)| peer.is_some()).count();
        let untouched = self
            .router
            .peers
            .iter()
            .filter(|(_, peer)| !self.peers.contains_key(&peer.id))
            .count();
        drafted + untouched
    }

    pub fn add_peer(&mut self, id: PeerId, ufrag: &str, is_dialled: bool) {
        self.peers.insert(
            id,
            Some(PeerDraft {
                ufrags: vec![ufrag.to_owned()],
                is_dialled,
                ..PeerDraft::default()
            }),
        );
    }

    pub fn remove_peer(&mut self, id: PeerId) {
        let Some(peer) = self.peers.insert(id, None).flatten() else {
            return;
        };
        self.tracks
            .extend(peer.tracks.into_keys().map(|track| (track, None)));
        self.slots.extend(peer.slots.into_keys().map(|slot| (slot, None)));
    }

    pub fn add_track(&mut self, id: TrackId, owner: PeerId, track: Stream) {
        self.tracks.insert(id, Some(owner));
        self.peer(owner).and_then(|peer| peer.tracks.insert(id, track));
    }

    pub fn remove_track(&mut self, id: TrackId) {
        let owner = self.owner_of_track(id);
        self.tracks.insert(id, None);
        owner.and_then(|owner| self.peer(owner)?.tracks.remove(&id));
    }

    pub fn add_slot(&mut self, id: SlotId, owner: PeerId, slot: Stream) {
        self.slots.insert(id, Some(owner));
        self.peer(owner).and_then(|peer| peer.slots.insert(id, slot));
    }

    pub fn remove_slot(&mut self, id: SlotId) {
        let owner = self.owner_of_slot(id);
        self.slots.insert(id, None);
        let Some(peer) = owner.and_then(|owner| self.peer(owner)) else {
            return;
        };
        peer.spent += peer.slots.remove(&id).map_or(0, |slot| slot.ssrcs.len());
    }

    fn owner_of_track(&self, id: TrackId) -> Option<PeerId> {
        let router = self.router;
        let living = || Some(router.peers[router.tracks[router.tracks.index_of(id)?].peer].id);
        self.tracks.get(&id).copied().unwrap_or_else(living)
    }

    fn owner_of_slot(&self, id: SlotId) -> Option<PeerId> {
        let router = self.router;
        let living = || Some(router.peers[router.slots[router.slots.index_of(id)?].peer].id);
        self.slots.get(&id).copied().unwrap_or_else(living)
    }
}

fn load(router: &Router, id: PeerId) -> Option<PeerDraft> {
    let peer = &router.peers[router.peers.index_of(id)?];
    let tracks = peer.tracks.iter().map(|&index| {
        let track = &router.tracks[index];
        let declared = if track.is_declared { &track.layers[..] } else { &[] };
        let ssrcs = declared
            .iter()
            .flat_map(|layer| [layer.ssrc, layer.rtx_ssrc])
            .flatten()
            .collect();
        (
            track.id,
            Stream {
                kind: track.kind,
                mid: track.mid.clone(),
                ssrcs,
            },
        )
    });
    let slots = peer.slots.iter().map(|&index| {
        let slot = &router.slots[index];
        let ssrcs = [Some(slot.ssrc), slot.rtx_ssrc].into_iter().flatten().collect();
        (
            slot.id,
            Stream {
                kind: slot.kind,
                mid: String::from_utf8_lossy(slot.mid.as_bytes()).into_owned(),
                ssrcs,
            },
        )
    });
    let (tracks, slots) = (tracks.collect(), slots.collect());
    Some(PeerDraft {
        ufrags: peer.former_ufrag.iter().chain([&peer.ufrag]).cloned().collect(),
        is_dialled: peer.dial.is_some(),
        tracks,
        slots,
        spent: peer.spent(),
    })
}

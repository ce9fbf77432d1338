//! What each viewer's line is given to carry, ten times a second.
use super::Router;
use crate::allocation::{Line, Priority, Verdict, Wish};
use crate::command::Kind;
use crate::event::{Event, Reduced};
use crate::handle::SlotId;
use crate::slot::{Phase, Share};
use crate::time::Time;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(100);

/// What one decision needs, kept so that none has to make room.
#[derive(Default)]
pub struct Sharing {
    slots: Vec<usize>,
    wishes: Vec<Wish>,
    grants: Vec<u8>,
}

impl Sharing {
    pub fn fit(&mut self, slots: usize) {
        self.slots.reserve(slots.saturating_sub(self.slots.len()));
        self.wishes.reserve(slots.saturating_sub(self.wishes.len()));
        self.grants.reserve(slots.saturating_sub(self.grants.len()));
    }
}

impl Router {
    /// Says what a slot's picture is worth beside the others of its connection.
    pub fn set_priority(&mut self, slot: SlotId, priority: Priority, now: Time) {
        let Some(index) = self.slots.index_of(slot) else {
            return;
        };
        if self.slots[index].priority != priority {
            self.slots[index].priority = priority;
            self.reconsider(index, now);
        }
    }

    /// Has a slot's share decided anew at once; whether its line is known.
    pub(super) fn reconsider(&mut self, index: usize, now: Time) -> bool {
        let owner = self.slots[index].peer;
        let is_known = self.peers[owner].estimate().is_some();
        if is_known {
            self.slots[index].share = None;
            self.peers[owner].next_allocation = now;
            self.agenda.no_later_than(owner, now);
        }
        is_known
    }

    /// Shares out what the line of a connection carries, when that is due and known.
    pub(super) fn allocate(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        let Some(estimate) = peer.estimate() else { return };
        if now < peer.next_allocation {
            return;
        }
        peer.next_allocation = now + INTERVAL;
        let mut sharing = std::mem::take(&mut self.sharing);
        let (voices, repairs) = self.gather(index, &mut sharing, now);
        let line = Line {
            estimate,
            voices,
            repairs,
        };
        let allocation = &mut self.peers[index].allocation;
        let verdict = allocation.decide(&line, &sharing.wishes, &mut sharing.grants, now);
        for (at, &slot) in sharing.slots.iter().enumerate() {
            let rung = sharing.wishes[at].rungs.shown(sharing.grants[at]);
            let share = rung.map_or(Share::Paused, |rung| Share::Layer(usize::from(rung.layer)));
            self.give(slot, share, now);
        }
        self.tell_fitted(index, estimate, verdict, &sharing);
        self.sharing = sharing;
    }

    /// What the connection asks for; returns what its voices and its repairs take, in bit/s.
    fn gather(&self, index: usize, sharing: &mut Sharing, now: Time) -> (u64, u64) {
        let peer = &self.peers[index];
        sharing.slots.clear();
        sharing.wishes.clear();
        let mut voices = 0;
        for &place in &peer.slots {
            let slot = &self.slots[place];
            if slot.kind == Kind::Audio {
                voices += slot.rate.get(now);
                continue;
            }
            let track = slot.track.map(|track| &self.tracks[track]);
            let Some(track) = track.filter(|track| track.open) else {
                continue;
            };
            let wish = slot.asks(track, now);
            if !wish.rungs.is_empty() {
                sharing.slots.push(place);
                sharing.wishes.push(wish);
            }
        }
        (voices, peer.repairs.get(now))
    }

    /// Lets a slot show no more than its share: less at the next keyframe, which is asked for, and nothing at once.
    fn give(&mut self, index: usize, share: Share, now: Time) {
        let slot = &mut self.slots[index];
        let is_idle = slot.phase == Phase::Idle;
        if slot.share == Some(share) && (share == Share::Paused) == is_idle {
            return;
        }
        slot.share = Some(share);
        if share == Share::Paused {
            slot.stop();
        }
        if let Some(track) = slot.track {
            self.aim(track, now);
        }
        match share {
            Share::Paused => self.look_at_flow(now),
            Share::Layer(_) if is_idle => self.begin_slot(index, now),
            Share::Layer(layer) if self.slots[index].phase == Phase::Waiting => {
                let track = self.slots[index].track;
                track
                    .into_iter()
                    .for_each(|track| self.want_keyframe_of(track, Some(layer), now));
            }
            Share::Layer(_) => {}
        }
    }

    /// Tells which pictures are less than they might be, unless that is what was told last.
    fn tell_fitted(&mut self, index: usize, bit_rate: u64, cause: Verdict, sharing: &Sharing) {
        let told = &self.peers[index].reduced;
        let is_told = |now: Reduced, told: &Reduced| {
            (now.slot, now.is_paused) == (told.slot, told.is_paused)
                && (cause == Verdict::Kept || now == *told)
        };
        if sharing.reduced(self).count() == told.len()
            && sharing
                .reduced(self)
                .zip(told)
                .all(|(now, told)| is_told(now, told))
        {
            return;
        }
        let reduced: Vec<Reduced> = sharing.reduced(self).collect();
        let peer = &mut self.peers[index];
        peer.reduced.clone_from(&reduced);
        self.events.push(Event::PicturesFitted {
            peer: peer.id,
            level: peer.allocation.level(),
            bit_rate,
            cause,
            reduced,
        });
    }
}

impl Sharing {
    /// All that is less than it might be.
    fn reduced<'a>(&'a self, router: &'a Router) -> impl Iterator<Item = Reduced> + 'a {
        let each = self.slots.iter().zip(&self.wishes).zip(&self.grants);
        let less = each.filter(|((_, wish), &grant)| usize::from(grant) < wish.rungs.as_slice().len());
        less.map(move |((&slot, wish), &grant)| {
            let (slot, rung) = (&router.slots[slot], wish.rungs.shown(grant));
            let track = slot.track.map(|track| &router.tracks[track]);
            let layer = rung.and_then(|rung| track?.layers.get(usize::from(rung.layer)));
            Reduced {
                slot: slot.id,
                lines: layer.map(|layer| layer.lines).filter(|&lines| lines > 0),
                is_paused: rung.is_none(),
            }
        })
    }
}

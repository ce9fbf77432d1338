//! A peer whose packets come along another path: its router has forgotten it, or its network is another one. A genuine
//! packet is no proof of where it comes from, so the peer is asked there by a check, and only its answer moves anything.
use super::dialling::{transaction, MAX_CHECK_LEN};
use super::Router;
use crate::counters::Reason;
use crate::demux::Kind;
use crate::ice::Path;
use crate::outbox::Cargo;
use crate::peer::{Peer, Phase};
use crate::stun::Message;
use crate::time::Time;
use std::time::Duration;

/// Packets of nobody looked at, and keys tried on them: in 100 ms what costs some 3 ms, whoever floods.
const MOST_TRIES: usize = 2_000;
const TRIES_EACH: Duration = Duration::from_millis(100);
/// No longer datagram is received.
const LONGEST: usize = 2048;

/// How many keys may still be tried now, and whose is next.
pub struct Tries {
    left: usize,
    since: Time,
    next: usize,
}

impl Default for Tries {
    fn default() -> Tries {
        Tries {
            left: MOST_TRIES,
            since: Time::ZERO,
            next: 0,
        }
    }
}

impl Tries {
    fn spend(&mut self) -> bool {
        let is_left = self.left > 0;
        self.left -= usize::from(is_left);
        is_left
    }

    fn refill(&mut self, now: Time) {
        if now.since(self.since) >= TRIES_EACH {
            (self.left, self.since) = (MOST_TRIES, now);
        }
    }
}

impl Router {
    /// A packet along a path that nobody has proved to be at.
    pub(super) fn receive_from_nobody(&mut self, kind: Kind, datagram: &[u8], path: Path, now: Time) {
        self.drops.count(Reason::UnknownPath);
        if path.is_tcp() {
            return;
        }
        if let Some(index) = self.maker_of(kind, datagram, now) {
            self.contain(index, now, |router| router.ask(index, path, now));
        }
    }

    /// Whose packet it is, by the keys that open it; each time others are tried first, so that all have their turn.
    fn maker_of(&mut self, kind: Kind, datagram: &[u8], now: Time) -> Option<usize> {
        self.tries.refill(now);
        if !self.tries.spend() {
            return None;
        }
        let count = self.peers.end();
        for at in 0..count {
            let index = (self.tries.next + at) % count;
            let Some(inbound) = self.peers.get(index).and_then(may_have_moved) else {
                continue;
            };
            if !inbound.knows(kind, datagram) {
                continue;
            }
            if !self.tries.spend() {
                self.tries.next = index;
                return None;
            }
            let mut copy = [0; LONGEST];
            let copy = copy.get_mut(..datagram.len())?;
            copy.copy_from_slice(datagram);
            if inbound.opens(kind, copy) {
                return Some(index);
            }
        }
        None
    }

    fn ask(&mut self, index: usize, path: Path, now: Time) {
        let transaction = transaction(index, self.chance.next());
        let peer = &mut self.peers[index];
        let mut check = [0; MAX_CHECK_LEN];
        if let Some(len) = peer.asker.check(path, transaction, now, &mut check) {
            // A check without room is lost like one on the way: the next packet brings another.
            let whither = (path, Cargo::Control);
            let _ = self.out.send_copy(&mut peer.link, whither, &check[..len], now);
        }
    }

    /// The answer to such a check, if it is one: the peer is followed there.
    pub(super) fn moved(&mut self, index: usize, message: &Message<'_>, path: Path, now: Time) -> bool {
        let is_of_another = self.by_path.get(&path).is_some_and(|&holder| holder != index);
        let peer = &mut self.peers[index];
        let Some(round_trip) = peer.asker.answer(message, path, now) else {
            return false;
        };
        if !is_of_another && peer.ice.follow(path, now) {
            peer.round_trip.sample(round_trip, now);
            peer.link.path = peer.ice.path();
            self.learn_path(index, path);
            self.plan(index);
        }
        true
    }
}

fn may_have_moved(peer: &Peer) -> Option<&crate::srtp::Inbound> {
    let is_still = peer.phase != Phase::Connected || peer.dial.is_some() || peer.ice.is_restarting();
    peer.inbound.as_ref().filter(|_| !is_still)
}

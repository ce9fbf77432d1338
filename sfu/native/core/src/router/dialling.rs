//! Peers that we dial: checks that leave, answers that come.
use super::Router;
use crate::command::AddPeer;
use crate::counters::Reason;
use crate::handle::PeerId;
use crate::ice::{IceDial, Path, MAX_DIALLED_PATHS};
use crate::outbox::Cargo;
use crate::stun::{Message, TransactionId};
use crate::time::Time;
use std::net::SocketAddr;

/// A check with its name, priority, role, integrity and fingerprint; names have up to 256 characters each.
pub(super) const MAX_CHECK_LEN: usize = 640;

impl Router {
    /// The ways to the candidates: each by those of our sockets that can reach it, and along which no other of our peers
    /// goes or may yet go: the other side tells connections apart by where they come from.
    pub fn paths_to(&self, candidates: &[SocketAddr], is_gone: impl Fn(PeerId) -> bool) -> Vec<Path> {
        let reaches = |own: &SocketAddr, remote: &SocketAddr| {
            own.is_ipv4() == remote.is_ipv4() && own.ip().is_loopback() == remote.ip().is_loopback()
        };
        let ways = candidates.iter().flat_map(|&remote| {
            let own = self.addresses.iter().enumerate();
            own.filter(move |(_, own)| reaches(own, &remote))
                .map(move |(socket, _)| Path {
                    socket: socket as u16,
                    remote,
                })
        });
        let mut dialled = self.peers.iter().filter(|(_, peer)| !is_gone(peer.id));
        let taken: Vec<&IceDial> = dialled
            .by_ref()
            .filter_map(|(_, peer)| peer.dial.as_ref())
            .collect();
        ways.filter(|path| !taken.iter().any(|dial| dial.holds(path)))
            .take(MAX_DIALLED_PATHS)
            .collect()
    }

    pub(super) fn dial(&mut self, order: &AddPeer, now: Time) -> IceDial {
        let paths = self.paths_to(&order.candidates, |_| false);
        let (local, remote) = (&order.local_ufrag, &order.remote_ufrag);
        IceDial::new(
            local,
            remote,
            &order.remote_password,
            &paths,
            self.chance.next(),
            now,
        )
    }

    pub(super) fn send_checks(&mut self, index: usize, now: Time) {
        let transaction = transaction(index, self.chance.next());
        let peer = &mut self.peers[index];
        let mut check = [0; MAX_CHECK_LEN];
        let due = peer
            .dial
            .as_mut()
            .and_then(|dial| dial.check(transaction, now, &mut check));
        let Some((path, len)) = due else { return };
        // A check without room is lost like one on the way: it is repeated.
        let whither = (path, Cargo::Control);
        let _ = self.out.send_copy(&mut peer.link, whither, &check[..len], now);
    }

    /// An answer to a check of ours: the transaction says whose check it was.
    pub(super) fn receive_answer(&mut self, message: &Message<'_>, len: usize, path: Path, now: Time) {
        let index = peer_of(&message.transaction);
        if self.peers.get(index).is_none() {
            return self.drops.count(Reason::StunNotARequest);
        }
        self.contain(index, now, |router| {
            let peer = &mut router.peers[index];
            peer.received(len);
            if peer.dial.is_none() {
                if !router.moved(index, message, path, now) {
                    router.drops.count(Reason::StunNotARequest);
                }
                return;
            }
            let answered = peer
                .dial
                .as_mut()
                .and_then(|dial| dial.answer(message, path, now));
            let Some(answered) = answered else {
                return peer.drops.count(Reason::StunWrongIntegrity);
            };
            peer.round_trip.sample(answered.round_trip, now);
            if answered.is_chosen {
                peer.link.path = Some(path);
                router.learn_path(index, path);
                router.path_found(index, now);
            }
            router.plan(index);
        });
    }
}

/// The first bytes name the peer, so that its answers are found; the others nobody guesses.
pub(super) fn transaction(peer: usize, chance: u64) -> TransactionId {
    let mut transaction = [0; 12];
    transaction[..4].copy_from_slice(&(peer as u32).to_be_bytes());
    transaction[4..].copy_from_slice(&chance.to_be_bytes());
    transaction
}

fn peer_of(transaction: &TransactionId) -> usize {
    let [a, b, c, d, ..] = *transaction;
    u32::from_be_bytes([a, b, c, d]) as usize
}

//! From the first check to the keys: ICE, then DTLS, then SRTP.
use super::{Router, DATAGRAM_ROOM};
use crate::command::RestartIce;
use crate::counters::Reason;
use crate::dtls::{Session, State};
use crate::event::{CloseReason, Event};
use crate::ice::{Asker, Path};
use crate::outbox::Cargo;
use crate::peer::{Phase, Step};
use crate::srtp::{Inbound, Outbound};
use crate::stun::{self, Class, Message, MAX_RESPONSE_LEN};
use crate::time::Time;
use std::panic::catch_unwind;
use std::time::Duration;

/// A flight of a handshake has some datagrams; more in one go is a broken library.
const MAX_FLIGHT: usize = 32;
/// How often reports leave.
pub const REPORT_INTERVAL: Duration = Duration::from_secs(1);

impl Router {
    pub(super) fn receive_stun(&mut self, datagram: &[u8], path: Path, now: Time) {
        // Nobody is known yet whom a panic could end: such bytes are malformed like others.
        let Ok(Ok(message)) = catch_unwind(|| stun::parse(datagram)) else {
            return self.drops.count(Reason::MalformedStun);
        };
        if matches!(message.class, Class::Success | Class::Error) {
            return self.receive_answer(&message, datagram.len(), path, now);
        }
        let ufrag = message.local_ufrag().unwrap_or_default();
        let Some(&peer) = self.by_ufrag.get(ufrag) else {
            return self.drops.count(Reason::UnknownUfrag);
        };
        self.contain(peer, now, |router| {
            router.peers[peer].received(datagram.len());
            if let Err(reason) = router.answer_check(peer, &message, path, now) {
                router.peers[peer].drops.count(reason);
            }
        });
    }

    fn answer_check(
        &mut self,
        index: usize,
        message: &Message<'_>,
        path: Path,
        now: Time,
    ) -> Result<(), Reason> {
        let holder = self.by_path.get(&path).copied().filter(|&holder| holder != index);
        if holder.is_some_and(|holder| self.peers[holder].holds(&path, now)) {
            return Err(Reason::PathOfAnother);
        }
        let peer = &mut self.peers[index];
        let mut response = [0; MAX_RESPONSE_LEN];
        let outcome = peer.ice.receive(message, path, now, &mut response)?;
        if !peer.ice.is_restarting() {
            if let Some(former) = peer.former_ufrag.take() {
                self.by_ufrag.remove(former.as_bytes());
            }
        }
        match &mut peer.dial {
            Some(dial) => dial.add(path, now),
            None => peer.link.path = peer.ice.path(),
        }
        if peer.ice.is_valid(&path) {
            self.learn_path(index, path);
            if let Some(holder) = holder {
                self.peers[holder].paths.retain(|&known| known != path);
            }
        }
        let peer = &mut self.peers[index];
        let (whither, response) = ((path, Cargo::Control), &response[..outcome.response_len]);
        self.out.send_copy(&mut peer.link, whither, response, now)?;
        self.path_found(index, now);
        Ok(())
    }

    /// Gives a peer other credentials; it goes on along its path until one is nominated with them.
    pub fn restart_ice(&mut self, order: &RestartIce) {
        let Some(index) = self.peers.index_of(order.peer) else {
            return;
        };
        let peer = &mut self.peers[index];
        let (ufrag, password) = (&order.local_ufrag, &order.local_password);
        peer.ice.restart(ufrag, password, &order.remote_ufrag);
        peer.asker = Asker::new(ufrag, &order.remote_ufrag, &order.remote_password);
        let before = std::mem::replace(&mut peer.ufrag, ufrag.clone());
        if peer.former_ufrag.is_some() {
            // Those in between led to no path, and are forgotten.
            self.by_ufrag.remove(before.as_bytes());
        } else {
            peer.former_ufrag = Some(before);
        }
        self.by_ufrag.insert(ufrag.clone().into_bytes(), index);
    }

    pub(super) fn learn_path(&mut self, index: usize, path: Path) {
        if let Some(forgotten) = self.peers[index].heard_on(path) {
            self.by_path.remove(&forgotten);
            self.parted.extend(forgotten.is_tcp().then_some(forgotten));
        }
        self.by_path.insert(path, index);
    }

    /// A TCP connection has ended: whoever comes along the same path later has to prove who it is.
    pub fn lose_path(&mut self, path: &Path, now: Time) {
        let Some(index) = self.by_path.remove(path) else {
            return;
        };
        self.contain(index, now, |router| {
            let peer = &mut router.peers[index];
            peer.paths.retain(|known| known != path);
            peer.ice.forget(path, now);
            if peer.dial.is_none() {
                // Without another it stays: what is sent there is counted as lost, until a check comes.
                peer.link.path = peer.ice.path().or(peer.link.path);
            }
            router.plan(index);
        });
    }

    /// What a TCP connection could not carry, by whom it was for.
    pub fn unsent(&mut self, path: &Path, receiver: Option<u32>, reason: Reason, count: u64) {
        let owner = self.by_path.get(path).copied();
        let index = owner.or(receiver.map(|receiver| receiver as usize));
        match index.and_then(|index| self.peers.get_mut(index)) {
            Some(peer) => peer.drops.add(reason, count),
            None => self.drops.add(reason, count),
        }
    }

    /// Begins the handshake on the first path; the active side speaks first.
    pub(super) fn path_found(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        if peer.phase == Phase::Checking && peer.link.path.is_some() {
            peer.step(Step::PathFound);
            peer.dtls.tick(now);
            self.progress_dtls(index, now);
        }
        self.plan(index);
    }

    pub(super) fn receive_dtls(&mut self, index: usize, datagram: &[u8], now: Time) -> Result<(), Reason> {
        let peer = &mut self.peers[index];
        if peer.phase == Phase::Securing {
            peer.flight_answered(now);
        }
        peer.dtls.receive(datagram, now);
        self.progress_dtls(index, now);
        self.plan(index);
        Ok(())
    }

    /// Sends what the handshake has to say and looks how far it has come.
    pub(super) fn progress_dtls(&mut self, index: usize, now: Time) {
        self.transmit_dtls(index, now);
        let peer = &self.peers[index];
        let securing = peer.phase == Phase::Securing;
        match peer.dtls.state() {
            State::Connected(session) if securing => {
                let session = session.clone();
                self.secure(index, &session, now);
            }
            State::Handshaking | State::Connected(_) => {}
            State::Failed(_) if securing => self.end(index, Some(CloseReason::HandshakeFailed), now),
            State::Failed(_) | State::Closed => self.end(index, Some(CloseReason::ClosedByPeer), now),
        }
    }

    pub(super) fn transmit_dtls(&mut self, index: usize, now: Time) {
        let peer = &mut self.peers[index];
        let Some(path) = peer.link.path else { return };
        let mut datagram = [0; DATAGRAM_ROOM];
        for _ in 0..MAX_FLIGHT {
            let Some(len) = peer.dtls.transmit(&mut datagram) else {
                return;
            };
            // A datagram without room is lost like one on the way: the handshake repeats it.
            let whither = (path, Cargo::Control);
            match self.out.send_copy(&mut peer.link, whither, &datagram[..len], now) {
                Ok(()) => peer.flight_sent(now),
                Err(reason) => peer.drops.count(reason),
            }
        }
    }

    fn secure(&mut self, index: usize, session: &Session, now: Time) {
        let peer = &mut self.peers[index];
        if session.peer_digest != peer.fingerprint.digest {
            return self.end(index, Some(CloseReason::FingerprintMismatch), now);
        }
        let inbound = Inbound::new(session.profile, &session.remote_key, &session.remote_salt);
        let outbound = Outbound::new(session.profile, &session.local_key, &session.local_salt);
        let (Ok(inbound), Ok(outbound)) = (inbound, outbound) else {
            return self.end(index, Some(CloseReason::HandshakeFailed), now);
        };
        peer.step(Step::Secured);
        (peer.inbound, peer.link.srtp) = (Some(inbound), Some(outbound));
        peer.next_report = now + REPORT_INTERVAL;
        let remote = peer.link.path.map(|path| path.remote);
        let remote = remote.expect("DTLS runs on a path only");
        self.events.push(Event::PeerConnected {
            peer: peer.id,
            profile: session.profile,
            remote,
        });
        for slot in self.peers[index].slots.clone() {
            self.open_streams(slot);
            self.begin_slot(slot, now);
        }
    }
}

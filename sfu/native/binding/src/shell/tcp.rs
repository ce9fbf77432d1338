//! The worker thread's part with TCP connections.
use forwarder_core::counters::Reason;
use forwarder_core::ice::Path;
use forwarder_core::outbox::Datagram;
use forwarder_core::tcp::Dropped;
use forwarder_core::time::Time;
use rustix::event::epoll;

use super::Shell;
use crate::clock;
use crate::wires::{WireId, Wires};

/// What a TCP connection could not carry: on which path, of whose datagrams, why and how many.
pub(super) type Unsent = (Path, Option<u32>, Reason, u64);

impl Shell {
    /// A TCP connection has something to read, can take more, or has ended.
    pub(super) fn serve(&mut self, id: WireId, flags: epoll::EventFlags) {
        let now = clock::now();
        if flags.contains(epoll::EventFlags::OUT) {
            if let Some((path, dropped)) = self.wires.goes_on(id, &self.epoll, now) {
                note_unsent(&mut self.unsent, path, None, &dropped);
                self.count_unsent();
            }
        }
        if flags.intersects(epoll::EventFlags::IN | epoll::EventFlags::HUP | epoll::EventFlags::ERR) {
            self.receive_by_wire(id, now);
        }
    }

    fn receive_by_wire(&mut self, id: WireId, now: Time) {
        let Some(path) = self.wires.read(id, &self.epoll) else {
            return;
        };
        loop {
            if self.worker.outbox().free() < self.worker.max_burst() {
                self.flush();
            }
            let Some(packet) = self.wires.next(id) else { break };
            self.worker.receive(packet, path, now);
            if self.wires.waits(id) && self.worker.knows(&path) {
                self.wires.admit(id);
            }
        }
        self.flush();
    }

    /// Closes connections that have ended, and those whose peer has.
    pub(super) fn close_wires(&mut self) {
        while let Some(path) = self.worker.parted() {
            self.wires.part(&path);
        }
        while let Some(path) = self.wires.close_next() {
            self.worker.lose_path(&path, clock::now());
        }
    }

    pub(super) fn count_unsent(&mut self) {
        for (path, receiver, reason, count) in self.unsent.drain(..) {
            self.worker.unsent(&path, receiver, reason, count);
        }
    }
}

/// Queues each packet for its connection, and writes once for all that one gets.
pub(super) fn send<'a>(
    wires: &mut Wires,
    datagrams: impl Iterator<Item = (&'a Datagram, &'a [u8])>,
    epoll: &rustix::fd::OwnedFd,
    unsent: &mut Vec<Unsent>,
) {
    let now = clock::now();
    let mut filled: Option<Path> = None;
    for (datagram, bytes) in datagrams {
        let path = datagram.path;
        if let Some(before) = filled.filter(|&before| before != path) {
            wires.write_to(&before, epoll);
        }
        filled = Some(path);
        match wires.push(&path, datagram.cargo, bytes, now) {
            Some(dropped) => note_unsent(unsent, path, Some(datagram.receiver), &dropped),
            None => unsent.push((path, Some(datagram.receiver), Reason::TcpClosed, 1)),
        }
    }
    if let Some(last) = filled {
        wires.write_to(&last, epoll);
    }
}

fn note_unsent(unsent: &mut Vec<Unsent>, path: Path, receiver: Option<u32>, dropped: &Dropped) {
    let counts = [
        (Reason::TcpQueueFull, dropped.control),
        (Reason::TcpAudioTooSlow, dropped.audio),
        (Reason::TcpVideoTooSlow, dropped.video),
    ];
    let lost = counts.into_iter().filter(|&(_, count)| count > 0);
    unsent.extend(lost.map(|(reason, count)| (path, receiver, reason, count)));
}

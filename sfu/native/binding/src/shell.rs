//! The worker thread: it moves bytes between sockets and the core, arms one timer and decides nothing.
mod tcp;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use forwarder_core::command::{Command, CommandError, Fed, FeedError};
use forwarder_core::event::Event;
use forwarder_core::frame::Frame;
use forwarder_core::ice::Path;
use forwarder_core::outbox::Datagram;
use forwarder_core::stats::Stats;
use forwarder_core::time::Time;
use forwarder_core::worker::Worker;
use rustix::event::{epoll, Timespec};
use rustix::io::Errno;

use crate::clock;
use crate::news::News;
use crate::requests::{Reply, Requests};
use crate::sockets::{ReceiveBatch, SendBatch, Sent, Socket};
use crate::wires::{Listener, WireId, Wires};

/// What the thread is asked from outside; each answer goes back by the reply that came with the question.
pub enum Request {
    Apply(Vec<Command>, Reply<Result<(), CommandError>>),
    Feed(Vec<Fed>, Reply<Result<(), FeedError>>),
    Stats(Reply<Snapshot>),
    Close,
}

/// Where the thread puts what others take.
#[derive(Clone)]
pub struct Told {
    pub events: Arc<News<Event>>,
    pub frames: Arc<News<Frame>>,
    pub guests: Arc<News<OwnedFd>>,
}

/// What the core counts and what only the shell can know.
pub struct Snapshot {
    pub stats: Stats,
    /// Datagrams the shell or the kernel dropped, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
    pub cpu_seconds: f64,
}

#[derive(Default)]
struct Drops {
    truncated: u64,
    receive_failed: u64,
}

/// So many TCP connections have their turn before the timer is looked at.
const READY_WIRES: usize = 64;

/// The wake's mark among the sockets' indices and those of TCP.
const WAKE: u64 = u64::MAX;

pub struct Shell {
    worker: Worker,
    sockets: Vec<Socket>,
    wires: Wires,
    epoll: rustix::fd::OwnedFd,
    requests: Arc<Requests<Request>>,
    told: Told,
    receive: ReceiveBatch,
    send: SendBatch,
    order: Vec<u64>,
    unsent: Vec<tcp::Unsent>,
    drops: Drops,
    sent: Sent,
    open: bool,
}

impl Shell {
    pub fn new(
        worker: Worker,
        (sockets, listeners): (Vec<Socket>, Vec<Listener>),
        requests: Arc<Requests<Request>>,
        told: Told,
    ) -> io::Result<Shell> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            &*requests,
            epoll::EventData::new_u64(WAKE),
            epoll::EventFlags::IN,
        )?;
        for (index, socket) in sockets.iter().enumerate() {
            let mark = epoll::EventData::new_u64(index as u64);
            epoll::add(&epoll, socket, mark, epoll::EventFlags::IN)?;
        }
        for (number, listener) in listeners.iter().enumerate() {
            let mark = epoll::EventData::new_u64(Listener::mark(number));
            epoll::add(&epoll, listener, mark, epoll::EventFlags::IN)?;
        }
        Ok(Shell {
            worker,
            sockets,
            wires: Wires::new(listeners),
            epoll,
            requests,
            told,
            receive: ReceiveBatch::allocate(),
            send: SendBatch::allocate(),
            order: Vec::new(),
            unsent: Vec::new(),
            drops: Drops::default(),
            sent: Sent::default(),
            open: true,
        })
    }

    pub fn run(mut self) -> io::Result<()> {
        let mut ready =
            Vec::with_capacity(self.sockets.len() + self.wires.listeners().len() + 1 + READY_WIRES);
        while self.open {
            self.wait(&mut ready)?;
            for event in ready.drain(..) {
                match event.data.u64() {
                    WAKE => self.answer_requests(),
                    mark if mark & WireId::MARK != 0 => self.serve(WireId::from_mark(mark), event.flags),
                    mark if mark & Listener::MARK != 0 => {
                        let number = (mark & !Listener::MARK) as usize;
                        self.wires.accept(number, &self.epoll, clock::now());
                    }
                    index => self.receive_from(index as usize),
                }
            }
            self.tick();
            self.close_wires();
            self.publish_events();
        }
        Ok(())
    }

    fn wait(&mut self, ready: &mut Vec<epoll::Event>) -> io::Result<()> {
        let timeout = timeout_until(self.worker.deadline().min(self.wires.deadline()));
        match epoll::wait(
            &self.epoll,
            rustix::buffer::spare_capacity(ready),
            timeout.as_ref(),
        ) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn receive_from(&mut self, index: usize) {
        let Ok(count) = self.receive.receive(&self.sockets[index]) else {
            return self.drops.receive_failed += 1;
        };
        let now = clock::now();
        for number in 0..count {
            if self.worker.outbox().free() < self.worker.max_burst() {
                self.flush();
            }
            match self.receive.datagram(number) {
                Some((datagram, remote)) => {
                    self.worker.receive(
                        datagram,
                        Path {
                            socket: index as u16,
                            remote,
                        },
                        now,
                    );
                }
                None => self.drops.truncated += 1,
            }
        }
        self.flush();
    }

    fn tick(&mut self) {
        let now = clock::now();
        if now >= self.wires.deadline() {
            self.wires.tick(&self.epoll, now);
        }
        if now >= self.worker.deadline() {
            self.worker.tick(now);
            self.flush();
        }
    }

    fn answer_requests(&mut self) {
        self.requests.quiet();
        while let Some(request) = self.requests.next() {
            self.answer(request);
        }
    }

    /// Who asked may have given up waiting; then nobody misses the answer.
    fn answer(&mut self, request: Request) {
        match request {
            Request::Apply(batch, reply) => {
                let result = self.worker.apply(batch, clock::now());
                self.flush();
                reply.send(result);
            }
            Request::Feed(frames, reply) => {
                let result = self.worker.feed(&frames, clock::now());
                self.flush();
                reply.send(result);
            }
            Request::Stats(reply) => reply.send(self.snapshot()),
            Request::Close => self.close(),
        }
    }

    /// Says farewell to every peer, so that none waits for its consent to expire.
    fn close(&mut self) {
        let peers = self.worker.stats().peers;
        let farewell = peers
            .into_iter()
            .map(|peer| Command::RemovePeer(peer.peer))
            .collect();
        let _ = self.worker.apply(farewell, clock::now());
        self.flush();
        self.open = false;
    }

    fn snapshot(&self) -> Snapshot {
        let receive_queue = self.sockets.iter().map(Socket::receive_queue_drops).sum();
        let counts = [
            ("datagram_too_long", self.drops.truncated),
            ("receive_failed", self.drops.receive_failed),
            ("receive_queue_full", receive_queue),
        ];
        Snapshot {
            stats: self.worker.stats(),
            dropped: counts
                .into_iter()
                .chain(self.sent.dropped())
                .chain(self.wires.dropped())
                .filter(|(_, count)| *count > 0)
                .collect(),
            cpu_seconds: clock::thread_cpu_seconds(),
        }
    }

    fn publish_events(&mut self) {
        if self.worker.has_events() {
            self.told.events.publish(|waiting| self.worker.events(waiting));
        }
        if self.worker.has_frames() {
            self.told.frames.publish(|waiting| self.worker.frames(waiting));
        }
        if !self.wires.guests().is_empty() {
            self.told
                .guests
                .publish(|waiting| waiting.append(self.wires.guests()));
        }
    }

    /// Sends what the core prepared; what goes to one receiver is brought together so that it leaves in runs.
    fn flush(&mut self) {
        let outbox = self.worker.outbox();
        if outbox.is_empty() {
            return;
        }
        let datagrams = outbox.datagrams();
        sort_by_receiver(datagrams, &mut self.order);
        let at = |key: &u64| &datagrams[(key & INDEX_MASK) as usize];
        for group in self.order.chunk_by(|a, b| at(a).path.socket == at(b).path.socket) {
            if at(&group[0]).path.is_tcp() {
                let datagrams = group.iter().map(|key| (at(key), outbox.bytes(at(key))));
                tcp::send(&mut self.wires, datagrams, &self.epoll, &mut self.unsent);
                continue;
            }
            let socket = &mut self.sockets[usize::from(at(&group[0]).path.socket)];
            let addressed = group
                .iter()
                .map(|key| (at(key).path.remote, outbox.bytes(at(key))));
            self.sent.add(&self.send.send(socket, addressed));
        }
        self.worker.sent();
        self.count_unsent();
    }
}

const INDEX_BITS: u32 = 24;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

/// Orders indices by socket, then receiver, and leaves what one receiver gets in the order it was prepared.
fn sort_by_receiver(datagrams: &[Datagram], order: &mut Vec<u64>) {
    order.clear();
    order.extend(datagrams.iter().enumerate().map(|(index, datagram)| {
        let receiver = u64::from(datagram.receiver) & INDEX_MASK;
        u64::from(datagram.path.socket) << (2 * INDEX_BITS) | receiver << INDEX_BITS | index as u64
    }));
    order.sort_unstable();
}

fn timeout_until(deadline: Time) -> Option<Timespec> {
    if deadline == Time::NEVER {
        return None;
    }
    // A day bounds what the kernel's signed seconds have to hold.
    let left = deadline.since(clock::now()).min(Duration::from_secs(86_400));
    Some(Timespec {
        tv_sec: left.as_secs() as i64,
        tv_nsec: i64::from(left.subsec_nanos()),
    })
}

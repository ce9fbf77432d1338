//! The forwarder as its owner holds it: bound addresses and the threads behind them.
//!
//! There is one worker thread, which owns every socket and peer; a second one would get sockets and peers of its own.
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use forwarder_core::command::{Command, CommandError, Fed, FeedError};
use forwarder_core::event::Event;
use forwarder_core::frame::Frame;
use forwarder_core::worker::{Worker, WorkerConfig};

use crate::certificate::Certificate;
use crate::clock;
use crate::dtls::{OpensslFactory, FIRST_TIMEOUT};
use crate::news::News;
use crate::requests::{question, Reply, Requests, Untaken, MOST_REQUESTS};
use crate::shell::{Request, Shell, Snapshot, Told};
use crate::sockets::Socket;
use crate::wires::Listener;

/// Enough for every peer of a full node to come and go; a worker whose reader sleeps keeps and merges the rest.
const MOST_EVENTS: usize = 4096;
/// Some seconds of a few tracks; the worker keeps some more, then writes them down as lost.
const MOST_FRAMES: usize = 1024;
/// A burst of browsers, each with a handful of connections; the worker keeps some more, then hangs up.
const MOST_GUESTS: usize = 64;

/// How often a free port is looked for that is free for TCP too.
const PORT_ATTEMPTS: usize = 32;

/// Why a request was not done.
#[derive(Debug)]
pub enum Refused {
    Command(CommandError),
    Feed(FeedError),
    Busy,
    Closed,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Command(error) => error.fmt(f),
            Refused::Feed(error) => error.fmt(f),
            Refused::Busy => write!(f, "{MOST_REQUESTS} requests wait already"),
            Refused::Closed => write!(f, "the forwarder is closed"),
        }
    }
}

pub struct Forwarder {
    addresses: Vec<SocketAddr>,
    fingerprint: Vec<u8>,
    requests: Arc<Requests<Request>>,
    told: Told,
    fronts: Vec<SocketAddr>,
    thread: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

impl Forwarder {
    /// Binds every address, or none; port 0 asks for any. With `tcp`, connections are taken in at the same ports. At
    /// `fronts` they are taken in too, and there TLS may come, whose connections are `guests`.
    pub fn start(
        addresses: &[SocketAddr],
        (tcp, fronts): (bool, &[SocketAddr]),
        certificate: &Certificate,
    ) -> io::Result<Forwarder> {
        let mut bound = Vec::new();
        for &address in addresses {
            bound.push(bind(address, tcp)?);
        }
        let (sockets, listeners): (Vec<_>, Vec<_>) = bound.into_iter().unzip();
        let mut listeners: Vec<Listener> = listeners.into_iter().flatten().collect();
        let fronts = listen(fronts, &mut listeners)?;
        let addresses: Vec<SocketAddr> = sockets.iter().map(Socket::address).collect();
        let fingerprint = certificate.sha256()?;
        let requests = Arc::new(Requests::new()?);
        let told = Told {
            events: Arc::new(News::new(MOST_EVENTS)?),
            frames: Arc::new(News::new(MOST_FRAMES)?),
            guests: Arc::new(News::new(MOST_GUESTS)?),
        };
        let dtls = Box::new(OpensslFactory::new(certificate, FIRST_TIMEOUT)?);
        let config = worker_config(addresses.clone())?;
        let (to_answer, to_tell) = (Answering(requests.clone()), told.clone());
        let thread = thread::Builder::new().name("forwarder".into()).spawn(move || {
            let worker = Worker::new(config, dtls);
            Shell::new(worker, (sockets, listeners), to_answer.0.clone(), to_tell)?.run()
        })?;
        let thread = Mutex::new(Some(thread));
        Ok(Forwarder {
            addresses,
            fingerprint,
            requests,
            told,
            fronts,
            thread,
        })
    }

    /// What was bound, in the order asked for.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The fronts that were bound, in the order asked for.
    pub fn fronts(&self) -> &[SocketAddr] {
        &self.fronts
    }

    /// The SHA-256 digest of the certificate.
    pub fn fingerprint(&self) -> &[u8] {
        &self.fingerprint
    }

    /// Does all of a batch between two packets, or nothing of it.
    pub fn apply(&self, batch: Vec<Command>) -> Result<(), Refused> {
        self.ask(|reply| Request::Apply(batch, reply))?
            .map_err(Refused::Command)
    }

    /// Takes encoded frames of feeds: all of them, or none.
    pub fn feed(&self, frames: Vec<Fed>) -> Result<(), Refused> {
        self.ask(|reply| Request::Feed(frames, reply))?
            .map_err(Refused::Feed)
    }

    pub fn stats(&self) -> Result<Snapshot, Refused> {
        self.ask(Request::Stats)
    }

    /// Everything since the last call, oldest first; never blocks.
    pub fn events(&self) -> Vec<Event> {
        let (events, more) = self.told.events.take();
        if more {
            self.requests.ring();
        }
        events
    }

    /// Every frame that taps have read since the last call, oldest first; never blocks.
    pub fn frames(&self) -> Vec<Frame> {
        let (frames, more) = self.told.frames.take();
        if more {
            self.requests.ring();
        }
        frames
    }

    /// Connections that came to a front with TLS since the last call, none of it read; never blocks.
    pub fn guests(&self) -> Vec<OwnedFd> {
        let (guests, more) = self.told.guests.take();
        if more {
            self.requests.ring();
        }
        guests
    }

    /// Readable while guests wait.
    pub fn guest_fd(&self) -> RawFd {
        self.told.guests.as_raw_fd()
    }

    /// Readable while frames wait.
    pub fn frame_fd(&self) -> RawFd {
        self.told.frames.as_raw_fd()
    }

    /// Readable while events wait.
    pub fn event_fd(&self) -> RawFd {
        self.told.events.as_raw_fd()
    }

    /// Ends every connection and joins the thread; once more does nothing.
    pub fn close(&self) -> io::Result<()> {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else {
            return Ok(());
        };
        self.requests.order(Request::Close);
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the worker thread panicked")))
    }

    fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, Refused> {
        let (reply, answer) = question();
        self.requests
            .ask(request(reply))
            .map_err(|untaken| match untaken {
                Untaken::Full => Refused::Busy,
                Untaken::Closed => Refused::Closed,
            })?;
        answer.wait().ok_or(Refused::Closed)
    }
}

/// Held by the worker thread: however it ends, nobody waits for it any longer.
struct Answering(Arc<Requests<Request>>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

/// A socket, and with `tcp` a listener at its number.
fn bind(address: SocketAddr, tcp: bool) -> io::Result<(Socket, Option<Listener>)> {
    let mut attempts = if address.port() == 0 { PORT_ATTEMPTS } else { 1 };
    loop {
        let socket = Socket::bind(address)?;
        if !tcp {
            return Ok((socket, None));
        }
        attempts -= 1;
        match Listener::bind(socket.address(), false) {
            Ok(listener) => return Ok((socket, Some(listener))),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && attempts > 0 => {}
            Err(error) => {
                return Err(cannot_listen(
                    socket.address(),
                    &error,
                    "switch media over TCP off",
                ))
            }
        }
    }
}

/// Adds a listener for each front; returns what was bound.
fn listen(fronts: &[SocketAddr], listeners: &mut Vec<Listener>) -> io::Result<Vec<SocketAddr>> {
    let mut bound = Vec::new();
    for &address in fronts {
        let listener = Listener::bind(address, true)
            .map_err(|error| cannot_listen(address, &error, "take it out of the fronts"))?;
        bound.push(listener.address()?);
        listeners.push(listener);
    }
    Ok(bound)
}

fn cannot_listen(address: SocketAddr, error: &io::Error, way_out: &str) -> io::Error {
    let sentence = format!("TCP {address} cannot be listened on: {error}; free it, or {way_out}");
    io::Error::new(error.kind(), sentence)
}

fn worker_config(addresses: Vec<SocketAddr>) -> io::Result<WorkerConfig> {
    let mut random = [0; 24];
    openssl::rand::rand_bytes(&mut random)?;
    let (seed, name) = random.split_at(8);
    Ok(WorkerConfig {
        ntp_epoch_nanos: clock::ntp_epoch_nanos(),
        seed: u64::from_ne_bytes(seed.try_into().map_err(io::Error::other)?),
        // RFC 7022 section 4.2: a canonical name that identifies neither host nor user.
        cname: name.iter().map(|byte| format!("{byte:02x}")).collect(),
        addresses,
    })
}

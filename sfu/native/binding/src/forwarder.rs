//! The forwarder as its owner holds it: bound addresses and the threads behind them.
//!
//! There is one worker thread, which owns every socket and peer; a second one would get sockets and peers of its own.
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::mpsc::{sync_channel, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use forwarder_core::command::{Command, CommandError};
use forwarder_core::event::Event;
use forwarder_core::worker::{Worker, WorkerConfig};

use crate::certificate::Certificate;
use crate::clock;
use crate::dtls::{OpensslFactory, FIRST_TIMEOUT};
use crate::news::News;
use crate::shell::{Request, Shell, Snapshot};
use crate::sockets::Socket;
use crate::wake::Wake;

/// Every caller waits for its answer, so this many threads of the caller can ask at once.
const MOST_REQUESTS: usize = 64;

/// Why a request was not done.
#[derive(Debug)]
pub enum Refused {
    Command(CommandError),
    Busy,
    Closed,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Command(error) => error.fmt(f),
            Refused::Busy => write!(f, "{MOST_REQUESTS} requests wait already"),
            Refused::Closed => write!(f, "the forwarder is closed"),
        }
    }
}

pub struct Forwarder {
    addresses: Vec<SocketAddr>,
    fingerprint: Vec<u8>,
    requests: SyncSender<Request>,
    wake: Arc<Wake>,
    news: Arc<News>,
    thread: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

impl Forwarder {
    /// Binds every address, or none; port 0 asks for any.
    pub fn start(addresses: &[SocketAddr], certificate: &Certificate) -> io::Result<Forwarder> {
        let sockets = addresses
            .iter()
            .map(|address| Socket::bind(*address))
            .collect::<io::Result<Vec<_>>>()?;
        let addresses = sockets.iter().map(Socket::address).collect();
        let fingerprint = certificate.sha256()?;
        let (requests, to_answer) = sync_channel(MOST_REQUESTS);
        let (wake, news) = (Arc::new(Wake::new()?), Arc::new(News::new()?));
        let dtls = Box::new(OpensslFactory::new(certificate, FIRST_TIMEOUT)?);
        let config = worker_config()?;
        let (shell_wake, shell_news) = (wake.clone(), news.clone());
        let thread = thread::Builder::new().name("forwarder".into()).spawn(move || {
            let worker = Worker::new(config, dtls);
            Shell::new(worker, sockets, shell_wake, to_answer, shell_news)?.run()
        })?;
        let thread = Mutex::new(Some(thread));
        Ok(Forwarder {
            addresses,
            fingerprint,
            requests,
            wake,
            news,
            thread,
        })
    }

    /// What was bound, in the order asked for.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
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

    pub fn stats(&self) -> Result<Snapshot, Refused> {
        self.ask(Request::Stats)
    }

    /// Everything since the last call, oldest first; never blocks.
    pub fn events(&self) -> Vec<Event> {
        let (events, more) = self.news.take();
        if more {
            self.wake.ring();
        }
        events
    }

    /// Readable while events wait.
    pub fn event_fd(&self) -> RawFd {
        self.news.as_raw_fd()
    }

    /// Ends every connection and joins the thread; once more does nothing.
    pub fn close(&self) -> io::Result<()> {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else {
            return Ok(());
        };
        // A full queue empties and a thread that has ended needs no order.
        let _ = self.requests.send(Request::Close);
        self.wake.ring();
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the worker thread panicked")))
    }

    fn ask<T>(&self, request: impl FnOnce(SyncSender<T>) -> Request) -> Result<T, Refused> {
        use std::sync::mpsc::TrySendError;
        let (reply, answer) = sync_channel(1);
        self.requests
            .try_send(request(reply))
            .map_err(|error| match error {
                TrySendError::Full(_) => Refused::Busy,
                TrySendError::Disconnected(_) => Refused::Closed,
            })?;
        self.wake.ring();
        answer.recv().map_err(|_| Refused::Closed)
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn worker_config() -> io::Result<WorkerConfig> {
    let mut random = [0; 24];
    openssl::rand::rand_bytes(&mut random)?;
    let (seed, name) = random.split_at(8);
    Ok(WorkerConfig {
        ntp_epoch_nanos: clock::ntp_epoch_nanos(),
        seed: u64::from_ne_bytes(seed.try_into().map_err(io::Error::other)?),
        // RFC 7022 section 4.2: a canonical name that identifies neither host nor user.
        cname: name.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

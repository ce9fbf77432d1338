//! Events on their way from a worker to whoever reads them.
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use forwarder_core::event::Event;

use crate::wake::Wake;

/// Enough for every peer of a full node to come and go; a worker whose reader sleeps keeps and merges the rest.
const MOST_WAITING: usize = 4096;

pub struct News {
    waiting: Mutex<Vec<Event>>,
    wake: Wake,
}

impl News {
    pub fn new() -> io::Result<News> {
        Ok(News {
            waiting: Mutex::new(Vec::new()),
            wake: Wake::new()?,
        })
    }

    /// Lets `write` add events, unless too many wait.
    pub fn publish(&self, write: impl FnOnce(&mut Vec<Event>)) {
        let mut waiting = self.lock();
        if waiting.len() < MOST_WAITING {
            write(&mut waiting);
            self.wake.ring();
        }
    }

    /// Everything that waits, oldest first, and whether a worker may have more.
    pub fn take(&self) -> (Vec<Event>, bool) {
        let mut waiting = self.lock();
        self.wake.quiet();
        let events = std::mem::take(&mut *waiting);
        let was_full = events.len() >= MOST_WAITING;
        (events, was_full)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsRawFd for News {
    fn as_raw_fd(&self) -> RawFd {
        self.wake.as_raw_fd()
    }
}

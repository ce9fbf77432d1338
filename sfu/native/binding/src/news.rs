//! Events and frames on their way from a worker to whoever reads them; the worker never waits for a reader.
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::wake::Wake;

pub struct News<T> {
    waiting: Mutex<Vec<T>>,
    most: usize,
    wake: Wake,
    /// The worker was turned away and has more.
    kept_back: AtomicBool,
}

impl<T> News<T> {
    /// With `most` waiting, the worker keeps the rest.
    pub fn new(most: usize) -> io::Result<News<T>> {
        Ok(News {
            waiting: Mutex::new(Vec::new()),
            most,
            wake: Wake::new()?,
            kept_back: AtomicBool::new(false),
        })
    }

    /// Lets `write` add events, unless too many wait or a reader is just taking them: `take` then says so.
    pub fn publish(&self, write: impl FnOnce(&mut Vec<T>)) {
        // Set before the try: a reader that holds the lock now looks at it after letting go.
        self.kept_back.store(true, Ordering::SeqCst);
        let mut waiting = match self.waiting.try_lock() {
            Ok(waiting) => waiting,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if waiting.len() < self.most {
            self.kept_back.store(false, Ordering::SeqCst);
            write(&mut waiting);
            self.wake.ring();
        }
    }

    /// Everything that waits, oldest first, and whether a worker has more and must be rung.
    pub fn take(&self) -> (Vec<T>, bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.wake.quiet();
        let events = std::mem::take(&mut *waiting);
        drop(waiting);
        (events, self.kept_back.swap(false, Ordering::SeqCst))
    }
}

impl<T> AsRawFd for News<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.wake.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_meets_a_reader_goes_on_and_is_rung_afterwards() {
        let news = News::new(4).unwrap();
        let reader = news.waiting.lock().unwrap();
        news.publish(|_| panic!("the reader holds the lock"));
        drop(reader);
        assert_eq!(news.take(), (vec![], true));
        news.publish(|waiting| waiting.push(1));
        assert_eq!(news.take(), (vec![1], false));
    }

    #[test]
    fn a_reader_that_sleeps_is_told_that_there_is_more() {
        let news = News::new(4).unwrap();
        news.publish(|waiting| waiting.extend(0..5));
        news.publish(|_| panic!("too many wait"));
        let (events, more) = news.take();
        assert_eq!((events.len(), more), (5, true));
    }
}

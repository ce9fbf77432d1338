//! Questions to the worker thread and their answers, without a lock that it could wait for.
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::{self, Thread};

use crate::wake::Wake;

/// Every caller waits for its answer, so this many threads of the caller can ask at once.
pub const MOST_REQUESTS: usize = 64;

/// Why a question was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untaken {
    Full,
    Closed,
}

/// What callers ask; every call that adds rings the bell only after it has let go of the lock.
pub struct Requests<T> {
    waiting: Mutex<Option<VecDeque<T>>>,
    wake: Wake,
}

impl<T> Requests<T> {
    pub fn new() -> io::Result<Requests<T>> {
        Ok(Requests {
            waiting: Mutex::new(Some(VecDeque::new())),
            wake: Wake::new()?,
        })
    }

    pub fn ask(&self, request: T) -> Result<(), Untaken> {
        let taken = match &mut *self.lock() {
            None => Err(Untaken::Closed),
            Some(waiting) if waiting.len() >= MOST_REQUESTS => Err(Untaken::Full),
            Some(waiting) => {
                waiting.push_back(request);
                Ok(())
            }
        };
        self.ring();
        taken
    }

    /// Adds what is never refused for want of room.
    pub fn order(&self, request: T) {
        if let Some(waiting) = &mut *self.lock() {
            waiting.push_back(request);
        }
        self.ring();
    }

    pub fn ring(&self) {
        self.wake.ring();
    }

    /// For the worker: the oldest request; none also while a caller holds the lock, who will ring again.
    pub fn next(&self) -> Option<T> {
        match self.waiting.try_lock() {
            Ok(mut waiting) => waiting.as_mut()?.pop_front(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().as_mut()?.pop_front(),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub fn quiet(&self) {
        self.wake.quiet();
    }

    /// Nobody answers from now on; what waits is given up.
    pub fn close(&self) {
        let given_up = self.lock().take();
        drop(given_up);
    }

    fn lock(&self) -> MutexGuard<'_, Option<VecDeque<T>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> AsFd for Requests<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

struct Place<T> {
    answer: OnceLock<T>,
    is_over: AtomicBool,
    caller: Thread,
}

/// Where one answer goes; dropped without one, the caller learns that there is none.
pub struct Reply<T>(Arc<Place<T>>);

/// Where the caller waits for it.
pub struct Answer<T>(Arc<Place<T>>);

pub fn question<T>() -> (Reply<T>, Answer<T>) {
    let place = Arc::new(Place {
        answer: OnceLock::new(),
        is_over: AtomicBool::new(false),
        caller: thread::current(),
    });
    (Reply(place.clone()), Answer(place))
}

impl<T> Reply<T> {
    pub fn send(self, answer: T) {
        let _ = self.0.answer.set(answer);
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Release);
        self.0.caller.unpark();
    }
}

impl<T> Answer<T> {
    /// To be called by the thread that made the question.
    pub fn wait(self) -> Option<T> {
        while !self.0.is_over.load(Ordering::Acquire) {
            thread::park();
        }
        let mut place = self.0;
        loop {
            match Arc::try_unwrap(place) {
                Ok(place) => return place.answer.into_inner(),
                // The other side lets go a moment after it has said that it is over.
                Err(shared) => place = shared,
            }
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_in_order_up_to_a_bound_until_it_is_closed() {
        let requests = Requests::new().unwrap();
        for number in 0..MOST_REQUESTS {
            requests.ask(number).unwrap();
        }
        assert_eq!(requests.ask(99), Err(Untaken::Full));
        assert_eq!((requests.next(), requests.next()), (Some(0), Some(1)));
        requests.close();
        assert_eq!((requests.next(), requests.ask(1)), (None, Err(Untaken::Closed)));
    }

    #[test]
    fn the_worker_does_not_wait_for_a_caller_that_holds_the_lock() {
        let requests = Requests::new().unwrap();
        requests.ask(1).unwrap();
        let caller = requests.lock();
        assert_eq!(requests.next(), None);
        drop(caller);
        assert_eq!(requests.next(), Some(1));
    }

    #[test]
    fn an_answer_arrives_and_a_dropped_question_has_none() {
        let (reply, answer) = question();
        let worker = thread::spawn(move || reply.send(7));
        assert_eq!(answer.wait(), Some(7));
        worker.join().unwrap();
        let (reply, answer) = question::<u8>();
        let worker = thread::spawn(move || drop(reply));
        assert_eq!(answer.wait(), None);
        worker.join().unwrap();
    }
}

//! The way out: every datagram that a worker sends passes `Egress::send`.
use crate::counters::Reason;
use crate::ice::Path;
use crate::outbox::{Cargo, Outbox};
use crate::sending::Sending;
use crate::srtp::Outbound;
use crate::time::Time;
use std::time::Duration;

/// UDP's header and that of IP, which take of what a way carries too.
const IPV4_HEADERS: usize = 28;
const IPV6_HEADERS: usize = 48;

/// The sending half of a connection.
pub struct Link {
    pub receiver: u32,
    /// Where to send; none before the first genuine check.
    pub path: Option<Path>,
    /// None before the handshake is done.
    pub srtp: Option<Outbound>,
    /// Of a connection with slots.
    pub sending: Option<Box<Sending>>,
    pub datagrams: u64,
    pub bytes: u64,
}

impl Link {
    pub fn new(receiver: usize) -> Link {
        Link {
            receiver: receiver as u32,
            path: None,
            srtp: None,
            sending: None,
            datagrams: 0,
            bytes: 0,
        }
    }

    /// The transport-wide number of the next packet, if it is to have one.
    pub fn number(&self, is_numbered: bool) -> Option<[u8; 2]> {
        self.sending.as_ref().filter(|_| is_numbered)?.number()
    }

    /// Notes that a packet left, under the number that `number` gave it.
    pub fn left(&mut self, number: Option<[u8; 2]>, len: usize, now: Time) {
        let Some(sending) = &mut self.sending else { return };
        let headers = match self.path {
            Some(path) if path.remote.is_ipv6() => IPV6_HEADERS,
            _ => IPV4_HEADERS,
        };
        sending.left(number.is_some(), len + headers, now);
    }

    /// Where media may be sent, once it may.
    pub fn ready(&self) -> Option<Path> {
        self.srtp.as_ref().and(self.path)
    }
}

pub struct Egress {
    pub outbox: Outbox,
    gap: SendGap,
}

/// The longest silence of a worker that had something to say.
#[derive(Default)]
struct SendGap {
    is_flowing: bool,
    last: Time,
    largest: Duration,
}

impl Egress {
    pub fn new(capacity: usize) -> Egress {
        Egress {
            outbox: Outbox::new(capacity),
            gap: SendGap::default(),
        }
    }

    /// Has `write` fill at most `room` bytes in place and prepares what it returns the length of.
    pub fn send(
        &mut self,
        link: &mut Link,
        (path, cargo): (Path, Cargo),
        room: usize,
        now: Time,
        write: impl FnOnce(&mut [u8], Option<&mut Outbound>) -> Result<usize, Reason>,
    ) -> Result<&[u8], Reason> {
        let buffer = self.outbox.room(room).ok_or(Reason::OutboxFull)?;
        let len = write(buffer, link.srtp.as_mut())?;
        link.datagrams += 1;
        link.bytes += len as u64;
        self.gap.sent(now);
        Ok(self.outbox.commit(path, link.receiver, cargo, len))
    }

    /// Sends bytes as they are.
    pub fn send_copy(
        &mut self,
        link: &mut Link,
        whither: (Path, Cargo),
        bytes: &[u8],
        now: Time,
    ) -> Result<(), Reason> {
        let copy = |room: &mut [u8], _: Option<&mut Outbound>| {
            room.copy_from_slice(bytes);
            Ok(bytes.len())
        };
        self.send(link, whither, bytes.len(), now, copy).map(|_| ())
    }

    /// Says whether any track flows into a slot; only then is silence a gap.
    pub fn set_flowing(&mut self, is_flowing: bool, now: Time) {
        if is_flowing && !self.gap.is_flowing {
            self.gap.last = now;
        }
        self.gap.is_flowing = is_flowing;
    }

    pub fn largest_gap(&self) -> Duration {
        self.gap.largest
    }
}

impl SendGap {
    fn sent(&mut self, now: Time) {
        if self.is_flowing {
            self.largest = self.largest.max(now.since(self.last));
        }
        self.last = now;
    }
}

//! One TCP connection.
use std::io::{self, ErrorKind, IoSlice, Read};
use std::os::fd::{AsFd, OwnedFd};

use forwarder_core::ice::Path;
use forwarder_core::tcp::{is_tls, Queue, Splitter};
use rustix::event::epoll;
use rustix::net::{recv, RecvFlags};
use socket2::Socket;

use super::WireId;

/// What the kernel may hold unsent: all that waits beyond it waits in our queue, where old video can go.
const MOST_UNSENT: u32 = 16 << 10;
/// Packets of one write.
const MOST_SLICES: usize = 64;

pub struct Wire {
    raw: Socket,
    pub path: Path,
    pub splitter: Splitter,
    pub is_admitted: bool,
    /// It came to the front, and nobody has looked at its first byte.
    may_be_guest: bool,
    /// From the first packet that is sent, which only a genuine check brings about.
    queue: Option<Box<Queue>>,
    /// Whether the kernel is to say when it takes more.
    asks: bool,
}

impl Wire {
    pub fn new(raw: Socket, path: Path, may_be_guest: bool) -> io::Result<Wire> {
        raw.set_nonblocking(true)?;
        raw.set_tcp_nodelay(true)?;
        raw.set_tcp_notsent_lowat(MOST_UNSENT)?;
        Ok(Wire {
            raw,
            path,
            splitter: Splitter::default(),
            is_admitted: false,
            may_be_guest,
            queue: None,
            asks: false,
        })
    }

    pub fn socket(&self) -> &Socket {
        &self.raw
    }

    pub fn queue(&mut self) -> &mut Queue {
        self.queue.get_or_insert_default()
    }

    /// Looks whether it begins as TLS does, and leaves what it looked at to be read.
    pub fn is_guest(&mut self) -> bool {
        let mut first = [0];
        // What cannot be looked at now, or has ended, is found out by who reads.
        let looked = self.may_be_guest
            && recv(&self.raw, &mut first[..], RecvFlags::PEEK).is_ok_and(|(len, _)| len > 0);
        self.may_be_guest &= !looked;
        looked && is_tls(first[0])
    }

    /// The connection itself, for whoever serves it from now on.
    pub fn into_fd(self) -> OwnedFd {
        self.raw.into()
    }

    /// Reads behind what is unfinished; returns how many bytes of the buffer are to be looked at. An end is an error.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let kept = self.splitter.resume(buffer);
        match (&self.raw).read(&mut buffer[kept..]) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(len) => Ok(kept + len),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(kept),
            Err(error) => Err(error),
        }
    }

    /// Writes until nothing waits or the kernel takes no more.
    pub fn write(&mut self) -> io::Result<()> {
        let Some(queue) = &mut self.queue else {
            return Ok(());
        };
        while !queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); MOST_SLICES];
            let mut count = 0;
            for (slice, packet) in slices.iter_mut().zip(queue.waiting()) {
                *slice = IoSlice::new(packet);
                count += 1;
            }
            match self
                .raw
                .send_vectored_with_flags(&slices[..count], libc::MSG_NOSIGNAL)
            {
                Ok(written) => queue.written(written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has the kernel say when it takes more, as long as something waits.
    pub fn ask_for_turn(&mut self, id: WireId, epoll: impl AsFd) -> io::Result<()> {
        let waits = self.queue.as_ref().is_some_and(|queue| !queue.is_empty());
        if waits == self.asks {
            return Ok(());
        }
        self.asks = waits;
        let mut interest = epoll::EventFlags::IN;
        interest.set(epoll::EventFlags::OUT, waits);
        let data = epoll::EventData::new_u64(id.mark());
        Ok(epoll::modify(epoll, &self.raw, data, interest)?)
    }
}

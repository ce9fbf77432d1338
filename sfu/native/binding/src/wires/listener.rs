//! A TCP port where connections come in.
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, Protocol, Socket, Type};

/// A bell rings for many schools at once; the kernel cuts it to `somaxconn`.
const BACKLOG: i32 = 1024;

pub struct Listener {
    raw: Socket,
    /// Who begins with TLS here is a guest, and not hung up on.
    pub is_front: bool,
}

impl Listener {
    /// What marks a listener among the events of an epoll, with its number.
    pub const MARK: u64 = 1 << 62;

    pub fn mark(number: usize) -> u64 {
        Listener::MARK | number as u64
    }

    pub fn bind(address: SocketAddr, is_front: bool) -> io::Result<Listener> {
        let raw = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        raw.set_nonblocking(true)?;
        if address.is_ipv6() {
            raw.set_only_v6(true)?;
        }
        // Connections of a node that has ended linger for a minute; only another listener is in the way.
        raw.set_reuse_address(true)?;
        raw.bind(&address.into())?;
        raw.listen(BACKLOG)?;
        Ok(Listener { raw, is_front })
    }

    /// What was bound.
    pub fn address(&self) -> io::Result<SocketAddr> {
        let address = self.raw.local_addr()?.as_socket();
        address.ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }

    /// The next connection, if one waits.
    pub fn accept(&self) -> io::Result<Option<(Socket, SocketAddr)>> {
        let (raw, remote) = match self.raw.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        let remote = remote.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        Ok(Some((raw, remote)))
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.raw.as_fd()
    }
}

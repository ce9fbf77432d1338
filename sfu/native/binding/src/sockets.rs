//! UDP in batches: `recvmmsg` in, `sendmmsg` with segmentation runs out.
//!
//! `unsafe` is allowed here because the kernel's batch calls take raw pointers to buffers, names and control messages;
//! every pointer handed over lives in a borrow or a box that outlasts the call.
#![allow(unsafe_code)]

use std::io;
use std::mem::{size_of, size_of_val, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr;

use libc::{c_int, c_void, iovec, mmsghdr, msghdr, sockaddr_in, sockaddr_in6};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};

/// Larger than any datagram a path of MTU 1500 can carry.
pub const DATAGRAM_CAPACITY: usize = 2048;
pub const RECEIVE_BATCH: usize = 64;
const SEND_BATCH: usize = 64;
/// Segments of one send; beyond 16 the kernel's cost per segment hardly falls, and a burst stays below 20 kB.
const MAX_SEGMENTS: usize = 16;
/// 4 MiB holds a 100 ms stall at 300 Mb/s; the kernel cuts it to `rmem_max` and `wmem_max`.
const SOCKET_BUFFER: usize = 4 << 20;

/// One bound, non-blocking UDP socket.
pub struct Socket {
    raw: RawSocket,
    address: SocketAddr,
    segmentation: bool,
}

impl Socket {
    pub fn bind(address: SocketAddr) -> io::Result<Socket> {
        let raw = RawSocket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        raw.set_nonblocking(true)?;
        if address.is_ipv6() {
            raw.set_only_v6(true)?;
        }
        raw.set_recv_buffer_size(SOCKET_BUFFER)?;
        raw.set_send_buffer_size(SOCKET_BUFFER)?;
        raw.bind(&address.into())?;
        let address = raw
            .local_addr()?
            .as_socket()
            .ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Socket {
            raw,
            address,
            segmentation: true,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether runs leave by one send; no longer once the kernel has refused one.
    pub fn sends_in_runs(&self) -> bool {
        self.segmentation
    }

    /// Datagrams the kernel dropped because nobody read them in time.
    pub fn receive_queue_drops(&self) -> u64 {
        // SK_MEMINFO_DROPS of linux/sock_diag.h.
        const DROPS: usize = 8;
        let mut memory = [0u32; 9];
        let mut length = size_of_val(&memory) as libc::socklen_t;
        let fd = self.raw.as_raw_fd();
        // SAFETY: `memory` is writable for `length` bytes.
        let result = unsafe {
            libc::getsockopt(
                fd,
                libc::SOL_SOCKET,
                libc::SO_MEMINFO,
                memory.as_mut_ptr().cast(),
                &mut length,
            )
        };
        if result == 0 {
            u64::from(memory[DROPS])
        } else {
            0
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.raw.as_fd()
    }
}

/// A remote address as the kernel writes it.
#[derive(Clone, Copy)]
#[repr(C)]
union Name {
    v4: sockaddr_in,
    v6: sockaddr_in6,
}

impl Name {
    fn empty() -> Name {
        // SAFETY: both variants are plain integers, for which zero is a value.
        unsafe { zeroed() }
    }

    fn set(&mut self, address: SocketAddr) -> libc::socklen_t {
        match address {
            SocketAddr::V4(address) => {
                self.v4 = sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: address.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(address.ip().octets()),
                    },
                    sin_zero: [0; 8],
                };
                size_of::<sockaddr_in>() as libc::socklen_t
            }
            SocketAddr::V6(address) => {
                self.v6 = sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: address.port().to_be(),
                    sin6_flowinfo: 0,
                    sin6_addr: libc::in6_addr {
                        s6_addr: address.ip().octets(),
                    },
                    sin6_scope_id: address.scope_id(),
                };
                size_of::<sockaddr_in6>() as libc::socklen_t
            }
        }
    }

    fn get(&self) -> Option<SocketAddr> {
        // SAFETY: the family field is at the same place in both, and the bytes were zeroed or written by the kernel.
        unsafe {
            match c_int::from(self.v4.sin_family) {
                libc::AF_INET => {
                    let ip = Ipv4Addr::from(self.v4.sin_addr.s_addr.to_ne_bytes());
                    Some(SocketAddrV4::new(ip, u16::from_be(self.v4.sin_port)).into())
                }
                libc::AF_INET6 => {
                    let ip = Ipv6Addr::from(self.v6.sin6_addr.s6_addr);
                    let port = u16::from_be(self.v6.sin6_port);
                    Some(SocketAddrV6::new(ip, port, 0, self.v6.sin6_scope_id).into())
                }
                _ => None,
            }
        }
    }
}

/// The buffers of one `recvmmsg`, reused for ever.
pub struct ReceiveBatch {
    buffers: Box<[[u8; DATAGRAM_CAPACITY]]>,
    names: Box<[Name]>,
    iovecs: Box<[iovec]>,
    headers: Box<[mmsghdr]>,
}

impl ReceiveBatch {
    pub fn allocate() -> ReceiveBatch {
        let empty_iovec = iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        ReceiveBatch {
            buffers: vec![[0; DATAGRAM_CAPACITY]; RECEIVE_BATCH].into(),
            names: vec![Name::empty(); RECEIVE_BATCH].into(),
            iovecs: vec![empty_iovec; RECEIVE_BATCH].into(),
            headers: vec![empty_header(); RECEIVE_BATCH].into(),
        }
    }

    /// How many datagrams were waiting; at most `RECEIVE_BATCH`.
    pub fn receive(&mut self, socket: &Socket) -> io::Result<usize> {
        for index in 0..RECEIVE_BATCH {
            let buffer = &mut self.buffers[index];
            self.iovecs[index] = iovec {
                iov_base: buffer.as_mut_ptr().cast(),
                iov_len: buffer.len(),
            };
            let header = &mut self.headers[index].msg_hdr;
            header.msg_name = ptr::from_mut(&mut self.names[index]).cast();
            header.msg_namelen = size_of::<Name>() as libc::socklen_t;
            header.msg_iov = &mut self.iovecs[index];
            header.msg_iovlen = 1;
            header.msg_flags = 0;
        }
        let fd = socket.raw.as_raw_fd();
        let (headers, flags) = (self.headers.as_mut_ptr(), libc::MSG_DONTWAIT);
        // SAFETY: each header points at its own name, iovec and buffer, all owned by `self`.
        let count = unsafe { libc::recvmmsg(fd, headers, RECEIVE_BATCH as u32, flags as _, ptr::null_mut()) };
        match usize::try_from(count) {
            Ok(count) => Ok(count),
            Err(_) => no_datagram(io::Error::last_os_error()),
        }
    }

    /// The datagram at `index` of the last batch; nothing when it was cut short or has no Internet address.
    pub fn datagram(&mut self, index: usize) -> Option<(&mut [u8], SocketAddr)> {
        let header = &self.headers[index];
        if header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
            return None;
        }
        let remote = self.names[index].get()?;
        Some((&mut self.buffers[index][..header.msg_len as usize], remote))
    }
}

fn no_datagram(error: io::Error) -> io::Result<usize> {
    match error.kind() {
        // A refused connection is an old ICMP answer to something sent; it says nothing about receiving.
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => Ok(0),
        _ => Err(error),
    }
}

fn empty_header() -> mmsghdr {
    // SAFETY: a message header is integers and pointers, for which zero is a value.
    unsafe { zeroed() }
}

/// What became of a batch of datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub datagrams: u64,
    /// Dropped because the socket's buffer was full.
    pub would_block: u64,
    /// Because the system had no memory for it.
    pub no_buffers: u64,
    /// Because it is longer than the path carries.
    pub too_long: u64,
    /// Because no route leads there now.
    pub unreachable: u64,
    /// Because a packet filter forbids it.
    pub forbidden: u64,
    /// Refused by the kernel for another reason.
    pub failed: u64,
}

impl Sent {
    /// What became of datagrams that the kernel did not take.
    fn refused(&mut self, error: &io::Error, datagrams: u64) {
        let place = match error.raw_os_error().unwrap_or_default() {
            libc::EAGAIN => &mut self.would_block,
            libc::ENOBUFS | libc::ENOMEM => &mut self.no_buffers,
            libc::EMSGSIZE => &mut self.too_long,
            libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EADDRNOTAVAIL => {
                &mut self.unreachable
            }
            libc::EPERM | libc::EACCES => &mut self.forbidden,
            _ => &mut self.failed,
        };
        *place += datagrams;
    }

    pub fn add(&mut self, more: &Sent) {
        self.datagrams += more.datagrams;
        self.would_block += more.would_block;
        self.no_buffers += more.no_buffers;
        self.too_long += more.too_long;
        self.unreachable += more.unreachable;
        self.forbidden += more.forbidden;
        self.failed += more.failed;
    }

    /// What was dropped, by reason.
    pub fn dropped(&self) -> [(&'static str, u64); 6] {
        [
            ("send_would_block", self.would_block),
            ("send_no_buffers", self.no_buffers),
            ("send_too_long", self.too_long),
            ("send_unreachable", self.unreachable),
            ("send_forbidden", self.forbidden),
            ("send_failed", self.failed),
        ]
    }
}

/// A control message that says how long the segments of one send are.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct SegmentControl([u8; 24]);

/// The message headers of one `sendmmsg`, reused for ever.
pub struct SendBatch {
    names: Box<[Name]>,
    controls: Box<[SegmentControl]>,
    iovecs: Box<[iovec]>,
    headers: Box<[mmsghdr]>,
    runs: Box<[Run]>,
    open: usize,
}

/// Datagrams to one remote that leave by one send: equal in length, but the last may be shorter.
#[derive(Clone, Copy)]
struct Run {
    remote: SocketAddr,
    segment: usize,
    count: usize,
    closed: bool,
}

impl SendBatch {
    pub fn allocate() -> SendBatch {
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let empty_iovec = iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        SendBatch {
            names: vec![Name::empty(); SEND_BATCH].into(),
            controls: vec![SegmentControl([0; 24]); SEND_BATCH].into(),
            iovecs: vec![empty_iovec; SEND_BATCH * MAX_SEGMENTS].into(),
            headers: vec![empty_header(); SEND_BATCH].into(),
            runs: vec![
                Run {
                    remote: nowhere,
                    segment: 0,
                    count: 0,
                    closed: true
                };
                SEND_BATCH
            ]
            .into(),
            open: 0,
        }
    }

    /// Sends the datagrams in order; neighbours with the same remote and length share one send.
    pub fn send<'a>(
        &mut self,
        socket: &mut Socket,
        datagrams: impl Iterator<Item = (SocketAddr, &'a [u8])>,
    ) -> Sent {
        let mut sent = Sent::default();
        self.open = 0;
        for (remote, datagram) in datagrams {
            if self.extends_run(remote, datagram, socket.segmentation) {
                self.append(datagram);
            } else {
                if self.open == SEND_BATCH {
                    self.flush(socket, &mut sent);
                }
                self.start_run(remote, datagram);
            }
        }
        self.flush(socket, &mut sent);
        sent
    }

    fn extends_run(&self, remote: SocketAddr, datagram: &[u8], segmentation: bool) -> bool {
        let Some(run) = self.open.checked_sub(1).map(|last| &self.runs[last]) else {
            return false;
        };
        let fits = !run.closed && run.count < MAX_SEGMENTS && datagram.len() <= run.segment;
        segmentation && fits && !datagram.is_empty() && run.remote == remote
    }

    fn append(&mut self, datagram: &[u8]) {
        let last = self.open - 1;
        let run = &mut self.runs[last];
        self.iovecs[last * MAX_SEGMENTS + run.count] = borrowed(datagram);
        run.count += 1;
        run.closed = datagram.len() < run.segment;
    }

    fn start_run(&mut self, remote: SocketAddr, datagram: &[u8]) {
        self.runs[self.open] = Run {
            remote,
            segment: datagram.len(),
            count: 1,
            closed: false,
        };
        self.iovecs[self.open * MAX_SEGMENTS] = borrowed(datagram);
        self.open += 1;
    }

    fn flush(&mut self, socket: &mut Socket, sent: &mut Sent) {
        for index in 0..self.open {
            self.fill_header(index);
        }
        let mut next = 0;
        while next < self.open {
            match self.send_messages(socket, next) {
                Ok(count) => {
                    sent.datagrams += self.datagrams_in(next, next + count);
                    next += count;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    sent.would_block += self.datagrams_in(next, self.open);
                    break;
                }
                Err(error) => {
                    self.send_refused(socket, next, &error, sent);
                    next += 1;
                }
            }
        }
        self.open = 0;
    }

    fn datagrams_in(&self, from: usize, to: usize) -> u64 {
        self.runs[from..to].iter().map(|run| run.count as u64).sum()
    }

    fn fill_header(&mut self, index: usize) {
        let run = self.runs[index];
        let header = &mut self.headers[index].msg_hdr;
        header.msg_namelen = self.names[index].set(run.remote);
        header.msg_name = ptr::from_mut(&mut self.names[index]).cast();
        header.msg_iov = &mut self.iovecs[index * MAX_SEGMENTS];
        header.msg_iovlen = run.count as _;
        header.msg_control = ptr::null_mut();
        header.msg_controllen = 0;
        if run.count > 1 {
            set_segment_length(header, &mut self.controls[index], run.segment as u16);
        }
    }

    fn send_messages(&mut self, socket: &Socket, from: usize) -> io::Result<usize> {
        let headers = &mut self.headers[from..self.open];
        let fd = socket.raw.as_raw_fd();
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: the headers point into boxes of `self` and at datagrams borrowed for the whole of `send`.
        let count = unsafe { libc::sendmmsg(fd, headers.as_mut_ptr(), headers.len() as u32, flags as _) };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }

    /// A run the kernel refused: if its being a run is the reason, it is sent one by one.
    fn send_refused(&mut self, socket: &mut Socket, index: usize, error: &io::Error, sent: &mut Sent) {
        let run = self.runs[index];
        // Neither a kernel nor a device without segmentation learns it later; too long for this path is another matter.
        let cannot_segment = matches!(error.raw_os_error(), Some(libc::EIO | libc::EINVAL));
        let too_long = error.raw_os_error() == Some(libc::EMSGSIZE);
        if run.count == 1 || !(cannot_segment || too_long) {
            return sent.refused(error, run.count as u64);
        }
        let before = sent.datagrams;
        for segment in 0..run.count {
            match self.send_one(socket, index, segment) {
                Ok(()) => sent.datagrams += 1,
                Err(error) => sent.refused(&error, 1),
            }
        }
        // Where single datagrams are refused too, the remote is to blame, which must not cost the others their runs.
        socket.segmentation &= !(cannot_segment && sent.datagrams > before);
    }

    fn send_one(&mut self, socket: &Socket, index: usize, segment: usize) -> io::Result<()> {
        let header = &mut self.headers[index].msg_hdr;
        header.msg_iov = &mut self.iovecs[index * MAX_SEGMENTS + segment];
        header.msg_iovlen = 1;
        header.msg_control = ptr::null_mut();
        header.msg_controllen = 0;
        // SAFETY: as for `send_messages`.
        let count = unsafe { libc::sendmsg(socket.raw.as_raw_fd(), header, libc::MSG_DONTWAIT) };
        if count < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

fn borrowed(datagram: &[u8]) -> iovec {
    iovec {
        iov_base: datagram.as_ptr().cast_mut().cast::<c_void>(),
        iov_len: datagram.len(),
    }
}

fn set_segment_length(header: &mut msghdr, control: &mut SegmentControl, length: u16) {
    header.msg_control = control.0.as_mut_ptr().cast();
    // SAFETY: the control buffer is aligned for `cmsghdr` and holds CMSG_SPACE(2) = 24 bytes.
    unsafe {
        header.msg_controllen = libc::CMSG_SPACE(size_of::<u16>() as u32) as _;
        let message = libc::CMSG_FIRSTHDR(header);
        (*message).cmsg_level = libc::SOL_UDP;
        (*message).cmsg_type = libc::UDP_SEGMENT;
        (*message).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
        libc::CMSG_DATA(message).cast::<u16>().write_unaligned(length);
    }
}

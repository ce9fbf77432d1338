//! The sockets of a relay: one that clients talk to, and for each client one of its own towards the node, as behind a NAT.
use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};

pub const MOST_CLIENTS: usize = 64;
const MOST_BYTES: usize = 65_536;

pub struct Ends {
    front: UdpSocket,
    node: SocketAddr,
    clients: HashMap<SocketAddr, usize>,
    upstream: Vec<(UdpSocket, SocketAddr)>,
    /// Datagrams that a socket did not take, or of clients too many.
    refused: u64,
    buffer: Vec<u8>,
}

impl Ends {
    pub fn open(listen: SocketAddr, node: SocketAddr) -> Result<Ends, String> {
        if !is_harmless(listen) || !is_harmless(node) {
            return Err(format!(
                "{listen} and {node} must be loopback or private: this is test traffic"
            ));
        }
        Ok(Ends {
            front: open(listen)?,
            node,
            clients: HashMap::new(),
            upstream: Vec::new(),
            refused: 0,
            buffer: vec![0; MOST_BYTES],
        })
    }

    pub fn listens(&self) -> Result<SocketAddr, String> {
        self.front.local_addr().map_err(|error| error.to_string())
    }

    pub fn front(&self) -> &UdpSocket {
        &self.front
    }

    pub fn upstream(&self) -> impl Iterator<Item = &UdpSocket> {
        self.upstream.iter().map(|(socket, _)| socket)
    }

    pub fn refused(&self) -> u64 {
        self.refused
    }

    pub fn hear_client(&mut self) -> Option<(usize, Vec<u8>)> {
        loop {
            let (len, from) = match self.front.recv_from(&mut self.buffer) {
                Ok(received) => received,
                // A port that is closed answers by an error that says nothing of what waits.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(_) => return None,
            };
            match self.client(from) {
                Some(client) => return Some((client, self.buffer[..len].to_vec())),
                None => self.refused += 1,
            }
        }
    }

    pub fn hear_node(&mut self, client: usize) -> Option<Vec<u8>> {
        loop {
            match self.upstream[client].0.recv(&mut self.buffer) {
                Ok(len) => return Some(self.buffer[..len].to_vec()),
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(_) => return None,
            }
        }
    }

    pub fn tell_node(&mut self, client: usize, datagram: &[u8]) {
        let sent = self.upstream[client].0.send(datagram);
        self.refused += u64::from(is_loss(sent));
    }

    pub fn tell_client(&mut self, client: usize, datagram: &[u8]) {
        let sent = self.front.send_to(datagram, self.upstream[client].1);
        self.refused += u64::from(is_loss(sent));
    }

    fn client(&mut self, from: SocketAddr) -> Option<usize> {
        if let Some(client) = self.clients.get(&from) {
            return Some(*client);
        }
        if self.upstream.len() == MOST_CLIENTS {
            return None;
        }
        let mut near = self.front.local_addr().ok()?;
        near.set_port(0);
        let socket = open(near).ok()?;
        socket.connect(self.node).ok()?;
        self.upstream.push((socket, from));
        self.clients.insert(from, self.upstream.len() - 1);
        Some(self.upstream.len() - 1)
    }
}

fn open(at: SocketAddr) -> Result<UdpSocket, String> {
    let socket = UdpSocket::bind(at).map_err(|error| format!("{at} cannot be used: {error}"))?;
    socket.set_nonblocking(true).map_err(|error| error.to_string())?;
    Ok(socket)
}

/// An end that has closed its port loses nothing of ours.
fn is_loss(sent: std::io::Result<usize>) -> bool {
    sent.is_err_and(|error| error.kind() != ErrorKind::ConnectionRefused)
}

fn is_harmless(address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(v4) => v4.ip().is_loopback() || v4.ip().is_private(),
        SocketAddr::V6(v6) => v6.ip().is_loopback() || v6.ip().is_unique_local(),
    }
}

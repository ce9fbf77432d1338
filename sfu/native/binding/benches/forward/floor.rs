//! The least that sending costs: a header, AES-128-GCM with the receiver's key, and the send.
use std::net::{SocketAddr, UdpSocket};

use _forwarder::clock;
use _forwarder::sockets::{SendBatch, Socket};
use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey, AES_128_GCM};

use crate::{HEADER_LEN, PACKET_LEN, TAG_LEN};

pub struct Floor {
    /// Sends what goes alone by `sendto`, the cheapest call for it.
    single: UdpSocket,
    socket: Socket,
    batch: SendBatch,
    receivers: Vec<(SocketAddr, LessSafeKey)>,
    burst: usize,
    buffers: Vec<[u8; PACKET_LEN]>,
    payload: Vec<u8>,
    sequence: u64,
}

impl Floor {
    pub fn new(receivers: &[SocketAddr], burst: usize) -> Floor {
        let key =
            |number: usize| LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[number as u8; 16]).unwrap());
        Floor {
            single: UdpSocket::bind("127.0.0.1:0").unwrap(),
            socket: Socket::bind("127.0.0.1:0".parse().unwrap()).unwrap(),
            batch: SendBatch::allocate(),
            receivers: receivers
                .iter()
                .enumerate()
                .map(|(n, address)| (*address, key(n)))
                .collect(),
            burst,
            buffers: vec![[0; PACKET_LEN]; burst],
            payload: vec![7; PACKET_LEN - HEADER_LEN - TAG_LEN],
            sequence: 0,
        }
    }

    /// CPU microseconds for each packet, over about `packets` of them.
    pub fn cpu_us(&mut self, packets: usize) -> f64 {
        let rounds = packets.div_ceil(self.receivers.len() * self.burst);
        let before = clock::thread_cpu_seconds();
        let mut sent = 0;
        for _ in 0..rounds {
            for receiver in 0..self.receivers.len() {
                sent += self.send_burst(receiver);
            }
            self.sequence += self.burst as u64;
        }
        1e6 * (clock::thread_cpu_seconds() - before) / sent as f64
    }

    fn send_burst(&mut self, receiver: usize) -> u64 {
        let (remote, key) = &self.receivers[receiver];
        for (number, buffer) in self.buffers.iter_mut().enumerate() {
            seal(buffer, &self.payload, key, self.sequence + number as u64);
        }
        if let [buffer] = &self.buffers[..] {
            self.single.send_to(buffer, *remote).unwrap();
            return 1;
        }
        let datagrams = self.buffers.iter().map(|buffer| (*remote, &buffer[..]));
        let sent = self.batch.send(&mut self.socket, datagrams);
        assert_eq!(sent.datagrams, self.burst as u64, "the floor dropped {sent:?}");
        sent.datagrams
    }
}

fn seal(buffer: &mut [u8; PACKET_LEN], payload: &[u8], key: &LessSafeKey, sequence: u64) {
    let (header, rest) = buffer.split_at_mut(HEADER_LEN);
    let (body, tag) = rest.split_at_mut(payload.len());
    header[0] = 0x80;
    header[2..4].copy_from_slice(&(sequence as u16).to_be_bytes());
    body.copy_from_slice(payload);
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&sequence.to_be_bytes());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let sealed = key
        .seal_in_place_separate_tag(nonce, Aad::from(&header[..]), body)
        .unwrap();
    tag.copy_from_slice(sealed.as_ref());
}

//! A TCP connection between a person and the worker, as the shell has it: split on the way in, queued on the way out.
use forwarder_core::outbox::Cargo;
use forwarder_core::tcp::{Part, Queue, Splitter, LENGTH_LEN, MAX_PACKET_LEN};
use forwarder_core::time::Time;

/// What the kernel takes at most in one write, so that hardly one ends where a packet does.
const TAKEN_AT_ONCE: usize = 10_007;

pub struct Pipe {
    splitter: Splitter,
    buffer: Vec<u8>,
    queue: Queue,
    pub written: usize,
    pub dropped: u64,
}

impl Default for Pipe {
    fn default() -> Pipe {
        Pipe {
            splitter: Splitter::default(),
            buffer: vec![0; 2 * (LENGTH_LEN + MAX_PACKET_LEN)],
            queue: Queue::default(),
            written: 0,
            dropped: 0,
        }
    }
}

impl Pipe {
    /// Brings a packet in two pieces, cut in its middle.
    pub fn bring(&mut self, packet: &[u8], mut receive: impl FnMut(&mut [u8])) {
        let length = (packet.len() as u16).to_be_bytes();
        let (head, tail) = packet.split_at(packet.len() / 2);
        for piece in [[&length[..], head], [&[], tail]] {
            let mut len = self.splitter.resume(&mut self.buffer);
            for part in piece {
                self.buffer[len..len + part.len()].copy_from_slice(part);
                len += part.len();
            }
            let mut at = 0;
            while let Part::Packet(range) = self.splitter.next(&self.buffer[..len], &mut at) {
                receive(&mut self.buffer[range]);
            }
        }
    }

    pub fn push(&mut self, cargo: Cargo, packet: &[u8], now: Time) {
        let dropped = self.queue.push(cargo, packet, now);
        self.dropped += dropped.control + dropped.audio + dropped.video;
    }

    /// Writes what one call of the kernel takes.
    pub fn write(&mut self) {
        let waiting: usize = self.queue.waiting().map(<[u8]>::len).sum();
        let taken = waiting.min(TAKEN_AT_ONCE);
        self.queue.written(taken);
        self.written += taken;
    }
}

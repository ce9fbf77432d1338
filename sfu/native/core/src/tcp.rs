//! What TCP needs beside datagrams: packets told apart in a stream, what waits to leave, and who may wait for entry.
mod door;
mod lane;
mod opening;
mod queue;
mod splitter;

pub use door::{Door, MOST_WAITING, WAITING_LIMIT};
pub use opening::is_tls;
pub use queue::{Dropped, Queue, AUDIO_AGE, VIDEO_AGE};
pub use splitter::{Part, Splitter, LENGTH_LEN, MAX_PACKET_LEN};

#[cfg(test)]
mod tests;

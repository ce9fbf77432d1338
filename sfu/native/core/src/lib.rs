//! The packet forwarder without I/O: datagrams, orders and time go in; datagrams, events and a deadline come out.
pub mod codec;
pub mod command;
pub mod counters;
pub mod demux;
pub mod dtls;
pub mod event;
pub mod handle;
pub mod ice;
pub mod outbox;
pub mod rtcp;
pub mod rtp;
pub mod srtp;
pub mod stats;
pub mod stun;
pub mod time;
pub mod worker;

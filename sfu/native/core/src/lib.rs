//! The packet forwarder without I/O: datagrams, orders and time go in; datagrams, events and a deadline come out.
pub mod time;

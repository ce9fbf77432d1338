//! The Python module `sfu._forwarder`: it binds and decides nothing.
pub mod certificate;
pub mod clock;
pub mod dtls;
pub mod forwarder;
mod news;
#[cfg(feature = "python")]
mod python;
mod requests;
mod shell;
pub mod sockets;
mod wake;
mod wires;

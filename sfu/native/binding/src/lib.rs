//! The Python module `sfu._forwarder`: it binds and decides nothing.
pub mod certificate;
pub mod dtls;
pub mod sockets;

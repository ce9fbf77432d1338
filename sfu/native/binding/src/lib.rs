//! The Python module `sfu._forwarder`: it binds and decides nothing.

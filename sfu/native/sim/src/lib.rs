//! Development only: a virtual-time network and independent peers around forwarder-core; never in a wheel.
pub mod fuzz;
pub mod lateness;
pub mod link;
pub mod random;
pub mod rfc8867;

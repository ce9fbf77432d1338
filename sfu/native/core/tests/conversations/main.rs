//! The worker in conversation: bytes in, bytes out, a stepped clock. Each name is a law.
#[path = "../stage/mod.rs"]
mod stage;

mod allocating;
mod arrivals;
mod asking;
mod atomic;
mod clocks;
mod connecting;
mod containment;
mod departing;
mod dialling;
mod far;
mod feeding;
mod floor;
mod forwarding;
mod keyframes;
mod layering;
mod leaping;
mod learning;
mod marking;
mod moving;
mod parting;
mod paths;
mod rebinding;
mod redundancy;
mod repairing;
mod reporting;
mod restarting;
mod swapping;
mod tapping;
mod tcp;

//! The test cases 5.1 to 5.8 of RFC 8867 in virtual time, for a bandwidth estimator alone: no RTP, ideal feedback.
pub mod case;
pub mod controller;
pub mod estimator;
mod figures;
mod media;
mod network;
pub mod report;
pub mod rows;
mod shown;
mod tcp;
#[cfg(test)]
mod tests;

pub use figures::{Figures, Phase};
pub use network::run;

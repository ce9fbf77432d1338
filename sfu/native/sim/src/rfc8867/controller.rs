//! What a sender asks about the rate it may send at.
use forwarder_core::time::Time;

/// A short burst by which a controller learns whether more would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub id: u32,
    pub bits_per_second: u64,
    pub bytes: usize,
}

/// A sender's view of the path.
pub trait Controller {
    /// A packet leaves; numbers go up by one.
    fn sent(&mut self, number: u64, bytes: usize, probe: Option<u32>, now: Time);
    /// Feedback about consecutive numbers: when each arrived, by the receiver's clock.
    fn feedback(&mut self, first: u64, arrivals: &[Option<Time>], now: Time);
    fn tick(&mut self, now: Time);
    fn deadline(&self) -> Time;
    /// The next probe to send, if one is due.
    fn probe(&mut self, now: Time) -> Option<Probe>;
    /// In bits a second.
    fn estimate(&self) -> u64;
}

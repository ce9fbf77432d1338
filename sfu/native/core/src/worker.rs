//! One worker: all peers, tracks and slots of a shared-nothing part of the node.
use crate::command::{Command, CommandError};
use crate::dtls::DtlsFactory;
use crate::event::Event;
use crate::ice::Path;
use crate::outbox::Outbox;
use crate::stats::Stats;
use crate::time::Time;

#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// Nanoseconds from the NTP epoch (1900) to node time 0; sender reports carry node time by it.
    pub ntp_epoch_nanos: u64,
    /// Where first sequence numbers and the like come from; the shell draws it from the system.
    pub seed: u64,
    /// The canonical name in source descriptions (RFC 3550 section 6.5.1).
    pub cname: String,
}

pub struct Worker {
    outbox: Outbox,
}

impl Worker {
    pub fn new(_config: WorkerConfig, _dtls: Box<dyn DtlsFactory>) -> Worker {
        todo!()
    }

    /// Takes one datagram; decrypts it in place. Flush first when `outbox().free() < max_burst()`.
    pub fn receive(&mut self, _datagram: &mut [u8], _path: Path, _now: Time) {
        todo!()
    }

    /// Does what is due. It may stop for want of room: then `deadline` stays due and is met after a flush.
    pub fn tick(&mut self, _now: Time) {
        todo!()
    }

    /// When `tick` wants to be called next.
    pub fn deadline(&self) -> Time {
        todo!()
    }

    /// Does all of a batch, or nothing of it.
    pub fn apply(&mut self, _batch: Vec<Command>, _now: Time) -> Result<(), CommandError> {
        todo!()
    }

    /// The datagrams to send.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Empties the outbox, after its datagrams were sent or given up.
    pub fn sent(&mut self) {
        self.outbox.clear();
    }

    /// The most bytes that one `receive` prepares; grows only in `apply`.
    pub fn max_burst(&self) -> usize {
        todo!()
    }

    pub fn has_events(&self) -> bool {
        todo!()
    }

    /// Moves all events to `into`, oldest first.
    pub fn events(&mut self, _into: &mut Vec<Event>) {
        todo!()
    }

    pub fn stats(&self) -> Stats {
        todo!()
    }
}

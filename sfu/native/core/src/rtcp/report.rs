//! Sender and receiver reports (RFC 3550 §6.4).
use super::Ntp;
use std::time::Duration;

/// What a sender says of its own stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    pub ssrc: u32,
    pub ntp: Ntp,
    pub rtp_timestamp: u32,
    pub packet_count: u32,
    pub octet_count: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct SenderReport<'a> {
    pub info: SenderInfo,
    pub(super) blocks: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
pub struct ReceiverReport<'a> {
    /// Who reports.
    pub ssrc: u32,
    pub(super) blocks: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub fn blocks(&self) -> ReportBlocks<'a> {
        ReportBlocks { rest: self.blocks }
    }
}

impl<'a> ReceiverReport<'a> {
    pub fn blocks(&self) -> ReportBlocks<'a> {
        ReportBlocks { rest: self.blocks }
    }
}

/// What a receiver says of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// Of whom.
    pub ssrc: u32,
    /// In 1/256 since the last report.
    pub fraction_lost: u8,
    /// 24 bits with sign.
    pub cumulative_lost: i32,
    /// Low 16 bits: highest sequence received; high 16: how often it wrapped.
    pub highest_sequence: u32,
    /// In timestamp units.
    pub jitter: u32,
    /// Middle 32 bits of the last sender report's NTP time; 0 if none came.
    pub last_sender_report: u32,
    /// In 1/65536 s.
    pub delay_since_sender_report: u32,
}

impl ReportBlock {
    /// The round trip that this block proves when it arrives at `now` (RFC 3550 §6.4.1), if it answers a sender report.
    pub fn round_trip(&self, _now: Ntp) -> Option<Duration> {
        todo!()
    }
}

/// Iterates over report blocks.
#[derive(Clone, Debug)]
pub struct ReportBlocks<'a> {
    rest: &'a [u8],
}

impl Iterator for ReportBlocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let _ = self.rest;
        todo!()
    }
}

//! Sender and receiver reports (RFC 3550 §6.4).
use super::bytes::{put_word, word};
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

impl SenderInfo {
    /// With the sender's SSRC before the info proper.
    pub(super) const LEN: usize = 24;

    pub(super) fn read(bytes: &[u8; SenderInfo::LEN]) -> SenderInfo {
        SenderInfo {
            ssrc: word(bytes, 0),
            ntp: Ntp(u64::from(word(bytes, 4)) << 32 | u64::from(word(bytes, 8))),
            rtp_timestamp: word(bytes, 12),
            packet_count: word(bytes, 16),
            octet_count: word(bytes, 20),
        }
    }

    pub(super) fn write(&self, out: &mut [u8]) {
        put_word(out, 0, self.ssrc);
        put_word(out, 4, (self.ntp.0 >> 32) as u32);
        put_word(out, 8, self.ntp.0 as u32);
        put_word(out, 12, self.rtp_timestamp);
        put_word(out, 16, self.packet_count);
        put_word(out, 20, self.octet_count);
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
    pub fn round_trip(&self, now: Ntp) -> Option<Duration> {
        if self.last_sender_report == 0 {
            return None;
        }
        let elapsed = now.middle().wrapping_sub(self.last_sender_report);
        let units = elapsed.wrapping_sub(self.delay_since_sender_report);
        // Rounding on both sides can make a very short round trip negative.
        let units = if units >> 31 == 1 { 0 } else { u64::from(units) };
        Some(Duration::from_nanos((units * 1_000_000_000) >> 16))
    }

    pub(super) const LEN: usize = 24;

    fn read(bytes: &[u8; ReportBlock::LEN]) -> ReportBlock {
        let loss = word(bytes, 4);
        ReportBlock {
            ssrc: word(bytes, 0),
            fraction_lost: (loss >> 24) as u8,
            cumulative_lost: (loss << 8) as i32 >> 8,
            highest_sequence: word(bytes, 8),
            jitter: word(bytes, 12),
            last_sender_report: word(bytes, 16),
            delay_since_sender_report: word(bytes, 20),
        }
    }

    /// The cumulative loss is clamped to its 24 bits (RFC 3550 §6.4.1).
    pub(super) fn write(&self, out: &mut [u8]) {
        let lost = self.cumulative_lost.clamp(-0x80_0000, 0x7F_FFFF) as u32 & 0xFF_FFFF;
        put_word(out, 0, self.ssrc);
        put_word(out, 4, u32::from(self.fraction_lost) << 24 | lost);
        put_word(out, 8, self.highest_sequence);
        put_word(out, 12, self.jitter);
        put_word(out, 16, self.last_sender_report);
        put_word(out, 20, self.delay_since_sender_report);
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
        let (block, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(ReportBlock::read(block))
    }
}

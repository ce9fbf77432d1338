//! What arrived of a stream and how regularly, as receiver reports say it (RFC 3550 sections 6.4 and A.8).
use crate::rtcp::{Ntp, ReportBlock};
use crate::time::Time;

#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    first: Option<u64>,
    highest: u64,
    received: u64,
    /// Lost on the way, and inside a later packet (RFC 2198): its sender has to know of the loss.
    copied: u64,
    expected_before: u64,
    received_before: u64,
    transit: Option<u32>,
    /// In timestamp units, times 16.
    jitter_sixteenths: u64,
    last_sender_report: Option<(Ntp, Time)>,
}

impl Reception {
    /// Counts a packet that is new; one that came as a repair says nothing about jitter.
    pub fn packet(&mut self, sequence: u64, timestamp: u32, arrival: Time, clock_rate: u32, repaired: bool) {
        self.first.get_or_insert(sequence);
        self.first = self.first.min(Some(sequence));
        self.received += 1;
        let newest = sequence > self.highest;
        self.highest = self.highest.max(sequence);
        if newest && !repaired {
            self.transit(timestamp, arrival, clock_rate);
        }
    }

    pub fn copy(&mut self) {
        self.copied += 1;
    }

    pub fn sender_report(&mut self, ntp: Ntp, now: Time) {
        self.last_sender_report = Some((ntp, now));
    }

    pub fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received + self.copied)
    }

    pub fn jitter_ms(&self, clock_rate: u32) -> f64 {
        self.jitter_sixteenths as f64 / 16.0 * 1000.0 / f64::from(clock_rate.max(1))
    }

    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// The block to report, covering what came since the last one; none before the first packet.
    pub fn report(&mut self, ssrc: u32, now: Time) -> Option<ReportBlock> {
        self.first?;
        let fraction_lost = self.fraction_lost();
        self.expected_before = self.expected();
        self.received_before = self.received;
        let (last_sender_report, delay_since_sender_report) = self
            .last_sender_report
            .map_or((0, 0), |(ntp, at)| (ntp.middle(), fixed_point(now, at)));
        Some(ReportBlock {
            ssrc,
            fraction_lost,
            cumulative_lost: self.expected().saturating_sub(self.received).min(0x7f_ffff) as i32,
            // Extended numbers begin at 65536; on the wire the count of cycles begins at 0.
            highest_sequence: self.highest.wrapping_sub(65_536) as u32,
            jitter: (self.jitter_sixteenths / 16) as u32,
            last_sender_report,
            delay_since_sender_report,
        })
    }

    fn expected(&self) -> u64 {
        self.first.map_or(0, |first| self.highest - first + 1)
    }

    fn fraction_lost(&self) -> u8 {
        let expected = self.expected() - self.expected_before.min(self.expected());
        let lost = expected.saturating_sub(self.received - self.received_before);
        (lost * 256).checked_div(expected).unwrap_or(0).min(255) as u8
    }

    fn transit(&mut self, timestamp: u32, arrival: Time, clock_rate: u32) {
        let arrived = (u128::from(arrival.as_nanos()) * u128::from(clock_rate) / 1_000_000_000) as u32;
        let transit = arrived.wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let step = u64::from((transit.wrapping_sub(before) as i32).unsigned_abs());
            self.jitter_sixteenths = self.jitter_sixteenths + step - ((self.jitter_sixteenths + 8) >> 4);
        }
    }
}

/// The time from `at` to `now` in 1/65536 s.
fn fixed_point(now: Time, at: Time) -> u32 {
    (now.since(at).as_nanos() * 65_536 / 1_000_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_millis(ms)
    }

    fn steady(reception: &mut Reception, sequences: impl Iterator<Item = u64>) {
        for sequence in sequences {
            reception.packet(sequence, sequence as u32 * 960, at(sequence * 20), 48_000, false);
        }
    }

    #[test]
    fn a_steady_stream_has_neither_loss_nor_jitter() {
        let mut reception = Reception::default();
        steady(&mut reception, 65_536..65_636);
        let report = reception.report(7, at(0)).unwrap();
        assert_eq!(
            (report.ssrc, report.fraction_lost, report.cumulative_lost),
            (7, 0, 0)
        );
        assert_eq!(
            (report.jitter, report.highest_sequence, report.last_sender_report),
            (0, 99, 0)
        );
    }

    #[test]
    fn the_fraction_is_of_the_last_interval_and_the_sum_of_all() {
        let mut reception = Reception::default();
        steady(
            &mut reception,
            (65_536..65_736).filter(|sequence| sequence % 4 != 1),
        );
        let first = reception.report(7, at(0)).unwrap();
        assert_eq!((first.fraction_lost, first.cumulative_lost), (64, 50));
        steady(&mut reception, 65_736..65_836);
        let second = reception.report(7, at(0)).unwrap();
        assert_eq!((second.fraction_lost, second.cumulative_lost), (0, 50));
    }

    #[test]
    fn a_repair_takes_back_the_loss_and_leaves_the_jitter() {
        let mut reception = Reception::default();
        steady(
            &mut reception,
            (65_536..65_636).filter(|&sequence| sequence != 65_600),
        );
        assert_eq!(reception.lost(), 1);
        reception.packet(65_600, 65_600 * 960u32, at(9_999_999), 48_000, true);
        assert_eq!((reception.lost(), reception.jitter_ms(48_000)), (0, 0.0));
    }

    #[test]
    fn jitter_approaches_the_mean_deviation() {
        let mut reception = Reception::default();
        for sequence in 65_536..66_536u64 {
            let late = if sequence % 2 == 0 { 0 } else { 10 };
            reception.packet(
                sequence,
                sequence as u32 * 960,
                at(sequence * 20 + late),
                48_000,
                false,
            );
        }
        assert!((reception.jitter_ms(48_000) - 10.0).abs() < 0.5);
    }

    #[test]
    fn the_report_answers_the_last_sender_report() {
        let mut reception = Reception::default();
        steady(&mut reception, 65_536..65_540);
        reception.sender_report(Ntp(0x1234_5678_9abc_def0), at(1_000));
        let report = reception.report(7, at(1_500)).unwrap();
        assert_eq!(
            (report.last_sender_report, report.delay_since_sender_report),
            (0x5678_9abc, 32_768)
        );
    }
}

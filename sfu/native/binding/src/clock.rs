//! Node time: the system's monotonic clock, and where it stands against the calendar.
use forwarder_core::time::Time;
use rustix::time::{clock_gettime, ClockId, Timespec};

/// From 1900, where NTP counts from, to 1970 (RFC 5905 section 6).
const NTP_TO_UNIX_NANOS: u64 = 2_208_988_800 * 1_000_000_000;

pub fn now() -> Time {
    Time::from_nanos(nanos(clock_gettime(ClockId::Monotonic)))
}

/// Nanoseconds from the NTP epoch to node time 0, read once: later steps of the calendar do not move node time.
pub fn ntp_epoch_nanos() -> u64 {
    NTP_TO_UNIX_NANOS + nanos(clock_gettime(ClockId::Realtime)) - now().as_nanos()
}

/// What the calling thread has used of a processor.
pub fn thread_cpu_seconds() -> f64 {
    nanos(clock_gettime(ClockId::ThreadCPUTime)) as f64 / 1e9
}

fn nanos(time: Timespec) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

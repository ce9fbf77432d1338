//! Statistics as Python reads them.
use std::collections::BTreeMap;
use std::net::SocketAddr;

use forwarder_core::counters::Drops;
use forwarder_core::event::cause_name;
use forwarder_core::stats as core;
use pyo3::prelude::*;
use pyo3::PyClass;

use super::shows_itself;
use crate::shell::Snapshot;

type ByReason = BTreeMap<&'static str, u64>;

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct PeerStats {
    peer: u32,
    connected: bool,
    remote_address: Option<(String, u16)>,
    round_trip_ms: Option<f64>,
    datagrams_received: u64,
    bytes_received: u64,
    datagrams_sent: u64,
    bytes_sent: u64,
    told_arrived: u64,
    told_lost: u64,
    estimate: Option<u64>,
    estimate_cause: Option<&'static str>,
    acknowledged: Option<u64>,
    queue_ms: Option<f64>,
    loss: Option<f64>,
    dropped: ByReason,
}

impl From<core::PeerStats> for PeerStats {
    fn from(stats: core::PeerStats) -> PeerStats {
        PeerStats {
            peer: stats.peer.0,
            connected: stats.connected,
            remote_address: stats
                .remote
                .map(|remote: SocketAddr| (remote.ip().to_string(), remote.port())),
            round_trip_ms: stats.round_trip_ms,
            datagrams_received: stats.datagrams_received,
            bytes_received: stats.bytes_received,
            datagrams_sent: stats.datagrams_sent,
            bytes_sent: stats.bytes_sent,
            told_arrived: stats.told_arrived,
            told_lost: stats.told_lost,
            estimate: stats.estimate.map(|estimate| estimate.rate),
            estimate_cause: stats.estimate.map(|estimate| cause_name(estimate.cause)),
            acknowledged: stats.estimate.and_then(|estimate| estimate.acknowledged),
            queue_ms: stats
                .estimate
                .map(|estimate| estimate.queue.as_secs_f64() * 1000.0),
            loss: stats.estimate.map(|estimate| f64::from(estimate.loss)),
            dropped: by_reason(&stats.dropped),
        }
    }
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct TrackStats {
    track: u32,
    peer: u32,
    packets: u64,
    bytes: u64,
    lost: u64,
    repaired: u64,
    copied: u64,
    redundant: u64,
    in_band_fec: u64,
    duplicates: u64,
    nacks_sent: u64,
    keyframe_requests_sent: u64,
    keyframes: u64,
    jitter_ms: f64,
    last_sequence: u16,
    dropped: ByReason,
}

impl From<core::TrackStats> for TrackStats {
    fn from(stats: core::TrackStats) -> TrackStats {
        TrackStats {
            track: stats.track.0,
            peer: stats.peer.0,
            packets: stats.packets,
            bytes: stats.bytes,
            lost: stats.lost,
            repaired: stats.repaired,
            copied: stats.copied,
            redundant: stats.redundant,
            in_band_fec: stats.in_band_fec,
            duplicates: stats.duplicates,
            nacks_sent: stats.nacks_sent,
            keyframe_requests_sent: stats.keyframe_requests_sent,
            keyframes: stats.keyframes,
            jitter_ms: stats.jitter_ms,
            last_sequence: stats.last_sequence,
            dropped: by_reason(&stats.dropped),
        }
    }
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct SlotStats {
    slot: u32,
    peer: u32,
    track: Option<u32>,
    rid: Option<String>,
    packets: u64,
    bytes: u64,
    repairs: u64,
    redundant: u64,
    nacks_received: u64,
    keyframe_requests_received: u64,
    fraction_lost: f64,
    dropped: ByReason,
}

impl From<core::SlotStats> for SlotStats {
    fn from(stats: core::SlotStats) -> SlotStats {
        SlotStats {
            slot: stats.slot.0,
            peer: stats.peer.0,
            track: stats.track.map(|track| track.0),
            rid: stats.rid,
            packets: stats.packets,
            bytes: stats.bytes,
            repairs: stats.repairs,
            redundant: stats.redundant,
            nacks_received: stats.nacks_received,
            keyframe_requests_received: stats.keyframe_requests_received,
            fraction_lost: stats.fraction_lost,
            dropped: by_reason(&stats.dropped),
        }
    }
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct Stats {
    peers: Vec<Py<PeerStats>>,
    tracks: Vec<Py<TrackStats>>,
    slots: Vec<Py<SlotStats>>,
    dropped: ByReason,
    events_dropped: u64,
    largest_send_gap_ms: f64,
    cpu_seconds: f64,
}

shows_itself!(PeerStats, TrackStats, SlotStats, Stats);

pub fn to_python(py: Python<'_>, snapshot: Snapshot) -> PyResult<Stats> {
    let Snapshot {
        stats,
        mut dropped,
        cpu_seconds,
    } = snapshot;
    dropped.extend(stats.dropped.iter());
    Ok(Stats {
        peers: all(py, stats.peers, PeerStats::from)?,
        tracks: all(py, stats.tracks, TrackStats::from)?,
        slots: all(py, stats.slots, SlotStats::from)?,
        dropped,
        events_dropped: stats.events_dropped,
        largest_send_gap_ms: stats.largest_send_gap_ms,
        cpu_seconds,
    })
}

fn all<T, P>(py: Python<'_>, stats: Vec<T>, convert: impl Fn(T) -> P) -> PyResult<Vec<Py<P>>>
where
    P: PyClass + Into<PyClassInitializer<P>>,
{
    stats.into_iter().map(|one| Py::new(py, convert(one))).collect()
}

fn by_reason(drops: &Drops) -> ByReason {
    drops.iter().collect()
}

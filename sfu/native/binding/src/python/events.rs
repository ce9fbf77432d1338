//! Events as Python reads them.
use forwarder_core::event::{cause_name, Event};
use pyo3::prelude::*;

use super::shows_itself;

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct PeerConnected {
    peer: u32,
    srtp_profile: &'static str,
    remote_address: (String, u16),
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct PeerClosed {
    peer: u32,
    reason: &'static str,
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct TrackFlowing {
    track: u32,
    codec: String,
    ssrc: u32,
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct TrackStalled {
    track: u32,
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct KeyframeWanted {
    track: u32,
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct PicturesFitted {
    peer: u32,
    level: u8,
    bit_rate: u64,
    cause: &'static str,
    reduced: Vec<(u32, Option<u16>, bool)>,
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct Estimated {
    peer: u32,
    bit_rate: u64,
    cause: &'static str,
}

#[pyclass(frozen, get_all, module = "sfu._forwarder")]
#[derive(Debug)]
pub struct AudioLevels {
    levels: Vec<(u32, u8)>,
}

shows_itself!(
    PeerConnected,
    PeerClosed,
    TrackFlowing,
    TrackStalled,
    KeyframeWanted,
    PicturesFitted,
    Estimated,
    AudioLevels
);

pub fn to_python(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    Ok(match event {
        Event::PeerConnected {
            peer,
            profile,
            remote,
        } => {
            let remote_address = (remote.ip().to_string(), remote.port());
            let event = PeerConnected {
                peer: peer.0,
                srtp_profile: profile.name(),
                remote_address,
            };
            Bound::new(py, event)?.into_any()
        }
        Event::PeerClosed { peer, reason } => Bound::new(
            py,
            PeerClosed {
                peer: peer.0,
                reason: reason.name(),
            },
        )?
        .into_any(),
        Event::TrackFlowing { track, codec, ssrc } => Bound::new(
            py,
            TrackFlowing {
                track: track.0,
                codec,
                ssrc,
            },
        )?
        .into_any(),
        Event::TrackStalled { track } => Bound::new(py, TrackStalled { track: track.0 })?.into_any(),
        Event::KeyframeWanted { track } => Bound::new(py, KeyframeWanted { track: track.0 })?.into_any(),
        Event::PicturesFitted {
            peer,
            level,
            bit_rate,
            cause,
            reduced,
        } => {
            let reduced = reduced
                .iter()
                .map(|each| (each.slot.0, each.lines, each.is_paused))
                .collect();
            let event = PicturesFitted {
                peer: peer.0,
                level,
                bit_rate,
                cause: cause.name(),
                reduced,
            };
            Bound::new(py, event)?.into_any()
        }
        Event::Estimated {
            peer,
            bit_rate,
            cause,
        } => {
            let (peer, cause) = (peer.0, cause_name(cause));
            let event = Estimated {
                peer,
                bit_rate,
                cause,
            };
            Bound::new(py, event)?.into_any()
        }
        Event::AudioLevels(levels) => {
            let levels = levels
                .into_iter()
                .map(|(track, level)| (track.0, level))
                .collect();
            Bound::new(py, AudioLevels { levels })?.into_any()
        }
    })
}

/// The alias `Event`.
pub fn union(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.get_type::<PeerConnected>()
        .bitor(py.get_type::<PeerClosed>())?
        .bitor(py.get_type::<TrackFlowing>())?
        .bitor(py.get_type::<TrackStalled>())?
        .bitor(py.get_type::<KeyframeWanted>())?
        .bitor(py.get_type::<PicturesFitted>())?
        .bitor(py.get_type::<Estimated>())?
        .bitor(py.get_type::<AudioLevels>())
}

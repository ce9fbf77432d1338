//! Frames as Python reads them.
use forwarder_core::command::Fed;
use forwarder_core::frame as core;
use forwarder_core::handle::TrackId;
use forwarder_core::time::Time;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// One encoded frame of a tapped track.
#[pyclass(frozen, get_all, module = "sfu._forwarder")]
pub struct Frame {
    tap: u32,
    codec: &'static str,
    rid: Option<String>,
    mark: Option<u32>,
    ssrc: u32,
    timestamp: u64,
    captured_ns: Option<u64>,
    arrived_ns: u64,
    is_keyframe: bool,
    lost_packets: u64,
    lost_ms: f64,
    data: Py<PyBytes>,
}

#[pymethods]
impl Frame {
    fn __repr__(&self, py: Python<'_>) -> String {
        let len = self.data.bind(py).as_bytes().len();
        format!(
            "Frame {{ tap: {}, codec: {}, timestamp: {}, {len} bytes }}",
            self.tap, self.codec, self.timestamp
        )
    }
}

pub fn to_python(py: Python<'_>, frame: core::Frame) -> PyResult<Py<Frame>> {
    let shown = Frame {
        tap: frame.tap.0,
        codec: frame.codec.name(),
        rid: frame.rid,
        mark: frame.mark,
        ssrc: frame.ssrc,
        timestamp: frame.timestamp,
        captured_ns: frame.captured.map(|at| at.as_nanos()),
        arrived_ns: frame.arrived.as_nanos(),
        is_keyframe: frame.is_keyframe,
        lost_packets: frame.lost_packets,
        lost_ms: frame.lost.as_secs_f64() * 1000.0,
        data: PyBytes::new(py, &frame.data).unbind(),
    };
    Py::new(py, shown)
}

/// One encoded frame for a feed.
#[pyclass(frozen, module = "sfu._forwarder")]
pub struct FedFrame(Fed);

#[pymethods]
impl FedFrame {
    #[new]
    #[pyo3(signature = (track, timestamp, data, *, captured_ns=None))]
    fn new(track: u32, timestamp: u64, data: &[u8], captured_ns: Option<u64>) -> FedFrame {
        FedFrame(Fed {
            track: TrackId(track),
            // Its low 32 bits stand in the packets.
            timestamp: timestamp as u32,
            captured: captured_ns.map(Time::from_nanos),
            data: data.to_vec(),
        })
    }
}

impl FedFrame {
    pub fn to_core(&self) -> Fed {
        self.0.clone()
    }
}

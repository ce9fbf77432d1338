//! The forwarder as Python holds it.
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{IntoRawFd, RawFd};

use forwarder_core::command::Command;
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;

use super::{commands, events, frames, stats};
use crate::certificate::Certificate;
use crate::forwarder::{self as native, Refused};

create_exception!(
    sfu._forwarder,
    ForwarderError,
    PyException,
    "A command was refused; the sentence says which and why, and nothing of its batch was done."
);

fn refused(refused: Refused) -> PyErr {
    ForwarderError::new_err(refused.to_string())
}

fn address((ip, port): (String, u16)) -> PyResult<SocketAddr> {
    let ip: IpAddr = ip
        .parse()
        .map_err(|_| PyValueError::new_err(format!("{ip:?} is no IP address")))?;
    if ip.is_unspecified() {
        // A reply has to leave by the address that the datagram came to.
        return Err(PyValueError::new_err(format!(
            "{ip} is a wildcard: name each address"
        )));
    }
    Ok(SocketAddr::new(ip, port))
}

fn pairs(addresses: &[SocketAddr]) -> Vec<(String, u16)> {
    let pair = |address: &SocketAddr| (address.ip().to_string(), address.port());
    addresses.iter().map(pair).collect()
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct Forwarder(native::Forwarder);

#[pymethods]
impl Forwarder {
    #[new]
    #[pyo3(signature = (addresses, *, certificate, private_key, tcp=false, fronts=Vec::new()))]
    fn new(
        addresses: Vec<(String, u16)>,
        certificate: &[u8],
        private_key: &[u8],
        tcp: bool,
        fronts: Vec<(String, u16)>,
    ) -> PyResult<Forwarder> {
        if addresses.is_empty() {
            return Err(PyValueError::new_err("a forwarder needs an address"));
        }
        let addresses = addresses.into_iter().map(address).collect::<PyResult<Vec<_>>>()?;
        let fronts = fronts.into_iter().map(address).collect::<PyResult<Vec<_>>>()?;
        let certificate = Certificate::from_pem(certificate, private_key).map_err(PyValueError::new_err)?;
        Ok(Forwarder(native::Forwarder::start(
            &addresses,
            (tcp, &fronts),
            &certificate,
        )?))
    }

    #[getter]
    fn addresses(&self) -> Vec<(String, u16)> {
        pairs(self.0.addresses())
    }

    #[getter]
    fn fronts(&self) -> Vec<(String, u16)> {
        pairs(self.0.fronts())
    }

    #[getter]
    fn fingerprint(&self) -> (&'static str, &[u8]) {
        ("sha-256", self.0.fingerprint())
    }

    fn apply(&self, py: Python<'_>, commands: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        let batch = commands
            .iter()
            .map(commands::from_python)
            .collect::<PyResult<Vec<Command>>>()?;
        py.detach(|| self.0.apply(batch)).map_err(refused)
    }

    fn feed(&self, py: Python<'_>, frames: Vec<Bound<'_, frames::FedFrame>>) -> PyResult<()> {
        let frames = frames.iter().map(|frame| frame.get().to_core()).collect();
        py.detach(|| self.0.feed(frames)).map_err(refused)
    }

    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        py.detach(|| self.0.events())
            .into_iter()
            .map(|event| events::to_python(py, event))
            .collect()
    }

    fn frames(&self, py: Python<'_>) -> PyResult<Vec<Py<frames::Frame>>> {
        let waiting = py.detach(|| self.0.frames());
        waiting
            .into_iter()
            .map(|frame| frames::to_python(py, frame))
            .collect()
    }

    fn guests(&self) -> Vec<RawFd> {
        self.0.guests().into_iter().map(IntoRawFd::into_raw_fd).collect()
    }

    fn guest_fd(&self) -> RawFd {
        self.0.guest_fd()
    }

    fn frame_fd(&self) -> RawFd {
        self.0.frame_fd()
    }

    fn event_fd(&self) -> RawFd {
        self.0.event_fd()
    }

    fn stats(&self, py: Python<'_>) -> PyResult<stats::Stats> {
        let snapshot = py.detach(|| self.0.stats()).map_err(refused)?;
        stats::to_python(py, snapshot)
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        Ok(py.detach(|| self.0.close())?)
    }
}

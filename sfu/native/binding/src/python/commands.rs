//! Commands as Python writes them; each holds the core's own command.
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use forwarder_core::allocation::Priority;
use forwarder_core::command::{self as core, Command};
use forwarder_core::dtls::{Fingerprint, FingerprintAlgorithm, Role};
use forwarder_core::handle::{PeerId, SlotId, TapId, TrackId};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// A handle as it comes from Python: 0 is no handle.
struct Handle(u32);

impl<'a, 'py> FromPyObject<'a, 'py> for Handle {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Handle> {
        match object.extract()? {
            0 => Err(PyValueError::new_err("a handle is an integer in 1..2**32")),
            handle => Ok(Handle(handle)),
        }
    }
}

fn kind(name: &str) -> PyResult<core::Kind> {
    match name {
        "audio" => Ok(core::Kind::Audio),
        "video" => Ok(core::Kind::Video),
        _ => Err(PyValueError::new_err(format!(
            "kind is \"audio\" or \"video\", not {name:?}"
        ))),
    }
}

fn priority(name: &str) -> PyResult<Priority> {
    match name {
        "courseware" => Ok(Priority::Courseware),
        "teacher" => Ok(Priority::Teacher),
        "floor_holder" => Ok(Priority::FloorHolder),
        "other_room" => Ok(Priority::OtherRoom),
        _ => Err(PyValueError::new_err(format!(
            "priority is \"courseware\", \"teacher\", \"floor_holder\" or \"other_room\", not {name:?}"
        ))),
    }
}

fn role(name: &str) -> PyResult<Role> {
    match name {
        "active" => Ok(Role::Active),
        "passive" => Ok(Role::Passive),
        _ => Err(PyValueError::new_err(format!(
            "dtls_role is \"active\" or \"passive\", not {name:?}"
        ))),
    }
}

fn candidate((ip, port): (String, u16)) -> PyResult<SocketAddr> {
    let ip: IpAddr = ip
        .parse()
        .map_err(|_| PyValueError::new_err(format!("{ip:?} is no IP address")))?;
    Ok(SocketAddr::new(ip, port))
}

fn fingerprint((name, digest): (String, Vec<u8>)) -> PyResult<Fingerprint> {
    let algorithm = FingerprintAlgorithm::from_name(&name)
        .ok_or_else(|| PyValueError::new_err(format!("no fingerprint algorithm is called {name:?}")))?;
    if digest.len() != algorithm.digest_len() {
        let (expected, is) = (algorithm.digest_len(), digest.len());
        return Err(PyValueError::new_err(format!(
            "a {name} digest has {expected} bytes, not {is}"
        )));
    }
    Ok(Fingerprint { algorithm, digest })
}

fn codecs(codecs: &[Bound<'_, Codec>]) -> Vec<core::Codec> {
    codecs.iter().map(|codec| codec.get().0.clone()).collect()
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct Codec(core::Codec);

#[pymethods]
impl Codec {
    #[new]
    #[pyo3(signature = (name, payload_type, clock_rate, *, rtx_payload_type=None, nack=false, pli=false, fir=false))]
    fn new(
        name: String,
        payload_type: u8,
        clock_rate: u32,
        rtx_payload_type: Option<u8>,
        nack: bool,
        pli: bool,
        fir: bool,
    ) -> Codec {
        Codec(core::Codec {
            name,
            payload_type,
            clock_rate,
            rtx_payload_type,
            nack,
            pli,
            fir,
        })
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct Encoding(core::Encoding);

#[pymethods]
impl Encoding {
    #[new]
    #[pyo3(signature = (ssrc, *, rtx_ssrc=None, rid=None))]
    fn new(ssrc: u32, rtx_ssrc: Option<u32>, rid: Option<String>) -> Encoding {
        Encoding(core::Encoding { ssrc, rtx_ssrc, rid })
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct AddPeer(Command);

#[pymethods]
impl AddPeer {
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(
        signature = (
            peer, *, local_ufrag, local_password, remote_ufrag, remote_password, remote_fingerprint, dtls_role,
            mid_extension=0, rid_extension=0, repaired_rid_extension=0, audio_level_extension=0,
            transport_cc_extension=0, mark_extension=0, candidates=Vec::new(),
        ),
        text_signature = "(peer, *, local_ufrag, local_password, remote_ufrag, remote_password, remote_fingerprint, \
            dtls_role, mid_extension=0, rid_extension=0, repaired_rid_extension=0, audio_level_extension=0, \
            transport_cc_extension=0, mark_extension=0, candidates=())"
    )]
    fn new(
        peer: Handle,
        local_ufrag: String,
        local_password: String,
        remote_ufrag: String,
        remote_password: String,
        remote_fingerprint: (String, Vec<u8>),
        dtls_role: &str,
        mid_extension: u8,
        rid_extension: u8,
        repaired_rid_extension: u8,
        audio_level_extension: u8,
        transport_cc_extension: u8,
        mark_extension: u8,
        candidates: Vec<(String, u16)>,
    ) -> PyResult<AddPeer> {
        Ok(AddPeer(Command::AddPeer(core::AddPeer {
            peer: PeerId(peer.0),
            local_ufrag,
            local_password,
            remote_ufrag,
            remote_password,
            candidates: candidates.into_iter().map(candidate).collect::<PyResult<_>>()?,
            remote_fingerprint: fingerprint(remote_fingerprint)?,
            dtls_role: role(dtls_role)?,
            mid_extension,
            rid_extension,
            repaired_rid_extension,
            audio_level_extension,
            transport_cc_extension,
            mark_extension,
        })))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RemovePeer(Command);

#[pymethods]
impl RemovePeer {
    #[new]
    fn new(peer: Handle) -> RemovePeer {
        RemovePeer(Command::RemovePeer(PeerId(peer.0)))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RestartIce(Command);

#[pymethods]
impl RestartIce {
    #[new]
    #[pyo3(signature = (peer, *, local_ufrag, local_password, remote_ufrag, remote_password))]
    fn new(
        peer: Handle,
        local_ufrag: String,
        local_password: String,
        remote_ufrag: String,
        remote_password: String,
    ) -> RestartIce {
        RestartIce(Command::RestartIce(core::RestartIce {
            peer: PeerId(peer.0),
            local_ufrag,
            local_password,
            remote_ufrag,
            remote_password,
        }))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct AddTrack(Command);

#[pymethods]
impl AddTrack {
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(
        signature = (track, peer, *, kind, mid, codecs, encodings=Vec::new(), open=true, mark=0),
        text_signature = "(track, peer, *, kind, mid, codecs, encodings=(), open=True, mark=0)"
    )]
    fn new(
        track: Handle,
        peer: Handle,
        kind: &str,
        mid: String,
        codecs: Vec<Bound<'_, Codec>>,
        encodings: Vec<Bound<'_, Encoding>>,
        open: bool,
        mark: u32,
    ) -> PyResult<AddTrack> {
        Ok(AddTrack(Command::AddTrack(core::AddTrack {
            track: TrackId(track.0),
            peer: PeerId(peer.0),
            kind: self::kind(kind)?,
            mid,
            codecs: self::codecs(&codecs),
            encodings: encodings
                .iter()
                .map(|encoding| encoding.get().0.clone())
                .collect(),
            open,
            mark,
        })))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RemoveTrack(Command);

#[pymethods]
impl RemoveTrack {
    #[new]
    fn new(track: Handle) -> RemoveTrack {
        RemoveTrack(Command::RemoveTrack(TrackId(track.0)))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct OpenTrack(Command);

#[pymethods]
impl OpenTrack {
    #[new]
    fn new(track: Handle, open: bool) -> OpenTrack {
        OpenTrack(Command::OpenTrack {
            track: TrackId(track.0),
            open,
        })
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct AddSlot(Command);

#[pymethods]
impl AddSlot {
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (slot, peer, *, kind, mid, ssrc, rtx_ssrc=None, codecs, numbered=false))]
    fn new(
        slot: Handle,
        peer: Handle,
        kind: &str,
        mid: String,
        ssrc: u32,
        rtx_ssrc: Option<u32>,
        codecs: Vec<Bound<'_, Codec>>,
        numbered: bool,
    ) -> PyResult<AddSlot> {
        Ok(AddSlot(Command::AddSlot(core::AddSlot {
            slot: SlotId(slot.0),
            peer: PeerId(peer.0),
            kind: self::kind(kind)?,
            mid,
            ssrc,
            rtx_ssrc,
            codecs: self::codecs(&codecs),
            numbered,
        })))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RemoveSlot(Command);

#[pymethods]
impl RemoveSlot {
    #[new]
    fn new(slot: Handle) -> RemoveSlot {
        RemoveSlot(Command::RemoveSlot(SlotId(slot.0)))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct BindSlot(Command);

#[pymethods]
impl BindSlot {
    #[new]
    #[pyo3(signature = (slot, track))]
    fn new(slot: Handle, track: Option<Handle>) -> BindSlot {
        BindSlot(Command::BindSlot {
            slot: SlotId(slot.0),
            track: track.map(|track| TrackId(track.0)),
        })
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct ChooseLayer(Command);

#[pymethods]
impl ChooseLayer {
    #[new]
    #[pyo3(signature = (slot, rid))]
    fn new(slot: Handle, rid: Option<String>) -> ChooseLayer {
        ChooseLayer(Command::ChooseLayer {
            slot: SlotId(slot.0),
            rid,
        })
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct SetPriority(Command);

#[pymethods]
impl SetPriority {
    #[new]
    fn new(slot: Handle, priority: &str) -> PyResult<SetPriority> {
        Ok(SetPriority(Command::SetPriority {
            slot: SlotId(slot.0),
            priority: self::priority(priority)?,
        }))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RequestKeyframe(Command);

#[pymethods]
impl RequestKeyframe {
    #[new]
    fn new(track: Handle) -> RequestKeyframe {
        RequestKeyframe(Command::RequestKeyframe(TrackId(track.0)))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RequestTapKeyframe(Command);

#[pymethods]
impl RequestTapKeyframe {
    #[new]
    #[pyo3(signature = (tap))]
    fn new(tap: Handle) -> RequestTapKeyframe {
        RequestTapKeyframe(Command::RequestTapKeyframe(TapId(tap.0)))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct AddFeed(Command);

#[pymethods]
impl AddFeed {
    #[new]
    #[pyo3(signature = (track, peer, *, kind, codec, clock_rate))]
    fn new(track: Handle, peer: Handle, kind: &str, codec: String, clock_rate: u32) -> PyResult<AddFeed> {
        Ok(AddFeed(Command::AddFeed(core::AddFeed {
            track: TrackId(track.0),
            peer: PeerId(peer.0),
            kind: self::kind(kind)?,
            codec: core::Codec {
                name: codec,
                payload_type: 0,
                clock_rate,
                rtx_payload_type: None,
                nack: false,
                pli: false,
                fir: false,
            },
        })))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct AddTap(Command);

#[pymethods]
impl AddTap {
    #[new]
    #[pyo3(signature = (tap, track, *, rid=None, window_ms=1000, while_closed=false, avcc=false))]
    fn new(
        tap: Handle,
        track: Handle,
        rid: Option<String>,
        window_ms: u32,
        while_closed: bool,
        avcc: bool,
    ) -> AddTap {
        AddTap(Command::AddTap(core::AddTap {
            tap: TapId(tap.0),
            track: TrackId(track.0),
            window: Duration::from_millis(window_ms.into()),
            rid,
            while_closed,
            form: if avcc {
                core::H264Form::Avcc
            } else {
                core::H264Form::AnnexB
            },
        }))
    }
}

#[pyclass(frozen, module = "sfu._forwarder")]
pub struct RemoveTap(Command);

#[pymethods]
impl RemoveTap {
    #[new]
    fn new(tap: Handle) -> RemoveTap {
        RemoveTap(Command::RemoveTap(TapId(tap.0)))
    }
}

/// The core's command in a Python object, if it is one.
pub fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Command> {
    macro_rules! first_of {
        ($($class:ident),*) => {
            $(if let Ok(command) = object.cast::<$class>() {
                return Ok(command.get().0.clone());
            })*
        };
    }
    first_of!(
        AddPeer,
        RemovePeer,
        RestartIce,
        AddTrack,
        RemoveTrack,
        OpenTrack,
        AddSlot,
        RemoveSlot,
        BindSlot,
        ChooseLayer,
        SetPriority,
        RequestKeyframe,
        RequestTapKeyframe,
        AddFeed,
        AddTap,
        RemoveTap
    );
    Err(PyTypeError::new_err(format!(
        "{} is not a command",
        object.get_type().name()?
    )))
}

/// The alias `Command`.
pub fn union(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.get_type::<AddPeer>()
        .bitor(py.get_type::<RemovePeer>())?
        .bitor(py.get_type::<RestartIce>())?
        .bitor(py.get_type::<AddTrack>())?
        .bitor(py.get_type::<RemoveTrack>())?
        .bitor(py.get_type::<OpenTrack>())?
        .bitor(py.get_type::<AddSlot>())?
        .bitor(py.get_type::<RemoveSlot>())?
        .bitor(py.get_type::<BindSlot>())?
        .bitor(py.get_type::<ChooseLayer>())?
        .bitor(py.get_type::<SetPriority>())?
        .bitor(py.get_type::<RequestKeyframe>())?
        .bitor(py.get_type::<RequestTapKeyframe>())?
        .bitor(py.get_type::<AddFeed>())?
        .bitor(py.get_type::<AddTap>())?
        .bitor(py.get_type::<RemoveTap>())
}

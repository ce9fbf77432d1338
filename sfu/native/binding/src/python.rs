//! The Python face: frozen commands in, frozen events and statistics out, as `sfu/_forwarder.pyi` says.
mod commands;
mod events;
mod forwarder;
mod frames;
mod stats;

/// What an immutable class shows of itself in a log.
macro_rules! shows_itself {
    ($($class:ident),* $(,)?) => {
        $(#[pyo3::pymethods]
        impl $class {
            fn __repr__(&self) -> String {
                format!("{self:?}")
            }
        })*
    };
}
use shows_itself;

#[pyo3::pymodule(name = "_forwarder")]
mod module {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::commands::{
        AddFeed, AddPeer, AddSlot, AddTap, AddTrack, BindSlot, ChooseLayer, Codec, Encoding, OpenTrack,
        RemovePeer, RemoveSlot, RemoveTap, RemoveTrack, RequestKeyframe, RequestTapKeyframe, RestartIce,
        SetPriority,
    };
    #[pymodule_export]
    use super::events::{
        AudioLevels, Estimated, KeyframeWanted, PeerClosed, PeerConnected, PicturesFitted, TrackFlowing,
        TrackStalled,
    };
    #[pymodule_export]
    use super::forwarder::{Forwarder, ForwarderError};
    #[pymodule_export]
    use super::frames::{FedFrame, Frame};
    #[pymodule_export]
    use super::stats::{PeerStats, SlotStats, Stats, TrackStats};

    /// The unions exist at run time too, so that annotations can name them.
    #[pymodule_init]
    fn add_aliases(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("Command", super::commands::union(module.py())?)?;
        module.add("Event", super::events::union(module.py())?)
    }
}

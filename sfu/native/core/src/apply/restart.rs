//! Whether a connection can take other ICE credentials.
use super::check::{credentials, ensure, Check};
use super::draft::Draft;
use crate::command::RestartIce;

pub(super) fn restart_ice(draft: &mut Draft<'_>, order: &RestartIce) -> Check {
    let id = order.peer.0;
    let is_dialled = draft.peer(order.peer).map(|peer| peer.is_dialled);
    let is_dialled = is_dialled.ok_or(format!("there is no peer {id}"))?;
    ensure(!is_dialled, || {
        format!("peer {id} is dialled: end it and dial anew")
    })?;
    let others = [&order.local_password, &order.remote_ufrag];
    credentials(draft, id, &order.local_ufrag, &others)?;
    if let Some(peer) = draft.peer(order.peer) {
        peer.ufrags.push(order.local_ufrag.clone());
    }
    Ok(())
}

//! Whether a batch can be done, command by command, without doing anything.
use super::draft::{Draft, Stream};
use super::restart::restart_ice;
use crate::command::{AddFeed, AddPeer, AddSlot, AddTap, AddTrack, Codec, Command, CommandError, Kind};
use crate::dtls::{Dtls, DtlsFactory};
use crate::handle::{SlotId, TrackId};
use crate::inline::{MAX_CODECS, MAX_MID_LEN};
use crate::router::{can_feed, Router};
use crate::time::Time;
use crate::track::MAX_LAYERS;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

/// More connections than one worker could serve.
const MAX_PEERS: usize = 4096;
/// Tracks, and slots, of one connection.
const MAX_STREAMS: usize = 128;
/// One key serves 1024 SSRCs, which are those of the living slots and these.
const MAX_SPENT: usize = 1024 - 2 * MAX_STREAMS;
const MAX_EXTENSION_ID: u8 = 14;
/// Readers of one worker.
const MAX_TAPS: usize = 1024;
/// What is kept of a sound is 2 s; what has gone from there cannot be waited for.
const MAX_WINDOW: Duration = Duration::from_millis(1_500);

pub(super) type Check = Result<(), String>;

/// Finds the first command that cannot be done; else returns a handshake for each `AddPeer`, in order.
pub fn check(
    router: &Router,
    batch: &[Command],
    dtls: &mut dyn DtlsFactory,
    now: Time,
) -> Result<Vec<Box<dyn Dtls>>, CommandError> {
    let mut draft = Draft::of(router);
    let mut handshakes = Vec::new();
    for (index, command) in batch.iter().enumerate() {
        let refused = |sentence| CommandError { index, sentence };
        check_one(&mut draft, command).map_err(refused)?;
        if let Command::AddPeer(order) = command {
            let algorithm = order.remote_fingerprint.algorithm;
            let start = || dtls.start(order.dtls_role, algorithm, now);
            let handshake = catch_unwind(AssertUnwindSafe(start));
            let handshake = handshake.unwrap_or_else(|_| Err("the DTLS library broke".into()));
            handshakes.push(handshake.map_err(refused)?);
        }
    }
    Ok(handshakes)
}

fn check_one(draft: &mut Draft<'_>, command: &Command) -> Check {
    match command {
        Command::AddPeer(order) => add_peer(draft, order),
        Command::RemovePeer(peer) => {
            draft.peer(*peer).ok_or(format!("there is no peer {}", peer.0))?;
            draft.remove_peer(*peer);
            Ok(())
        }
        Command::RestartIce(order) => restart_ice(draft, order),
        Command::AddTrack(order) => add_track(draft, order),
        Command::RemoveTrack(track) => {
            known_track(draft, *track)?;
            draft.remove_track(*track);
            Ok(())
        }
        Command::OpenTrack { track, .. } => known_track(draft, *track).map(|_| ()),
        Command::AddSlot(order) => add_slot(draft, order),
        Command::RemoveSlot(slot) => {
            known_slot(draft, *slot)?;
            draft.remove_slot(*slot);
            Ok(())
        }
        Command::BindSlot { slot, track } => bind(draft, *slot, *track),
        Command::ChooseLayer { slot, .. } => match known_slot(draft, *slot)? {
            Kind::Video => Ok(()),
            Kind::Audio => Err(format!("slot {} is for sound, which has no layers", slot.0)),
        },
        Command::SetPriority { slot, .. } => match known_slot(draft, *slot)? {
            Kind::Video => Ok(()),
            Kind::Audio => Err(format!(
                "slot {} is for sound, which comes before all pictures",
                slot.0
            )),
        },
        Command::RequestKeyframe(track) => match known_track(draft, *track)? {
            Kind::Video => Ok(()),
            Kind::Audio => Err(format!("track {} is audio and has no keyframes", track.0)),
        },
        Command::RequestTapKeyframe(tap) => {
            ensure(draft.has_tap(*tap), || format!("there is no tap {}", tap.0))
        }
        Command::AddFeed(order) => add_feed(draft, order),
        Command::AddTap(order) => add_tap(draft, order),
        Command::RemoveTap(tap) => {
            ensure(draft.has_tap(*tap), || format!("there is no tap {}", tap.0))?;
            draft.remove_tap(*tap);
            Ok(())
        }
    }
}

fn known_track(draft: &mut Draft<'_>, track: TrackId) -> Result<Kind, String> {
    draft.track(track).ok_or(format!("there is no track {}", track.0))
}

fn known_slot(draft: &mut Draft<'_>, slot: SlotId) -> Result<Kind, String> {
    draft.slot(slot).ok_or(format!("there is no slot {}", slot.0))
}

fn add_peer(draft: &mut Draft<'_>, order: &AddPeer) -> Check {
    let id = order.peer.0;
    ensure(id != 0, || "a peer's handle is not 0".into())?;
    ensure(draft.peer(order.peer).is_none(), || format!("peer {id} exists"))?;
    ensure(draft.peer_count() < MAX_PEERS, || {
        format!("there are {MAX_PEERS} peers already")
    })?;
    let others = [&order.local_password, &order.remote_ufrag, &order.remote_password];
    credentials(draft, id, &order.local_ufrag, &others)?;
    let paths = draft.paths_to(&order.candidates);
    ensure(order.candidates.is_empty() || !paths.is_empty(), || {
        format!(
            "no address of this node reaches a candidate of peer {id}, unless another dialled peer goes that way: bind one more"
        )
    })?;
    let fingerprint = &order.remote_fingerprint;
    let wanted = fingerprint.algorithm.digest_len();
    ensure(fingerprint.digest.len() == wanted, || {
        format!(
            "the {} fingerprint of peer {id} does not have {wanted} bytes",
            fingerprint.algorithm.name()
        )
    })?;
    extension_ids(order)?;
    draft.add_peer(order.peer, &order.local_ufrag, !order.candidates.is_empty());
    draft.dial(paths);
    Ok(())
}

/// The ufrag by which the peer is to be known, and what else the two sides agreed on.
pub(super) fn credentials(draft: &Draft<'_>, id: u32, local_ufrag: &str, others: &[&String]) -> Check {
    let is_whole = |name: &str| (1..=256).contains(&name.len());
    ensure(
        is_whole(local_ufrag) && others.iter().all(|name| is_whole(name)),
        || format!("peer {id} needs ufrags and passwords of 1 to 256 characters"),
    )?;
    ensure(!draft.has_ufrag(local_ufrag), || {
        format!("the ufrag of peer {id} is another's")
    })
}

fn extension_ids(order: &AddPeer) -> Check {
    let (mid, rid) = (order.mid_extension, order.rid_extension);
    let ids = [
        mid,
        rid,
        order.repaired_rid_extension,
        order.audio_level_extension,
        order.transport_cc_extension,
        order.mark_extension,
    ];
    ensure(ids.iter().all(|&id| id <= MAX_EXTENSION_ID), || {
        format!(
            "a header extension id of peer {} is above {MAX_EXTENSION_ID}",
            order.peer.0
        )
    })?;
    let used: Vec<u8> = ids.into_iter().filter(|&id| id != 0).collect();
    ensure(distinct(&used), || {
        format!("two header extensions of peer {} have one id", order.peer.0)
    })
}

fn add_track(draft: &mut Draft<'_>, order: &AddTrack) -> Check {
    let name = format!("track {}", order.track.0);
    ensure(order.track.0 != 0, || "a track's handle is not 0".into())?;
    ensure(draft.track(order.track).is_none(), || format!("{name} exists"))?;
    codecs(&name, &order.codecs)?;
    ensure(order.encodings.len() <= MAX_LAYERS, || {
        format!("{name} has more than {MAX_LAYERS} encodings")
    })?;
    let rids: Vec<&Option<String>> = order.encodings.iter().map(|encoding| &encoding.rid).collect();
    ensure(distinct(&rids), || {
        format!("two encodings of {name} have one rid")
    })?;
    let ssrcs = order
        .encodings
        .iter()
        .flat_map(|encoding| [Some(encoding.ssrc), encoding.rtx_ssrc]);
    let stream = Stream {
        kind: order.kind,
        mid: order.mid.clone(),
        ssrcs: ssrcs.flatten().collect(),
    };
    let peer = draft
        .peer(order.peer)
        .ok_or(format!("there is no peer {} for {name}", order.peer.0))?;
    agrees(&name, &stream, peer.tracks.values())?;
    draft.add_track(order.track, order.peer, stream);
    Ok(())
}

fn add_slot(draft: &mut Draft<'_>, order: &AddSlot) -> Check {
    let name = format!("slot {}", order.slot.0);
    ensure(order.slot.0 != 0, || "a slot's handle is not 0".into())?;
    ensure(draft.slot(order.slot).is_none(), || format!("{name} exists"))?;
    codecs(&name, &order.codecs)?;
    let ssrcs = [Some(order.ssrc), order.rtx_ssrc].into_iter().flatten().collect();
    let stream = Stream {
        kind: order.kind,
        mid: order.mid.clone(),
        ssrcs,
    };
    let peer = draft
        .peer(order.peer)
        .ok_or(format!("there is no peer {} for {name}", order.peer.0))?;
    agrees(&name, &stream, peer.slots.values())?;
    ensure(peer.spent <= MAX_SPENT, || {
        format!("the connection of {name} has used up {MAX_SPENT} SSRCs")
    })?;
    draft.add_slot(order.slot, order.peer, stream);
    Ok(())
}

fn bind(draft: &mut Draft<'_>, slot: SlotId, track: Option<TrackId>) -> Check {
    let shows = known_slot(draft, slot)?;
    let Some(track) = track else { return Ok(()) };
    let kind = known_track(draft, track)?;
    ensure(kind == shows, || {
        format!("track {} and slot {} are not of one kind", track.0, slot.0)
    })
}

fn add_feed(draft: &mut Draft<'_>, order: &AddFeed) -> Check {
    let name = format!("track {}", order.track.0);
    ensure(order.track.0 != 0, || "a track's handle is not 0".into())?;
    ensure(draft.track(order.track).is_none(), || format!("{name} exists"))?;
    ensure(can_feed(order) && order.codec.clock_rate > 0, || {
        format!(
            "{name} cannot be fed with {}: h264, vp8 and sound can",
            order.codec.name
        )
    })?;
    let stream = Stream {
        kind: order.kind,
        mid: order.mid(),
        ssrcs: Vec::new(),
    };
    let peer = draft
        .peer(order.peer)
        .ok_or(format!("there is no peer {} for {name}", order.peer.0))?;
    agrees(&name, &stream, peer.tracks.values())?;
    draft.add_track(order.track, order.peer, stream);
    Ok(())
}

fn add_tap(draft: &mut Draft<'_>, order: &AddTap) -> Check {
    let name = order.tap.0;
    ensure(name != 0, || "a tap's handle is not 0".into())?;
    ensure(!draft.has_tap(order.tap), || format!("tap {name} exists"))?;
    ensure(draft.tap_count() < MAX_TAPS, || {
        format!("there are {MAX_TAPS} taps already")
    })?;
    ensure(order.window <= MAX_WINDOW, || {
        format!(
            "tap {name} wants to wait longer than {} ms",
            MAX_WINDOW.as_millis()
        )
    })?;
    known_track(draft, order.track)?;
    draft.add_tap(order.tap);
    Ok(())
}

/// Whether a stream's mid and SSRCs are free among its siblings.
fn agrees<'a>(name: &str, stream: &Stream, siblings: impl ExactSizeIterator<Item = &'a Stream>) -> Check {
    ensure(siblings.len() < MAX_STREAMS, || {
        format!("{name} is one more than {MAX_STREAMS} in its connection")
    })?;
    let fits = (1..=MAX_MID_LEN).contains(&stream.mid.len());
    ensure(fits, || {
        format!("the mid of {name} does not have 1 to {MAX_MID_LEN} characters")
    })?;
    ensure(distinct(&stream.ssrcs), || {
        format!("two streams of {name} have one SSRC")
    })?;
    for sibling in siblings {
        ensure(sibling.mid != stream.mid, || {
            format!("the mid of {name} is another's")
        })?;
        let taken = stream.ssrcs.iter().any(|ssrc| sibling.ssrcs.contains(ssrc));
        ensure(!taken, || format!("an SSRC of {name} is another's"))?;
    }
    Ok(())
}

fn codecs(name: &str, codecs: &[Codec]) -> Check {
    ensure((1..=MAX_CODECS).contains(&codecs.len()), || {
        format!("{name} does not have 1 to {MAX_CODECS} codecs")
    })?;
    let types: Vec<u8> = codecs
        .iter()
        .flat_map(|codec| [Some(codec.payload_type), codec.rtx_payload_type])
        .flatten()
        .collect();
    // RFC 5761 section 4: payload types 64 to 95 would look like RTCP.
    let free = |payload_type: &u8| matches!(payload_type, 0..=63 | 96..=127);
    ensure(types.iter().all(free), || {
        format!("a payload type of {name} is RTCP's or above 127")
    })?;
    ensure(distinct(&types), || {
        format!("two codecs of {name} have one payload type")
    })?;
    ensure(codecs.iter().all(|codec| codec.clock_rate > 0), || {
        format!("a codec of {name} has no clock rate")
    })
}

fn distinct<T: PartialEq>(values: &[T]) -> bool {
    values
        .iter()
        .enumerate()
        .all(|(index, value)| !values[..index].contains(value))
}

pub(super) fn ensure(holds: bool, sentence: impl FnOnce() -> String) -> Check {
    if holds {
        Ok(())
    } else {
        Err(sentence())
    }
}

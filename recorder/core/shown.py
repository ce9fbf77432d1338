"""What the screens are told of a track: never `recording` while it is not on its way to the disk."""

from typing import Final, Literal

from recorder.core.names import GapCause

ShownState = Literal["waiting", "recording", "paused", "stopped", "failed"]

SHOWN: Final[dict[GapCause, tuple[ShownState, str]]] = {
    "absent": ("waiting", "It is not published."),
    "stalled": ("waiting", "Nothing of it arrives."),
    "no_keyframe": ("waiting", "Its next whole picture is awaited."),
    "lost": ("waiting", "Something of it was lost; its next whole picture is awaited."),
    "node_restarted": ("waiting", "The media node was started again."),
    "recorder_restarted": ("waiting", "The recorder was started again."),
    "muted": ("stopped", "This room is not to be heard, so it is not recorded."),
    "paused": ("paused", "The lead teacher has paused the recording."),
    "codec": ("failed", "It is sent in a format that is not kept."),
    "disk_full": ("failed", "The recorder's disk is full."),
    "disk_slow": ("failed", "The recorder's disk is too slow."),
    "disk_failed": ("failed", "The recorder's disk does not take data."),
}


def shown(gap: GapCause | None, note: str = "") -> tuple[ShownState, str]:
    """A track's state and the sentence to it."""
    if gap is None:
        return "recording", ""
    state, sentence = SHOWN[gap]
    return state, note or sentence

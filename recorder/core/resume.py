"""Where in its time a take is that another process left."""

from collections.abc import Sequence

from recorder.core.form import FormatError
from recorder.core.manifest import Manifest
from recorder.core.names import TakeTime
from recorder.core.records import ClockSet, Record
from recorder.core.take import NodeClock
from recorder.core.timeline import NodeTime


def clock_now(records: Sequence[Record], manifest: Manifest, boot: str, now: NodeTime, wall_ms: int) -> NodeClock:
    """Exact while the clock is still the one it was begun by; after a boot as exact as the wall clock.

    What has been taken is never behind: a wall clock that was set back cannot put new frames before old ones.
    """
    known = [record for record in records if isinstance(record, ClockSet)]
    if not known:
        raise FormatError("index: it does not say by which clock the take was begun")
    if known[-1].boot == boot and now >= known[-1].node_us:
        at = known[-1].at_us + now - known[-1].node_us
    else:
        at = (wall_ms - manifest.started_at_ms) * 1000
    return NodeClock(boot, now, TakeTime(max(at, manifest.duration_us)))

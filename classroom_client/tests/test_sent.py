from pathlib import Path

import pytest

from classroom_client.core.playback import Position
from classroom_client.devices import sent
from classroom_client.devices.sent import Sent, SentLog


def test_every_frame_is_a_line_with_its_time(tmp_path: Path) -> None:
    log = SentLog(tmp_path / "logs" / "sent.log")
    log("teacher", Position(2, 17, 0), 1_700_000_000_123.44)
    # Readable at once: whoever measures reads it while the lesson runs.
    assert (tmp_path / "logs" / "sent.log").read_text() == "1700000000123.4 teacher 2 17\n"
    log.close()
    assert list(log.recent) == [Sent(1_700_000_000_123.44, "teacher", 2, 17)]


def test_a_full_file_moves_aside_and_another_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "LARGEST_BYTES", 100)
    log = SentLog(tmp_path / "sent.log")
    for frame in range(9):
        log("teacher", Position(0, frame, 0), 1_700_000_000_000.0)
    log.close()
    frames = [
        line.split()[3] for name in ("sent.old", "sent.log") for line in (tmp_path / name).read_text().splitlines()
    ]
    assert frames == [str(frame) for frame in range(8 - len(frames) + 1, 9)] and len(frames) < 9 + 1
    assert (tmp_path / "sent.log").stat().st_size < 100


def test_without_a_path_only_the_last_frames_are_remembered() -> None:
    log = SentLog(None)
    for frame in range(sent.REMEMBERED + 5):
        log("teacher_mic", Position(0, frame, 0), 0.0)
    assert (log.recent[0].frame, len(log.recent)) == (5, sent.REMEMBERED)

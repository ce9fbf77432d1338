"""One town per test, in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from signaling.tests.net.town import Town

structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Signaling with its node, both running."""
    async with Town(tmp_path) as made:
        await made.node_there()
        yield made

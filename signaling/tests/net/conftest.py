"""One town per test, in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling.tests.net.town import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Signaling with its node, both running."""
    async with Town(tmp_path) as made:
        await made.node_there()
        yield made

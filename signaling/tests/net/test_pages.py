"""signaling.net.pages"""

from pathlib import Path

import pytest
from yarl import URL

from signaling.tests.net.town import Town


@pytest.fixture
def built(town: Town) -> Path:
    """Pages as npm builds them."""
    folder = town.folder / "pages"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>三个课堂</title>", "utf-8")
    (folder / "assets" / "index-abc123.js").write_text("0", "utf-8")
    (town.folder / "secret.txt").write_text("secret", "utf-8")
    return folder


async def get(town: Town, path: str) -> tuple[int, str, dict[str, str]]:
    async with town.http.get(URL(town.url + path, encoded=True)) as answer:
        return answer.status, await answer.text(), {str(name): value for name, value in answer.headers.items()}


@pytest.mark.parametrize("path", ["/", "/lesson/L0123456789"])
async def test_every_address_of_the_page_is_the_page(town: Town, built: Path, path: str) -> None:
    status, text, headers = await get(town, path)
    assert status == 200 and "三个课堂" in text
    assert headers["Cache-Control"] == "no-cache"


async def test_built_files_are_kept_for_ever(town: Town, built: Path) -> None:
    status, _, headers = await get(town, "/assets/index-abc123.js")
    assert status == 200 and "immutable" in headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing.js", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/assets"),
        *("/%00", "/a%00.js", "/" + "x" * 5000, "/" + "x/" * 2000),
    ],
)
async def test_nothing_else_is_served(town: Town, built: Path, path: str) -> None:
    status, text, _ = await get(town, path)
    assert status == 404 and "secret" not in text


async def test_pages_that_are_not_built_are_told_in_words(town: Town) -> None:
    status, text, _ = await get(town, "/")
    assert status == 503 and "pages_missing" in text


@pytest.mark.parametrize("path", ["/", "/api/lessons", "/healthz", "/assets/index-abc123.js"])
async def test_a_page_loads_nothing_from_another_host(town: Town, built: Path, path: str) -> None:
    headers = (await get(town, path))[2]
    parts = [part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";")]
    policy = {name: sources for name, _, sources in parts}
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'"
    allowed = {source for sources in policy.values() for source in sources.split()}
    assert allowed <= {"'none'", "'self'", "data:", "blob:", "'unsafe-inline'"}
    assert [name for name, sources in policy.items() if "'unsafe-inline'" in sources] == ["style-src-attr"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/api/session", "/healthz", "/openapi.json"])
async def test_answers_are_not_kept(town: Town, path: str) -> None:
    assert (await get(town, path))[2]["Cache-Control"] == "no-store"

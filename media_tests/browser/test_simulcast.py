"""Chromium and Firefox send three layers to Chromium; Python changes the layer, and the picture goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from media_tests.browser.chromium import chromium, until
from media_tests.browser.firefox import firefox
from media_tests.browser.marked import HEIGHT, SCALES, MarkedTab, Picture, publish, publish_in_firefox, watch
from media_tests.faults.namespace import inside, two_hosts
from media_tests.peers.seat import MediaAddress
from sfu.sdp.publish import START_BITRATE_KBPS
from sfu.tests.core import lesson as given
from sfu.tests.net.node import RunningNode, Signaling, media_token, running, settings
from signaling.messages.ids import Mid
from signaling.messages.node import Binding

FEW = 4
"""Pictures, a quarter of a second: less than a person notices."""


async def _show(signaling: Signaling, layer: str) -> None:
    lesson = given.desired(1, open=(given.TEACHER,)).lesson
    await signaling.desire(replace(lesson, bindings=(Binding(given.ROOM, Mid("0"), given.TEACHER, layer),)))


def _address(node: RunningNode, name: str, token: str) -> MediaAddress:
    return MediaAddress(node.url(f"/{name}/{given.LESSON}"), token)


async def _until_decoded(viewer: MarkedTab, layer: str, count: int = 5) -> None:
    height = HEIGHT // SCALES[layer]

    async def decoded() -> bool:
        return [picture.height for picture in (await viewer.seen())[-count:]] == [height] * count

    await until(f"{count} pictures of {height} lines are decoded", decoded, 30)


def _skipped(seen: list[Picture], grows: bool) -> list[int]:
    """How many pictures are missing where the picture becomes larger, or smaller."""
    return [
        max(0, after.number - before.number - 1)
        for before, after in pairwise(seen)
        if (after.height > before.height if grows else after.height < before.height)
    ]


def _check_unbroken(seen: list[Picture]) -> None:
    assert all(after.number >= before.number for before, after in pairwise(seen)), "an old picture came again"
    # A machine that is busy elsewhere skips pictures now and then; a change that breaks skips them each time.
    assert min(_skipped(seen, grows=True)) <= FEW and min(_skipped(seen, grows=False)) <= FEW, seen


@asynccontextmanager
async def _layers(mime_type: str, first: str) -> AsyncIterator[tuple[Signaling, MarkedTab, MarkedTab]]:
    """A publisher of three layers and a viewer of one of them."""
    published = media_token(given.LESSON, given.LEAD, sources=("teacher",))
    watched = media_token(given.LESSON, given.ROOM, "subscribe")
    async with running() as node, node.signaling() as signaling, chromium() as browser:
        await _show(signaling, first)
        publisher = await publish(browser, _address(node, "whip", published), mime_type)
        await signaling.flowing(given.TEACHER)
        viewer = await watch(browser, _address(node, "whep", watched))
        await _until_decoded(viewer, first)
        yield signaling, publisher, viewer


async def test_the_layer_changes_in_both_directions_without_a_break() -> None:
    async with _layers("video/H264", "l") as (signaling, _, viewer):
        for layer in "hlmhl":
            await _show(signaling, layer)
            await _until_decoded(viewer, layer)
        _check_unbroken(await viewer.seen())
        assert (await viewer.report(type="inbound-rtp"))["keyFramesDecoded"] >= 6


async def test_a_layer_that_dies_gives_way_and_the_senders_estimate_grows() -> None:
    async with _layers("video/VP8", "h") as (signaling, publisher, viewer):

        async def has_grown() -> bool:
            pair = await publisher.report(type="candidate-pair", nominated=True)
            return float(pair.get("availableOutgoingBitrate", 0)) > 1500 * START_BITRATE_KBPS

        await until("transport-cc has let the estimate grow", has_grown, 30)
        await publisher.activate("h", False)
        await _until_decoded(viewer, "m")
        await publisher.activate("h", True)
        await _until_decoded(viewer, "h")
        for layer in "lhlh":
            await _show(signaling, layer)
            await _until_decoded(viewer, layer)
        _check_unbroken(await viewer.seen())


async def test_firefox_names_its_layers_by_rid_too(tmp_path: Path) -> None:
    published = media_token(given.LESSON, given.LEAD, sources=("teacher",))
    watched = media_token(given.LESSON, given.ROOM, "subscribe")
    # Firefox gathers the address that its page came from, and no loopback.
    with two_hosts("tc-layers", subnet=65) as host, inside(host.near_name):
        async with (
            running(settings(f"{host.near}:0"), host.near) as node,
            node.signaling() as signaling,
            chromium() as browser,
            firefox(tmp_path / "geckodriver.log", trusted_host=host.near) as tab,
        ):
            await _show(signaling, "l")
            await tab.go_to(node.url("/healthz"))
            await publish_in_firefox(tab, _address(node, "whip", published), "video/VP8")
            viewer = await watch(browser, _address(node, "whep", watched))
            for layer in "lmh":
                await _show(signaling, layer)
                await _until_decoded(viewer, layer)

"""Simulcast of a sender that others wrote: the layer that is asked for is the one that a viewer decodes."""

from dataclasses import replace
from typing import Any

from media_tests.browser.chromium import until
from media_tests.peers import libwebrtc
from media_tests.peers.seat import MediaAddress
from sfu.tests.core import lesson as given
from sfu.tests.net.node import RunningNode, Signaling, media_token, running
from signaling.messages.ids import Mid
from signaling.messages.node import Binding


async def _shows(signaling: Signaling, layer: str | None) -> None:
    lesson = given.desired(1, open=(given.TEACHER,)).lesson
    await signaling.desire(replace(lesson, bindings=(Binding(given.ROOM, Mid("0"), given.TEACHER, layer),)))


def _address(node: RunningNode, name: str, token: str) -> MediaAddress:
    return MediaAddress(node.url(f"/{name}/{given.LESSON}"), token)


async def _until_decoded(player: Any, height: int) -> None:
    async def decoded() -> bool:
        return await libwebrtc.counted(player, "video", "frame_height") == height

    await until(f"the picture has {height} lines", decoded, 30)


async def test_a_viewer_decodes_the_layer_that_its_slot_names() -> None:
    publish = media_token(given.LESSON, given.LEAD, sources=("teacher",))
    watch = media_token(given.LESSON, given.ROOM, "subscribe")
    async with running() as node, node.signaling() as signaling:
        await _shows(signaling, None)
        async with (
            libwebrtc.whip_simulcast(_address(node, "whip", publish)),
            libwebrtc.whep_viewer(_address(node, "whep", watch)) as player,
        ):
            for layer, height in ((None, 480), ("l", 240), ("h", 480)):
                await _shows(signaling, layer)
                await _until_decoded(player, height)

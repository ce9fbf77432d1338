"""Feedback about arrivals, seen from the sender that others wrote."""

import time

from media_tests.browser.chromium import until
from media_tests.peers import libwebrtc
from media_tests.peers.seat import MediaAddress
from sfu.sdp.publish import START_BITRATE_KBPS
from sfu.tests.core import lesson as given
from sfu.tests.net.node import media_token, running

UNAIDED_GROWTH = 1.08
"""A second: without feedback libwebrtc raises its estimate by so much while receiver reports tell of no loss."""


async def test_a_libwebrtc_publisher_learns_how_much_its_line_carries() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(given.desired(1).lesson)
        token = media_token(given.LESSON, given.LEAD, sources=("teacher", "teacher_mic"))
        address = MediaAddress(node.url(f"/whip/{given.LESSON}"), token)
        async with libwebrtc.whip_publisher(address) as publisher:
            began: list[float] = []

            async def has_leapt() -> bool:
                estimate = await libwebrtc.estimate_bps(publisher)
                began.extend([time.monotonic()] if estimate and not began else [])
                unaided = 1000 * START_BITRATE_KBPS * UNAIDED_GROWTH ** (time.monotonic() - began[0] if began else 0)
                return estimate > 1.5 * unaided

            await until("the estimate is half as much again as it could be without feedback", has_leapt, 30)

"""Two tabs without a lesson page: one sends numbered pictures in layers, one notes the number of each it decodes."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from playwright.async_api import Browser, Page

from media_tests.browser.chromium import open_tab
from media_tests.browser.firefox import FirefoxTab
from media_tests.peers.seat import MediaAddress
from media_tests.peers.whip import exchange

WIDTH, HEIGHT, FRAME_RATE = 960, 544, 15
SCALES = {"l": 4, "m": 2, "h": 1}

# Sixteen squares across the top are the bits of the picture's number; what is below them moves and costs bits.
_PUBLISH = """async ([mimeType, width, height, rate, scales]) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = canvas.getContext('2d', { alpha: false });
  const side = width / 16;
  let number = 0;
  const draw = () => {
    number += 1;
    pen.fillStyle = `hsl(${(number * 7) % 360} 60% 50%)`;
    pen.fillRect(0, side, width, height);
    pen.fillStyle = '#222';
    for (let i = 0; i < 24; i += 1) {
      pen.fillRect((number * 31 + i * 97) % width, side + ((i * 53) % (height - side)), 40, 24);
    }
    for (let bit = 0; bit < 16; bit += 1) {
      pen.fillStyle = (number >> bit) & 1 ? '#fff' : '#000';
      pen.fillRect(bit * side, 0, side, side);
    }
  };
  draw();
  setInterval(draw, 1000 / rate);
  const pc = (window.pc = new RTCPeerConnection({ iceServers: [] }));
  const sendEncodings = Object.entries(scales).map(([rid, scale]) => ({
    rid, scaleResolutionDownBy: scale, maxFramerate: rate, maxBitrate: 2000000 / scale ** 1.5,
  }));
  const [track] = canvas.captureStream(rate).getVideoTracks();
  const sending = pc.addTransceiver(track, { direction: 'sendonly', sendEncodings });
  const codecs = RTCRtpSender.getCapabilities('video').codecs;
  const wanted = (codec) => codec.mimeType === mimeType && !/mode=0|42[^e]|4d|64/.test(codec.sdpFmtpLine ?? '');
  sending.setCodecPreferences([...codecs.filter(wanted), ...codecs.filter((codec) => codec.mimeType === 'video/rtx')]);
  await pc.setLocalDescription(await pc.createOffer());
  const parameters = sending.sender.getParameters();
  parameters.degradationPreference = 'maintain-resolution';
  await sending.sender.setParameters(parameters);
  return pc.localDescription.sdp;
}"""

# Every decoded picture, whether the screen has time for it or not.
_WATCH = """async () => {
  window.seen = [];
  const pc = (window.pc = new RTCPeerConnection({ iceServers: [] }));
  const { receiver } = pc.addTransceiver('video', { direction: 'recvonly' });
  const read = async () => {
    const pictures = new MediaStreamTrackProcessor({ track: receiver.track, maxBufferSize: 60 }).readable.getReader();
    for (;;) {
      const { value: picture, done } = await pictures.read();
      if (done) return;
      const { codedWidth: width, codedHeight: height } = picture;
      const bytes = new Uint8Array(picture.allocationSize());
      const [{ offset, stride }] = await picture.copyTo(bytes);
      const side = picture.displayWidth / 16;
      let number = 0;
      for (let bit = 0; bit < 16; bit += 1) {
        const place = offset + Math.floor(side / 2) * stride + Math.floor((bit + 0.5) * side);
        number |= Number(bytes[place] > 125) << bit;
      }
      window.seen.push([number, picture.displayHeight]);
      picture.close();
    }
  };
  void read();
  await pc.setLocalDescription(await pc.createOffer());
  return pc.localDescription.sdp;
}"""


class Picture(NamedTuple):
    """One that was decoded."""

    number: int
    height: int


@dataclass(frozen=True, slots=True)
class MarkedTab:
    """One end of it."""

    page: Page

    async def seen(self) -> list[Picture]:
        """All that was decoded so far."""
        return [Picture(*picture) for picture in await self.page.evaluate("() => window.seen")]

    async def activate(self, rid: str, active: bool) -> None:
        """Stops or starts one layer of the sender, as a browser does whose line has become narrow."""
        await self.page.evaluate(
            """async ([rid, active]) => {
              const [sender] = window.pc.getSenders();
              const parameters = sender.getParameters();
              parameters.encodings.find((encoding) => encoding.rid === rid).active = active;
              await sender.setParameters(parameters);
            }""",
            [rid, active],
        )

    async def report(self, **wanted: Any) -> dict[str, Any]:
        """The one report of the browser's statistics with these values; empty before there is any."""
        reports = await self.page.evaluate("async () => [...(await window.pc.getStats()).values()]")
        return next((r for r in reports if all(r.get(key) == value for key, value in wanted.items())), {})


async def publish(browser: Browser, address: MediaAddress, mime_type: str) -> MarkedTab:
    """Sends numbered pictures in three layers."""
    return await _tab(browser, address, _PUBLISH, [mime_type, WIDTH, HEIGHT, FRAME_RATE, SCALES])


async def publish_in_firefox(tab: FirefoxTab, address: MediaAddress, mime_type: str) -> None:
    """The same from the page that Firefox has open."""
    arguments = json.dumps([mime_type, WIDTH, HEIGHT, FRAME_RATE, SCALES])
    offer = await tab.evaluate(f"() => ({_PUBLISH})({arguments})")
    assert offer.startswith("v=0"), offer
    made = await exchange(address, offer)
    answer = json.dumps({"type": "answer", "sdp": made.answer})
    assert await tab.evaluate(f"() => window.pc.setRemoteDescription({answer}).then(() => 'taken')") == "taken"


async def watch(browser: Browser, address: MediaAddress) -> MarkedTab:
    """Receives one picture."""
    return await _tab(browser, address, _WATCH, [])


async def _tab(browser: Browser, address: MediaAddress, script: str, arguments: list[Any]) -> MarkedTab:
    tab = await open_tab(browser, "about:blank", permitted=False, width=640, height=360, scripts=())
    made = await exchange(address, await tab.page.evaluate(script, arguments))
    await tab.page.evaluate("sdp => window.pc.setRemoteDescription({ type: 'answer', sdp })", made.answer)
    return MarkedTab(tab.page)

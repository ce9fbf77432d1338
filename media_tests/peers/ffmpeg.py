"""FFmpeg as an encoder in a classroom: publishes over WHIP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import imageio_ffmpeg

VideoCodec = Literal["libx264"]


@dataclass(slots=True)
class Encoder:
    """A running FFmpeg and what it has said so far."""

    process: asyncio.subprocess.Process
    said: bytearray

    @property
    def running(self) -> bool:
        return self.process.returncode is None


@asynccontextmanager
async def whip_encoder(url: str, token: str, *, dtls_active: bool, seconds: int = 60) -> AsyncIterator[Encoder]:
    """Publishes a moving picture and a tone to a WHIP address for the length of the block, `seconds` at most."""
    flags = ["-whip_flags", "dtls_active"] if dtls_active else []
    process = await asyncio.create_subprocess_exec(
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-hide_banner", "-loglevel", "info", "-nostdin", "-re", "-t", str(seconds)),
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"),
        *("-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
        *("-t", str(seconds)),
        *("-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency"),
        *("-b:v", "500k", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "libopus", "-ac", "2", "-b:a", "64k"),
        *flags,
        *("-authorization", token, "-f", "whip", url),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    encoder = Encoder(process, bytearray())
    reading = asyncio.create_task(_listen(encoder))
    try:
        yield encoder
    finally:
        if encoder.running:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 5)
            except TimeoutError:
                process.kill()
                await process.wait()
        await reading


async def _listen(encoder: Encoder) -> None:
    assert encoder.process.stderr is not None
    while part := await encoder.process.stderr.read(4096):
        encoder.said += part

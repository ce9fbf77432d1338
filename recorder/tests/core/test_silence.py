"""recorder.core.silence"""

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext

from recorder.core.opus import duration_us
from recorder.core.silence import silence


@pytest.mark.parametrize("length_us", [0, 2_499, 2_500, 19_999, 20_000, 1_237_500, 5_000_001])
def test_a_gap_is_filled_to_within_two_and_a_half_milliseconds(length_us: int) -> None:
    found = list(silence(1000, 1000 + length_us, stereo=False))
    due_us = 1000
    for at_us, packet_us, packet in found:
        assert at_us == due_us and duration_us(packet) == packet_us
        due_us += packet_us
    assert 0 <= 1000 + length_us - due_us < 2_500


@pytest.mark.parametrize("stereo", [False, True])
def test_a_decoder_of_others_hears_nothing_for_exactly_so_long(stereo: bool) -> None:
    decoder = av.CodecContext.create("opus", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.sample_rate, decoder.layout = 48_000, "stereo" if stereo else "mono"
    samples, loudest = 0, 0.0
    for _, _, packet in silence(0, 117_500, stereo=stereo):
        for frame in decoder.decode(av.Packet(packet)):
            samples += frame.samples
            loudest = max(loudest, float(np.abs(frame.to_ndarray()).max()))
    assert (samples, loudest) == (48 * 117 + 24, 0.0)

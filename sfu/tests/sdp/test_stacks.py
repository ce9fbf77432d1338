import pytest

from sfu.sdp import SdpError, answer_publish, parse_answer, parse_offer
from sfu.tests.sdp.samples import LOCAL
from sfu.tests.sdp.stacks import PLAN_B, UNIFIED

CODECS = {
    "safari": [("opus", 111, None), ("red", 63, None), ("h264", 98, 99)],
    "pion": [("h264", 102, 121), ("opus", 111, None)],
    "gstreamer": [("h264", 96, None), ("opus", 97, None)],
    "old_chromium": [("opus", 111, None)],
}


@pytest.mark.parametrize("name", UNIFIED)
def test_each_stack_is_answered_in_a_codec_of_the_lesson_with_its_own_repairs(name: str) -> None:
    offer = parse_offer(UNIFIED[name])
    publication = answer_publish(offer, LOCAL, {section.mid: None for section in offer.sections})
    codecs = [codec for track in publication.tracks for codec in track.codecs]
    assert [(codec.name, codec.payload_type, codec.rtx_payload_type) for codec in codecs] == CODECS[name]
    assert all(track.encodings for track in publication.tracks)
    answer = parse_answer(publication.sdp)
    assert [section.mid for section in answer.sections] == [section.mid for section in offer.sections]


def test_several_pictures_in_one_section_are_refused_in_words() -> None:
    with pytest.raises(SdpError, match=r"line 7: 2 media streams in one section \(plan B\); each needs a section"):
        parse_offer(PLAN_B)

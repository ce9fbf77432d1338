import pytest

from sfu.sdp import Encoding, Extensions, Publication, SdpError, answer_publish, parse_answer, parse_offer
from sfu.sdp.parameters import TRANSPORT_CC
from sfu.tests.sdp.samples import LOCAL, PUBLISHERS, sample, small_offer


def answer(text: str, **copies: str) -> Publication:
    """Answers an offer and takes everything that sends."""
    offer = parse_offer(text)
    wanted: dict[str, str | None] = {
        section.mid: copies.get(f"mid_{section.mid}")
        for section in offer.sections
        if section.kind() is not None and section.sends()
    }
    return answer_publish(offer, LOCAL, wanted)


@pytest.mark.parametrize("name", PUBLISHERS)
def test_the_answer_to_a_real_offer_mirrors_its_sections(name: str) -> None:
    offer, publication = parse_offer(sample(name)), answer(sample(name))
    mirrored = parse_answer(publication.sdp)
    assert [section.mid for section in mirrored.sections] == [section.mid for section in offer.sections]
    assert [section.direction for section in mirrored.sections][:2] == ["recvonly", "recvonly"]
    assert mirrored.bundle == ("0", "1")
    assert mirrored.candidates == 3 * 2
    plain = [[entry for entry in section.formats if entry.encoding != "red"] for section in mirrored.sections]
    assert [len(formats) for formats in plain][:2] == [1, 2]
    assert [track.kind for track in publication.tracks] == ["audio", "video"]


@pytest.mark.parametrize(
    ("name", "video"),
    [("chromium_plain", "h264"), ("firefox_plain", "vp8"), ("ffmpeg_passive", "h264"), ("aiortc_pub", "h264")],
)
def test_each_publisher_is_told_to_send_one_video_codec(name: str, video: str) -> None:
    track = answer(sample(name)).tracks[1]
    assert [codec.name for codec in track.codecs] == [video]
    assert track.codecs[0].rtx_payload_type is not None


def test_the_dtls_roles_are_opposite() -> None:
    for name, ours in (("ffmpeg_passive", "active"), ("ffmpeg_active", "passive"), ("chromium_plain", "passive")):
        publication = answer(sample(name))
        assert publication.dtls_role == ours
        assert parse_answer(publication.sdp).transport.setup == ours


def test_a_connection_negotiated_again_keeps_its_dtls_role() -> None:
    offer = parse_offer(sample("chromium_plain"))
    assert "a=setup:active" in answer_publish(offer, LOCAL, {"0": None}, role="active").sdp


def test_an_extra_copy_is_answered_with_its_codec() -> None:
    track = answer(sample("chromium_plain"), mid_1="vp8").tracks[1]
    assert [(codec.name, codec.payload_type, codec.rtx_payload_type) for codec in track.codecs] == [("vp8", 96, 97)]


def test_all_layers_are_received_and_their_ssrcs_learned() -> None:
    publication = answer(sample("chromium_simulcast"))
    assert "a=simulcast:recv l;m;h\r\n" in publication.sdp
    assert publication.sdp.count(" recv\r\n") == 3
    assert publication.tracks[1].encodings == ()
    assert publication.extensions == Extensions(mid=4, rid=10, repaired_rid=11, audio_level=1, transport_cc=3)


def test_firefox_extensions_are_answered_from_the_other_end() -> None:
    assert (
        "a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" in answer(sample("firefox_simulcast")).sdp
    )


def test_only_extensions_that_are_used_are_answered() -> None:
    assert "abs-send-time" not in answer(sample("chromium_plain")).sdp


def test_arrivals_are_fed_back_where_the_offer_has_both_the_numbers_and_the_feedback() -> None:
    offer = sample("chromium_plain")
    publication = answer(offer)
    assert publication.sdp.count(f"a=extmap:3 {TRANSPORT_CC}\r\n") == 2
    assert publication.sdp.count(" transport-cc\r\n") == 2
    assert publication.extensions.transport_cc == 3
    for lacking in (offer.replace(f"a=extmap:3 {TRANSPORT_CC}\r\n", ""), offer.replace("transport-cc", "goog-remb")):
        publication = answer(lacking)
        assert "transport-cc\r\n" not in publication.sdp
        assert "transport-wide-cc" not in publication.sdp
        assert publication.extensions.transport_cc == 0


def test_stated_ssrcs_are_taken_with_their_repairs() -> None:
    stated = ("a=ssrc:1 cname:x", "a=ssrc:2 cname:x", "a=ssrc-group:SIM 1 2", "a=ssrc-group:FID 1 3")
    text = small_offer(*stated, "a=ssrc-group:FID 2 4", media="video")
    assert answer(text).tracks[0].encodings == (Encoding(1, 3), Encoding(2, 4))
    assert answer(small_offer("a=ssrc:7 cname:x")).tracks[0].encodings == (Encoding(7),)
    assert answer(small_offer()).tracks[0].encodings == ()


def test_lost_sound_is_asked_for_though_chromium_does_not_offer_to_send_it_again() -> None:
    publication = answer(sample("chromium_plain"))
    assert "a=rtcp-fb:111 nack\r\n" in publication.sdp
    assert publication.tracks[0].codecs[0].nack


def test_stereo_and_music_parameters_of_opus_are_kept() -> None:
    sdp = answer(small_offer("a=fmtp:111 stereo=1;useinbandfec=1;maxaveragebitrate=128000;usedtx=1")).sdp
    assert "a=fmtp:111 maxaveragebitrate=128000;usedtx=1;useinbandfec=1;stereo=1\r\n" in sdp


def test_who_will_send_stereo_is_told_that_it_is_liked() -> None:
    assert "a=fmtp:111 useinbandfec=1;stereo=1\r\n" in answer(small_offer("a=fmtp:111 sprop-stereo=1")).sdp
    for silent in ("a=fmtp:111 sprop-stereo=0", "a=ptime:20"):
        assert "a=fmtp:111 useinbandfec=1\r\n" in answer(small_offer(silent)).sdp


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("chromium_plain", "minptime=10;useinbandfec=1"),
        ("firefox_plain", "maxplaybackrate=48000;useinbandfec=1;stereo=1"),
        ("aiortc_pub", "useinbandfec=1"),
        ("ffmpeg_active", "useinbandfec=1"),
    ],
)
def test_real_publishers_are_asked_for_in_band_fec(name: str, parameters: str) -> None:
    publication = answer(sample(name))
    opus = next(codec for track in publication.tracks for codec in track.codecs if codec.name == "opus")
    assert f"a=fmtp:{opus.payload_type} {parameters}\r\n" in publication.sdp


def test_redundant_sound_is_asked_for_before_plain_where_a_browser_has_it() -> None:
    publication = answer(sample("chromium_plain"))
    assert " UDP/TLS/RTP/SAVPF 63 111\r\n" in publication.sdp
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in publication.sdp
    assert [codec.name for codec in publication.tracks[0].codecs] == ["opus", "red"]


@pytest.mark.parametrize("about", ["111/0", "8/8", "111/", "111/111/9"])
def test_redundancy_of_anything_but_opus_alone_is_passed_over(about: str) -> None:
    text = small_offer("a=rtpmap:63 red/48000/2", f"a=fmtp:63 {about}").replace("SAVPF 111", "SAVPF 111 63")
    assert [codec.name for codec in answer(text).tracks[0].codecs] == ["opus"]


def test_data_channels_are_refused_and_what_has_no_source_is_inactive() -> None:
    publication = answer_publish(parse_offer(sample("chromium_data")), LOCAL, {"0": None})
    assert "m=application 0 " in publication.sdp
    assert [section.direction for section in parse_answer(publication.sdp).sections][:2] == ["recvonly", "inactive"]
    assert [track.mid for track in publication.tracks] == ["0"]


def test_an_old_stack_is_answered_without_mid_and_bundle() -> None:
    sdp = answer(small_offer()).sdp
    assert "a=mid" not in sdp
    assert "BUNDLE" not in sdp


@pytest.mark.parametrize(
    ("text", "wanted", "sentence"),
    [
        (small_offer(), {"9": None}, "a source is named for mid 9, which the offer does not have"),
        (small_offer("a=recvonly"), {"0": None}, "section 0 (audio, line 5), which sends no media"),
        (sample("chromium_data"), {"2": None}, "which sends no media"),
        (
            small_offer().replace("opus/48000/2", "PCMA/8000"),
            {"0": None},
            "section 0 (audio, line 5) must offer Opus; it offers PCMA",
        ),
        (small_offer(media="video"), {"0": "h264"}, "section 0 (video, line 5) must offer h264; it offers VP8"),
    ],
)
def test_what_cannot_be_received_is_refused_in_a_sentence(
    text: str, wanted: dict[str, str | None], sentence: str
) -> None:
    with pytest.raises(SdpError) as error:
        answer_publish(parse_offer(text), LOCAL, wanted)
    assert sentence in str(error.value)


def test_a_lite_peer_is_refused_for_nobody_would_send_checks() -> None:
    with pytest.raises(SdpError, match="the offer says a=ice-lite"):
        answer(small_offer().replace("t=0 0", "t=0 0\r\na=ice-lite"))


def test_simulcast_without_a_rid_on_the_wire_is_refused() -> None:
    text = sample("chromium_simulcast").replace("sdes:rtp-stream-id", "sdes:something-else")
    with pytest.raises(SdpError, match="has simulcast, but no extmap"):
        answer(text)


def test_vp9_and_av1_pass_from_who_has_nothing_else() -> None:
    for encoding, name in (("AV1", "av1"), ("VP9", "vp9")):
        track = answer(small_offer(media="video").replace("VP8", encoding)).tracks[0]
        assert [codec.name for codec in track.codecs] == [name]
    with pytest.raises(SdpError, match="must offer H264, VP8, AV1 or VP9; it offers AV1"):
        answer(small_offer("a=fmtp:111 profile=1", media="video").replace("VP8", "AV1"))

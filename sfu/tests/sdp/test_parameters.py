import pytest

from sfu.sdp import Extensions, SdpError, Setup, parse_offer
from sfu.sdp.parameters import (
    AUDIO_LEVEL,
    MID,
    DtlsRole,
    check_extension_ids,
    extension_ids,
    role_against,
    used_extensions,
)
from sfu.tests.sdp.samples import sample, small_offer


@pytest.mark.parametrize(("setup", "role"), [("actpass", "passive"), ("active", "passive"), ("passive", "active")])
def test_the_node_waits_unless_the_peer_insists_on_waiting(setup: Setup, role: DtlsRole) -> None:
    assert role_against(setup) == role


def test_extensions_of_no_use_are_left_out() -> None:
    text = small_offer(f"a=extmap:15 {MID}", f"a=extmap:2/recvonly {AUDIO_LEVEL}", f"a=extmap:3 {AUDIO_LEVEL}")
    (section,) = parse_offer(text).sections
    used = used_extensions(section, (MID, AUDIO_LEVEL), "recvonly")
    assert [extension.id for extension in used] == [3]
    assert extension_ids(used) == Extensions(audio_level=3)


def test_one_id_has_one_meaning_over_the_bundle() -> None:
    text = sample("aiortc_pub").replace("extmap:3 http", "extmap:2 http")
    with pytest.raises(SdpError, match="extmap id 2 means something else in another section"):
        check_extension_ids(parse_offer(text).sections)

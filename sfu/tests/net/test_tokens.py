import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from sfu.net.tokens import MediaToken, TokenError, TokenReader, same_secret
from sfu.tests.net.node import TOKEN_KEYS, media_token
from signaling.messages.ids import LessonId, SeatId

NOW = time.time()


@pytest.fixture
def reader() -> TokenReader:
    reader = TokenReader()
    reader.learn(TOKEN_KEYS)
    return reader


def test_a_token_says_who_may_do_what(reader: TokenReader) -> None:
    token = media_token("L1", "S1", sources=("courseware", "teacher_mic"))
    expected = MediaToken(LessonId("L1"), SeatId("S1"), "publish", ("courseware", "teacher_mic"))
    assert reader.read(token, NOW) == expected


def test_sources_may_also_be_named_one_by_one(reader: TokenReader) -> None:
    token = media_token("L1", "S1", sources=None, other={"video": "board", "audio": None})
    assert reader.read(token, NOW).sources == ("board",)


def test_a_token_ends_with_its_time_but_for_the_skew_of_clocks(reader: TokenReader) -> None:
    token = media_token("L1", "S1", other={"exp": int(NOW)})
    assert reader.read(token, NOW + 10).seat == "S1"
    with pytest.raises(TokenError, match="has expired"):
        reader.read(token, NOW + 60)
    assert reader.read(token, NOW + 60, may_be_expired=True).seat == "S1"


def test_ed25519_keys_are_known_too() -> None:
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"}, private=True)
    reader = TokenReader()
    reader.learn(json.dumps({"keys": [key.as_dict(private=False)]}))
    claims = {"iss": "signaling", "aud": "node", "lesson": "L", "seat": "S", "connection": "subscribe", "exp": NOW + 9}
    token = jwt.encode({"alg": "Ed25519", "kid": "ed"}, claims, key, algorithms=["Ed25519"])
    assert reader.read(token, NOW).connection == "subscribe"


def test_only_signalings_own_signature_counts(reader: TokenReader) -> None:
    claims = {"iss": "signaling", "aud": "node", "lesson": "L", "seat": "S", "connection": "publish", "exp": NOW + 9}
    stranger = ECKey.generate_key("P-256", parameters={"kid": "test"}, private=True)
    symmetric = OctKey.import_key(TOKEN_KEYS.encode())
    for token in (
        jwt.encode({"alg": "ES256", "kid": "test"}, claims, stranger, algorithms=["ES256"]),
        jwt.encode({"alg": "HS256", "kid": "test"}, claims, symmetric, algorithms=["HS256"]),
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJzaWduYWxpbmcifQ.",
        "a.b.c",
        "",
    ):
        with pytest.raises(TokenError, match="not signed by our signaling"):
            reader.read(token, NOW)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"lesson": 7}, "names no lesson, seat or connection"),
        ({"connection": "both"}, "names no lesson, seat or connection"),
        ({"sources": "teacher"}, "sources are no list"),
        ({"sources": ["nonsense"]}, "sources that do not exist"),
        ({"sources": ["teacher", "teacher"]}, "sources that do not exist"),
        ({"exp": "soon"}, "has no exp"),
        ({"exp": True}, "has no exp"),
        ({"aud": "signaling"}, "for something else"),
        ({"iss": "x"}, "for something else"),
    ],
)
def test_wrong_claims_are_refused(reader: TokenReader, claims: dict[str, object], sentence: str) -> None:
    with pytest.raises(TokenError, match=sentence):
        reader.read(media_token("L1", "S1", other=claims), NOW)


def test_before_any_key_is_known_no_token_opens(reader: TokenReader) -> None:
    empty = TokenReader()
    assert not empty.ready and reader.ready
    with pytest.raises(TokenError, match="no signaling"):
        empty.read(media_token("L1", "S1"), NOW)


@pytest.mark.parametrize("keys", ["", "[]", "{}", '{"keys": 1}', '{"keys": [{}]}', '{"keys": [{"kty": "EC"}]}'])
def test_what_is_no_key_set_is_refused(keys: str) -> None:
    with pytest.raises(TokenError, match="no JWK set"):
        TokenReader().learn(keys)


def test_secrets_are_compared_whole() -> None:
    assert same_secret("abc", "abc")
    assert not same_secret("abc", "abcd")
    assert not same_secret("", "abc")

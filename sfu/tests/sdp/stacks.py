"""Offers in the manner of stacks that are not at hand, shortened: what is peculiar to each is there."""

_DIGEST = bytes(range(32)).hex(":").upper()
_HEAD = ("v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0")
_ICE = ("a=ice-ufrag:r4nD", "a=ice-pwd:0123456789abcdefghijklmn")
_KEYS = (f"a=fingerprint:sha-256 {_DIGEST}", "a=setup:actpass")
_MID = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid"
_LOCAL = "a=candidate:1 1 udp 2113937151 2f0f5ad0-7b7e-4f1c-9a57-3b8f0c1d2e3f.local 50123 typ host generation 0"


def _text(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in lines)


SAFARI = _text(
    *(*_HEAD, "a=group:BUNDLE 0 1", "a=extmap-allow-mixed", "a=msid-semantic: WMS 5a1f"),
    *("m=audio 50123 UDP/TLS/RTP/SAVPF 111 63 103 9", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", _LOCAL),
    *(*_ICE, "a=ice-options:trickle", *_KEYS, "a=mid:0", _MID, "a=sendonly", "a=msid:5a1f mic", "a=rtcp-mux"),
    *("a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1"),
    *("a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", "a=rtpmap:103 ISAC/16000", "a=rtpmap:9 G722/8000"),
    *("a=ssrc:4011 cname:c", "a=ssrc:4011 msid:5a1f mic"),
    *("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 125 104", "c=IN IP4 0.0.0.0", *_ICE, *_KEYS, "a=mid:1", _MID),
    *("a=sendonly", "a=msid:5a1f cam", "a=rtcp-mux", "a=rtcp-rsize"),
    *("a=rtpmap:96 H264/90000", "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"),
    *("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtpmap:98 H264/90000"),
    *("a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", "a=rtcp-fb:98 nack"),
    *("a=rtcp-fb:98 nack pli", "a=rtcp-fb:98 ccm fir", "a=rtpmap:99 rtx/90000", "a=fmtp:99 apt=98"),
    *("a=rtpmap:125 red/90000", "a=rtpmap:104 ulpfec/90000"),
    *("a=ssrc-group:FID 4012 4013", "a=ssrc:4012 cname:c", "a=ssrc:4012 msid:5a1f cam", "a=ssrc:4013 cname:c"),
)
"""High profile stands first; only `.local` candidates."""

PION = _text(
    *("v=0", "o=- 7711 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=msid-semantic:WMS*", f"a=fingerprint:sha-256 {_DIGEST}"),
    *("a=extmap-allow-mixed", "a=group:BUNDLE 0 1"),
    *("m=video 9 UDP/TLS/RTP/SAVPF 102 121", "c=IN IP4 0.0.0.0", "a=setup:actpass", "a=mid:0", *_ICE),
    *("a=rtcp-mux", "a=rtcp-rsize", "a=rtpmap:102 H264/90000", "a=rtpmap:121 rtx/90000", "a=fmtp:121 apt=102"),
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    *("a=rtcp-fb:102 goog-remb ", "a=rtcp-fb:102 nack ", "a=rtcp-fb:102 nack pli", _MID, "a=ssrc:77 cname:pion"),
    *(
        "a=ssrc:77 msid:pion video",
        "a=ssrc:77 mslabel:pion",
        "a=ssrc:77 label:video",
        "a=msid:pion video",
        "a=sendrecv",
    ),
    *(
        "a=candidate:1 1 udp 2130706431 192.0.2.30 40000 typ host",
        "a=candidate:1 2 udp 2130706431 192.0.2.30 40000 typ host",
    ),
    "a=end-of-candidates",
    *("m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=setup:actpass", "a=mid:1", *_ICE, "a=rtcp-mux"),
    *("a=rtpmap:111 opus/48000/2", "a=ssrc:78 cname:pion", "a=sendrecv"),
)
"""One fingerprint for all at the top, blanks behind feedback, candidates of a component of RTCP's own."""

GSTREAMER = _text(
    *(*_HEAD, "a=ice-options:trickle", "a=group:BUNDLE video0 audio1"),
    *("m=video 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", *_ICE, "a=rtcp-mux", "a=rtcp-rsize", "a=sendrecv"),
    *(
        "a=rtpmap:96 H264/90000",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=framerate:25",
        *_KEYS,
        "a=rtcp-mux-only",
    ),
    "a=fmtp:96 packetization-mode=1;profile-level-id=42c01f;sprop-parameter-sets=Z0LAH9oBQBbo,aM48gA==",
    *("a=ssrc:901 msid:user1@host webrtctransceiver0", "a=ssrc:901 cname:user1@host", "a=mid:video0"),
    *("m=audio 0 UDP/TLS/RTP/SAVPF 97", "c=IN IP4 0.0.0.0", "a=bundle-only", "a=sendrecv", "a=rtpmap:97 OPUS/48000/2"),
    *("a=fmtp:97 sprop-maxcapturerate=48000;sprop-stereo=0", "a=ssrc:902 msid:user1@host webrtctransceiver1"),
    *("a=ssrc:902 cname:user1@host", "a=mid:audio1"),
)
"""The second section has no port and no transport of its own."""

OLD_CHROMIUM = _text(
    *(*_HEAD, "a=group:BUNDLE audio", "a=msid-semantic: WMS"),
    *("m=audio 1 RTP/SAVPF 111 103", "c=IN IP4 0.0.0.0", "a=rtcp:1 IN IP4 0.0.0.0", *_ICE, "a=ice-options:google-ice"),
    *(*_KEYS, "a=mid:audio", "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level", "a=sendrecv", "a=rtcp-mux"),
    *("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:none", "a=rtpmap:111 opus/48000/2", "a=rtpmap:103 ISAC/16000"),
    *(
        "a=fmtp:111 minptime=10",
        "a=ssrc:31 cname:old",
        "a=ssrc:31 msid:s a",
        "a=ssrc:31 mslabel:s",
        "a=ssrc:31 label:a",
    ),
)

PLAN_B = _text(
    *(*_HEAD, "a=group:BUNDLE video", "a=msid-semantic: WMS camera screen"),
    *(
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "c=IN IP4 0.0.0.0",
        *_ICE,
        *_KEYS,
        "a=mid:video",
        "a=sendrecv",
        "a=rtcp-mux",
    ),
    *("a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"),
    *("a=ssrc-group:FID 1 2", "a=ssrc-group:FID 3 4"),
    *(f"a=ssrc:{ssrc} msid:{name} v" for ssrc, name in ((1, "camera"), (2, "camera"), (3, "screen"), (4, "screen"))),
)

UNIFIED = {"safari": SAFARI, "pion": PION, "gstreamer": GSTREAMER, "old_chromium": OLD_CHROMIUM}

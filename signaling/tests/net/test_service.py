"""signaling.net.service: the main path, and restarts of signaling, node, and both."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signaling.messages.ids import LessonId
from signaling.net.node_link import NodeLink
from signaling.net.service import run
from signaling.tests.net.town import Client, Town

BACK_S = 5.0
"""A lesson is back by itself within this, whatever has restarted."""


async def publish(client: Client, *sources: str) -> dict[str, object]:
    sections = [{"mid": str(i), "source": source} for i, source in enumerate(sources)]
    return await client.ask("publish", sdp="v=0 offer", sources=sections)


async def subscribe(client: Client) -> None:
    offer = await client.ask("subscribe")
    assert (await client.ask("subscribe_answer", number=offer["number"], sdp="v=0"))["type"] == "done"


async def test_a_lesson_from_its_creation_to_its_end(town: Town) -> None:
    lesson = await town.lesson()
    lead_token, room_token = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead_token) as lead, town.joined(room_token) as room:
        assert (await publish(lead, "teacher", "teacher_mic"))["sdp"] == "answer to v=0 offer"
        await lead.hear("lesson_changed", state="live")
        await subscribe(room)
        slots = (await room.hear("slots"))["slots"]
        assert [slot["track"] for slot in slots if slot["track"]] == [
            f"{lead.welcome['seat']}:teacher",
            f"{lead.welcome['seat']}:teacher_mic",
        ]
        await publish(room, "students", "room_mic")
        await subscribe(lead)
        mic = f"{room.welcome['seat']}:room_mic"
        assert mic not in town.node.desired[LessonId(lesson)].open
        await room.ask("floor_request")
        await lead.ask("floor_give", seat=room.welcome["seat"])
        await town.node.until(lambda: mic in town.node.desired[LessonId(lesson)].open)
        await lead.ask("floor_take")
        await town.node.until(lambda: mic not in town.node.desired[LessonId(lesson)].open)
        await lead.ask("end")
        assert (await room.closed(), await lead.closed()) == (4004, 4004)
    await town.node.until(lambda: town.node.desired[LessonId(lesson)].seats == ())
    assert (await town.call("GET", f"/api/lessons/{lesson}"))[1]["state"] == "ended"


async def test_signaling_restarts_and_media_stays_as_it_was(town: Town) -> None:
    lesson = await town.lesson()
    lead_token, room_token = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead_token) as lead, town.joined(room_token) as room:
        await publish(lead, "teacher")
        await subscribe(room)
        await room.hear("slots")
        await lead.ask("floor_give", seat=room.welcome["seat"])
        before = town.node.desired[LessonId(lesson)]
        peers = dict(town.node.peers)
        room_closed, lead_closed = asyncio.create_task(room.closed()), asyncio.create_task(lead.closed())
        await town.stop()
        assert (await room_closed, await lead_closed) == (4010, 4010)
    started = asyncio.get_running_loop().time()
    await town.start()
    async with town.client(lead_token) as lead_again, town.client(room_token) as room_again:
        for client, old, connection in ((lead_again, lead, "publish"), (room_again, room, "subscribe")):
            welcome = await client.hello((old.welcome["session"], old.last_seq))
            assert welcome["session"] == old.welcome["session"]
            assert connection in welcome["connections"]
            assert (await client.ask("join"))["type"] == "done"
        assert room_again.welcome["snapshot"]["floor"]["holder"] == room_again.welcome["seat"]
        assert [s for s in (await room_again.hear("slots"))["slots"] if s["track"]][0]["source"] == "teacher"
        assert asyncio.get_running_loop().time() - started < BACK_S
        await town.node.until(lambda: town.node.desired[LessonId(lesson)] == before)
        assert town.node.peers == peers
        assert (await lead_again.ask("floor_take"))["type"] == "done"


async def test_a_restarted_node_is_found_and_the_seats_rejoin(town: Town) -> None:
    lesson = await town.lesson()
    lead_token, room_token = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead_token) as lead, town.joined(room_token) as room:
        await publish(lead, "teacher")
        await subscribe(room)
        started = asyncio.get_running_loop().time()
        await town.node.restart()
        assert (await lead.hear("rejoin"))["connections"] == ["publish"]
        assert (await room.hear("rejoin"))["connections"] == ["subscribe"]
        await publish(lead, "teacher")
        await subscribe(room)
        await town.node.until(lambda: town.node.desired[LessonId(lesson)].bindings != ())
        assert asyncio.get_running_loop().time() - started < BACK_S


async def test_both_restart_and_the_lesson_comes_back(town: Town) -> None:
    lesson = await town.lesson()
    lead_token, room_token = await town.seat(lesson, "lead", "主校"), await town.seat(lesson, "room", "东村")
    async with town.joined(lead_token) as lead, town.joined(room_token) as room:
        await publish(lead, "teacher")
        await subscribe(room)
        await town.stop()
        await town.node.restart()
    started = asyncio.get_running_loop().time()
    await town.start()
    async with town.client(lead_token) as lead_again, town.client(room_token) as room_again:
        await lead_again.hello((lead.welcome["session"], lead.last_seq))
        await room_again.hello((room.welcome["session"], room.last_seq))
        await town.node_there()
        await publish(lead_again, "teacher")
        await subscribe(room_again)
        await town.node.until(lambda: town.node.desired[LessonId(lesson)].bindings != ())
        assert asyncio.get_running_loop().time() - started < BACK_S
        state = (await town.call("GET", f"/api/lessons/{lesson}"))[1]["state"]
        assert state == "live"


async def test_a_line_to_the_node_that_breaks_changes_nothing_for_anyone(town: Town) -> None:
    lesson = await town.lesson()
    async with town.joined(await town.seat(lesson, "lead", "主校")) as lead:
        await publish(lead, "teacher")
        dialled = town.node.dialled
        await town.node.break_line()
        await town.node.until(lambda: town.node.dialled > dialled and town.node.said[-1].type == "desired")
        await lead.ask("floor_take")
        assert not [message for message in lead._unread if message["type"] == "rejoin"]


def certificate_for(name: str, folder: Path) -> tuple[str, str]:
    """A certificate that nobody vouches for, with a name that is not this machine's."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(key.private_bytes(*plain))
    return str(folder / f"{name}.pem"), str(folder / f"{name}.key")


async def test_over_tls_pages_and_node_are_reached_with_our_certificate(tmp_path: Path) -> None:
    certificate, key = certificate_for("classroom.test", tmp_path)
    town = Town(tmp_path, certificate=certificate, key=key, public_url="https://classroom.test")
    town.node.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    town.node.tls.load_cert_chain(certificate, key)
    async with town:
        await town.node_there()
        trust = ssl.create_default_context(cafile=certificate)
        url = f"https://127.0.0.1:{town.running.port}/healthz"
        async with town.http.get(url, ssl=trust, server_hostname="classroom.test") as answer:
            assert (await answer.json()) == {"alive": True, "node": True}


async def test_a_node_with_another_certificate_is_not_ours(tmp_path: Path) -> None:
    certificate, key = certificate_for("classroom.test", tmp_path)
    town = Town(tmp_path, certificate=certificate, key=key)
    town.node.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    town.node.tls.load_cert_chain(*certificate_for("other.test", tmp_path))
    async with town, asyncio.timeout(30):
        link = town.running.services.lessons.link
        assert isinstance(link, NodeLink)
        while link._attempt < 2:
            await asyncio.sleep(0.01)
        assert town.node.dialled == 0 and not link.up


async def test_run_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    town, stop = Town(tmp_path), asyncio.Event()
    await town.node.start()
    serving = asyncio.create_task(run(town.settings(), stop))
    async with asyncio.timeout(30):
        while not town.node.said:
            await asyncio.sleep(0.01)
    stop.set()
    async with asyncio.timeout(3):
        await serving
    await town.node.stop()

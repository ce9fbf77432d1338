"""A firewall that looks into connections lets TLS to port 443 through and nothing else: media goes by a TURN server."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from deploy.disk.certificate import issue
from media_tests.browser.chromium import chromium
from media_tests.browser.seat import Person, Report, Side, sit_down
from media_tests.browser.trust import home_that_trusts
from media_tests.faults.namespace import inside
from media_tests.faults.router import NODE_SIDE, routed
from media_tests.lesson.system import LEAD_CLASSROOM, running_system, rural_classroom

TURN = f"{NODE_SIDE}.9"
URL = f"turns:{TURN}:443?transport=tcp"
SECRET = "the secret that coturn and signaling share"
READY_S = 20.0
NAME = "() => window.__connections.map((pc) => pc.getConfiguration().iceServers[0]?.username).find(Boolean)"

# As a browser whose administrator allows relays only: no other path can help it.
RELAY_ONLY = f"""
window.__relay = '{URL}';
const Any = window.RTCPeerConnection;
const relayed = (configuration) => ({{ ...configuration, iceTransportPolicy: 'relay' }});
window.RTCPeerConnection = class extends Any {{
  constructor(configuration, ...rest) {{
    super(relayed(configuration), ...rest);
  }}
  setConfiguration(configuration) {{
    super.setConfiguration(relayed(configuration));
  }}
}};
"""


@asynccontextmanager
async def coturn(folder: Path, node: str) -> AsyncIterator[Path]:
    """Debian's, with the configuration of deploy/coturn.conf, where this thread is; yields its log."""
    if shutil.which("turnserver") is None:
        raise RuntimeError("the program `turnserver` is missing; install it with: apt-get install coturn")
    made = issue(folder / "tls", [TURN, node, "localhost"], [], "county of this test")
    certificate, key, log = folder / "turn.crt", folder / "turn.key", folder / "turn.log"
    certificate.write_bytes(made.server.read_bytes())
    key.write_bytes(made.server_key.read_bytes())
    values = {"ADDRESS": TURN, "NODE": node, "SECRET": SECRET, "CERTIFICATE": str(certificate), "KEY": str(key)}
    text = (Path(__file__).parents[2] / "deploy" / "coturn.conf").read_text()
    config = folder / "turn.conf"
    config.write_text(re.sub(r"@(\w+)@", lambda name: values[name[1]], text))
    own = [f"--pidfile={folder}/turn.pid", f"--userdb={folder}/turn.sqlite", "--log-file=stdout"]
    with log.open("wb") as out:
        server = await asyncio.create_subprocess_exec(
            "turnserver", "-c", str(config), *own, stdout=out, stderr=out, stdin=asyncio.subprocess.DEVNULL
        )
    try:
        async with asyncio.timeout(READY_S):
            while not await _listens():
                assert server.returncode is None, log.read_text(errors="replace")
                await asyncio.sleep(0.05)
        yield log
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


async def _listens() -> bool:
    try:
        _, writer = await asyncio.open_connection(TURN, 443)
    except OSError:
        return False
    writer.close()
    return True


async def _relayed(person: Person, side: Side) -> Report:
    """The candidate of ours whose packets go to the node."""
    (transport,) = await person.stats(side, type="transport")
    (pair,) = await person.stats(side, type="candidate-pair", id=transport["selectedCandidatePairId"])
    (candidate,) = await person.stats(side, type="local-candidate", id=pair["localCandidateId"])
    return candidate


async def test_a_lesson_comes_through_a_relay_at_tls_443(tmp_path: Path) -> None:
    async with AsyncExitStack() as closing:
        hosts = closing.enter_context(routed("tc-turn"))
        subprocess.run(["ip", "-n", hosts.node_name, "address", "add", f"{TURN}/24", "dev", "n0"], check=True)
        hosts.rule("-A", "FORWARD", "-s", hosts.client, "-p", "tcp", "--dport", "443", "-j", "ACCEPT")
        hosts.rule("-A", "FORWARD", "-s", hosts.client, "-j", "DROP")
        closing.enter_context(inside(hosts.node_name))
        log = await closing.enter_async_context(coturn(tmp_path, hosts.node))
        media = [f"{hosts.node}:7000"]
        options = {"media": media, "front": hosts.node, "relay": (URL, SECRET)}
        system = await closing.enter_async_context(running_system(tmp_path, **options))
        assert system.authority is not None
        environment = home_that_trusts(system.authority, tmp_path / "home")
        with inside(hosts.client_name):
            browser = await closing.enter_async_context(chromium(environment={**environment}))
        lesson = await system.open_lesson(rooms=1)
        lead, room = [
            await sit_down(browser, await system.invite(lesson, role, classroom), scripts=[RELAY_ONLY])
            for role, classroom in (("lead", LEAD_CLASSROOM), ("room", rural_classroom(1)))
        ]
        try:
            await asyncio.gather(lead.enter(), room.enter())
            await asyncio.gather(room.sees(lead, "teacher", within_s=20), lead.sees(room, "students", within_s=20))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.read_text(errors='replace')[-3000:]}") from None
        ends: tuple[tuple[Person, Side], ...] = ((lead, "publish"), (room, "subscribe"))
        for person, side in ends:
            candidate = await _relayed(person, side)
            assert (candidate["candidateType"], candidate["address"], candidate["relayProtocol"]) == (
                *("relay", TURN),
                "tls",
            )
            # The name says until when it counts; coturn takes no other.
            until_s, _, seat = str(await person.tab.evaluate(NAME)).partition(":")
            assert seat == person.seat and 11 * 3600 < int(until_s) - time.time() < 13 * 3600

"""A real system for one test: signaling and a node as processes of their own, on loopback, in a folder of their own."""

import asyncio
import os
import secrets
import socket
import ssl
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from deploy.core.configuration import edited, fronted
from deploy.disk.certificate import issue

ROOT = Path(__file__).resolve().parents[2]
READY_S = 90.0
MASTER_KEY = "5a" * 32
LEAD_CLASSROOM = "市实验小学 三(2)班"


def rural_classroom(number: int) -> str:
    """Name of the rural classroom with this number, from 1."""
    return f"第{number}教学点"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port that nobody held a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_media_port() -> int:
    """A loopback port that nobody held a moment ago, neither for datagrams nor for connections."""
    while True:
        port = free_port(socket.SOCK_DGRAM)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@dataclass(frozen=True, slots=True)
class Invitation:
    """A seat and the code that opens it."""

    seat: str
    code: str
    link: str


@dataclass(slots=True)
class Service:
    """One process of the system; it can be killed and started again."""

    module: str
    config: Path
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                "--config",
                str(self.config),
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    async def kill(self) -> None:
        """As a power cut: no goodbye."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), 5)
            except TimeoutError:
                await self.kill()


@dataclass(slots=True)
class System:
    """Signaling and one node, and the operator's hand on them."""

    folder: Path
    url: str
    node_url: str
    media_port: int
    operator_key: str
    signaling: Service
    node: Service
    recorder: Service
    """Started by the tests that want it, of a system that was begun with `recorder`; so are the next two."""
    worker: Service
    library: Service
    library_url: str
    http: aiohttp.ClientSession
    authority: Path | None = None
    """Vouches for the services, where they speak HTTPS."""
    lessons: list[str] = field(default_factory=list)

    @classmethod
    async def start(
        cls,
        folder: Path,
        *,
        media: Sequence[str] | None = None,
        announce: Sequence[str] = (),
        pages_host: str = "127.0.0.1",
        recorder: bool = False,
        tls: bool = False,
        tcp: bool | None = None,
        front: str = "",
        relay: tuple[str, str] | None = None,
    ) -> Self:
        """Starts both services and waits until signaling has reached the node; `tcp` is left unsaid unless told.

        `front` is an address of this host at whose port 443 everything can be reached, with TLS; `relay` a TURN server
        that pages are told of, and its secret.
        """
        config, url, node_url, media_port, operator_key = _configure(folder, media, announce, pages_host)
        if tcp is not None:
            config.write_text(config.read_text().replace("[node]\n", f"[node]\ntcp = {str(tcp).lower()}\n", 1))
        if relay is not None:
            told = f'[signaling]\nice_servers = ["{relay[0]}"]\nice_secret = "{relay[1]}"\n'
            config.write_text(config.read_text().replace("[signaling]\n", told, 1))
        library_url = f"http://localhost:{free_port()}"
        if recorder:
            _configure_recorder(config, folder, url, library_url)
        tls = tls or bool(front)
        authority = _secure(config, folder, front) if tls else None
        if front:
            _open_front(config, front)
        trusting = ssl.create_default_context(cafile=authority)
        system = cls(
            folder,
            _https(url) if tls else url,
            _https(node_url) if tls else node_url,
            media_port,
            operator_key,
            Service("signaling", config, folder / "signaling.log"),
            Service("sfu", config, folder / "node.log"),
            Service("recorder", config, folder / "recorder.log"),
            Service("recorder.worker", config, folder / "worker.log"),
            Service("recorder.library", config, folder / "library.log"),
            _https(library_url) if tls else library_url,
            aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {operator_key}"}, connector=aiohttp.TCPConnector(ssl=trusting)
            ),
            authority,
        )
        try:
            await system.node.start()
            await system.signaling.start()
            await system.until_ready()
        except BaseException:
            await system.stop()
            raise
        return system

    async def until_ready(self) -> None:
        """Waits for both services; what they logged is in the error when they do not come."""
        try:
            async with asyncio.timeout(READY_S):
                while not await self._is_ready():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise RuntimeError(f"the system did not start:\n{self.logs()}") from None

    async def _is_ready(self) -> bool:
        try:
            async with self.http.get(f"{self.url}/healthz") as answer:
                return bool((await answer.json()).get("node"))
        except (aiohttp.ClientError, ValueError):
            return False

    def logs(self) -> str:
        logs = (service.log for service in self._services())
        return "\n".join(log.read_text(errors="replace")[-6000:] for log in logs if log.exists())

    def _services(self) -> tuple[Service, ...]:
        return (self.signaling, self.node, self.recorder, self.worker, self.library)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call of the operator's; the refusal's sentence is in the error."""
        async with self.http.post(f"{self.url}{path}", json=body or {}) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise RuntimeError(f"POST {path}: {answer.status} {text}")
            return dict(await answer.json()) if text else {}

    async def open_lesson(
        self,
        rooms: int = 4,
        title: str = "第3节 语文 荷塘月色",
        policy: Mapping[str, Any] | None = None,
        **more: str,
    ) -> str:
        """Creates and opens a dedicated lesson with this many rural classrooms; it has the usual policy unless told."""
        lesson = await self.post(
            "/api/lessons",
            {
                "title": title,
                "mode": "dedicated",
                "lead_classroom": LEAD_CLASSROOM,
                "rural_classrooms": [rural_classroom(number) for number in range(1, rooms + 1)],
                **({} if policy is None else {"policy": dict(policy)}),
                **more,
            },
        )
        await self.post(f"/api/lessons/{lesson['lesson']}/open")
        self.lessons.append(str(lesson["lesson"]))
        return str(lesson["lesson"])

    async def invite(self, lesson: str, role: str, classroom: str) -> Invitation:
        made = await self.post(
            f"/api/lessons/{lesson}/invitations", {"role": role, "classroom": classroom, "lifetime_s": 3600}
        )
        return Invitation(made["seat"], made["code"], made["link"])

    async def stop(self) -> None:
        await self.http.close()
        await asyncio.gather(*(service.stop() for service in self._services()))


def _configure(
    folder: Path, media: Sequence[str] | None, announce: Sequence[str], pages_host: str
) -> tuple[Path, str, str, int, str]:
    folder.mkdir(parents=True, exist_ok=True)
    port, node_port, media_port = free_port(), free_port(), free_media_port()
    operator_key, signaling_token, node_token = (secrets.token_urlsafe(24) for _ in range(3))
    url, node_url = f"http://localhost:{port}", f"http://localhost:{node_port}"
    bound = list(media) if media is not None else [f"127.0.0.1:{media_port}"]
    config = folder / "three-classrooms.toml"
    config.write_text(
        f"""[signaling]
listen = "{pages_host}:{port}"
public_url = "{url}"
operator_key = "{operator_key}"
store = "{folder}/signaling.sqlite"
signing_key = "{folder}/signing.pem"
node_url = "http://127.0.0.1:{node_port}"
signaling_token = "{signaling_token}"
node_token = "{node_token}"
pages = "{ROOT}/signaling/web/dist"

[node]
name = "node-1"
listen = "127.0.0.1:{node_port}"
public_url = "{node_url}"
media = {_toml_list(bound)}
announce = {_toml_list(list(announce))}
signaling_token = "{signaling_token}"
node_token = "{node_token}"
"""
    )
    config.chmod(0o600)
    return config, url, node_url, media_port, operator_key


def _configure_recorder(config: Path, folder: Path, url: str, library_url: str) -> None:
    token = secrets.token_urlsafe(24)
    text = config.read_text().replace("[signaling]\n", f'[signaling]\nrecorder_token = "{token}"\n', 1)
    table = {"token": token, "folder": f"{folder}/recordings", "master_key": MASTER_KEY, "signaling_url": url}
    lines = "".join(f'{name} = "{value}"\n' for name, value in table.items())
    library = {
        "listen": library_url.replace("http://localhost", "127.0.0.1"),
        "public_url": library_url,
        "store": f"{folder}/library.sqlite",
        "signing_key": f"{folder}/library.pem",
    }
    shelf = "".join(f'{name} = "{value}"\n' for name, value in library.items())
    config.write_text(f"{text}\n[recorder]\n{lines}reserve_mib = 1\nlesson_minutes = 1\n\n[library]\n{shelf}")


def _secure(config: Path, folder: Path, front: str) -> Path:
    """All addresses become https, with a certificate that stands alone in its file; returns its authority."""
    made = issue(folder / "tls", ["localhost", *([front] if front else [])], [], "county of this test")
    alone = folder / "tls" / "alone.crt"
    alone.write_text(
        made.server.read_text().partition("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n"
    )
    text = _https(config.read_text()).replace('node_url = "http://127.0.0.1:', 'node_url = "https://localhost:')
    config.write_text(f'{text}\n[tls]\ncertificate = "{alone}"\nkey = "{made.server_key}"\n')
    return made.authority


def _open_front(config: Path, host: str) -> None:
    """As `up --front` writes it."""
    tables = tomllib.loads(config.read_text())
    front = [f"{media.rpartition(':')[0]}:443" for media in tables["node"]["media"]]
    after = fronted({**tables, "node": {**tables["node"], "front": front}}, host)
    config.write_text(edited(config.read_text(), tables, after))


def _https(text: str) -> str:
    return text.replace("http://localhost:", "https://localhost:")


def _toml_list(values: list[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


@asynccontextmanager
async def running_system(folder: Path, **options: Any) -> AsyncIterator[System]:
    """A system for the length of a test."""
    system = await System.start(folder, **options)
    try:
        yield system
    finally:
        await system.stop()

"""The laws of the tree: who may import whom, what a core may not do, what stays out of a wheel, what has a test."""

import ast
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("sfu", "signaling", "recorder", "classroom_client", "deploy")

SHARED = ("signaling.messages", "sfu.forwarder", "sfu.sdp")
"""All that services may import of one another."""

PURE = frozenset(
    "__future__ abc base64 bisect collections contextlib dataclasses datetime enum fractions functools hashlib heapq "
    "hmac ipaddress itertools json math operator re string struct types typing unicodedata urllib.parse".split()
)
"""Standard modules that decide nothing by themselves and reach nothing outside."""

CORES: dict[str, frozenset[str]] = {
    "sfu/core": frozenset({"signaling.messages", "sfu.sdp"}),
    "sfu/sdp": frozenset(),
    "signaling/core": frozenset({"signaling.messages"}),
    "signaling/messages": frozenset({"pydantic", "zlib"}),
    "recorder/core": frozenset({"signaling.messages", "pydantic", "cryptography"}),
    "classroom_client/core": frozenset({"signaling.messages"}),
    "deploy/core": frozenset({"cryptography", "pathlib"}),
}
"""Each core and what it may import beside itself and the pure modules; a path is a name, reading it is not."""

FORBIDDEN_CALLS = frozenset(
    "open print input now utcnow today monotonic perf_counter time sleep uuid1 uuid4 random urandom token_bytes "
    "token_hex token_urlsafe generate_private_key random_serial_number read_text read_bytes write_text write_bytes "
    "mkdir unlink exists is_file is_dir iterdir resolve stat getenv".split()
)
"""Clock, chance and disk by whatever name they are reached; ids, time and chance are arguments."""

DOORS = frozenset({"__main__", "command"})
"""Modules that nobody imports but the interpreter."""

TESTED_BY: dict[str, str] = {
    "deploy/asking.py": "deploy/tests/test_county.py",
    "sfu/core/restarting.py": "sfu/tests/core/test_publishing.py",
    "classroom_client/core/connections.py": "classroom_client/tests/test_session.py",
    "classroom_client/core/desk.py": "classroom_client/tests/test_session.py",
    "classroom_client/demo/cost.py": "media_tests/bench/lesson.py",
    "classroom_client/demo/footage.py": "classroom_client/tests/test_clips.py",
    "classroom_client/demo/mark.py": "classroom_client/tests/test_clips.py",
    "classroom_client/demo/net/lesson.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/demo/net/operator.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/demo/slides.py": "classroom_client/tests/test_clips.py",
    "classroom_client/demo/speech.py": "classroom_client/tests/test_clips.py",
    "classroom_client/devices/board.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/devices/decoder.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/devices/meter.py": "classroom_client/tests/test_aiortc_media.py",
    "classroom_client/devices/sent.py": "media_tests/bench/test_glass.py",
    "classroom_client/net/aiortc_private.py": "classroom_client/tests/test_aiortc_media.py",
    "classroom_client/net/client.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/net/media.py": "classroom_client/tests/test_aiortc_media.py",
    "classroom_client/net/run.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/net/signaling.py": "media_tests/lesson/test_one_plus_four.py",
    "classroom_client/net/tracks.py": "classroom_client/tests/test_aiortc_media.py",
    "recorder/disk/opened.py": "recorder/tests/disk/test_takes.py",
    "recorder/disk/far.py": "recorder/tests/disk/test_depot.py",
    "recorder/disk/steps.py": "recorder/tests/net/test_worker.py",
    "recorder/net/library_callers.py": "recorder/tests/net/test_library_http.py",
    "recorder/net/library_files.py": "recorder/tests/net/test_library_http.py",
    "recorder/net/library_service.py": "recorder/tests/net/test_library_http.py",
    "recorder/net/clock.py": "recorder/tests/net/test_library_http.py",
    "recorder/net/library_work.py": "recorder/tests/net/test_library_http.py",
    "recorder/net/library_views.py": "recorder/tests/net/test_library_http.py",
    "recorder/net/process.py": "media_tests/lesson/test_library.py",
    "recorder/net/removal.py": "recorder/tests/net/test_worker.py",
    "recorder/net/worker_service.py": "media_tests/lesson/test_library.py",
    "recorder/net/dialling.py": "media_tests/lesson/test_kills.py",
    "recorder/net/seat.py": "media_tests/lesson/test_kills.py",
    "recorder/net/service.py": "media_tests/lesson/test_kills.py",
    "recorder/net/setting_kinds.py": "recorder/tests/net/test_library_settings.py",
    "recorder/net/trust.py": "media_tests/lesson/test_over_tls.py",
    "recorder/net/way.py": "media_tests/lesson/test_kills.py",
    "recorder/net/migrations/env.py": "recorder/tests/net/test_store.py",
    "recorder/net/migrations/versions/m0001_shelf.py": "recorder/tests/net/test_store.py",
    "recorder/core/bits.py": "recorder/tests/core/test_av1.py",
    "recorder/core/describe.py": "recorder/tests/core/test_take.py",
    "recorder/core/form.py": "recorder/tests/core/test_index.py",
    "recorder/core/shown.py": "recorder/tests/disk/test_recording.py",
    "recorder/core/samples.py": "recorder/tests/core/test_take.py",
    "recorder/core/seal.py": "recorder/tests/disk/test_sealed.py",
    "recorder/disk/left_over.py": "recorder/tests/disk/test_recording.py",
    "recorder/core/track.py": "recorder/tests/core/test_take.py",
    "recorder/core/vpx.py": "recorder/tests/core/test_webm.py",
    "signaling/core/acts.py": "signaling/tests/core/test_conversation.py",
    "signaling/core/announce.py": "signaling/tests/core/test_arrivals.py",
    "signaling/net/county/database.py": "signaling/tests/net/county/test_county_store.py",
    "signaling/net/county/rows.py": "signaling/tests/net/county/test_county_store.py",
    "signaling/net/county/store.py": "signaling/tests/net/county/test_county_store.py",
    "signaling/net/county/tables.py": "signaling/tests/net/county/test_county_store.py",
    "signaling/net/county/migrations/env.py": "signaling/tests/net/county/test_county_store.py",
    "signaling/net/county/migrations/versions/m0001_county.py": "signaling/tests/net/county/test_county_store.py",
    "signaling/net/county/feeds.py": "signaling/tests/net/county/test_county_http.py",
    "signaling/net/county/handlers.py": "signaling/tests/net/county/test_county_http.py",
    "signaling/core/county/merging.py": "signaling/tests/core/county/test_importing.py",
    "signaling/core/county/reading.py": "signaling/tests/core/county/test_importing.py",
    "signaling/core/county/findings.py": "signaling/tests/core/county/test_county.py",
    "signaling/core/copies.py": "signaling/tests/core/test_node_side.py",
    "signaling/core/media.py": "signaling/tests/core/test_node_side.py",
    "signaling/core/refusal.py": "signaling/tests/core/test_policy.py",
    "signaling/core/room.py": "signaling/tests/core/test_conversation.py",
    "signaling/core/taking.py": "signaling/tests/core/test_recorder_side.py",
    "signaling/messages/ids.py": "signaling/tests/core/test_subscriptions.py",
    "signaling/net/bodies.py": "signaling/tests/net/test_http.py",
    "signaling/net/callers.py": "signaling/tests/net/test_http.py",
    "signaling/net/clock.py": "signaling/tests/net/test_live.py",
    "signaling/net/handlers.py": "signaling/tests/net/test_http.py",
    "signaling/net/log.py": "signaling/tests/net/test_service.py",
    "signaling/net/migrations/env.py": "signaling/tests/net/test_store.py",
    "signaling/net/migrations/versions/m0001_lessons.py": "signaling/tests/net/test_store.py",
    "signaling/net/openapi.py": "signaling/tests/net/test_http.py",
    "signaling/net/routes.py": "signaling/tests/net/test_http.py",
    "signaling/net/services.py": "signaling/tests/net/test_http.py",
}
"""Sources without a test file of their name, each with the file that drives it. Data without a function needs none."""


SKIPPED = frozenset({"native", "node_modules", "__pycache__", "dist"})


@cache
def python_files(folder: str) -> tuple[Path, ...]:
    """A folder's Python files, without what was generated or installed."""
    found = []
    for place, folders, files in os.walk(ROOT / folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        found += [Path(place) / name for name in sorted(files) if name.endswith(".py")]
    return tuple(found)


def sources(folder: str) -> list[Path]:
    """Those that are no tests."""
    return [path for path in python_files(folder) if "tests" not in path.relative_to(ROOT).parts]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}: relative imports hide the layers"
            for alias in node.names:
                is_module = (ROOT / node.module.replace(".", "/") / f"{alias.name}.py").exists()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def within(module: str, names: Iterator[str] | frozenset[str] | tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in names)


def core_files() -> list[tuple[str, Path]]:
    return [(core, path) for core in CORES for path in sources(core)]


def service_files() -> list[tuple[str, Path]]:
    return [(service, path) for service in SERVICES for path in sources(service)]


def shown(case: object) -> str:
    return str(case.relative_to(ROOT)) if isinstance(case, Path) else str(case)


def test_every_core_folder_is_in_the_list() -> None:
    found = {str(path.relative_to(ROOT)) for service in SERVICES for path in (ROOT / service).glob("core")}
    assert found <= set(CORES) and all((ROOT / core).is_dir() for core in CORES)


@pytest.mark.parametrize(("core", "path"), core_files(), ids=shown)
def test_a_core_imports_itself_and_what_is_pure(core: str, path: Path) -> None:
    own = frozenset({core.replace("/", ".")})
    strangers = {module for module in imports(path) if not within(module, own | PURE | CORES[core])}
    assert not strangers, f"{shown(path)} imports {sorted(strangers)}"


@pytest.mark.parametrize(("core", "path"), core_files(), ids=shown)
def test_a_core_awaits_nothing_and_takes_time_and_chance_as_arguments(core: str, path: Path) -> None:
    found = [sentence for node in ast.walk(tree(path)) if (sentence := breach(node))]
    assert not found, f"{shown(path)}: {found}"


def breach(node: ast.AST) -> str | None:
    """What a node of a core's syntax does that a core may not."""
    if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
        return f"line {node.lineno} waits"
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in FORBIDDEN_CALLS and not own_method(node.func):
            return f"line {node.lineno} calls {called}()"
    return None


def own_method(called: ast.expr) -> bool:
    """`self.open(...)` is the core's own word."""
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "self"


@pytest.mark.parametrize(
    "line",
    [
        "async def f() -> None: ...",
        "open('x')",
        "datetime.now()",
        "uuid4()",
        "random.random()",
        "Path('x').read_text()",
        "clock.time.monotonic()",
    ],
)
def test_the_law_sees_a_breach(line: str) -> None:
    assert any(breach(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize(("service", "path"), service_files(), ids=shown)
def test_services_share_only_messages_forwarder_and_sdp(service: str, path: Path) -> None:
    others = tuple(name for name in (*SERVICES, "media_tests") if name != service)
    strangers = {module for module in imports(path) if within(module, others) and not within(module, SHARED)}
    assert not strangers, f"{shown(path)} imports {sorted(strangers)}"


@pytest.mark.parametrize(("service", "path"), service_files(), ids=shown)
def test_nobody_imports_a_door_or_a_test(service: str, path: Path) -> None:
    ours = [module.split(".") for module in imports(path) if within(module, SERVICES)]
    if path.stem != "__main__":
        assert not [module for module in ours if module[-1] in DOORS]
    assert not [module for module in ours if "tests" in module]


def test_no_test_and_no_rust_source_goes_into_a_wheel(tmp_path: Path) -> None:
    built = subprocess.run(
        [
            str(Path(sys.executable).with_name("maturin")),
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--auditwheel",
            "skip",
            "--out",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    allowed = [name for name in names if ".dist-info/" not in name]
    assert not [name for name in allowed if {"tests", "native", "node_modules", "src"} & set(PurePosixPath(name).parts)]
    assert not [name for name in allowed if name.endswith((".rs", ".toml", ".ts", ".vue", ".lock"))]
    for wanted in (
        "sfu/_forwarder.abi3.so",
        "deploy/command.py",
        "signaling/web/dist/index.html",
        "sfu/_forwarder.pyi",
    ):
        assert wanted in names, f"{wanted} is missing"


def test_every_source_has_a_test_file_or_a_stated_one() -> None:
    tests = {
        path.stem.removeprefix("test_")
        for service in SERVICES
        for path in python_files(service)
        if path.stem.startswith("test_")
    }
    untested = {
        shown(path)
        for _, path in service_files()
        if path.stem not in {"__init__", "__main__"} and path.stem not in tests and decides(path)
    }
    assert not untested - set(TESTED_BY)


def decides(path: Path) -> bool:
    """Whether a file has any function at all."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree(path)))


@pytest.mark.parametrize(("source", "test"), TESTED_BY.items())
def test_a_stated_test_is_there(source: str, test: str) -> None:
    assert (ROOT / source).is_file() and (ROOT / test).is_file()


@pytest.mark.parametrize("page, most", [("README.md", 60), ("README.zh-CN.md", 60), ("ARCHITECTURE.md", 150)])
def test_what_everyone_reads_first_stays_short(page: str, most: int) -> None:
    assert len((ROOT / page).read_text("utf-8").splitlines()) <= most

"""What a machine lacks is named with the way to get it, before anything is built."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "env", "cut", "head", "sort", "tr", "id", "mktemp", "tail")


def prepare(want: str, folder: Path, programs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs it where only these programs are found; each stand-in is a shell script."""
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    (folder / "python3.11").symlink_to(sys.executable)
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return subprocess.run(
        [str(folder / "bash"), str(ROOT / "deploy" / "prepare"), want],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_missing_toolchain_is_named_at_once(tmp_path: Path) -> None:
    refused = prepare("run", tmp_path, {})
    assert refused.returncode == 1
    assert [word for word in ("C compiler", "Rust 1.85", "Node 20.19") if word not in refused.stderr] == []


@pytest.mark.parametrize(
    ("rust", "node", "sentence"),
    [("1.84.9", "v22.1.0", "No Rust 1.85"), ("1.95.0", "v18.20.4", "No Node 20.19"), ("1.95.0", "v20.9.0", "No Node")],
)
def test_a_toolchain_that_is_too_old_is_named(rust: str, node: str, sentence: str, tmp_path: Path) -> None:
    tools = {"cc": "", "cargo": "", "npm": "", "rustc": f"echo rustc {rust}", "node": f"echo {node}"}
    refused = prepare("run", tmp_path, tools)
    assert refused.returncode == 1 and sentence in refused.stderr and refused.stderr.count("\n") == 1


def test_a_missing_package_that_cannot_be_installed_is_named_with_the_order(tmp_path: Path) -> None:
    tools = {"cc": "", "cargo": "", "npm": "", "rustc": "echo rustc 1.95.0", "node": "echo v20.20.0"}
    refused = prepare("run", tmp_path, {**tools, "pkg-config": "exit 1"})
    assert refused.returncode == 1
    assert "apt-get install --no-install-recommends libssl-dev" in refused.stderr and "espeak-ng" in refused.stderr


def test_a_failed_installation_shows_why(tmp_path: Path) -> None:
    if subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip() != "0":
        pytest.fail("run the tests as root: only root installs packages")
    tools = {"cc": "", "cargo": "", "npm": "", "rustc": "echo rustc 1.95.0", "node": "echo v20.20.0"}
    refused = prepare("run", tmp_path, {**tools, "apt-get": "echo E: no such host >&2; exit 100"})
    assert refused.returncode == 1 and "E: no such host" in refused.stderr and "try by hand" in refused.stderr


def test_an_unknown_word_is_answered_with_the_usage(tmp_path: Path) -> None:
    refused = prepare("everything", tmp_path, {})
    assert refused.returncode == 2 and refused.stderr.startswith("usage: ")

"""The one configuration file: what stands in it at first, and what the options of `up` change."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from pathlib import PurePath
from urllib.parse import SplitResult, urlsplit, urlunsplit

Value = str | int | bool | list[str]
Tables = Mapping[str, Mapping[str, Value]]

_NAME = re.compile(r"[\w-]+(\.[\w-]+)*")
FRONT_TO = "127.0.0.1:8083"
HEADING = "# Made by `three-classrooms up` at its first start. It holds secrets: keep it to yourself.\n"


class ConfigurationError(ValueError):
    """The configuration file cannot be used; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Random text that the services know each other and the operator by."""

    operator_key: str
    signaling_token: str
    node_token: str
    master_key: str
    """64 hexadecimal digits that open everything that was taken; whoever loses them has lost it."""
    recorder_token: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services of one machine listen and how they are reached."""

    signaling_listen: str
    signaling_url: str
    node_listen: str
    library_listen: str
    library_url: str
    media: tuple[str, ...] = ()
    """Where the node takes connections with media in; nothing where it takes none."""
    front: tuple[str, ...] = ()
    """Where it takes TLS in too."""


def first_configuration(secrets: Secrets, folder: PurePath) -> Tables:
    """What `up` writes when there is no file yet: a first look on this machine alone."""
    tokens = {"signaling_token": secrets.signaling_token, "node_token": secrets.node_token}
    return {
        "signaling": {
            "listen": "127.0.0.1:8080",
            "public_url": "http://localhost:8080",
            "operator_key": secrets.operator_key,
            "store": str(folder / "signaling.sqlite"),
            "signing_key": str(folder / "signing.pem"),
            "node_url": "http://127.0.0.1:8081",
            "recorder_token": secrets.recorder_token,
            **tokens,
        },
        "node": {
            "name": "node-1",
            "listen": "127.0.0.1:8081",
            "public_url": "http://localhost:8081",
            "media": ["auto:7000"],
            **tokens,
        },
        **_library(secrets, folder, "http://localhost:8082"),
        "tls": {"certificate": "", "key": ""},
    }


def _library(secrets: Secrets, folder: PurePath, url: str) -> dict[str, Mapping[str, Value]]:
    return {
        "recorder": {
            "token": secrets.recorder_token,
            "folder": str(folder / "recordings"),
            "master_key": secrets.master_key,
        },
        "library": {
            "listen": "127.0.0.1:8082",
            "public_url": url,
            "region": "",
            "store": str(folder / "library.sqlite"),
            "signing_key": str(folder / "library.pem"),
        },
    }


def completed(tables: Tables, secrets: Secrets, folder: PurePath) -> Tables:
    """A configuration of an older version, with the tables that it has not yet."""
    known = _table(tables, "signaling").get("recorder_token") or tables.get("recorder", {}).get("token")
    secrets = replace(secrets, recorder_token=str(known)) if known else secrets
    signaling = split_url(_text(_table(tables, "signaling"), "public_url"))
    host = f"[{signaling.hostname}]" if ":" in (signaling.hostname or "") else signaling.hostname
    fresh = _library(secrets, folder, f"{signaling.scheme}://{host}:8082")
    fresh["signaling"] = {"recorder_token": secrets.recorder_token}
    return {**tables, **{name: {**table, **tables.get(name, {})} for name, table in fresh.items()}}


def reached_as(tables: Tables, host: str) -> Tables:
    """Opens the services to other machines, which reach this one under `host`, a name or an address."""
    signaling, node = _table(tables, "signaling"), _table(tables, "node")
    port, node_port = port_of(_text(signaling, "listen")), port_of(_text(node, "listen"))
    scheme = split_url(_text(signaling, "public_url")).scheme
    shown = _host(host)
    node_url = f"{scheme}://{shown}:{node_port}"
    return {
        **tables,
        "signaling": {
            **signaling,
            "listen": f"0.0.0.0:{port}",
            "public_url": f"{scheme}://{shown}:{port}",
            "node_url": node_url,
        },
        "node": {**node, "listen": f"0.0.0.0:{node_port}", "public_url": node_url},
        **_library_reached_as(tables, scheme, shown),
    }


def _library_reached_as(tables: Tables, scheme: str, shown: str) -> Tables:
    if (library := tables.get("library")) is None:
        return {}
    port = port_of(_text(library, "listen"))
    return {"library": {**library, "listen": f"0.0.0.0:{port}", "public_url": f"{scheme}://{shown}:{port}"}}


def with_tls(tables: Tables, certificate: PurePath, key: PurePath) -> Tables:
    """Both services speak HTTPS with this certificate; every address becomes https."""
    signaling, node = _table(tables, "signaling"), _table(tables, "node")
    return {
        **tables,
        "signaling": {**signaling, **{name: _https(_text(signaling, name)) for name in ("public_url", "node_url")}},
        "node": {**node, "public_url": _https(_text(node, "public_url"))},
        **{
            name: {**table, "public_url": _https(_text(table, "public_url"))}
            for name, table in tables.items()
            if name == "library"
        },
        "tls": {"certificate": str(certificate), "key": str(key)},
    }


def fronted(tables: Tables, host: str = "") -> Tables:
    """Everything can be reached at one TCP port, where the node tells media from TLS: pages, library, WHIP and WHEP."""
    signaling, node = _table(tables, "signaling"), _table(tables, "node")
    front = node.get("front") or ["auto:443"]
    if not isinstance(front, list) or not certificate_of(tables):
        raise ConfigurationError(
            "A front needs a certificate: give --tls-cert and --tls-key; see `certificate --help`."
        )
    port, shown = port_of(front[0]), _host(host or split_url(_text(signaling, "public_url")).hostname or "")
    origin = f"https://{shown}" if port == 443 else f"https://{shown}:{port}"
    door = node.get("front_to") or FRONT_TO
    library = {
        name: {**table, "public_url": f"{origin}/library"} for name, table in tables.items() if name == "library"
    }
    return {
        **tables,
        "signaling": {**signaling, "public_url": origin, "front_listen": door},
        "node": {**node, "public_url": origin, "front": front, "front_to": door},
        **library,
    }


def has_front(tables: Tables) -> bool:
    """Whether a front was asked for before."""
    return bool(tables.get("node", {}).get("front"))


def addresses(tables: Tables) -> Addresses:
    """What the supervisor must know: which ports must be free, and where to look whether the services have come up."""
    signaling, node, library = (_table(tables, name) for name in ("signaling", "node", "library"))
    return Addresses(
        _text(signaling, "listen"),
        _text(signaling, "public_url"),
        _text(node, "listen"),
        _text(library, "listen"),
        _text(library, "public_url"),
        _media(node),
        _listed(node, "front", []),
    )


def _media(node: Mapping[str, Value]) -> tuple[str, ...]:
    """By the node's own defaults; what is no list, the node refuses itself."""
    return _listed(node, "media", ["auto:7000"]) if node.get("tcp", True) else ()


def _listed(table: Mapping[str, Value], key: str, default: list[str]) -> tuple[str, ...]:
    value = table.get(key, default)
    return tuple(value) if isinstance(value, list) else ()


def certificate_of(tables: Tables) -> str:
    """The certificate file's path, or nothing where the services speak plain HTTP."""
    return str(tables.get("tls", {}).get("certificate", ""))


def operator_key(tables: Tables) -> str:
    """What the operator shows to signaling."""
    return _text(_table(tables, "signaling"), "operator_key")


def own_url(tables: Tables) -> str:
    """Where a program of this machine reaches signaling."""
    return _text(_table(tables, "signaling"), "public_url")


def host_and_port(listen: str) -> tuple[str, int]:
    """Takes `127.0.0.1:8080` or `[::1]:8080` apart."""
    host, _, _ = listen.rpartition(":")
    if not host:
        raise ConfigurationError(f"listen = {listen!r} is no address with a port, such as 127.0.0.1:8080.")
    return host.strip("[]"), port_of(listen)


def port_of(listen: str) -> int:
    """The port behind the last colon."""
    _, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"listen = {listen!r} has no port from 1 to 65535 behind its last colon.")
    return int(port)


def written(tables: Tables) -> str:
    """The tables as TOML. JSON's strings and lists are TOML's too."""
    return HEADING + "".join(
        f"\n[{name}]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())
        for name, table in tables.items()
    )


def edited(text: str, before: Tables, after: Tables) -> str:
    """The file's text with only the changed settings replaced, so that a person's comments stay."""
    for name, table in after.items():
        old = before.get(name, {})
        for key, value in table.items():
            if old.get(key) != value:
                text = _with_setting(text, name, key, value)
    return text


def _with_setting(text: str, name: str, key: str, value: Value) -> str:
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    lines = text.splitlines()
    headers = [i for i, row in enumerate(lines) if row.strip() == f"[{name}]"]
    if not headers:
        return "\n".join([*lines, "", f"[{name}]", line, ""])
    start = headers[0] + 1
    end = next((i for i in range(start, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
    place = next((i for i in range(start, end) if lines[i].partition("=")[0].strip() == key), None)
    lines[start if place is None else place : start if place is None else place + 1] = [line]
    return "\n".join(lines) + "\n"


def _https(url: str) -> str:
    return urlunsplit(split_url(url)._replace(scheme="https"))


def split_url(url: str) -> SplitResult:
    """Takes an address such as http://localhost:8080 apart."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigurationError(f"{url!r} is no address such as http://localhost:8080.")
    return parts


def _host(host: str) -> str:
    """A name or an address as it stands in a URL."""
    if _NAME.fullmatch(host):
        return host
    try:
        return f"[{IPv6Address(host.strip('[]'))}]"
    except ValueError:
        raise ConfigurationError(
            f"--host {host!r} is neither a name nor an address. Give such as school.example or 192.168.1.5."
        ) from None


def _table(tables: Tables, name: str) -> Mapping[str, Value]:
    table = tables.get(name)
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"The configuration has no [{name}]. Move the file away, and `up` writes a new one.")
    return table


def _text(table: Mapping[str, Value], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"The configuration has no {key!r} where one is needed, or it is no text.")
    return value

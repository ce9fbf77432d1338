"""Puts the calling thread into a network namespace, for clients that gather no loopback address."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL, get_errno

CLONE_NEWNET = 0x40000000


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Sockets that this thread makes meanwhile belong to the namespace; needs root."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    away = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        _enter(away)
        yield
    finally:
        _enter(home)
        os.close(away)
        os.close(home)


def _enter(namespace: int) -> None:
    if CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(get_errno(), "cannot enter the network namespace (it needs root)")

"""Ports and addresses of peers, as both kinds of network policy need them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from fleetc_kubernetes.objects import Protocol


class Port(NamedTuple):
    """A port, or a range of them when `end` is set."""

    protocol: Protocol
    first: int
    end: int | None


def ports(texts: Iterable[str]) -> list[Port]:
    """Ports from texts such as `443`, `53/UDP` and `8000-8100/TCP`."""
    return [_port(text) for text in texts]


def _port(text: str) -> Port:
    numbers, _, protocol = text.partition("/")
    first, _, end = numbers.partition("-")
    # The language admits no other protocols.
    return Port(cast(Protocol, protocol or "TCP"), int(first), int(end) if end else None)

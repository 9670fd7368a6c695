"""Sets of ports, exact: ranges by protocol, kept sorted and merged so that equal sets are equal values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

Range = tuple[str, int, int]
"""Protocol, first and last port."""

Ports = tuple[Range, ...]
"""Disjoint ranges, sorted; no two touch."""

PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
LAST: Final = 65535
NONE: Final[Ports] = ()
ALL: Final[Ports] = tuple((protocol, 1, LAST) for protocol in PROTOCOLS)


def union(*sets: Iterable[Range]) -> Ports:
    """All ports of all sets."""
    out: list[Range] = []
    for protocol, low, high in sorted({r for ranges in sets for r in ranges}):
        if out and out[-1][0] == protocol and low <= out[-1][2] + 1:
            out[-1] = (protocol, out[-1][1], max(out[-1][2], high))
        else:
            out.append((protocol, low, high))
    return tuple(out)


def minus(ports: Ports, other: Ports) -> Ports:
    """The ports of the first set that are not in the other."""
    left = list(ports)
    for protocol, low, high in other:
        rest: list[Range] = []
        for mine, first, last in left:
            if mine != protocol or last < low or high < first:
                rest.append((mine, first, last))
                continue
            if first < low:
                rest.append((mine, first, low - 1))
            if high < last:
                rest.append((mine, high + 1, last))
        left = rest
    return union(left)


def words(ports: Ports) -> str:
    """A set as messages name it."""
    if ports == ALL:
        return "all ports"
    shown = [f"{low}/{p}" if low == high else f"{low}-{high}/{p}" for p, low, high in ports]
    shown = [f"all {text.rpartition('/')[2]} ports" if text.startswith(f"1-{LAST}/") else text for text in shown]
    return ", ".join(shown) or "no port"

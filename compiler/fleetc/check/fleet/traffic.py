"""What reachability reads of a cluster: of each cell its policies, its pods and its namespaces, packed into bytes that
are equal where these are, that are remembered, and that are unpacked only for clusters that are judged."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from fleetc.check.fleet.pods import Pods
from fleetc.check.rules.access import Map
from fleetc.language.cluster import Dns
from fleetc.language.team import Team

_FORMAT: Final = 2
"""Of `marshal`: later ones write equal values differently, as they are shared with others or not."""

Ports = tuple[tuple[str, str, int], ...]


class Network(NamedTuple):
    """Of one cell: its policies with their positions, its namespaces with their labels, and its pods: namespace, labels
    and named ports."""

    policies: tuple[tuple[int, Map], ...]
    spaces: tuple[tuple[str, Map], ...]
    pods: tuple[tuple[str, Map, Ports], ...]


class Traffic(NamedTuple):
    """Of one cluster. `networks`: one for each of its cells, in their order."""

    dns: Dns
    teams: Mapping[str, Team]
    networks: Sequence[Network]


def pack(policies: Iterable[tuple[int, Map]], spaces: Iterable[tuple[str, Map]], pods: Iterable[Pods]) -> bytes:
    """A network as bytes; none for one that has nothing."""
    once = {(p.namespace, tuple(map(repr, p.labels.items())), p.ports): (p.namespace, p.labels, p.ports) for p in pods}
    packed: Any = (tuple(policies), tuple(spaces), tuple(once.values()))
    return marshal.dumps(packed, _FORMAT) if any(packed) else b""


def unpack(packed: bytes) -> Network:
    """The network that was packed."""
    return Network(*marshal.loads(packed)) if packed else Network((), (), ())  # noqa: S302 - our own, see `pack`

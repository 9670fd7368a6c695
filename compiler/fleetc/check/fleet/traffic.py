"""What reachability reads of a cluster: what its specs declare, and of each cell its policies, its pods and its
namespaces, packed into bytes that are equal where these are, that are remembered, and that are unpacked only for
clusters that are judged."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from fleetc.check.fleet.pods import Pods
from fleetc.check.rules.access import Map
from fleetc.language.cluster import Cluster
from fleetc.language.model import Model
from fleetc.language.team import Team
from fleetc.language.types import Node
from fleetc.tuples import NamedTuple

_FORMAT: Final = 2
"""Of `marshal`: later ones write equal values differently, as they are shared with others or not."""

Ports = tuple[tuple[str, str, int], ...]


class Network(NamedTuple):
    """Of one cell: its policies with their positions, its namespaces with their labels, and its pods: namespace, labels
    and named ports."""

    policies: tuple[tuple[int, Map], ...]
    spaces: tuple[tuple[str, Map], ...]
    pods: tuple[tuple[str, Map, Ports], ...]


class Traffic:
    """Of one cluster: its network, with its gateway, and its Prometheus, which send requests to models; its teams and
    models by name; and the packed network of each of its cells, in their order. Made by `traffic_of`."""

    def __init__(
        self, cluster: Cluster, teams: Mapping[str, Team], models: Mapping[str, Model], packed: Sequence[bytes]
    ) -> None:
        self.network = cluster.network
        self.monitoring = cluster.monitoring
        self.teams = teams
        self.models = models
        self.packed = packed

    @property
    def key(self) -> object:
        """Equal where all of it is. Nodes by identity: those that are the same on several clusters are one object."""
        nodes = [tuple((name, id(node)) for name, node in named.items()) for named in (self.teams, self.models)]
        return tuple(self.packed), *nodes, repr((self.network, self.monitoring))

    @cached_property
    def networks(self) -> list[Network]:
        """The networks, unpacked."""
        return [unpack(packed) for packed in self.packed]


def traffic_of(cluster: Cluster, nodes: Iterable[Node], packed: Sequence[bytes]) -> Traffic:
    """What reachability reads of a cluster; `nodes` are those of its subjects, as they are there."""
    teams, models = dict[str, Team](), dict[str, Model]()
    for node in nodes:
        if isinstance(node, Team):
            teams[node.name] = node
        elif isinstance(node, Model):
            models[node.name] = node
    return Traffic(cluster, teams, models, packed)


def pack(policies: Iterable[tuple[int, Map]], spaces: Iterable[tuple[str, Map]], pods: Iterable[Pods]) -> bytes:
    """A network as bytes; none for one that has nothing."""
    once = {(p.namespace, tuple(map(repr, p.labels.items())), p.ports): (p.namespace, p.labels, p.ports) for p in pods}
    packed: Any = (tuple(policies), tuple(spaces), tuple(once.values()))
    return marshal.dumps(packed, _FORMAT) if any(packed) else b""


def unpack(packed: bytes) -> Network:
    """The network that was packed."""
    return Network(*marshal.loads(packed)) if packed else Network((), (), ())  # noqa: S302 - our own, see `pack`

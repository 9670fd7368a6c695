"""The pods that an object starts: their labels, ports and spec, and where in the object they are described."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.check.rules.access import Map, at, items
from fleetc.check.rules.workloads import GROUP_PATHS, POD_PATHS
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Pods(NamedTuple):
    """Pods of one template. `ports`: the named container ports, (name, protocol, number)."""

    namespace: str
    labels: Map
    ports: tuple[tuple[str, str, int], ...]
    spec: Map
    path: Path


def pods_of(obj: Map, namespace: str) -> Iterator[Pods]:
    """The pods of a kind that makes some: a built-in one, or a LeaderWorkerSet."""
    own = POD_PATHS.get(str(obj.get("kind")))
    for path in GROUP_PATHS if own is None else (own,):
        steps = [str(step) for step in path]
        spec = at(obj, *steps)
        if spec:
            labels = at(obj, *steps[:-1], "metadata", "labels")
            yield Pods(namespace, labels, tuple(_ports(spec)), spec, path)


def _ports(spec: Map) -> Iterator[tuple[str, str, int]]:
    for field in ("initContainers", "containers"):
        for _, container in items(spec, field):
            for _, port in items(container, "ports"):
                number = port.get("containerPort")
                if isinstance(port.get("name"), str) and isinstance(number, int):
                    yield port["name"], str(port.get("protocol") or "TCP"), number

"""What the plan decided of a model, or of a pool, on one cluster. Nobody writes it: lowerings read it like any other
node."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from fleetc.language.record import field_names
from fleetc.language.types import Name, Node, Part


class ServingPart(Part):
    """Replicas of a model in one pool, run in one way.

    `pool` is the pool's name in its cluster; `way` what `resources` call it. A replica is `nodes` pods with `devices`
    each (of `profile`, where devices are shared), of which `tensor` x `pipeline` x `data` ranks are made; each pod asks
    for `cpu` (millicores) and `memory` (bytes). Without an `accelerator` there are no devices. `least` replicas are
    promised, `most` may run. With `kept`, they have nodes of their own, which are called so in the pool: `apart` that
    are guaranteed, `apart_most` with all up. Without, they share the nodes that are kept for nobody.
    """

    KEY: ClassVar[str] = "pool"

    pool: Name
    way: str
    accelerator: str
    profile: str
    devices: int
    nodes: int
    tensor: int
    pipeline: int
    data: int
    expert: bool
    cpu: int
    memory: int
    least: int
    most: int
    kept: str
    apart: int
    apart_most: int

    def node_set(self) -> str:
        """What the nodes are called in the cluster that its pods may be on."""
        return node_set(self.pool, self.kept)


class Serving(Node):
    """A model of a team on a cluster: its parts by pool, and what the fit counted with: tokens of context, sequences at
    once, the engine's version, formats of weights and cache, the share of a device's memory in thousandths, and the
    bytes of the checkpoint."""

    team: Name
    parts: tuple[ServingPart, ...]
    engine: str
    version: str
    context: int
    concurrency: int
    weights: str
    cache: str
    utilization: int
    checkpoint: int


class Kept(Part):
    """Nodes of a pool that are kept for some pods, called `name` in the cluster: so many guaranteed, and at most."""

    KEY: ClassVar[str] = "name"

    name: Name
    guaranteed: int
    most: int


class Division(Node):
    """A pool on a cluster, of which nodes are kept: these. All others are for whoever names the pool."""

    kept: tuple[Kept, ...]


def divisions(servings: Iterable[Serving]) -> dict[str, Division]:
    """The pools of a cluster of which nodes are kept for what is planned there, by name."""
    found: dict[str, dict[str, Kept]] = {}
    for serving in servings:
        for part in serving.parts:
            if part.kept:
                name = part.node_set()
                kept = Kept(name=name, guaranteed=part.apart, most=part.apart_most)
                found.setdefault(part.pool, {}).setdefault(name, kept)
    return {
        pool: Division(id=f"Division/{pool}", name=pool, labels={}, kept=tuple([here[name] for name in sorted(here)]))
        for pool, here in found.items()
    }


def node_set(pool: str, kept: str) -> str:
    """What nodes of a pool are called that are kept for some pods; without `kept`, those that are kept for none."""
    return f"{pool}-{kept}" if kept else pool


def plain(serving: Serving) -> tuple[Any, ...]:
    """What is planned, as data to be remembered."""
    values = {**serving.__dict__, "parts": tuple([tuple(part.__dict__.values()) for part in serving.parts])}
    return tuple(values.values())


def _recalled(data: tuple[Any, ...]) -> Serving:
    values: dict[str, Any] = dict(zip(field_names(Serving), data, strict=True))
    names = field_names(ServingPart)
    parts = tuple([ServingPart(**dict(zip(names, part, strict=True))) for part in values["parts"]])
    values["parts"] = parts
    return Serving(**values)


def kept_of(data: tuple[Any, ...]) -> set[tuple[Any, ...]]:
    """The nodes that are kept for what was planned, from data: the pool, and what is said of them."""
    names = field_names(ServingPart)
    read = [names.index(name) for name in ("pool", "kept", "apart", "apart_most")]
    parts: tuple[tuple[Any, ...], ...] = data[field_names(Serving).index("parts")]
    return {tuple([part[n] for n in read]) for part in parts if part[read[1]]}


Remembered = Mapping[str, Mapping[str, tuple[Any, ...]]]
"""What is planned as data, by model and cluster; alike values are one object."""


def remembered_servings(servings: Mapping[str, Mapping[str, Serving]]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """What is planned, as data."""
    once: dict[int, tuple[Any, ...]] = {}
    return {
        model: {name: once.get(id(one)) or once.setdefault(id(one), plain(one)) for name, one in here.items()}
        for model, here in servings.items()
    }


def recalled_servings(data: Remembered) -> dict[str, dict[str, Serving]]:
    """What was planned, from data."""
    once: dict[int, Serving] = {}
    return {
        model: {name: once.get(id(one)) or once.setdefault(id(one), _recalled(one)) for name, one in here.items()}
        for model, here in data.items()
    }

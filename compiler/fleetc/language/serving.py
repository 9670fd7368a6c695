"""What the plan decided of a model on one cluster. Nobody writes it: lowerings read it like any other node."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fleetc.language.record import field_names
from fleetc.language.types import Name, Node, Part


class ServingPart(Part):
    """Replicas of a model in one pool, run in one way.

    `pool` is the pool's name in its cluster; `way` what `resources` call it. A replica is `nodes` pods with `devices`
    each (of `profile`, where devices are shared), of which `tensor` x `pipeline` x `data` ranks are made; each pod asks
    for `cpu` (millicores) and `memory` (bytes). Without an `accelerator` there are no devices. `least` replicas are
    promised, `most` may run. `apart` nodes of the pool have to be kept apart for pods of this size, or 0.
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
    apart: int


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

"""What the plan decided of a model on one cluster. Nobody writes it: lowerings read it like any other node."""

from typing import ClassVar

from fleetc.language.types import Name, Node, Part


class ServingPart(Part):
    """Replicas of a model in one pool, run in one way.

    `pool` is the pool's name in its cluster; `way` what `resources` call it. A replica is `nodes` pods with `devices`
    each (of `profile`, where devices are shared), of which `tensor` x `pipeline` x `data` ranks are made; each pod asks
    for `cpu` (millicores) and `memory` (bytes). Without an `accelerator` there are no devices. `least` replicas are
    promised, `most` may run.
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


class Serving(Node):
    """A model on a cluster: its parts by pool, and what the fit counted with: tokens of context, sequences at once, the
    engine's version, formats of weights and cache, the share of a device's memory in thousandths, and the bytes of the
    checkpoint."""

    parts: tuple[ServingPart, ...]
    engine: str
    version: str
    context: int
    concurrency: int
    weights: str
    cache: str
    utilization: int
    checkpoint: int

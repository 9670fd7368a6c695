"""The engine's command line: what the fit counted with, in the engine's own flags."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.engines import Group
from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.serving import weights
from fleetc_kubernetes.serving.devices import shares
from fleetc_kubernetes.serving.names import engine_of, release_of

# What the controller of LeaderWorkerSets sets in each container (docs/examples/sglang/lws.yaml of kubernetes-sigs/lws).
LEADER: Final = "$(LWS_LEADER_ADDRESS)"
SIZE: Final = "$(LWS_GROUP_SIZE)"
INDEX: Final = "$(LWS_WORKER_INDEX)"

_TYPES: Final = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
_CACHES: Final = {"fp8": "fp8_e4m3"}
"""Formats of the cache that are not the format of the computation, as both engines call them."""


def command(s: ModelSite, part: ServingPart, *, leader: bool) -> list[str]:
    """The command of a server, or of another node of its group."""
    made = [*engine_of(s).command, *_arguments(s, part), *_group(s, part, leader=leader)]
    group = group_of(s, part)
    local = data_local(group, part)
    if leader or group is None or not local:
        return made
    # Kubernetes puts variables into arguments, but does not multiply.
    start = f'exec "$@" {group.data_start} $((LWS_WORKER_INDEX * {local}))'
    return ["/bin/sh", "-c", start, "sh", *made]


def group_of(s: ModelSite, part: ServingPart) -> Group | None:
    """How the part's replicas run on several nodes; None on one.

    Of an older version than the table has, the oldest that it knows: the engine itself refuses what it does not know.
    """
    engine = engine_of(s)
    return (engine.group(s.serving.version) or engine.groups[0]) if part.nodes > 1 else None


def data_local(group: Group | None, part: ServingPart) -> int:
    """How many data ranks each node has, where nodes are joined by data ranks only; else 0."""
    joined = group is not None and group.data_local is not None and part.data > 1 and part.data % part.nodes == 0
    return part.data // part.nodes if joined and part.pipeline == 1 else 0


def _arguments(s: ModelSite, part: ServingPart) -> Iterator[str]:
    release, serving = release_of(s), s.serving
    said: dict[str, str | None] = {
        "host": "0.0.0.0",  # noqa: S104 - a pod's own network
        "port": str(release.port),
        "model": weights.path(s),
        "servedName": s.model.name,
        "tensorParallel": str(part.tensor) if part.tensor > 1 else None,
        "pipelineParallel": str(part.pipeline) if part.pipeline > 1 else None,
        "dataParallel": str(part.data) if part.data > 1 else None,
        "maxModelLength": str(serving.context),
        # Each data rank has its share of the sequences.
        "maxSequences": str(math.ceil(serving.concurrency / part.data)),
        "memoryUtilization": f"{serving.utilization // shares(s, part) / 1000:g}" if part.devices else None,
        "kvCacheType": _CACHES.get(serving.cache),
        # Quantised formats are told by the checkpoint itself; of others engines would take 16 bits for 32.
        "type": _TYPES.get(serving.weights),
    }
    for role, value in said.items():
        if value is not None and role in release.flags:
            yield from (release.flags[role], value)
    if part.expert and "expertParallel" in release.flags:
        yield release.flags["expertParallel"]
    if release.metrics_flag:
        yield release.metrics_flag


def _group(s: ModelSite, part: ServingPart, *, leader: bool) -> Iterator[str]:
    group = group_of(s, part)
    if group is None:
        return
    local = data_local(group, part)
    if local and group.data_local and group.data_address:
        yield from (group.data_local, str(local), group.data_address, LEADER)
    else:
        address = f"{LEADER}:{group.port}" if group.port else LEADER
        yield from (group.nodes, SIZE, group.rank, INDEX, group.address, address)
    if not leader and group.headless:
        yield group.headless

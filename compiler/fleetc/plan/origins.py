"""Where what is planned of a model comes from: from its own spec, or decided, which its lock file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleetc.language.document import Doc
from fleetc.plan.plan import Plan
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

# The values that the plan only hands on, by where they are in the model's spec; all else is decided.
_HANDED_ON: Final[Mapping[str, Path]] = {
    "id": ("name",),
    "name": ("name",),
    "team": ("team",),
    "engine": ("engine", "name"),
    "version": ("engine", "version"),
    "context": ("context",),
    "concurrency": ("concurrency",),
    "weights": ("precision",),
    "cache": ("cachePrecision",),
    "utilization": ("engine", "memory"),
    "checkpoint": ("architecture",),
}
_OF_PODS: Final = ("cpu", "memory")
_OF_NODES: Final = ("kept", "apart", "apart_most")


class Sources(NamedTuple):
    """Lines of lock files (or models without any), whose reasons `explain` tells; paths in the model's spec; and the
    pool (by its name in the cluster) whose number of nodes decides, too."""

    lines: tuple[tuple[Doc, Path], ...]
    spec: tuple[Path, ...]
    pool: str = ""


def sources(plan: Plan, model: str, cluster: int, path: Path) -> Sources:
    """Where a planned value comes from, by its path in the Serving. Before there is a lock file, it is what the model
    asks for in `resources`."""
    if path[0] in _HANDED_ON:
        return Sources((), (_HANDED_ON[str(path[0])],))
    if path[2:] and path[2] in _OF_PODS:
        return Sources((), (("pod",),))
    if path[2:] and path[2] in _OF_NODES:
        return divided(plan, str(path[1]), cluster)
    found = plan.lock_lines(model, cluster)
    lines = [line for pool, here in found.items() if path[1:2] in ((), (pool,)) for line in here]
    spec: list[Path] = [] if lines else [("resources",)]
    if path[2:] and path[2] == "most":
        spec.append(("replicas",))
    return Sources(tuple(lines), tuple(spec))


def divided(plan: Plan, pool: str, cluster: int) -> Sources:
    """Where it comes from that nodes of a pool are kept: from all that is promised on it, and how many there are."""
    lines: list[tuple[Doc, Path]] = []
    for name in plan.names_on("Serving", cluster):
        if any(part.pool == pool for part in plan.serving(name, cluster).parts):
            doc = plan.world.docs[f"Model/{name}"]
            lines += plan.lock_lines(name, cluster).get(pool) or [(doc, ("metadata", "name"))]
    return Sources(tuple(lines), (), pool)

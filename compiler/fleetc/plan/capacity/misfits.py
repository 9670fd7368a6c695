"""Why a model does not fit as it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fleetc.language.wording import gib
from fleetc.plan.capacity.asked import Asked
from fleetc.plan.capacity.pools import Nodes, PoolSite
from fleetc.plan.capacity.ways import Misfit
from fleetc.plan.fit import Constraint, Fit, Machine, layouts

_KI = 1024


def token_text(tokens: int) -> str:
    """Tokens as a spec would say them: `32Ki`, or in whole numbers."""
    return f"{tokens // _KI}Ki" if tokens % _KI == 0 else str(tokens)


def reason(asked: Asked, misfit: Misfit) -> str:
    """Why a layout does not work."""
    verdict, work, name = misfit.verdict, asked.workload, misfit.nodes.accelerator.name
    shape, layout = work.architecture, verdict.layout
    match verdict.binding:
        case Constraint.WEIGHTS | Constraint.CACHE | Constraint.RUNTIME:
            return _over(asked, misfit)
        case Constraint.HEADS:
            return f"its {shape.heads} attention heads cannot be divided by {layout.tensor} devices"
        case Constraint.KV_HEADS:
            return f"{layout.tensor} devices and its {shape.kv_heads} KV heads do not divide each other"
        case Constraint.CONTEXT:
            return f"a context of {token_text(work.context)} is beyond the model's {token_text(shape.max_context)}"
        case Constraint.PRECISION:
            return f"{name} does not run weights in {work.weights}"
        case Constraint.CACHE_PRECISION:
            return f"{name} does not hold a KV cache in {work.cache}"
        case Constraint.LAYERS:
            return f"{layout.pipeline} nodes are more than its {shape.layers} layers"
        case Constraint.DOMAIN:
            return f"{layout.tensor} {name} are more than the fast domain of a node has"
        case Constraint.DENSE:
            return "it has no experts that could be spread"
        case Constraint.BLOCKS:
            return f"its quantised blocks cannot be divided by {layout.tensor} devices"
        case Constraint.MIG_PARALLEL:
            return "slices of a device cannot work together"
        case Constraint.MIG_PROFILE:
            return f"{name} has no profile {misfit.nodes.profile}"
        case Constraint.MIG_MEMORY:
            return f"how much memory {name}/{misfit.nodes.profile} has is not known"


def _over(asked: Asked, misfit: Misfit) -> str:
    found, work = misfit.verdict, asked.workload
    parts = [f"weights {gib(found.weights, up=True)}"]
    if found.cache:
        parts.append(f"KV cache {gib(found.cache, up=True)} ({work.concurrency} x {token_text(work.context)} tokens)")
    parts.append(f"runtime {gib(found.runtime, up=True)}")
    what = f"each {misfit.nodes.accelerator.name}" + (f"/{misfit.nodes.profile}" if misfit.nodes.profile else "")
    share = f", shared by {misfit.nodes.shares}," if misfit.nodes.shares > 1 else ""
    total, usable = found.weights + found.cache + found.runtime, gib(found.usable)
    return (
        f"{what}{share} would hold {gib(total, up=True)}, and {asked.engine.name} may use {usable}: {', '.join(parts)}"
    )


def written(machine: Machine, found: Fit) -> str:
    """A layout as `resources` name it."""
    profile = f"/{machine.profile}" if machine.profile else ""
    return f"{machine.accelerator.name}{profile}:{found.layout.devices}"


def _others(asked: Asked, own: Nodes, sites: Iterable[PoolSite]) -> Iterator[Machine]:
    """The other kinds of nodes that the fleet has and the engine runs on, the smallest memory first."""
    seen: set[Nodes] = {own}
    kinds = [site.nodes for site in sites if site.nodes is not None]
    for nodes in sorted(kinds, key=lambda n: (n.accelerator.memory_mib, n.accelerator.name, n.devices, n.profile)):
        if nodes in seen or nodes.shares > 1 or nodes.hosts is not None:
            continue
        if nodes.accelerator.vendor in asked.engine.vendors:
            seen.add(nodes)
            yield Machine(nodes.accelerator, nodes.devices, nodes.mig)


def smaller(asked: Asked, machine: Machine, sites: Sequence[PoolSite]) -> Iterator[str]:
    """For a replica that takes several nodes: the nodes of the fleet of which one would hold it."""
    own = Nodes(machine.accelerator, machine.devices)
    for other in _others(asked, own, sites):
        if other.profile is None:
            every = layouts(asked.workload, other, asked.terms)
            for found in ([f for f in every if f.layout.devices == other.devices] or [*every])[:1]:
                on = f"{other.accelerator.name}:{other.devices}"
                yield f"one node of {on} would hold it (`resources: [{written(other, found)}]`)"

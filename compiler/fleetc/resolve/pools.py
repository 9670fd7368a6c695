"""What cannot be of a pool, with its layers merged and its cluster known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.accelerators import TpuSlice
from fleetc.catalogue.machines import Machine, Room, allocatable, machine, machine_names, machines, max_pods
from fleetc.diagnostics import Diagnostic, codes
from fleetc.language import amounts
from fleetc.language.amounts import count_range
from fleetc.language.cluster import Cluster
from fleetc.language.pool import GPUPool
from fleetc.language.wording import did_you_mean, listing
from fleetc.resolve.facts import devices_of, profile_problems, unknown
from fleetc.resolve.making import making_findings
from fleetc.resolve.places import Places
from fleetc.source.span import Path

_SHARING: Final = (("mig", "mig"), ("timeSlicing", "time_slicing"), ("mps", "mps"))


def pool_findings(pool: GPUPool, cluster: Cluster, at: Places) -> Iterator[Diagnostic]:
    """Everything that is wrong with a pool of a cluster."""
    yield from _sharing(pool, at)
    yield from _topology(pool, at)
    yield from _machine(pool, cluster, at)
    yield from _zones(pool, cluster, at)
    yield from _nodes(pool, cluster, at)
    yield from making_findings(pool, cluster, at)


def _sharing(pool: GPUPool, at: Places) -> Iterator[Diagnostic]:
    fields = [field for field, attribute in _SHARING if getattr(pool.sharing, attribute) is not None]
    paths: list[Path] = [("sharing", field) for field in fields]
    for field, path in zip(fields[1:], paths[1:], strict=True):
        message = f"devices are shared by `{field}` and by `{fields[0]}`"
        yield at.problem(codes.INVALID_VALUE, message, path, "keep one of them", (paths[0], "the other one"))
    if pool.allocation != "auto":
        fields, paths = [*fields, "allocation"], [*paths, ("allocation",)]
    if pool.accelerators is None and fields:
        message = f"`{fields[0]}` of a pool without accelerators"
        yield at.problem(codes.INVALID_VALUE, message, paths[0], "add `accelerators`, or remove it")
    found = devices_of(pool.accelerators)
    if found is not None and pool.sharing.mig is not None:
        mig: Path = ("sharing", "mig")
        yield from profile_problems(found[0], pool.sharing.mig, at.span(mig), ("spec", *mig))


def _topology(pool: GPUPool, at: Places) -> Iterator[Diagnostic]:
    """A topology is one of the accelerator's slices, and its hosts hold its chips."""
    path: Path = ("topology",)
    found = devices_of(pool.accelerators)
    if pool.topology is None or (found is None and pool.accelerators is not None):
        return
    if found is None or not found[0].slices:
        message = f"`topology` of a pool {'of ' + found[0].name if found else 'without accelerators'}"
        yield at.problem(codes.INVALID_VALUE, message, path, "remove it: only slices of TPUs have one")
        return
    device, wanted = found
    part = next((s for s in device.slices if s.topology == pool.topology), None)
    if part is None:
        known = [s.topology for s in device.slices]
        yield unknown("topology", pool.topology, known, at.span(path), ("spec", *path), of=device.name)
    else:
        yield from _hosts(pool, part, wanted.number, at)


def _hosts(pool: GPUPool, part: TpuSlice, number: int, at: Places) -> Iterator[Diagnostic]:
    topology = (("topology",), "the topology")
    each = part.chips // part.hosts
    # Part of a host: several smaller machines make a slice, too.
    if number != each and (number == 0 or part.chips % number):
        message = f"a {part.topology} slice has {part.chips} chips, which nodes of {number} do not make"
        yield at.problem(codes.INVALID_VALUE, message, ("accelerators",), f"write {each} a node", topology)
        return
    nodes, hosts = count_range(pool.nodes), part.chips // number
    if nodes.least % hosts or nodes.most % hosts:
        message = f"a {part.topology} slice takes {hosts} nodes, and {pool.nodes} is not a multiple of that"
        yield at.problem(codes.INVALID_VALUE, message, ("nodes",), f"write a multiple of {hosts}", topology)


def _machine(pool: GPUPool, cluster: Cluster, at: Places) -> Iterator[Diagnostic]:
    """What a node has is known: it is given, or the machine type is in the catalogue and agrees."""
    path: Path = ("machine", "type")
    name = pool.machine.type
    known = machine(name) if name is not None else None
    absent = [f for f in ("cpu", "memory") if getattr(pool.machine, f) is None]
    if known is None and absent:
        yield at.problem(codes.MISSING_FIELD, *_unknown_size(pool, cluster, absent))
    if known is None:
        return
    if known.provider != cluster.provider:
        message = (
            f"{known.name} is a machine type of {known.provider}, and cluster {cluster.name} is on {cluster.provider}"
        )
        yield at.problem(codes.INVALID_VALUE, message, path, _instead(known, cluster.provider))
    yield from _devices(pool, known, at)


def _instead(other: Machine, provider: str) -> str:
    """Machine types of another provider that have the same devices, or else any."""
    devices = (provider, other.accelerator, other.devices)
    alike = [m.name for m in machines() if (m.provider, m.accelerator, m.devices) == devices]
    return f"use one of {listing(alike or machine_names(provider))}" if machine_names(provider) else "leave it out"


def _devices(pool: GPUPool, known: Machine, at: Places) -> Iterator[Diagnostic]:
    """The accelerators are those of the machine type."""
    found, path = devices_of(pool.accelerators), ("machine", "type")
    has = f"{known.accelerator}:{known.devices}" if known.accelerator else "no accelerators"
    if found is None:
        if pool.accelerators is None and known.accelerator:
            message = f"{known.name} has {has}, and the pool says nothing of them"
            yield at.problem(codes.INVALID_VALUE, message, path, f"add accelerators: {has}")
    elif f"{found[0].name}:{found[1].number}" != has:
        message = f"{known.name} has {has}, not {pool.accelerators}"
        hint = f"write accelerators: {has}" if known.accelerator else "use a machine type that has them"
        yield at.problem(codes.INVALID_VALUE, message, ("accelerators",), hint, (path, "the machine type"))


def _unknown_size(pool: GPUPool, cluster: Cluster, absent: list[str]) -> tuple[str, Path, str]:
    """That nobody knows what a node of a pool has."""
    name, fields = pool.machine.type, " and ".join(f"`machine.{field}`" for field in absent)
    verb = "are" if len(absent) > 1 else "is"
    if name is None:
        return f"{fields} {verb} missing in GPUPool {pool.key()}", ("machine",), f"add {fields}, or `machine.type`"
    near = did_you_mean(name, machine_names(cluster.provider), "it has")
    message = f"{fields} {verb} missing in GPUPool {pool.key()}: the catalogue has no machine type `{name}`"
    return message, ("machine", "type"), f"{near} Else add {fields}"


def _zones(pool: GPUPool, cluster: Cluster, at: Places) -> Iterator[Diagnostic]:
    for n, zone in enumerate(pool.zones):
        if cluster.zones and zone not in cluster.zones:
            message = f"zone {zone} is none of cluster {cluster.name}'s"
            hint = did_you_mean(zone, cluster.zones, "these are")
            yield at.problem(codes.INVALID_VALUE, message, ("zones", n), hint)


def _nodes(pool: GPUPool, cluster: Cluster, at: Places) -> Iterator[Diagnostic]:
    nodes = count_range(pool.nodes)
    how = (("provisioning",), "provisioning is set here")
    if pool.provisioning == "static" and nodes.least != nodes.most:
        message = f"a static pool has a fixed number of nodes, not {pool.nodes}"
        yield at.problem(codes.INVALID_VALUE, message, ("nodes",), "write one number, or use an autoscaler", how)
    if pool.provisioning == "computeClass" and cluster.provider != "gke":
        message = f"`computeClass` is GKE's, and cluster {cluster.name} is of provider {cluster.provider}"
        others = listing(["karpenter", "clusterAutoscaler", "static"])
        yield at.problem(codes.INVALID_VALUE, message, ("provisioning",), f"use one of {others}")


def room(pool: GPUPool, provider: str) -> Room:
    """What pods can have of a node of a pool in which nothing is wrong: what its provider leaves, but for what the pool
    itself says that is kept (`reserved`)."""
    known = machine(pool.machine.type) if pool.machine.type is not None else None
    cpu = known.cpu_millis if known is not None else 0
    memory = known.memory_bytes if known is not None else 0
    cpu = amounts.millis(pool.machine.cpu) if pool.machine.cpu is not None else cpu
    memory = amounts.millis(pool.machine.memory) // 1000 if pool.machine.memory is not None else memory
    left = allocatable(provider, cpu, memory, pods(pool, provider))
    kept = pool.reserved
    return Room(
        left.cpu_millis if kept.cpu is None else max(0, cpu - amounts.millis(kept.cpu)),
        left.memory_bytes if kept.memory is None else max(0, memory - amounts.millis(kept.memory) // 1000),
    )


def pods(pool: GPUPool, provider: str) -> int:
    """How many pods a node of a pool takes."""
    return pool.max_pods if pool.max_pods is not None else max_pods(provider, pool.machine.type)

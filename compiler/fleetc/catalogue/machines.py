"""Machine types of cloud providers, and how much of a node its provider leaves to pods."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple

_MIB: Final = 2**20
_WHOLE: Final = 1_000_000
DEFAULT_MAX_PODS: Final = 110
"""What a kubelet takes when nobody says otherwise (`maxPods` of its configuration)."""


class Machine(NamedTuple):
    """One machine type: its vCPUs, its memory as it is sold, and `devices` of an accelerator.

    `max_pods`: how many pods a node of it takes, where its network decides that. `gke_label`: the value of
    cloud.google.com/gke-accelerator on it, where that is not the accelerator's first.
    """

    name: str
    provider: str
    cpu: int
    memory_gib: int
    accelerator: str | None = None
    devices: int = 0
    max_pods: int | None = None
    gke_label: str | None = None

    @property
    def cpu_millis(self) -> int:
        """Its vCPUs in thousandths."""
        return self.cpu * 1000

    @property
    def memory_bytes(self) -> int:
        """Its memory in bytes."""
        return self.memory_gib * 2**30


class Bracket(NamedTuple):
    """A rate, in millionths, of what lies above a bound (thousandths of a CPU, or MiB) and below the next one."""

    above: int
    rate: int


class Keeps(NamedTuple):
    """What a provider keeps of a node.

    `hidden` (millionths) and `hidden_mib` are memory that Kubernetes does not see; `cpu` and `memory` are kube-reserved
    by brackets, `base_bytes` and `pod_bytes` a sum for each node and pod, `most` (millionths) its limit;
    `eviction_mib` has to stay free.
    """

    provider: str
    hidden: int
    cpu: tuple[Bracket, ...]
    eviction_mib: int
    max_pods: int
    hidden_mib: int = 0
    memory: tuple[Bracket, ...] = ()
    base_bytes: int = 0
    pod_bytes: int = 0
    most: int = _WHOLE


class Room(NamedTuple):
    """What pods can have of a node, daemons of the platform's own among them."""

    cpu_millis: int
    memory_bytes: int


@cache
def machines() -> tuple[Machine, ...]:
    """Every machine type, by provider."""
    return rows("machines", Machine)


@cache
def _by_name() -> dict[str, Machine]:
    return {machine.name: machine for machine in machines()}


def machine(name: str) -> Machine | None:
    """The machine type of that name; None when it is not in the catalogue."""
    return _by_name().get(name)


def machine_names(provider: str | None = None) -> tuple[str, ...]:
    """The names, of one provider or of all, to propose one where a name is unknown."""
    return tuple(m.name for m in machines() if provider in (None, m.provider))


@cache
def _keeps() -> dict[str, Keeps]:
    return {keeps.provider: keeps for keeps in rows("nodes", Keeps)}


def max_pods(provider: str, machine_type: str | None = None) -> int:
    """How many pods a node takes by default."""
    known, keeps = machine(machine_type) if machine_type else None, _keeps().get(provider)
    if known is not None and known.max_pods is not None:
        return known.max_pods
    return keeps.max_pods if keeps is not None else DEFAULT_MAX_PODS


def allocatable(provider: str, cpu_millis: int, memory_bytes: int, max_pods: int) -> Room:
    """What pods can have of a node with so much CPU and memory as its provider sells it.

    Of a provider that is not in the table nothing is known: all of it.
    """
    keeps = _keeps().get(provider)
    if keeps is None:
        return Room(cpu_millis, memory_bytes)
    seen = memory_bytes - memory_bytes * keeps.hidden // _WHOLE - keeps.hidden_mib * _MIB
    reserved = _reserved(keeps.memory, memory_bytes // _MIB) * _MIB + keeps.base_bytes + keeps.pod_bytes * max_pods
    reserved = min(reserved, memory_bytes * keeps.most // _WHOLE) + keeps.eviction_mib * _MIB
    return Room(max(0, cpu_millis - _reserved(keeps.cpu, cpu_millis)), max(0, seen - reserved))


def _reserved(brackets: Iterable[Bracket], amount: int) -> int:
    brackets = list(brackets)
    bounds = [*(bracket.above for bracket in brackets[1:]), amount]
    within = zip(brackets, bounds, strict=bool(brackets))
    return sum(max(0, min(amount, bound) - b.above) * b.rate for b, bound in within) // _WHOLE

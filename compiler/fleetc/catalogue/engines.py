"""Inference engines: how they are reached, measured and configured, and what they need besides weights and cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from fleetc.catalogue.accelerators import Vendor
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple


class Overhead(NamedTuple):
    """Device memory besides weights and cache, per device, from one version of an engine on.

    - `load_permille`: what weights take once loaded, in thousandths of their bytes in the checkpoint;
    - `context_mib`: outside the framework's pool, and `parallel_mib` besides where tensor or data ranks exchange data;
    - `logit_bytes`: for each entry of the vocabulary and each of `sequences`, the default of how many are sampled at
      once; the most that activations take, but for models with small vocabularies: those take `activation_mib`;
    - `experts_mib`: besides where there are experts;
    - `graphs_mib` and `layer_mib`: captured graphs, and for each layer; 0 while these are outside the engine's share.
    """

    since: str
    load_permille: int
    context_mib: int
    parallel_mib: int
    logit_bytes: int
    sequences: int
    activation_mib: int
    experts_mib: int = 0
    graphs_mib: int = 0
    layer_mib: int = 0


class Release(NamedTuple):
    """An engine from one version on, until the next release in the table.

    `metrics` names a metric by its role, `flags` an argument by its role. `utilization_permille` is the default share
    of a device's memory that the engine takes, `block_tokens` the granule of its cache, `prefill_tokens` how many
    tokens of prompts it takes in one step by default.
    """

    since: str
    port: int
    health: str
    readiness: str
    metrics_path: str
    metrics: Mapping[str, str]
    flags: Mapping[str, str]
    utilization_permille: int
    block_tokens: int
    prefill_tokens: int
    metrics_flag: str | None = None


class Group(NamedTuple):
    """How one replica runs on several nodes, from one version of an engine on, without anything besides the engine.

    Flags for the number of nodes, the rank of this one, and the first one's address, with a `port` where it is part of
    that. `headless` is of all nodes but the first. Where data ranks are each within a node, `data_local` counts those
    of a node, and the others are found at `data_address` from rank `data_start` on.
    """

    since: str
    nodes: str
    rank: str
    address: str
    port: int | None = None
    headless: str | None = None
    data_local: str | None = None
    data_start: str | None = None
    data_address: str | None = None


class Engine(NamedTuple):
    """One engine: its command, and its releases, groups and overheads oldest first."""

    name: str
    vendors: tuple[Vendor, ...]
    command: tuple[str, ...]
    releases: tuple[Release, ...]
    groups: tuple[Group, ...]
    overheads: tuple[Overhead, ...]

    def release(self, version: str) -> Release | None:
        """What holds for a version such as `0.21.0` or `v0.21.0`; None when it is older than the table."""
        wanted = order(version)
        return next((r for r in reversed(self.releases) if order(r.since) <= wanted), None)

    def group(self, version: str) -> Group | None:
        """How a version runs one replica on several nodes; None when it is older than the table."""
        wanted = order(version)
        return next((g for g in reversed(self.groups) if order(g.since) <= wanted), None)

    def overhead(self, version: str) -> Overhead | None:
        """What a version needs besides weights and cache; None when it is older than the table."""
        wanted = order(version)
        return next((o for o in reversed(self.overheads) if order(o.since) <= wanted), None)


@lru_cache(maxsize=1024)
def order(version: str) -> tuple[int, ...]:
    """A version's numbers, for comparison: `v0.21.0rc1` is 0, 21, 0."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def newest(of: Engine) -> str:
    """The newest version from which on the catalogue tells something of an engine."""
    return max([*(r.since for r in of.releases), *(o.since for o in of.overheads)], key=order)


@cache
def engines() -> tuple[Engine, ...]:
    """Every engine, in the order of the table."""
    return rows("engines", Engine)


def engine(name: str) -> Engine | None:
    """The engine of that name; None when it is not in the catalogue."""
    return next((e for e in engines() if e.name == name), None)


def engine_names() -> tuple[str, ...]:
    """Their names, to propose one where a name is unknown."""
    return tuple(e.name for e in engines())

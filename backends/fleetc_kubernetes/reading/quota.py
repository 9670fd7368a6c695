"""A team's quota read back: parts are summed, and what weights split it so is found by trying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from fleetc.emission.site import TeamSite
from fleetc.language.schema import camel
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.quantity import COUNTS, Quantity, Units, canonical, split, write
from fleetc_kubernetes.reading.devices import read_devices
from fleetc_kubernetes.reading.values import Objects, amount, mapping
from fleetc_kubernetes.tenancy.device_quota import NAME as DEVICES
from fleetc_kubernetes.tenancy.resource_quota import NAME, RESOURCES

_MOST: Final = 1000
"""The largest share that a spec can say."""
_TRIED: Final = 3
"""How many amounts are taken for the one that shows the weights: the largest show them best."""


class Split(NamedTuple):
    """A total and its parts by namespace, in base units and as they are written."""

    total: Quantity
    parts: tuple[Fraction, ...]
    texts: tuple[str, ...]
    units: Units

    def is_by(self, weights: Sequence[int]) -> bool:
        """Whether these weights split the total so."""
        return tuple(split(write(self.total), weights, self.units)) == self.texts


def read_quota(sites: Sequence[TeamSite], every: Objects) -> tuple[dict[str, Any], list[int]]:
    """`quota`, and the share of each namespace."""
    names = [namespace.name for namespace in sites[0].team.namespaces]
    hard = [mapping(every.get("ResourceQuota", name, NAME), "spec", "hard") for name in names]
    found = {
        resource.name: split_of([each.get(resource.name) for each in hard], resource.units) for resource in RESOURCES
    }
    spec: dict[str, Any] = {}
    for resource in RESOURCES:
        parts = found[resource.name]
        known = [getattr(s.team.quota, resource.field) for s in sites]
        if parts is not None and any(k is None or canonical(str(k)) != write(parts.total) for k in known):
            counted = resource.units is COUNTS
            spec[camel(resource.field)] = int(parts.total.value) if counted else write(parts.total)
    if devices := read_devices(sites, every, names):
        spec["devices"] = devices
    splits = [*filter(None, found.values())]
    # What is promised to models moves devices to the first namespace: then these do not show the weights.
    shares = shares_of(len(names), [*splits, *_device_splits(every, names)]) or shares_of(len(names), splits)
    return spec, shares or [1] * len(names)


def _device_splits(every: Objects, names: Sequence[str]) -> Iterator[Split]:
    hard = [mapping(every.get("ResourceQuota", name, DEVICES), "spec", "hard") for name in names]
    for resource in hard[0]:
        if (parts := split_of([each.get(resource) for each in hard], COUNTS)) is not None:
            yield parts


def split_of(parts: Sequence[Any], units: Units) -> Split | None:
    """Parts and what they sum to; None where some are no quantities."""
    amounts = [amount(part) for part in parts]
    known = [found for found in amounts if found is not None]
    if len(known) < len(parts):
        return None
    total = Quantity(sum((found.value for found in known), Fraction(0)), any(found.binary for found in known))
    return Split(total, tuple(found.value for found in known), tuple(parts), units)


def shares_of(count: int, splits: Sequence[Split]) -> list[int] | None:
    """The smallest weights by which all amounts are split as they are; None where there are none."""
    tried = _weights(count, splits)
    return next((weights for weights in tried if all(parts.is_by(weights) for parts in splits)), None)


def _weights(count: int, splits: Sequence[Split]) -> Iterator[list[int]]:
    """Weights to try, smaller ones first."""
    yield [1] * count
    if count < 2:
        return
    telling = sorted((s for s in splits if s.total.value), key=lambda s: -(s.total.value / s.units[-1]))[:_TRIED]
    seen: set[tuple[int, ...]] = set()
    for whole in range(1, _MOST * count + 1):
        for parts in telling:
            made = tuple(round(part * whole / parts.total.value) for part in parts.parts)
            if made not in seen and max(made) <= _MOST:
                seen.add(made)
                yield [*made]

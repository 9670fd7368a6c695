"""LimitRanges: what containers get when they ask for nothing, and the least and most that one may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc.language.team import Amounts, Limits
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.quantity import canonical

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import LimitRange, LimitRangeItem, Quantities

NAME: Final = "team-limits"


def limit_ranges(s: TeamSite) -> Iterator[LimitRange]:
    """A LimitRange in each namespace, the same in all of them."""
    for namespace in s.team.namespaces:
        limits = list(_items(s.team.limits))
        if limits:
            yield {
                "apiVersion": api_version("LimitRange", s.cluster),
                "kind": "LimitRange",
                "metadata": team_metadata(s, NAME, namespace.name),
                "spec": {"limits": limits},
            }


def _items(limits: Limits) -> Iterator[LimitRangeItem]:
    container: LimitRangeItem = {"type": "Container"}
    if most := _quantities(limits.max):
        container["max"] = most
    if least := _quantities(limits.min):
        container["min"] = least
    if default := _quantities(limits.default):
        container["default"] = default
    if request := _quantities(limits.default_request):
        container["defaultRequest"] = request
    if len(container) > 1:
        yield container
    if limits.max_volume:
        yield {"type": "PersistentVolumeClaim", "max": {"storage": canonical(limits.max_volume)}}


def _quantities(amounts: Amounts) -> Quantities:
    named = {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": amounts.ephemeral_storage}
    return {name: canonical(amount) for name, amount in named.items() if amount is not None}

"""What one pod counts for.

Sources: PodRequests and PodLimits in k8s.io/component-helpers/resource, pkg/quota/v1/evaluator/core/pods.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from fleetc.check.fleet.stakes import INIT, SIDECAR, Amounts, Container, Group
from fleetc.check.rules.quantity import parse
from fleetc.check.rules.resources import extended

Numbers = dict[str, Decimal]

_BASIC: Final = ("cpu", "memory", "ephemeral-storage")
_OF_WHOLE_PODS: Final = ("cpu", "memory", "hugepages-")
_ZERO: Final = Decimal(0)


def pod_usage(group: Group, defaults: Sequence[tuple[Amounts, Amounts]], overhead: Amounts) -> tuple[Numbers, bool]:
    """What a pod of the group counts for, with a namespace's defaults and its runtime's overhead; and whether it asks
    for nothing, which makes it BestEffort."""
    requests, limits = pod_amounts(group, defaults)
    idle = not any(held.get(name) for held in (requests, limits) for name in ("cpu", "memory"))
    for name, amount in numbers(overhead).items():
        requests[name] = requests.get(name, _ZERO) + amount
        if name in limits:
            limits[name] += amount
    return dict(_counted(requests, limits)), idle


def pod_amounts(group: Group, defaults: Sequence[tuple[Amounts, Amounts]]) -> tuple[Numbers, Numbers]:
    """The requests and limits of a pod of the group, with a namespace's defaults."""
    containers = [filled(container, defaults) for container in group.containers]
    requests = _whole(_effective((c.role, c.requests) for c in containers), _level(group))
    limits = _whole(_effective((c.role, c.limits) for c in containers), numbers(group.level[1]))
    return requests, limits


def numbers(amounts: Amounts) -> Numbers:
    """Quantities as numbers."""
    return {name: parse(amount) or _ZERO for name, amount in amounts}


def filled(container: Container, defaults: Sequence[tuple[Amounts, Amounts]]) -> Container:
    """A container with what LimitRanges give it (plugin/pkg/admission/limitranger)."""
    requests, limits = dict(container.requests), dict(container.limits)
    for given, capped in defaults:
        requests, limits = {**dict(given), **requests}, {**dict(capped), **limits}
    return Container(container.role, tuple(requests.items()), tuple(limits.items()))


def _effective(containers: Iterable[tuple[str, Amounts]]) -> Numbers:
    """The sum of all that run together; or what starts before them, one after the other, beside the sidecars that run
    by then, where that is more."""
    running, sidecars, starting = Numbers(), Numbers(), Numbers()
    for role, amounts in containers:
        asked = numbers(amounts)
        if role == INIT:
            _max(starting, _sum(sidecars, asked))
            continue
        running = _sum(running, asked)
        if role == SIDECAR:
            sidecars = _sum(sidecars, asked)
    _max(running, starting)
    return running


def _level(group: Group) -> Numbers:
    """The requests of the pod as a whole, with their defaults (pkg/apis/core/v1/defaults.go, defaultPodRequests)."""
    requests, limits = map(numbers, group.level)
    if not requests and not limits:
        return {}
    own = _effective((c.role, c.requests) for c in group.containers)
    return {**limits, **own, **requests}


def _whole(containers: Numbers, level: Numbers) -> Numbers:
    """What is said of the whole pod counts in place of its containers'."""
    return containers | {name: amount for name, amount in level.items() if name.startswith(_OF_WHOLE_PODS)}


def _counted(requests: Mapping[str, Decimal], limits: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """The names that quotas have for what a pod asks for."""
    yield "pods", Decimal(1)
    yield "count/pods", Decimal(1)
    for name, amount in requests.items():
        if name in _BASIC or name.startswith("hugepages-"):
            yield name, amount
            yield f"requests.{name}", amount
        elif extended(name):
            yield f"requests.{name}", amount
    for name, amount in limits.items():
        if name in _BASIC:
            yield f"limits.{name}", amount


def _sum(left: Numbers, right: Numbers) -> Numbers:
    return left | {name: left.get(name, _ZERO) + amount for name, amount in right.items()}


def _max(left: Numbers, right: Numbers) -> None:
    for name, amount in right.items():
        left[name] = max(left.get(name, _ZERO), amount)

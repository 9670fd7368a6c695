"""What the objects of one namespace count for at least, and whether that is within each of its quotas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final

from fleetc.check.fleet.object_stakes import DEVICE_SUFFIX, MADE_EVERYWHERE, RESOURCE_CLAIMS
from fleetc.check.fleet.pod_usage import Numbers, numbers, pod_usage
from fleetc.check.fleet.stakes import Amounts, Group, Quota, Requirement, Stake
from fleetc.check.rules.quantity import parse
from fleetc.check.states import State
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_SHOWN: Final = 3
_ZERO: Final = Decimal(0)

_DEVICES: Final = "how many devices a claim of all, or of the first that there are, takes is not known"
_PRIORITY: Final = "whether a PriorityClass of the cluster's `existing` is the default is not known"
_SCOPE: Final = "quotas of this scope are not judged"
_OTHERS: Final = "controllers make some, and how many is not known"
_NAME: Final = "what counts for this resource is not known"

_BY_CONTROLLERS: Final = frozenset(
    f"count/{name}"
    for name in (
        *("endpoints", "events", "events.events.k8s.io", "endpointslices.discovery.k8s.io", "podtemplates"),
        *("controllerrevisions.apps", "leases.coordination.k8s.io", "workloads.kueue.x-k8s.io"),
    )
)
_KNOWN: Final = frozenset(
    [
        *("cpu", "memory", "ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods"),
        *("services", "services.loadbalancers", "services.nodeports", "configmaps", "secrets", "resourcequotas"),
        *("persistentvolumeclaims", "replicationcontrollers"),
    ]
)
_KNOWN_STARTS: Final = ("count/", "requests.", "hugepages-")
_KNOWN_ENDS: Final = (DEVICE_SUFFIX, ".k8s.io/persistentvolumeclaims", ".k8s.io/requests.storage")


class Around(NamedTuple):
    """What decides in all namespaces of a cluster: the default PriorityClass ("" for none, None where that is not
    known), and the overheads of RuntimeClasses."""

    default: str | None
    overheads: tuple[tuple[str, Amounts], ...]


class Asker(NamedTuple):
    """An object that counts for a resource: by cell and position, the path of what says so, and how much."""

    cell: int
    object: int
    path: Path
    amount: Decimal
    pods: int


class Excess(NamedTuple):
    """A quota, by cell and position, of less than what counts for it. `scoped`: it is for some PriorityClasses.
    `made`: how much Kubernetes itself makes. `askers`: the largest ones."""

    cell: int
    object: int
    resource: str
    used: Decimal
    hard: str
    scoped: bool
    made: int
    askers: tuple[Asker, ...]


class Outcome(NamedTuple):
    """How the checks of a namespace ended, one for each quota and resource, and what is exceeded."""

    ends: tuple[tuple[State, str], ...]
    excesses: tuple[Excess, ...]


class _Entry(NamedTuple):
    """Something that counts: an object, or pods of one template with their priority and scopes (None for others)."""

    asker: Asker
    usage: Numbers
    unknown: tuple[str, ...] = ()
    priority: str | None = ""
    scopes: frozenset[str] | None = None


def judged(stakes: Sequence[Stake], around: Around) -> Outcome:
    """The quotas of one namespace, in which several cells have stakes."""
    space = _Space(stakes, around)
    ends: list[tuple[State, str]] = []
    excesses: list[Excess] = []
    for cell, stake in enumerate(stakes):
        for quota in stake.quotas:
            for resource, hard in quota.hard:
                made = space.made(resource) if not quota.requirements else 0
                asked, unknown, askers = space.asked(quota, resource)
                if asked + made > (parse(hard) or _ZERO):
                    ends.append((State.INVALID, ""))
                    scoped = any(requirement.scope == "PriorityClass" for requirement in quota.requirements)
                    excesses.append(Excess(cell, quota.object, resource, asked + made, hard, scoped, made, askers))
                else:
                    ends.append((State.PARTIAL, unknown) if unknown else (State.VALID, ""))
    return Outcome(tuple(ends), tuple(excesses))


class _Space:
    """A namespace, with what its cells have in common."""

    def __init__(self, stakes: Sequence[Stake], around: Around) -> None:
        self._stakes = stakes
        self._around = around
        self._defaults = [pair for stake in stakes for pair in stake.defaults]
        self._templates = {template.name: template for stake in stakes for template in stake.templates}
        self._scales: dict[tuple[str, str], int] = {}
        for kind, name, least in (scale for stake in stakes for scale in stake.scales):
            self._scales[kind, name] = min(least, self._scales.get((kind, name), least))

    def made(self, resource: str) -> int:
        """How much Kubernetes itself makes of a resource in the namespace, where nobody emits it."""
        own = {name for stake in self._stakes for name in stake.own}
        made = [each for name, each in MADE_EVERYWHERE.items() if name not in own]
        return sum(1 for each in made if resource in (each, f"count/{each}"))

    def asked(self, quota: Quota, resource: str) -> tuple[Decimal, str, tuple[Asker, ...]]:
        """What counts for a resource of a quota; why that may be less than all; and the largest askers."""
        unknown = _unknown(resource)
        total = _ZERO
        askers: list[Asker] = []
        for entry in self._entries:
            amount = entry.usage.get(resource, _ZERO)
            if not amount and resource not in entry.unknown:
                continue
            matches, why = _matches(quota.requirements, entry)
            unknown = unknown or why
            if matches:
                total += amount
                unknown = unknown or (_DEVICES if resource in entry.unknown else "")
                askers.append(entry.asker._replace(amount=amount))
        shown = sorted((a for a in askers if a.amount), key=lambda a: -a.amount)[:_SHOWN]
        return total, unknown, tuple(shown)

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        return tuple(entry for cell, stake in enumerate(self._stakes) for entry in self._of_cell(cell, stake))

    def _of_cell(self, cell: int, stake: Stake) -> Iterator[_Entry]:
        name: Path = ("metadata", "name")
        for resource, amount, n in stake.fixed:
            yield _Entry(Asker(cell, n, name, _ZERO, 0), numbers(((resource, amount),)))
        for resource in stake.unknown:
            yield _Entry(Asker(cell, 0, name, _ZERO, 0), {}, (resource,))
        for group in stake.groups:
            number = self._scales.get((group.kind, group.name), group.replicas) * group.each
            if number:
                yield from self._of_group(cell, group, number)

    def _of_group(self, cell: int, group: Group, number: int) -> Iterator[_Entry]:
        """The pods of a group, and the claims that are made for each of them."""
        overhead = dict(self._around.overheads).get(group.runtime, ())
        usage, idle = pod_usage(group, self._defaults, overhead)
        scopes = frozenset([*group.scopes, "BestEffort" if idle else "NotBestEffort"])
        asker = Asker(cell, group.object, (*group.path, "containers"), _ZERO, number)
        yield _Entry(asker, _times(usage, number), (), group.priority or self._around.default, scopes)
        claims: Numbers = {}
        _add(claims, group.claims)
        found = [self._templates[name] for name in group.templates if name in self._templates]
        for template in found:
            _add(claims, (*template.usage, (RESOURCE_CLAIMS, "1")))
        unknown = tuple(resource for template in found for resource in template.unknown)
        if claims or unknown:
            yield _Entry(asker, _times(claims, number), unknown)


def _add(to: Numbers, amounts: Amounts) -> None:
    for name, amount in amounts:
        to[name] = to.get(name, _ZERO) + (parse(amount) or _ZERO)


def _times(usage: Mapping[str, Decimal], number: int) -> Numbers:
    return {name: amount * number for name, amount in usage.items()}


def _unknown(resource: str) -> str:
    if resource in _BY_CONTROLLERS:
        return _OTHERS
    known = resource in _KNOWN or resource.startswith(_KNOWN_STARTS) or resource.endswith(_KNOWN_ENDS)
    return "" if known else _NAME


def _matches(requirements: Sequence[Requirement], entry: _Entry) -> tuple[bool, str]:
    """Whether a quota of these scopes is for an entry, and why that is not known. Scopes are of pods, all but one,
    which is not judged."""
    why = ""
    for requirement in requirements:
        if requirement.scope == "VolumeAttributesClass":
            why = _SCOPE
        elif entry.scopes is None:
            return False, ""
        elif requirement.scope != "PriorityClass":
            if requirement.scope not in entry.scopes:
                return False, ""
        elif entry.priority is None:
            why = _PRIORITY
        elif not _selects(requirement, entry.priority):
            return False, ""
    return not why, why


def _selects(requirement: Requirement, priority: str) -> bool:
    match requirement.operator:
        case "In":
            return priority in requirement.values
        case "NotIn":
            return priority not in requirement.values
        case "DoesNotExist":
            return not priority
        case _:
            return bool(priority)

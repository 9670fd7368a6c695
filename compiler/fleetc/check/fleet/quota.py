"""What is emitted in a namespace is within its quotas: the API server takes a workload that exceeds one, and refuses
its pods."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, cast

from fleetc.check.findings import Finding, Place, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.stakes import Stake, by_namespace, unpacked
from fleetc.check.fleet.usage import Around, Asker, Excess, Outcome, judged
from fleetc.check.fleet.view import View
from fleetc.check.rules.quantity import text
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.language.cluster import Cluster
from fleetc.language.team import Team
from fleetc.tuples import NamedTuple

_LESS: Final = "ask for less"
_MEBIBYTE: Final = Decimal(2**20)
_FIELDS: Final = {
    "requests.cpu": "cpu",
    "requests.memory": "memory",
    "requests.ephemeral-storage": "ephemeralStorage",
    "requests.storage": "storage",
    "persistentvolumeclaims": "persistentVolumeClaims",
    "pods": "pods",
    "services": "services",
    "services.loadbalancers": "loadBalancers",
    "services.nodeports": "nodePorts",
    "configmaps": "configMaps",
    "secrets": "secrets",
    "count/jobs.batch": "jobs",
}
"""The fields of a team's `quota` by the resources that its ResourceQuotas have for them."""


class Result(NamedTuple):
    """How the checks of a cluster ended, and what is exceeded: the cells of the namespace, and the rest."""

    ends: tuple[tuple[tuple[State, str], int], ...]
    excesses: tuple[tuple[tuple[int, ...], Excess], ...]


def quota(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `quota`: in each namespace, what is emitted asks for no more than each emitted ResourceQuota has."""
    result = judge_quotas(view.cluster, [cell.stakes for _, cell in view.rows], view.memo)
    count_quotas(result, tally)
    for cells, excess in result.excesses:
        yield _finding(view, cells, excess)


def judge_quotas(cluster: Cluster, packed: Sequence[bytes], memo: dict[object, object]) -> Result:
    """The quotas of a cluster, from the packed stakes of its cells."""
    existing = bool(cluster.existing.priority_classes)
    key = ("quota", tuple(packed), existing)
    if key not in memo:
        memo[key] = _judge(packed, existing, memo)
    return cast(Result, memo[key])


def count_quotas(result: Result, tally: Tally) -> None:
    """Note how the checks ended."""
    for (state, reason), number in result.ends:
        tally.add("quota", state, number, reason)


def _judge(packed: Sequence[bytes], existing: bool, memo: dict[object, object]) -> Result:
    by_space = by_namespace(packed)
    around = _around([unpacked(stake, memo) for _, stake in by_space.pop("", [])], existing)
    ends: Counter[tuple[State, str]] = Counter()
    excesses: list[tuple[tuple[int, ...], Excess]] = []
    for held in by_space.values():
        outcome = _outcome(tuple(stake for _, stake in held), around, memo)
        ends.update(outcome.ends)
        cells = tuple(n for n, _ in held)
        excesses += [(cells, excess) for excess in outcome.excesses]
    return Result(tuple(ends.items()), tuple(excesses))


def _around(stakes: Sequence[Stake], existing: bool) -> Around:
    default = next((name for stake in stakes for name in stake.classes), None if existing else "")
    return Around(default, tuple(overhead for stake in stakes for overhead in stake.overheads))


def _outcome(packed: tuple[bytes, ...], around: Around, memo: dict[object, object]) -> Outcome:
    """Of a namespace; once for all clusters where it is the same."""
    key = ("quotas of a namespace", packed, around)
    if key not in memo:
        stakes = [unpacked(stake, memo) for stake in packed]
        memo[key] = judged(stakes, around) if any(stake.quotas for stake in stakes) else Outcome((), ())
    return cast(Outcome, memo[key])


def _finding(view: View, cells: tuple[int, ...], excess: Excess) -> Finding:
    row, cell = view.rows[cells[excess.cell]]
    item, resource = cell.items[excess.object], excess.resource
    used = text(excess.used, binary=_in_bytes(resource))
    made = f" ({excess.made} is made by Kubernetes itself)" if excess.made else ""
    what = "what is emitted with its PriorityClasses" if excess.scoped else "what is emitted"
    message = f"{what} asks for at least {used} of {resource}{made}, the quota is {excess.hard}"
    related = tuple(_related(view, cells, asker, excess) for asker in excess.askers)
    place = view.place(row, excess.object, ("spec", "hard", resource))
    node = view.nodes.get(row.subject)
    hint = _hint(excess, node if isinstance(node, Team) else None, item.facts.identity.namespace)
    return Finding(codes.QUOTA_EXCEEDED, place, name_of(item), message, hint, related)


def _related(view: View, cells: tuple[int, ...], asker: Asker, excess: Excess) -> tuple[Place, str]:
    row, cell = view.rows[cells[asker.cell]]
    amount = text(asker.amount, binary=_in_bytes(excess.resource))
    pods = f" ({asker.pods} pod{'s' if asker.pods > 1 else ''})" if asker.pods else ""
    who = name_of(cell.items[asker.object]) if asker.pods or asker.amount == 1 else row.subject
    path = (*asker.path[:-1], "priorityClassName") if excess.scoped else asker.path
    return view.place(row, asker.object, path), f"{amount} of it: {who}{pods}"


def _in_bytes(resource: str) -> bool:
    return resource.endswith(("memory", "storage")) or "hugepages-" in resource


def _hint(excess: Excess, team: Team | None, namespace: str) -> str:
    """What to do: a team's quota is split over its namespaces by their shares."""
    resource, least = excess.resource, text(excess.used, binary=_in_bytes(excess.resource))
    if excess.scoped:
        other = (
            "list it in the team's `priorityClasses`" if team is not None else f"raise the quota to at least {least}"
        )
        return f"use another PriorityClass, or {other}"
    field = _FIELDS.get(resource)
    if team is None or (field is None and "/" not in resource):
        return f"raise it to at least {least}, or {_LESS}"
    if field is None:
        return f"raise `quota.devices` of the team until at least {least} are this namespace's, or {_LESS}"
    shares = {each.name: each.share for each in team.namespaces}
    if len(shares) < 2 or not any(shares.values()):
        least = text(_rounded(excess.used * max(len(shares), 1), resource), binary=_in_bytes(resource))
        return f"raise `quota.{field}` of the team to at least {least}, or {_LESS}"
    share = shares.get(namespace, 0)
    if not share:
        return f"give the namespace a `share`, or {_LESS}"
    unit = _rounded(excess.used, resource)
    total = text(_rounded(unit * sum(shares.values()) / share, resource), binary=_in_bytes(resource))
    return f"raise `quota.{field}` of the team to at least {total}, or the namespace's `share`, or {_LESS}"


def _rounded(amount: Decimal, resource: str) -> Decimal:
    """Up to the unit in which quotas are split."""
    unit = _MEBIBYTE if _in_bytes(resource) else Decimal("0.001") if resource == "requests.cpu" else Decimal(1)
    return math.ceil(amount / unit) * unit

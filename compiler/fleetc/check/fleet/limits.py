"""Pods and volume claims are within the LimitRanges of their namespace: the API server takes a workload that is not,
and refuses its pods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from fleetc.check.findings import Finding, Place, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.ranges import CONTAINER, POD, VOLUME, Outcome, Refusal, judged
from fleetc.check.fleet.stakes import by_namespace, unpacked
from fleetc.check.fleet.view import View
from fleetc.check.rules.access import Map, at, items
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.language.team import Team
from fleetc.tuples import NamedTuple


class Result(NamedTuple):
    """How the checks of a cluster ended, and what is refused, with the cells of its namespace."""

    valid: int
    refusals: tuple[tuple[tuple[int, ...], Refusal], ...]


def limits(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `limits`: in each namespace, what is emitted is within each emitted LimitRange."""
    result = judge_limits([cell.stakes for _, cell in view.rows], view.memo)
    count_limits(result, tally)
    for cells, refusal in result.refusals:
        yield _finding(view, cells, refusal)


def judge_limits(packed: Sequence[bytes], memo: dict[object, object]) -> Result:
    """The LimitRanges of a cluster, from the packed stakes of its cells."""
    key = ("limits", tuple(packed))
    if key not in memo:
        memo[key] = _judge(packed, memo)
    return cast(Result, memo[key])


def count_limits(result: Result, tally: Tally) -> None:
    """Note how the checks ended."""
    tally.add("limits", State.VALID, result.valid)
    tally.add("limits", State.INVALID, len(result.refusals))


def _judge(packed: Sequence[bytes], memo: dict[object, object]) -> Result:
    valid = 0
    refusals: list[tuple[tuple[int, ...], Refusal]] = []
    for namespace, held in by_namespace(packed).items():
        if not namespace:
            continue
        outcome = _outcome(tuple(stake for _, stake in held), memo)
        valid += outcome.valid
        cells = tuple(n for n, _ in held)
        refusals += [(cells, refusal) for refusal in outcome.refusals]
    return Result(valid, tuple(refusals))


def _outcome(packed: tuple[bytes, ...], memo: dict[object, object]) -> Outcome:
    """Of a namespace; once for all clusters where it is the same."""
    key = ("limits of a namespace", packed)
    if key not in memo:
        stakes = [unpacked(stake, memo) for stake in packed]
        memo[key] = judged(stakes) if any(stake.ranges for stake in stakes) else Outcome(0, ())
    return cast(Outcome, memo[key])


def _finding(view: View, cells: tuple[int, ...], refusal: Refusal) -> Finding:
    row, cell = view.rows[cells[refusal.cell]]
    item, told, found = cell.items[refusal.object], refusal.told, refusal.range
    range_row, range_cell = view.rows[cells[refusal.range_cell]]
    who = name_of(range_cell.items[found.object])
    field = told.bound
    if field == "default" and not _has(range_cell.items[found.object].shape.object, found.item, field):
        field = "max"  # which is the default where none is given
    bound = view.place(range_row, found.object, ("spec", "limits", found.item, field, told.resource))
    message = f"{_subject(found.type)} that {who} refuses: {told.what}"
    node = view.nodes.get(range_row.subject)
    hint = told.hint
    if isinstance(node, Team):
        own = "maxVolume" if found.type == VOLUME else field
        hint = f"{hint}; `limits.{own}` of the team has the bound"
    related: tuple[tuple[Place, str], ...] = ((bound, f"`{field}` of {told.resource}: {who}"),)
    return Finding(
        codes.REFUSED_POD, view.place(row, refusal.object, refusal.path), name_of(item), message, hint, related
    )


def _subject(kind: str) -> str:
    if kind == CONTAINER:
        return "has a container"
    return "has pods" if kind == POD else "claims a volume"


def _has(obj: Map, item: int, field: str) -> bool:
    return field in dict(items(at(obj, "spec"), "limits"))[item]

"""Whether subjects that were compiled alone can stand beside what the last run left of the others.

The rules on whole clusters see little of each cell, and that is remembered. Where it is as it was, these rules end as
they did. Where only traffic is not, or only what counts for quotas, reachability, or `quota` and `limits`, are judged
again, from what is remembered of the other cells. Policies are on each object: see `driver.ruled`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fleetc.check.findings import Counts, Tally
from fleetc.check.fleet.limits import count_limits, judge_limits
from fleetc.check.fleet.quota import count_quotas, judge_quotas
from fleetc.check.fleet.reachability import count, judge
from fleetc.check.fleet.traffic import Traffic, traffic_of
from fleetc.check.run import Face, Report
from fleetc.driver.lower import Lowered
from fleetc.driver.memory import Body
from fleetc.emission.emission import Emission
from fleetc.plan import Plan
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.driver.ruled import Rulings

NOTHING: Face = (b"", "", b"", "", b"", b"")
"""Stands for a subject that emits nothing on a cluster."""

Faces = Mapping[str, Face]


def judged_again(planned: Plan, lowered: Lowered, report: Report, body: Body) -> list[Counts] | None:
    """For each cluster, how the rules ended that had to be run on it again. None when that cannot be told without the
    other subjects, or when there is something wrong, which only a run on the whole fleet can show."""
    if planned.placed({}) != body.placed:
        return None
    rulings = None
    if any(subject.kind == "Policy" for subject in planned.subjects.values()):
        # Imported here: who has no Policy does not pay for CEL.
        from fleetc.driver.ruled import meet_policies  # noqa: PLC0415

        rulings = meet_policies(planned, lowered, report, body)
        if rulings is None:
            return None
    out = _by_cluster(planned, lowered, report, body, rulings)
    if out is None or (rulings is not None and not rulings.hold(_all_faces(lowered.emission, report, body))):
        return None
    return out


def _by_cluster(
    planned: Plan, lowered: Lowered, report: Report, body: Body, rulings: Rulings | None
) -> list[Counts] | None:
    out: list[Counts] = []
    memo: dict[object, object] = {}
    moved: dict[tuple[int, int], _Moved] = {}
    for n, name in enumerate(lowered.emission.clusters):
        cells = body.clusters[name].cells
        now, here = _faces(lowered.emission, report, n), _Moved(False, False, False, False)
        for subject, face in now.items():
            was = body.cells[cells[subject]].face if subject in cells else NOTHING
            key = (id(was), id(face))
            if key not in moved:
                moved[key] = _moved(was, face, rulings)
            here = _Moved(*map(any, zip(here, moved[key], strict=True)))
        there = {subject: body.cells[number].face for subject, number in cells.items()} if any(here) else {}
        counts = _judged(planned, n, here, {**there, **now}, memo)
        if counts is None:
            return None
        if here.rulings and rulings is not None:
            counts |= rulings.counts({**there, **now}.values())
        out.append(counts)
    return out


def _all_faces(emission: Emission, report: Report, body: Body) -> Iterator[Face]:
    """The faces of all cells of the fleet."""
    for n, name in enumerate(emission.clusters):
        yield from _faces(emission, report, n).values()
        for subject, number in body.clusters[name].cells.items():
            if subject not in emission.rows:
                yield body.cells[number].face


def _moved(was: Face, face: Face, rulings: Rulings | None) -> _Moved:
    around = rulings is not None and was[5] != face[5] and rulings.moved(was, face)
    return _Moved(was[:2] != face[:2] or around, was[2:4] != face[2:4], was[4] != face[4], was[5] != face[5])


class _Moved(NamedTuple):
    """Which parts of faces are not as they were: what all rules see, what reachability sees, what `quota` and `limits`
    see, and what policies came to."""

    whole: bool
    traffic: bool
    stakes: bool
    rulings: bool


def _judged(planned: Plan, cluster: int, moved: _Moved, faces: Faces, memo: dict[object, object]) -> Counts | None:
    """How the rules that have to be run again on a cluster ended; None as for `judged_again`."""
    tally = Tally()
    if moved.whole:
        return None
    if moved.traffic:
        result = judge(_traffic(planned, cluster, faces), memo)
        if result.differences:
            return None
        count(result, tally)
    if moved.stakes:
        packed = [faces[subject][4] for subject in _there(planned, faces)]
        quotas = judge_quotas(planned.world.clusters[cluster], packed, memo)
        ranges = judge_limits(packed, memo)
        if quotas.excesses or ranges.refusals:
            return None
        count_quotas(quotas, tally)
        count_limits(ranges, tally)
    return tally.counts


def _faces(emission: Emission, report: Report, cluster: int) -> Faces:
    out: dict[str, Face] = {}
    for subject, row in emission.rows.items():
        shapes = row.cells.get(cluster)
        cell = report.cell(cluster, emission.minors[cluster], shapes) if shapes else None
        out[subject] = report.face(subject, cluster, cell) if cell is not None else NOTHING
    return out


def _there(planned: Plan, faces: Faces) -> list[str]:
    """The subjects that emit something on a cluster, in the order in which a run on the whole fleet has them."""
    return [subject for subject in planned.subjects if faces.get(subject, NOTHING) is not NOTHING]


def _traffic(planned: Plan, cluster: int, faces: Faces) -> Traffic:
    """What reachability reads of a cluster."""
    there = _there(planned, faces)
    # Nodes of no other kind are read: making them takes time.
    nodes = [planned.world.variant(subject, cluster) for subject in there if subject.startswith(("Team/", "Model/"))]
    return traffic_of(planned.world.clusters[cluster], nodes, [faces[subject][2] for subject in there])

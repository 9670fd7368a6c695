"""Whether subjects that were compiled alone can stand beside what the last run left of the others.

The rules on whole clusters see little of each cell, and that is remembered. Where it is as it was, these rules end as
they did. Where only traffic is not, reachability alone is judged again, from what is remembered of the other cells.
"""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.check.findings import Counts, Tally
from fleetc.check.fleet.reachability import count, judge
from fleetc.check.fleet.traffic import Traffic, traffic_of
from fleetc.check.run import Face, Report
from fleetc.driver.lower import Lowered
from fleetc.driver.memory import Body
from fleetc.emission.emission import Emission
from fleetc.plan import Plan

_NOTHING: Face = (b"", "", b"", "")
"""Stands for a subject that emits nothing on a cluster."""

Faces = Mapping[str, Face]


def judged_again(planned: Plan, lowered: Lowered, report: Report, body: Body) -> list[Counts] | None:
    """For each cluster, how the rules ended that had to be run on it again. None when that cannot be told without the
    other subjects, or when there is something wrong, which only a run on the whole fleet can show."""
    if planned.placed({}) != body.placed:
        return None
    out: list[Counts] = []
    memo: dict[object, object] = {}
    same: dict[tuple[int, int], bool | None] = {}
    for n, name in enumerate(lowered.emission.clusters):
        cells = body.clusters[name].cells
        now, tally, moved = _faces(lowered.emission, report, n), Tally(), False
        for subject, face in now.items():
            was = body.cells[cells[subject]].face if subject in cells else _NOTHING
            key = (id(was), id(face))
            if key not in same:
                same[key] = was == face if was[:2] == face[:2] else None
            if same[key] is None:
                return None
            moved = moved or not same[key]
        if moved:
            there = {subject: body.cells[number].face for subject, number in cells.items()}
            result = judge(_traffic(planned, n, {**there, **now}), memo)
            if result.differences:
                return None
            count(result, tally)
        out.append(tally.counts)
    return out


def _faces(emission: Emission, report: Report, cluster: int) -> Faces:
    out: dict[str, Face] = {}
    for subject, row in emission.rows.items():
        shapes = row.cells.get(cluster)
        cell = report.cell(cluster, emission.minors[cluster], shapes) if shapes else None
        out[subject] = report.face(subject, cluster, cell) if cell is not None else _NOTHING
    return out


def _traffic(planned: Plan, cluster: int, faces: Faces) -> Traffic:
    """What reachability reads of a cluster, in the order in which a run on the whole fleet has it."""
    there = [subject for subject in planned.subjects if faces.get(subject, _NOTHING) is not _NOTHING]
    # Nodes of no other kind are read: making them takes time.
    nodes = [planned.world.variant(subject, cluster) for subject in there if subject.startswith(("Team/", "Model/"))]
    return traffic_of(planned.world.clusters[cluster], nodes, [faces[subject][2] for subject in there])

"""Every subject on every cluster, or some: finished objects, shared where they are equal, and where their files go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Final

from fleetc.driver.outputs import STACK
from fleetc.emission.emission import Emission, Row
from fleetc.emission.shapes import Cells, Columns, Shapes, lower_subject
from fleetc.plan import Plan, Subject
from fleetc.plan.delivery import folder_of, is_delivered, owner_of
from fleetc.plan.plan import SubjectKind
from fleetc.registry import lowerings
from fleetc.tuples import NamedTuple

_FOLDERS: Final[Mapping[SubjectKind, str]] = {
    "Cluster": "cluster.yaml",
    "GPUPool": "pools/",
    "Team": "team.yaml",
    "Manifest": "manifests/",
    "Model": "models/",
    "Policy": "policies/",
    "Telemetry": "telemetry/",
    "Objective": "objectives/",
    "Dashboard": "dashboards/",
    "Project": "projects/",
    "Application": "applications/",
    "Component": "components/",
    "Stack": "",
}
"""Of each kind: its file in the folder of its owner, or the folder of its files there."""
_DELIVERED: Final = "argocd"


class Lowered(NamedTuple):
    """Finished objects, for each subject the roots of what its lowerings read, and how many shapes there are."""

    emission: Emission
    touched: Mapping[str, frozenset[str]]
    shapes: int


def lower(planned: Plan, subjects: Collection[str] | None = None) -> Lowered:
    """Every subject, or some, on every cluster."""
    columns, shapes = Columns(planned), Shapes()
    rows: dict[str, Row] = {}
    touched: dict[str, frozenset[str]] = {}
    for subject in planned.subjects.values():
        if (subjects is None or subject.id in subjects) and not is_delivered(subject.id):
            site_at = partial(planned.site, subject)
            lowered = lower_subject(lowerings(subject.kind), subject.placed, site_at, columns, shapes)
            rows[subject.id] = row(planned, subject, lowered.cells)
            touched[subject.id] = frozenset(lowered.touched)
    world = planned.world
    emission = Emission([c.name for c in world.clusters], [c.kubernetes for c in world.clusters], rows)
    return Lowered(emission, touched, len(shapes.all))


def row(planned: Plan, subject: Subject, cells: Cells) -> Row:
    """A subject's row: where its file goes, and the spec that it names."""
    if subject.doc is not None:
        sources = dict.fromkeys(subject.placed, subject.doc.sources[0][0])
    else:
        sources = {n: planned.doc(subject, n).sources[0][0] for n in subject.placed}
    return Row(subject.id, path_of(subject), sources, cells, data=subject.kind == "Stack")


def path_of(subject: Subject) -> str:
    """A subject's file in the folder of a cluster; STACK for the data of its stack, which is not there."""
    if subject.kind == "Stack":
        return STACK
    folder = _DELIVERED if is_delivered(subject.id) else folder_of(owner_of(subject))
    file = _FOLDERS[subject.kind]
    return f"{folder}/{file}{subject.name}.yaml" if file.endswith("/") else f"{folder}/{file}"

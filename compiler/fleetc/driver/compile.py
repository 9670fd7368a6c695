"""The compiler, stage by stage. Each is a pure function over frozen data; what goes wrong travels along as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple

from fleetc.check.findings import Report
from fleetc.check.run import check
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.front import Front
from fleetc.driver.trace import locate_findings
from fleetc.emission.emission import Emission, Row
from fleetc.emission.shapes import Cells, Columns, Shapes, lower_subject
from fleetc.language.document import Locate
from fleetc.plan import Plan, Subject, plan
from fleetc.registry import lowerings
from fleetc.resolve import resolve


class Compiled(NamedTuple):
    """The result of a run; what comes after a stage that found errors is None."""

    diagnostics: list[Diagnostic]
    plan: Plan | None = None
    emission: Emission | None = None
    report: Report | None = None
    placed: Mapping[str, list[str]] = {}
    """For each subject, the clusters that it is on: of the whole fleet."""
    crossing: bool = False
    """Some lowering read a node of another cluster than its site's."""


Timed = Callable[[str], AbstractContextManager[None]]
"""Counts the time of a stage."""


def _untimed(_: str) -> AbstractContextManager[None]:
    return nullcontext()


def compile_fleet(
    front: Front,
    locate: Locate,
    only: frozenset[str] | None = None,
    elsewhere: Mapping[str, list[str]] | None = None,
    timed: Timed = _untimed,
) -> Compiled:
    """Documents to checked objects: of all clusters, or `only` of some, given what is placed on the others."""
    if front.diagnostics:
        return Compiled(front.diagnostics)
    docs = (
        front.docs if only is None else {i: d for i, d in front.docs.items() if d.kind != "Cluster" or d.name in only}
    )
    with timed("resolve"):
        world, found = resolve(docs, front.table, locate)
    if found:
        return Compiled(found)
    with timed("plan"):
        planned, found = plan(world, locate, elsewhere or {})
    if found:
        return Compiled(found, planned)
    with timed("lower"):
        emission, touched = lower(planned)
    with timed("check"):
        report = check(emission, world)
    found = [*_nothing_emitted(planned, emission, locate), *locate_findings(planned, report, locate)]
    crossing = any(root.startswith(("Cluster/", "@Cluster")) for root in touched)
    return Compiled(found, planned, emission, report, planned.placed(elsewhere or {}), crossing)


def lower(planned: Plan) -> tuple[Emission, set[str]]:
    """Every subject on every cluster: finished objects, and the roots of what was read."""
    columns, shapes = Columns(planned), Shapes()
    rows: dict[str, Row] = {}
    touched: set[str] = set()
    for subject in planned.subjects.values():
        site_at = partial(planned.site, subject)
        lowered = lower_subject(lowerings(subject.kind), subject.placed, site_at, columns, shapes)
        rows[subject.id] = row(planned, subject, lowered.cells)
        touched |= lowered.touched
    world = planned.world
    return Emission([c.name for c in world.clusters], [c.kubernetes for c in world.clusters], rows), touched


def row(planned: Plan, subject: Subject, cells: Cells) -> Row:
    """A subject's row: where its file goes, and the spec that it names."""
    docs = planned.world.cluster_docs
    if subject.doc is None:
        return Row(subject.id, "cluster.yaml", [doc.sources[0][0] for doc in docs], cells)
    file, _ = subject.doc.sources[0]
    return Row(subject.id, f"{subject.kind.lower()}s/{subject.doc.name}.yaml", [file] * len(docs), cells)


def _nothing_emitted(planned: Plan, emission: Emission, locate: Locate) -> Iterator[Diagnostic]:
    """Zero output is an error: what is placed and emits nothing anywhere says something that is not heard."""
    for subject in planned.subjects.values():
        if subject.doc is not None and subject.placed and not any(emission.rows[subject.id].cells.values()):
            span = subject.doc.span(locate, ("spec",), key=True)
            hint = "give it something to emit, or remove it"
            yield Diagnostic(codes.NOTHING_EMITTED, f"{subject.id} emits nothing on any cluster", span, hint)

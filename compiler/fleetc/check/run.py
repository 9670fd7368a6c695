"""All checks of a fleet: a tuple of rules with one signature, run on each cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, cast

from fleetc.check.findings import Counts, Finding, Place, Report, Tally, folded
from fleetc.check.fleet.boundary import boundary
from fleetc.check.fleet.identity import identity, path
from fleetc.check.fleet.objects import schema, scope
from fleetc.check.fleet.reachability import reachability
from fleetc.check.fleet.references import reference
from fleetc.check.fleet.selectors import selector
from fleetc.check.fleet.view import Cells, View, rows_of
from fleetc.emission.emission import Emission, Row
from fleetc.language.manifest import Manifest
from fleetc.language.team import Team
from fleetc.resolve.world import World

Rule = Callable[[View, Tally], Iterable[Finding]]
"""A rule on one cluster: its findings, and how its checks ended."""

RULES: Final[tuple[Rule, ...]] = (schema, scope, identity, path, reference, selector, boundary, reachability)


def check(emission: Emission, world: World) -> Report:
    """Every rule on every cluster."""
    cells, memo = Cells(), dict[object, object]()
    findings: list[Finding] = []
    by_cluster: list[Counts] = []
    for index in range(len(emission.clusters)):
        rows = rows_of(emission, cells, index)
        view = View(
            world.clusters[index], index, rows, _teams(world, rows, index), _manifests(world, rows, index), memo
        )
        tally = Tally()
        for rule in RULES:
            findings += rule(view, tally)
        by_cluster.append(tally.counts)
    return Report(folded(findings), by_cluster)


def _teams(world: World, rows: Iterable[tuple[Row, object]], index: int) -> dict[str, Team]:
    found = [row.subject for row, _ in rows if row.subject.startswith("Team/")]
    return {subject.partition("/")[2]: cast(Team, world.variant(subject, index)) for subject in found}


def _manifests(world: World, rows: Iterable[tuple[Row, object]], index: int) -> dict[str, str | None]:
    found = [row.subject for row, _ in rows if row.subject.startswith("Manifest/")]
    return {subject: cast(Manifest, world.variant(subject, index)).team for subject in found}


__all__ = ["RULES", "Finding", "Place", "Report", "check"]

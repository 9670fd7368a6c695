"""All checks of a fleet: rules on the objects of one subject, run once for all clusters that share them, and rules on
whole clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Final, NamedTuple

from fleetc.check.findings import Counts, Finding, Local, Place, Tally, folded
from fleetc.check.fleet.boundary import boundary
from fleetc.check.fleet.identity import identity, path
from fleetc.check.fleet.objects import schema, scope
from fleetc.check.fleet.reachability import reachability
from fleetc.check.fleet.references import reference
from fleetc.check.fleet.selectors import selector
from fleetc.check.fleet.view import Cell, Cells, View
from fleetc.emission.emission import Emission, Row
from fleetc.language.manifest import Manifest
from fleetc.language.model import Model
from fleetc.language.team import Team
from fleetc.resolve.world import World

CellRule = Callable[[Cell, Tally], Iterable[Local]]
"""A rule on what one subject emits on a cluster: its findings, and how its checks ended."""

ClusterRule = Callable[[View, Tally], Iterable[Finding]]
"""A rule on a whole cluster."""

CELL_RULES: Final[tuple[CellRule, ...]] = (schema, scope)
CLUSTER_RULES: Final[tuple[ClusterRule, ...]] = (identity, path, reference, selector, boundary, reachability)


class Judged(NamedTuple):
    """What the cell rules say of a cell."""

    findings: tuple[Local, ...]
    counts: Counts


class Report:
    """The findings of a fleet, how the rules on whole clusters ended (by cluster), and what each cell came to."""

    def __init__(self, cells: Cells) -> None:
        self.findings: list[Finding] = []
        self.by_cluster: list[Counts] = []
        self.cells = cells
        self.judged: dict[Cell, Judged] = {}


def check(
    emission: Emission, world: World, *, whole: bool = True, valid: Mapping[str, Set[bytes]] | None = None
) -> Report:
    """Every rule on every cluster; without `whole`, the rules on cells alone: not all subjects are there.

    `valid`: the keys of shapes that an earlier run found valid, by minor; their schemas are not looked at again.
    """
    report, memo = Report(cells=Cells(valid or {})), dict[object, object]()
    findings: list[Finding] = []
    for index, minor in enumerate(emission.minors):
        rows = [(row, report.cells.cell(minor, shapes)) for row, shapes in emission.at(index)]
        for row, cell in rows:
            for found in _judge(report, cell).findings:
                place = Place(row.subject, index, found.object, found.path)
                findings.append(Finding(found.code, place, found.about, found.message, found.hint))
        tally = Tally()
        if whole:
            findings += _cluster(world, rows, index, memo, tally)
        report.by_cluster.append(tally.counts)
    report.findings.extend(folded(findings))
    return report


def _judge(report: Report, cell: Cell) -> Judged:
    got = report.judged.get(cell)
    if got is None:
        tally = Tally()
        found = tuple([local for rule in CELL_RULES for local in rule(cell, tally)])
        got = report.judged[cell] = Judged(found, tally.counts)
    return got


def _cluster(
    world: World, rows: list[tuple[Row, Cell]], index: int, memo: dict[object, object], tally: Tally
) -> Iterator[Finding]:
    nodes = {row.subject: world.variant(row.subject, index) for row, _ in rows if row.subject in world.docs}
    teams = {node.name: node for node in nodes.values() if isinstance(node, Team)}
    manifests = {subject: node.team for subject, node in nodes.items() if isinstance(node, Manifest)}
    models = {node.name: node for node in nodes.values() if isinstance(node, Model)}
    view = View(world.clusters[index], index, rows, teams, manifests, models, memo)
    for rule in CLUSTER_RULES:
        yield from rule(view, tally)


def same_interface(before: tuple[Cell, object], after: tuple[Cell, object]) -> bool:
    """Whether no rule on whole clusters can tell two cells, each with its subject's node, apart."""
    (old, old_node), (new, new_node) = before, after
    return (old is new or old.interface == new.interface) and _declares(old_node) == _declares(new_node)


def _declares(node: object) -> object:
    match node:
        case Team():
            return repr((node.network, [namespace.name for namespace in node.namespaces]))
        case Manifest():
            return node.team
        case Model():
            return repr((node.team, node.access, node.routing, node.engine))
        case _:
            return None

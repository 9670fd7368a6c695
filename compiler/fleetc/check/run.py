"""All checks of a fleet: rules on the objects of one subject, run once for all clusters that share them, and rules on
whole clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast

from fleetc.check.findings import Counts, Finding, Local, Place, Tally, folded
from fleetc.check.fleet.boundary import boundary
from fleetc.check.fleet.chart import chart
from fleetc.check.fleet.dashboard import dashboard
from fleetc.check.fleet.identity import identity, path
from fleetc.check.fleet.limits import limits
from fleetc.check.fleet.objects import schema, scope
from fleetc.check.fleet.promql import promql
from fleetc.check.fleet.quota import quota
from fleetc.check.fleet.reachability import reachability
from fleetc.check.fleet.references import reference
from fleetc.check.fleet.selectors import selector
from fleetc.check.fleet.view import USAGE, Cell, Cells, Valid, View, none_known
from fleetc.emission.emission import Emission
from fleetc.emission.shapes import Shape
from fleetc.language.manifest import Manifest
from fleetc.language.model import Model
from fleetc.language.policy import Policy
from fleetc.language.team import Team
from fleetc.language.types import Node
from fleetc.resolve.world import World
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.crds import Components, Given
    from fleetc.check.policy.usage import Usage

CellRule = Callable[[Cell, Tally], Iterable[Local]]
"""A rule on what one subject emits on a cluster: its findings, and how its checks ended."""

ClusterRule = Callable[[View, Tally], Iterable[Finding]]
"""A rule on a whole cluster."""


def policy(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `policy`: see `check.fleet.policy`."""
    if view.policies:
        # Imported here: who has no Policy does not pay for CEL.
        from fleetc.check.fleet.policy import policy as judged  # noqa: PLC0415

        yield from judged(view, tally)


CELL_RULES: Final[tuple[CellRule, ...]] = (schema, scope)
CLUSTER_RULES: Final[tuple[ClusterRule, ...]] = (
    identity,
    path,
    reference,
    selector,
    boundary,
    quota,
    limits,
    reachability,
    chart,
    policy,
    promql,
    dashboard,
)


class Judged(NamedTuple):
    """What the cell rules say of a cell."""

    findings: tuple[Local, ...]
    counts: Counts


Face = tuple[bytes, str, bytes, str, bytes, bytes]
"""What the rules on whole clusters see of a cell and its subject's node. The third and fourth are what reachability
alone sees: the cell's packed network, and what a Team or a Model declares; the fifth is what `quota` and `limits`
alone see, the cell's packed stakes; the last is what policies came to, the cell's packed ruling; the first two are the
rest. Plain data, to be remembered."""


class Report:
    """The findings of a fleet, how the rules on whole clusters ended (by cluster), and what each cell came to. `nodes`:
    for each cluster, those of the subjects that emit something there."""

    def __init__(self, cells: Cells) -> None:
        self.findings: list[Finding] = []
        self.by_cluster: list[Counts] = []
        self.cells = cells
        self.judged: dict[Cell, Judged] = {}
        self.nodes: list[dict[str, Node]] = []
        self.has: list[Components] = []
        self.policies: Usage | None = None
        """What policies came to; None where there are none."""
        self._faces: dict[tuple[Cell, int, bytes], Face] = {}

    def cell(self, cluster: int, minor: str, shapes: tuple[Shape, ...]) -> Cell:
        """The cell of a subject on a cluster that was checked."""
        return self.cells.cell(minor, shapes, self.has[cluster])

    def face(self, subject: str, cluster: int, cell: Cell) -> Face:
        """What the rules on whole clusters see of a subject's cell there; one object where it is shared."""
        node = self.nodes[cluster].get(subject)
        ruling = self.policies.of.get((cluster, subject)) if self.policies is not None else None
        packed = ruling.packed if ruling is not None else b""
        key = (cell, id(node), packed)
        return self._faces.get(key) or self._faces.setdefault(key, _face(cell, node, packed))


def check(
    emission: Emission, world: World, *, whole: bool = True, valid: Valid = none_known, given: Given | None = None
) -> Report:
    """Every rule on every cluster; without `whole`, the rules on cells alone: not all subjects are there.

    `valid`: the keys of shapes that an earlier run found valid; their schemas are not looked at again.
    `given`: CRDs, whose rules are run too.
    """
    report, memo = Report(cells=Cells(valid, given)), dict[object, object]()
    findings: list[Finding] = []
    for index, minor in enumerate(emission.minors):
        components = world.clusters[index].components if given is not None else {}
        report.has.append(tuple(sorted(components.items())))
        rows = [(row, report.cell(index, minor, shapes)) for row, shapes in emission.objects_at(index)]
        for row, cell in rows:
            for found in _judge(report, cell).findings:
                place = Place(row.subject, index, found.object, found.path)
                findings.append(Finding(found.code, place, found.about, found.message, found.hint))
        nodes = {row.subject: world.variant(row.subject, index) for row, _ in rows if row.subject in world.docs}
        # What a Telemetry says counts where it emits nothing, too.
        silent = [
            r.subject for r in emission.rows.values() if r.subject.startswith("Telemetry/") and index in r.sources
        ]
        nodes |= {subject: world.variant(subject, index) for subject in silent}
        report.nodes.append(nodes)
        tally = Tally()
        if whole:
            view = View(world.clusters[index], index, rows, nodes, memo, _policies(emission, world, index))
            findings += [found for rule in CLUSTER_RULES for found in rule(view, tally)]
        report.by_cluster.append(tally.counts)
    report.findings.extend(folded(findings))
    report.policies = cast("Usage | None", memo.get(USAGE))
    return report


def _policies(emission: Emission, world: World, cluster: int) -> tuple[Policy, ...]:
    """The policies on a cluster; those for builds alone emit nothing there."""
    here = [id for id, row in emission.rows.items() if id.startswith("Policy/") and cluster in row.sources]
    return tuple([cast(Policy, world.variant(id, cluster)) for id in here])


def _judge(report: Report, cell: Cell) -> Judged:
    got = report.judged.get(cell)
    if got is None:
        tally = Tally()
        found = tuple([local for rule in CELL_RULES for local in rule(cell, tally)])
        got = report.judged[cell] = Judged(found, tally.counts)
    return got


def _face(cell: Cell, node: Node | None, ruling: bytes) -> Face:
    match node:
        case Team():
            seen, declared = repr([n.name for n in node.namespaces]), repr(node.network)
        case Manifest():
            seen, declared = repr(node.team), ""
        case Model():
            seen = repr((node.engine.name, node.engine.version))
            declared = repr((node.team, node.access, node.routing, node.engine))
        case _:
            seen, declared = "", ""
    return cell.outline, seen, cell.network, declared, cell.stakes, ruling

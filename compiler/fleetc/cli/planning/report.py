"""A whole plan in text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fleetc.cli.planning.detail import detail, proofs
from fleetc.cli.planning.pools import drawing
from fleetc.cli.planning.rows import unplaced, workloads
from fleetc.cli.planning.table import Screen
from fleetc.cli.planning.totals import notes, sums, verdict
from fleetc.cli.planning.units import count
from fleetc.cli.planning.use import uses
from fleetc.plan.view import PlanView


def report(view: PlanView, screen: Screen, *, verbose: bool) -> Iterator[str]:
    """Workloads, pools, sums and notes; with `verbose` everything about each of them as well, and nothing folded."""
    found, folded = uses(view.result), not verbose
    blocks = [
        list(workloads(view, screen, folded=folded)),
        list(unplaced(view, screen, folded=folded)),
        list(drawing(found, screen, folded=folded)),
        list(sums(view, found, screen)),
        list(verdict(view, screen)),
        list(notes(view, screen, folded=folded)),
    ]
    if verbose:
        ids = sorted(w.id for w in view.result.problem.workloads)
        blocks += [*(list(detail(view, id, screen)) for id in ids), list(proofs(view, screen))]
    blocks.append([_conclusion(view, screen)])
    yield from _spaced(blocks)


def named(view: PlanView, ids: Sequence[str], screen: Screen) -> Iterator[str]:
    """Everything about some workloads, with the proofs of the pools that they are on."""
    on = {part.pool for id in ids if (placed := view.result.of(id)) for part in placed.parts}
    yield from _spaced([*(list(detail(view, id, screen)) for id in ids), list(proofs(view, screen, frozenset(on)))])


def _conclusion(view: PlanView, screen: Screen) -> str:
    problem, style = view.result.problem, screen.style
    left = len(view.result.unplaced)
    clusters = len({p.cluster for p in problem.pools})
    where = f"{count(len(problem.pools), 'pool')} of {count(clusters, 'cluster')}"
    said = f"{count(len(view.result.placed), 'workload')} on {where}"
    if not problem.workloads:
        return f"nothing to place on {where}"
    if left:
        return f"{said}; {style.red(f'{left:,} without a place')}"
    return f"{said}; {style.green('all have a place')}"


def _spaced(blocks: Iterable[Sequence[str]]) -> Iterator[str]:
    """Blocks with an empty line between."""
    first = True
    for block in blocks:
        if block:
            yield from block if first else ("", *block)
            first = False

"""`check --next-minor`: the fleet as it is, beside the same fleet with every cluster one Kubernetes minor on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from fleetc.check.crds import Given
from fleetc.check.store import kubernetes
from fleetc.diagnostics import Diagnostic, Severity, sort_key
from fleetc.driver.compile import compile_planned, plan_fleet
from fleetc.driver.edits import Editor
from fleetc.driver.explain import Explainer, Findings
from fleetc.driver.front import Front
from fleetc.driver.planning import served
from fleetc.emission.emission import Emission
from fleetc.language.document import Doc
from fleetc.resolve import World, resolve
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

_MINOR: Path = ("spec", "kubernetes")


class Step(NamedTuple):
    """A cluster, its Kubernetes minor, the next one ("" where this program has no schemas of one), and where it is
    written."""

    cluster: str
    minor: str
    next: str
    span: Span


class Rehearsal(NamedTuple):
    """What the next minor does. `breaks`: the findings that there are not today; `before` and `after`: what is emitted
    (None where a stage refuses the fleet before that)."""

    steps: list[Step]
    breaks: list[Diagnostic]
    before: Emission | None
    after: Emission | None


class _Judged(NamedTuple):
    diagnostics: list[Diagnostic]
    emission: Emission | None


def next_minor(fleet: Explainer, given: Given | None = None) -> Rehearsal:
    """Rehearse it. A platform that is not for the new minor is told, and looked beyond: it is edited as well. `given`:
    CRDs, which are taken for those of the new minor, too.

    Raises Findings when there are errors today: those come first.
    """
    world, locate = fleet.plan.world, fleet.sources.locate
    editor = Editor(fleet.sources, fleet.front)
    steps = [*_steps(fleet)]
    onward = {step.cluster: step.next for step in steps if step.next}
    clusters = [(doc, _MINOR, onward[doc.name]) for doc in world.cluster_docs if doc.name in onward]
    before = _judged(fleet, fleet.front, given)
    if _errors(before.diagnostics):
        raise Findings(before.diagnostics, fleet.sources)
    if not clusters:
        return Rehearsal(steps, [], before.emission, before.emission)
    alone = editor.put(clusters)
    refused = alone.diagnostics or resolve(alone.docs, alone.table, locate)[1]
    after = _judged(fleet, editor.put([*clusters, *_platforms(world, onward)]), given)
    known = set(before.diagnostics)
    breaks = [d for d in dict.fromkeys([*refused, *after.diagnostics]) if d not in known]
    return Rehearsal(steps, sorted(breaks, key=sort_key), before.emission, after.emission)


def _steps(fleet: Explainer) -> Iterator[Step]:
    world, minors = fleet.plan.world, kubernetes().minors
    following = dict(pairwise(minors))
    for doc, cluster in zip(world.cluster_docs, world.clusters, strict=True):
        span = doc.span(fleet.sources.locate, _MINOR)
        yield Step(doc.name, cluster.kubernetes, following.get(cluster.kubernetes, ""), span)


def _platforms(world: World, onward: dict[str, str]) -> Iterator[tuple[Doc, Path, Any]]:
    """The platforms, with the minors that their clusters get."""
    wanted: dict[str, list[str]] = {}
    for cluster in world.clusters:
        if cluster.platform is not None and cluster.name in onward:
            wanted.setdefault(cluster.platform, []).append(onward[cluster.name])
    for name, minors in wanted.items():
        platform = world.platforms.get(name)
        if platform is not None and platform.kubernetes:
            listed = list(dict.fromkeys([*platform.kubernetes, *minors]))
            yield world.docs[platform.id], _MINOR, listed


def _judged(fleet: Explainer, front: Front, given: Given | None) -> _Judged:
    """What every stage says of a fleet, and what it emits."""
    locate = fleet.sources.locate
    placed = plan_fleet(front, locate)
    if placed.plan is None or _errors(placed.diagnostics):
        return _Judged(placed.diagnostics, None)
    whole = served(placed.plan, front, fleet.locks, locate)
    found = [*placed.diagnostics, *whole.diagnostics]
    if _errors(found):
        return _Judged(found, None)
    compiled = compile_planned(whole.plan, locate, given=given)
    emission = compiled.lowered.emission if compiled.lowered else None
    return _Judged([*found, *compiled.diagnostics], emission)


def _errors(found: Iterable[Diagnostic]) -> bool:
    return any(d.code.severity is Severity.ERROR for d in found)

"""Every chart of a fleet, each once for all clusters that have it with the same values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.components import component
from fleetc.catalogue.installs import Chart, Install, install_of
from fleetc.check.crds import Given
from fleetc.check.findings import Counts, Tally
from fleetc.check.fleet.chart import CHART
from fleetc.check.states import State
from fleetc.diagnostics import Diagnostic
from fleetc.driver.charts.find import NotThere, find
from fleetc.driver.charts.helm import Render, Task, as_json
from fleetc.driver.charts.judge import Judged, Look, Said, judge
from fleetc.driver.explain import Explainer
from fleetc.language.cluster import Cluster
from fleetc.resolve.places import Places
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

_MOST_NAMES: Final = 3


class Made(NamedTuple):
    """How the checks of charts ended, and what they found."""

    counts: Counts
    diagnostics: list[Diagnostic]


def check_charts(fleet: Explainer, folder: str, render: Render | None, given: Given | None = None) -> Made:
    """Check the charts that install the components of a fleet's clusters; they are looked for in `folder`."""
    world, tally, check = fleet.plan.world, Tally(), _Check(folder, render, given)
    found: dict[tuple[Said, Span], list[tuple[str, Path]]] = {}
    for doc, cluster in zip(world.cluster_docs, world.clusters, strict=True):
        at = Places(doc, world.layers(doc), fleet.sources.locate)
        for name, install, chart in _installs(cluster):
            judged = check.judged(cluster, install, chart)
            tally.add("chart", judged.state, reason=judged.reason)
            for said in judged.said:
                path = _place(at, name, said.path)
                found.setdefault((said, at.span(path)), []).append((cluster.name, path))
    return Made(tally.counts, [_diagnostic(said, span, where) for (said, span), where in found.items()])


def _installs(cluster: Cluster) -> Iterator[tuple[str, Install, Chart]]:
    """The components of a cluster that charts install."""
    for name, version in sorted(cluster.components.items()):
        install = install_of(name, version)
        if install is not None and isinstance(install.source, Chart):
            yield name, install, install.source


class _Check:
    """Judges each chart once for all clusters that are alike to it."""

    def __init__(self, folder: str, render: Render | None, given: Given | None) -> None:
        self._folder = folder
        self._render = render
        self._given = given
        self._known: dict[tuple[object, ...], Judged] = {}

    def judged(self, cluster: Cluster, install: Install, chart: Chart) -> Judged:
        """How the chart that installs a component of a cluster is."""
        components = tuple(sorted(cluster.components.items()))
        values = install.with_values(cluster.values.get(install.component, {}))
        key = (chart, cluster.kubernetes, components, as_json(values))
        if key not in self._known:
            try:
                found = find(self._folder, chart)
            except NotThere as why:
                self._known[key] = Judged(State.SKIPPED, str(why))
            else:
                where = (install.component, install.namespace or "default")
                task = Task(found, *where, as_json(values), cluster.kubernetes, _apis(cluster))
                look = Look(cluster.kubernetes, self._given, components)
                self._known[key] = judge(chart, task, values, self._render, look)
        return self._known[key]


def _apis(cluster: Cluster) -> tuple[str, ...]:
    """The API versions, and the kinds of each, that the components of a cluster serve: charts ask for them."""
    out: set[str] = set()
    for name, version in cluster.components.items():
        found = component(name)
        release = found.at(version) if found is not None else None
        for group, kinds in (release.served if release is not None else {}).items():
            for kind, versions in kinds.items():
                out |= {f"{group}/{each}" for each in versions} | {f"{group}/{each}/{kind}" for each in versions}
    return tuple(sorted(out))


def _place(at: Places, name: str, path: Path) -> Path:
    """The nearest thing to a place in values that somebody wrote; where nobody gave values, the component."""
    whole: Path = ("values", name, *path)
    while len(whole) > 2 and at.origin(whole) is None:
        whole = whole[:-1]
    return ("components", name) if at.origin(whole) is None else whole


def _diagnostic(said: Said, span: Span, where: list[tuple[str, Path]]) -> Diagnostic:
    names = sorted({name for name, _ in where})
    more = f" and {len(names) - _MOST_NAMES} more" * (len(names) > _MOST_NAMES)
    on = f" (on {', '.join(names[:_MOST_NAMES])}{more})"
    return Diagnostic(said.code, f"{said.message}{on}", span, said.hint, ("spec", *where[0][1]))


def replaced(checks: dict[str, dict[str, int]], notes: list[tuple[str, str, str, int]], counts: Counts) -> None:
    """Put how charts ended into a summary, in place of what a run without them says."""
    mine = checks.setdefault("chart", {})
    unread = sum(number for rule, _, reason, number in notes if rule == "chart" and reason == CHART)
    referenced = State.REFERENCED.value
    mine[referenced] = mine.get(referenced, 0) - unread
    notes[:] = [note for note in notes if (note[0], note[2]) != ("chart", CHART)]
    for state, reasons in counts.get("chart", {}).items():
        mine[state] = mine.get(state, 0) + sum(reasons.values())
        notes += [("chart", state, reason, number) for reason, number in reasons.items() if reason]
    notes.sort()
    checks["chart"] = {state: number for state, number in sorted(mine.items()) if number}

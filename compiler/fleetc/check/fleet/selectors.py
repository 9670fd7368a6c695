"""Selectors that find nothing: a Service without pods, a budget that protects nobody, a monitor of no service; and
ports that nothing of what they find has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.targets import Port, Selection
from fleetc.check.fleet.view import Cell, View
from fleetc.check.rules.access import Map, at, items
from fleetc.check.rules.selectors import matches
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.tuples import NamedTuple

_CUSTOM = "pods that custom resources of the namespace start are not known"
_NO_PODS = (
    "leaderworkerset.x-k8s.io",
    "kueue.x-k8s.io",
    "multicluster.x-k8s.io",
    "net.gke.io",
    "cilium.io",
    "coreos.com",
    "external-secrets.io",
    "cert-manager.io",
    "keda.sh",
    "kyverno.io",
)
_NO_PODS_EITHER = ("grafana.integreatly.org GrafanaDashboard",)
"""Kinds of groups of which others start pods."""


class _Candidate(NamedTuple):
    """Pods or a Service that can be found: its labels, and its named ports with their protocols."""

    labels: Map
    ports: tuple[tuple[str, str], ...]


def selector(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `selector`: something emitted on the cluster has the labels, and the ports, that are looked for."""
    candidates = _Candidates(view)
    valid = 0
    for row, cell in view.rows:
        alone, open_ = view.once(("selections", cell), partial(_within, cell))
        valid += alone
        for n, selection in open_:
            found = candidates.found(selection)
            if found:
                missing = _missing(selection, found)
                valid += 1 + len(selection.ports) - len(missing)
                tally.add("selector", State.INVALID, len(missing))
                for port in missing:
                    place, name = view.place(row, n, port.path), name_of(cell.items[n])
                    yield Finding(codes.DANGLING_SELECTOR, place, name, *_no_port(selection, port, found))
            elif selection.what == "pods" and selection.namespace in candidates.custom:
                tally.add("selector", State.PARTIAL, reason=_CUSTOM)
            else:
                tally.add("selector", State.INVALID)
                message = f"selects no {selection.what} in namespace {selection.namespace}"
                hint = f"give it the labels of {selection.what} that are emitted there"
                place = view.place(row, n, selection.path)
                yield Finding(codes.DANGLING_SELECTOR, place, name_of(cell.items[n]), message, hint)
    tally.add("selector", State.VALID, valid)


def _no_port(selection: Selection, port: Port, found: Iterable[_Candidate]) -> tuple[str, str]:
    said = f"`{port.name}` ({port.protocol})" if port.protocol else f"`{port.name}`"
    names = sorted({f"{name} ({protocol})" for candidate in found for name, protocol in candidate.ports})
    hint = f"their ports: {', '.join(names)}" if names else "name the port where it is opened"
    return f"selects {selection.what} without a port named {said}", hint


def _within(cell: Cell) -> tuple[int, tuple[tuple[int, Selection], ...]]:
    """How many selections and ports are found in their own cell, and the other ones. Shared by all clusters."""
    all_ = [(n, selection) for n, item in enumerate(cell.items) for selection in item.facts.selections]
    found = {id(s): [c for c in _candidates(cell, s) if _fits(s, c)] for _, s in all_}
    open_ = tuple((n, s) for n, s in all_ if not found[id(s)] or _missing(s, found[id(s)]))
    return sum(1 + len(s.ports) for _, s in all_) - sum(1 + len(s.ports) for _, s in open_), open_


def _candidates(cell: Cell, selection: Selection) -> Iterator[_Candidate]:
    if selection.what == "pods":
        for pods in cell.pods:
            if pods.namespace == selection.namespace:
                yield _Candidate(pods.labels, tuple((name, protocol) for name, protocol, _ in pods.ports))
        return
    for item in cell.items:
        if item.facts.identity.kind == " Service" and item.facts.identity.namespace == selection.namespace:
            named = [
                (str(port["name"]), str(port.get("protocol") or "TCP"))
                for _, port in items(at(item.shape.object, "spec"), "ports")
                if port.get("name")
            ]
            yield _Candidate(at(item.shape.object, "metadata", "labels"), tuple(named))


def _fits(selection: Selection, candidate: _Candidate) -> bool:
    return matches(selection.selector, candidate.labels) is None


def _missing(selection: Selection, found: Iterable[_Candidate]) -> list[Port]:
    """The ports that nothing of what was found has."""
    there = {port for candidate in found for port in candidate.ports}
    names = {name for name, _ in there}
    return [p for p in selection.ports if (p.name, p.protocol) not in there and (p.protocol or p.name not in names)]


class _Candidates:
    """What selectors of a cluster can find; made only when a cell does not find it in itself."""

    def __init__(self, view: View) -> None:
        self._view = view

    def found(self, selection: Selection) -> list[_Candidate]:
        """Everything that fits, of all cells."""
        cells = (cell for _, cell in self._view.rows)
        return [c for cell in cells for c in _candidates(cell, selection) if _fits(selection, c)]

    @cached_property
    def custom(self) -> set[str]:
        """The namespaces that hold custom resources, other than those which are known to start no pods."""
        return {
            item.facts.identity.namespace
            for _, _, item in self._view.items()
            if "." in item.facts.identity.kind.partition(" ")[0]
            and not item.facts.identity.kind.partition(" ")[0].endswith((".k8s.io", *_NO_PODS))
            and item.facts.identity.kind not in _NO_PODS_EITHER
        }

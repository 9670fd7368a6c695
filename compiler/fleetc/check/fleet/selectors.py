"""Selectors that find nothing: a Service without pods, a budget that protects nobody, a monitor of no service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.facts import Selection
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.view import Cell, View
from fleetc.check.rules.access import Map, at
from fleetc.check.rules.selectors import matches
from fleetc.check.states import State
from fleetc.diagnostics import codes

_CUSTOM = "pods that custom resources of the namespace start are not known"


def selector(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `selector`: something emitted on the cluster has the labels that are looked for."""
    candidates = _Candidates(view)
    valid = 0
    for row, cell in view.rows:
        alone, open_ = view.once(("selections", cell), partial(_within, cell))
        valid += alone
        for n, selection in open_:
            if candidates.found(selection):
                valid += 1
            elif selection.what == "pods" and selection.namespace in candidates.custom:
                tally.add("selector", State.PARTIAL, reason=_CUSTOM)
            else:
                tally.add("selector", State.INVALID)
                message = f"selects no {selection.what} in namespace {selection.namespace}"
                hint = f"give it the labels of {selection.what} that are emitted there"
                place = view.place(row, n, selection.path)
                yield Finding(codes.DANGLING_SELECTOR, place, name_of(cell.items[n]), message, hint)
    tally.add("selector", State.VALID, valid)


def _within(cell: Cell) -> tuple[int, tuple[tuple[int, Selection], ...]]:
    """How many selections find something in their own cell, and the others. Shared by all clusters."""
    all_ = [(n, selection) for n, item in enumerate(cell.items) for selection in item.facts.selections]
    open_ = tuple((n, s) for n, s in all_ if not any(_fits(s, labels) for labels in _labels(cell, s)))
    return len(all_) - len(open_), open_


def _labels(cell: Cell, selection: Selection) -> Iterator[Map]:
    if selection.what == "pods":
        return (pods.labels for pods in cell.pods if pods.namespace == selection.namespace)
    return (
        at(item.shape.object, "metadata", "labels")
        for item in cell.items
        if item.facts.identity.kind == " Service" and item.facts.identity.namespace == selection.namespace
    )


def _fits(selection: Selection, labels: Map) -> bool:
    return matches(selection.selector, labels) is None


class _Candidates:
    """What selectors of a cluster can find; made only when a cell does not find it in itself."""

    def __init__(self, view: View) -> None:
        self._view = view

    def found(self, selection: Selection) -> bool:
        """Whether any cell has something that fits."""
        return any(_fits(selection, labels) for _, cell in self._view.rows for labels in _labels(cell, selection))

    @cached_property
    def custom(self) -> set[str]:
        """The namespaces that hold custom resources, other than those which are known to start no pods."""
        return {
            item.facts.identity.namespace
            for _, _, item in self._view.items()
            if "." in item.facts.identity.kind.partition(" ")[0]
            and not item.facts.identity.kind.partition(" ")[0].endswith((".k8s.io", *_NO_PODS))
        }


_NO_PODS = ("cilium.io", "coreos.com", "external-secrets.io", "cert-manager.io", "keda.sh", "kyverno.io")

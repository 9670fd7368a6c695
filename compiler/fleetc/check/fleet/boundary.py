"""A team's Manifest stays in the team's namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.view import Cell, View
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.emission.emission import Row


def boundary(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `boundary`: it holds only namespaced objects, in namespaces that the team has on this cluster."""
    for row, cell in view.rows:
        team = view.manifests.get(row.subject)
        if team is None:
            continue
        namespaces = tuple(namespace.name for namespace in view.teams[team].namespaces)
        found = view.once((boundary, cell, namespaces), partial(_found, cell, namespaces))
        tally.add("boundary", State.VALID, len(cell.items) - len(found))
        tally.add("boundary", State.INVALID, len(found))
        yield from (_outside(view, row, n, name_of(cell.items[n]), team, namespaces) for n in found)


def _found(cell: Cell, namespaces: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(n for n, item in enumerate(cell.items) if item.facts.identity.namespace not in namespaces)


def _outside(view: View, row: Row, n: int, name: str, team: str, namespaces: tuple[str, ...]) -> Finding:
    message = f"is in none of the namespaces of team {team} ({', '.join(namespaces)})"
    hint = "move it to one of them, or to a Manifest without a team, which the platform's owners review"
    return Finding(codes.OUTSIDE_TEAM, view.place(row, n, ("metadata", "namespace")), name, message, hint)

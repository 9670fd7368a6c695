"""A team's Manifest stays in the team's namespaces, and gives nobody access that the team's spec does not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.targets import BINDING
from fleetc.check.fleet.view import Cell, Item, View
from fleetc.check.rules.access import at, items
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_MOVE: Final = "move it to one of them, or to a Manifest without a team, which the platform's owners review"
_GIVE: Final = "give the team namespaces, or move it to a Manifest without a team, which the platform's owners review"
_MEMBERS: Final = "name the group in the team's `members`, or bind a Role to a ServiceAccount of the team"


class _Outside(NamedTuple):
    """What in the n-th object of a cell reaches too far."""

    object: int
    path: Path
    message: str
    hint: str


def boundary(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `boundary`: only namespaced objects, in namespaces that the team has on this cluster; and its RoleBindings
    give Roles to ServiceAccounts of the team, nothing else to nobody else."""
    for row, cell in view.rows:
        team = view.manifests.get(row.subject)
        if team is None:
            continue
        node = view.teams.get(team)  # None: the team is here and emits nothing, as it has no namespaces
        namespaces = tuple(namespace.name for namespace in node.namespaces) if node else ()
        found = view.once((boundary, cell, team, namespaces), partial(_found, cell, team, namespaces))
        bad = len({outside.object for outside in found})
        tally.add("boundary", State.VALID, len(cell.items) - bad)
        tally.add("boundary", State.INVALID, bad)
        for n, path, message, hint in found:
            yield Finding(codes.OUTSIDE_TEAM, view.place(row, n, path), name_of(cell.items[n]), message, hint)


def _found(cell: Cell, team: str, namespaces: tuple[str, ...]) -> tuple[_Outside, ...]:
    return tuple(found for n, item in enumerate(cell.items) for found in _judge(n, item, team, namespaces))


def _judge(n: int, item: Item, team: str, namespaces: tuple[str, ...]) -> Iterator[_Outside]:
    if item.facts.identity.namespace not in namespaces:
        if namespaces:
            message, hint = f"is in none of the namespaces of team {team} ({', '.join(namespaces)})", _MOVE
        else:
            message, hint = f"belongs to team {team}, which has no namespaces here", _GIVE
        yield _Outside(n, ("metadata", "namespace"), message, hint)
    elif item.facts.identity.kind == BINDING:
        obj = item.shape.object
        if at(obj, "roleRef").get("kind") == "ClusterRole":
            yield _Outside(n, ("roleRef", "kind"), f"gives a ClusterRole in a namespace of team {team}", _MEMBERS)
        for m, subject in items(obj, "subjects"):
            own = subject.get("kind") == "ServiceAccount" and subject.get("namespace") in (None, "", *namespaces)
            if not own:
                message = f"gives a role to {subject.get('kind')} {subject.get('name')}, whom team {team} does not own"
                yield _Outside(n, ("subjects", m, "name"), message, _MEMBERS)

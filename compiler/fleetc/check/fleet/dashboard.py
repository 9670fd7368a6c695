"""Dashboards: JSON that Grafana reads, and by which it tells them apart."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fleetc.check.findings import Finding, Place, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.view import Cell, View
from fleetc.check.states import State
from fleetc.diagnostics import codes


def dashboard(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `dashboard`: each can be read, and no two on a cluster have one `uid`, by which one would replace the
    other."""
    first: dict[str, tuple[Place, str]] = {}
    for row, cell in view.rows:
        for n in cell.dashboards:
            for path, wrong, uid in view.once(("dashboard", cell, n), partial(_read, cell, n)):
                place, about = view.place(row, n, path), name_of(cell.items[n])
                other = first.setdefault(uid, (place, about)) if uid else None
                if wrong is not None:
                    hint = "export it from Grafana again, or correct it"
                    yield Finding(codes.BROKEN_DASHBOARD, place, about, f"no dashboard: {wrong}", hint)
                elif other is not None and other[0] != place:
                    message = f"its uid `{uid}` is that of {other[1]}: in Grafana, one replaces the other"
                    related = ((other[0], "the other one"),)
                    yield Finding(codes.BROKEN_DASHBOARD, place, about, message, "give it a uid of its own", related)
                else:
                    tally.add("dashboard", State.VALID)
                    continue
                tally.add("dashboard", State.INVALID)


def _read(cell: Cell, position: int) -> list[tuple[tuple[str | int, ...], str | None, str]]:
    """For each dashboard of an object: where it stands, what is wrong with it, and its uid."""
    # Imported here: most fleets have none.
    from fleetc.check.boards import boards, wrong_of  # noqa: PLC0415

    return [(board.path, wrong_of(board), board.uid) for board in boards(cell.items[position].shape.object)]

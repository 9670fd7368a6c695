"""PromQL in PrometheusRules and dashboards: what is one, and whether anything on the cluster exposes what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.view import View
from fleetc.check.states import State


def promql(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `promql`: expressions are PromQL, and read metrics and labels that there are."""
    if not any(cell.rules or cell.dashboards for _, cell in view.rows):
        return
    # Imported here: who has neither does not pay for the catalogue.
    from fleetc.check.metrics_read import UNDECLARED, Known, NotFilledError, expressions, unreadable  # noqa: PLC0415
    from fleetc.check.promql import NotInstalledError, NotPromQLError  # noqa: PLC0415

    rows = [
        (row, cell, view.once(("promql", cell), partial(expressions, cell)))
        for row, cell in view.rows
        if cell.rules or cell.dashboards
    ]
    known = Known(view, [found.recorded for _, _, found in rows])
    for row, cell, found in rows:
        for one in found.all:
            if isinstance(one.found, NotInstalledError | NotFilledError):
                tally.add("promql", State.SKIPPED, reason=str(one.found))
                continue
            if isinstance(one.found, NotPromQLError):
                wrong, open_ = [unreadable(one.found)], False
            else:
                wrong, open_ = list(known.wrong(one.found)), known.is_open(one.found)
            state = State.INVALID if wrong else State.PARTIAL if open_ else State.VALID
            tally.add("promql", state, reason=UNDECLARED if state is State.PARTIAL else "")
            place, about = view.place(row, one.object, one.path), name_of(cell.items[one.object])
            for each in wrong:
                yield Finding(each.code, place, about, each.message, each.hint, word=each.word)

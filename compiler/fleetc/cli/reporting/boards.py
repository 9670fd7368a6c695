"""The layout of dashboards, drawn: a list of panels for who reads it, a grid for who looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fleetc.cli.planning.units import count
from fleetc.cli.reporting.html import Content, Html, el, join
from fleetc.cli.reporting.parts import lines, names, nothing, place, section

Data = dict[str, Any]
_TYPES: Final = {"timeseries": "time series", "bargauge": "bar gauge", "piechart": "pie chart"}


def dashboards(data: Data) -> Html:
    """Every dashboard with its panels."""
    found: list[Data] = data["dashboards"]
    about = "What stands where on Grafana's grid. A dashboard that is the same on several clusters is drawn once."
    if not found:
        return section("dashboards", "Dashboards", nothing("No dashboards are emitted."), about=about)
    boards = [el("article", _board(one, n), aria_labelledby=f"board{n}") for n, one in enumerate(found)]
    return section("dashboards", "Dashboards", el("div", boards, class_="boards"), about=about)


def rules(found: Iterable[Data]) -> str:
    """The rules of the style sheet for the places that panels have: nothing else may say them on a page that takes no
    other style."""
    wanted = sorted({("x", p["x"], p["w"]) for one in found for p in one["panels"]})
    rows = sorted({("y", p["y"], p["h"]) for one in found for p in one["panels"]})
    columns = "".join(f".x{at}-{size}{{grid-column:{at + 1}/span {size}}}\n" for _, at, size in wanted)
    return columns + "".join(f".y{at}-{size}{{grid-row:{at + 1}/span {size}}}\n" for _, at, size in rows)


def _board(one: Data, n: int) -> Content:
    panels: Sequence[Data] = one["panels"]
    drawn = sum(panel["type"] != "row" for panel in panels)
    identity = " ".join(
        filter(None, (one["kind"], "/".join(filter(None, (one["namespace"], one["name"], one["key"])))))
    )
    made_by = join(count(drawn, "panel"), f" · {identity} · {one['subject']} · ", place(one["span"]))
    said = lines(made_by, names(one["clusters"]), one["problem"])
    shown = el("ol", [_panel(panel) for panel in panels], class_="grid") if panels else nothing("No panels.")
    return join(el("h3", one["title"], id=f"board{n}"), el("div", said, class_="facts"), shown)


def _panel(panel: Data) -> Html:
    classes = f"x{panel['x']}-{panel['w']} y{panel['y']}-{panel['h']}"
    if panel["type"] == "row":
        folded = f"folded: {', '.join(panel['inside'])}" if panel["inside"] else None
        return el("li", panel["title"], el("small", folded) if folded else None, class_=f"row {classes}")
    return el("li", el("b", panel["title"]), el("small", _TYPES.get(panel["type"], panel["type"])), class_=classes)

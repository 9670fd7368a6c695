"""A dashboard as Grafana reads it, made with Grafana's own builders, which know its fields and their types."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from fleetc.emission.texts import document
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.dashboards.chart import Chart, Row

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.timeseries import Panel

WIDTH: Final = 24
"""Columns of Grafana's grid."""
HEIGHT: Final = 8
SOURCE: Final = "datasource"
"""The variable of a dashboard by which its reader chooses a Prometheus."""
_RED: Final = "red"
_GREEN: Final = "green"


class Link(NamedTuple):
    """A page that helps."""

    title: str
    url: str


class Board(NamedTuple):
    """A dashboard but for its charts. `range` and `refresh` are lengths of time as Grafana writes them."""

    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    range: str
    refresh: str
    links: tuple[Link, ...]


class Place(NamedTuple):
    """Where a panel stands in the grid."""

    x: int
    y: int
    w: int
    h: int


@lru_cache(maxsize=64)
def text(board: Board, rows: tuple[Row, ...]) -> str:
    """The dashboard as JSON, an entry a line. Remembered: most experiments on what is read move nothing of it."""
    with warnings.catch_warnings():
        # Its classes for dashboards of this form, which operator and sidecar read, say that there are newer ones.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Imported here: 60 ms, for those that have dashboards.
        from grafana_foundation_sdk.cog.encoder import JSONEncoder  # noqa: PLC0415

        made = _dashboard(board, rows)
    return document(json.loads(JSONEncoder(sort_keys=True).encode(made)))


def places(rows: Sequence[Row]) -> Iterator[tuple[Row, Place, list[Place]]]:
    """Where rows and their charts stand: up to three beside each other."""
    y = 0
    for row in rows:
        head, charts = Place(0, y, WIDTH, 1), list[Place]()
        y += 1
        columns = 3 if len(row.charts) > 4 or len(row.charts) == 3 else min(len(row.charts), 2)
        for n in range(len(row.charts)):
            line, column = divmod(n, columns)
            width = WIDTH // columns
            charts.append(Place(column * width, y + line * HEIGHT, width, HEIGHT))
        y += -(-len(row.charts) // columns) * HEIGHT if columns else 0
        yield row, head, charts


def _dashboard(board: Board, rows: Sequence[Row]) -> Any:
    from grafana_foundation_sdk.builders import dashboard as built  # noqa: PLC0415 - as above

    made = built.Dashboard(board.title).uid(board.uid).description(board.description).tags(list(board.tags))
    made.editable().refresh(board.refresh).time(f"now-{board.range}", "now").tooltip(_crosshair())
    made.with_variable(built.DatasourceVariable(SOURCE).label("Prometheus").type("prometheus"))
    for link in board.links:
        made.link(built.DashboardLink(link.title).type(_link()).url(link.url).target_blank(True))
    ids = count(1)
    for row, head, charts in places(rows):
        made.with_row(built.Row(row.title).id(next(ids)).grid_pos(_position(head)))
        for chart, place in zip(row.charts, charts, strict=True):
            made.with_panel(_panel(chart, next(ids), place))
    return made.build()


def _crosshair() -> Any:
    from grafana_foundation_sdk.models.dashboard import DashboardCursorSync  # noqa: PLC0415 - as above

    return DashboardCursorSync.CROSSHAIR


def _link() -> Any:
    from grafana_foundation_sdk.models.dashboard import DashboardLinkType  # noqa: PLC0415 - as above

    return DashboardLinkType.LINK


def _position(place: Place) -> Any:
    from grafana_foundation_sdk.models.dashboard import GridPos  # noqa: PLC0415 - as above

    return GridPos(h=place.h, w=place.w, x=place.x, y=place.y)


def _panel(chart: Chart, id: int, place: Place) -> Panel:
    from grafana_foundation_sdk.builders import prometheus, timeseries  # noqa: PLC0415 - as above
    from grafana_foundation_sdk.models.common import DataSourceRef  # noqa: PLC0415 - as above

    source = DataSourceRef(type_val="prometheus", uid=f"${{{SOURCE}}}")
    made = timeseries.Panel().id(id).title(chart.title).description(chart.description).unit(chart.unit)
    made.grid_pos(_position(place)).datasource(source).legend(_legend())
    for n, query in enumerate(chart.queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(_letters(n)).range().datasource(source)
        made.with_target(target.legend_format(query.legend or "__auto"))
    if chart.limits:
        _limited(made, chart.limits)
    return made


def _legend() -> Any:
    from grafana_foundation_sdk.builders.common import VizLegendOptions  # noqa: PLC0415 - as above
    from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement  # noqa: PLC0415 - as above

    return VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)


def _limited(made: Panel, limits: Sequence[float]) -> None:
    """Lines where the limits are."""
    from grafana_foundation_sdk.builders import common as built  # noqa: PLC0415 - as above
    from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig  # noqa: PLC0415 - as above
    from grafana_foundation_sdk.models import common, dashboard  # noqa: PLC0415 - as above

    steps = [dashboard.Threshold(None, _GREEN), *[dashboard.Threshold(limit, _RED) for limit in limits]]
    made.thresholds(ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps))
    made.thresholds_style(built.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.LINE))


def _letters(n: int) -> str:
    """What Grafana calls queries: A to Z, then AA."""
    whole, rest = divmod(n, 26)
    return f"{_letters(whole - 1) if whole else ''}{chr(65 + rest)}"

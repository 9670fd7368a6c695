"""Kind Dashboard: what Grafana shows of a model, a pool, a team, or all that is on a cluster."""

from typing import ClassVar, Literal

from fleetc.language.placement import Selector
from fleetc.language.types import (
    DurationText,
    LabelSelector,
    Line,
    Name,
    Node,
    NumberText,
    Part,
    PromqlText,
)

Intent = Literal["objectives", "latency", "throughput", "kvCache", "queue", "errors", "gpu", "quota"]
"""What panels are about, in the order in which a dashboard has them."""
AnyIntent = Literal["auto", "objectives", "latency", "throughput", "kvCache", "queue", "errors", "gpu", "quota"]
Unit = Literal[
    "number",
    "seconds",
    "ratio",
    "percent",
    "bytes",
    "perSecond",
    "requestsPerSecond",
    "watts",
    "celsius",
]


class Shown(Part):
    """What a Dashboard is about, one of them: `fleet` is all that is on a cluster."""

    SHORT: ClassVar[str] = "scope"

    model: Name | None
    pool: Name | None
    team: Name | None
    scope: Literal["fleet"] | None


class Query(Part):
    """A panel of expressions that its author wrote. `legend` has labels as {{LABEL}}; `threshold` is a line."""

    KEY: ClassVar[str] = "title"

    title: Line
    promql: tuple[PromqlText, ...]
    unit: Unit
    legend: Line | None
    description: Line | None
    threshold: NumberText | None


class Dashboard(Node):
    """Panels by what they are about (`auto`: all that something measures there), and those that its author wrote. With
    a `team` it is in that team's namespace, else where the monitoring is."""

    FROM_METADATA: ClassVar[tuple[str, ...]] = ("team",)

    team: Name | None
    for_: Shown
    title: Line | None
    panels: tuple[AnyIntent, ...]
    queries: tuple[Query, ...]
    refresh: DurationText
    range: DurationText
    instances: LabelSelector
    placement: Selector

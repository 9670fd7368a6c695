"""Kind Objective: how good a model, or a team's queue, has to be, who is told when it is not, and what is unusual."""

from typing import ClassVar, Literal

from fleetc.language.placement import Selector
from fleetc.language.types import DurationText, LatencyText, Name, Node, NumberText, Part, ShareText, Subdomain, UrlText

Indicator = Literal["timeToFirstToken", "timePerOutputToken", "queueWait", "availability"]
Signal = Literal["latency", "errors", "utilization", "queue"]
Severity = Literal["page", "ticket"]


class Notice(Part):
    """Who is told of alerts of a severity: the address or key is in a Secret of the namespace, at `key`."""

    KEY: ClassVar[str] = "severity"

    severity: Severity
    type: Literal["pagerduty", "slack", "webhook"]
    secret: Subdomain
    key: Name


class Anomaly(Part):
    """What is unusual of a signal.

    `seasonal`: more than `deviations` standard deviations, and more than `margin`, away from what it was at this time
    of the week, over three weeks. `change`: within minutes, more than `factor` times what it was in the hour before.
    More is unusual of latency, errors and the queue; of the use of devices, less is, too.
    """

    KEY: ClassVar[str] = "signal"

    signal: Signal
    methods: tuple[Literal["seasonal", "change"], ...]
    deviations: NumberText
    margin: ShareText
    factor: NumberText
    severity: Severity


class Objective(Node):
    """A share of requests, `target`, that has to be good over a `window`: faster than `threshold`, or answered. Of a
    model, or of the queue of one of the team's namespaces."""

    FROM_METADATA: ClassVar[tuple[str, ...]] = ("team",)

    team: Name
    model: Name | None
    queue: Name | None
    indicator: Indicator
    threshold: LatencyText | None
    target: ShareText
    window: DurationText
    runbook: UrlText | None
    notices: tuple[Notice, ...]
    anomalies: tuple[Anomaly, ...]
    placement: Selector

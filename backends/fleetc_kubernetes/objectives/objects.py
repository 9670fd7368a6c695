"""AlertmanagerConfig as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Metadata


class SecretKey(TypedDict):
    """A key of a Secret."""

    name: str
    key: str


class Matcher(TypedDict):
    """A label that an alert has."""

    name: str
    value: str
    matchType: Literal["="]


class PagerDuty(TypedDict):
    """A service of PagerDuty, by its integration key."""

    routingKey: SecretKey


class Slack(TypedDict):
    """A webhook of Slack."""

    apiURL: SecretKey


class Webhook(TypedDict):
    """Any other webhook."""

    urlSecret: SecretKey


class Receiver(TypedDict):
    """Who is told."""

    name: str
    pagerdutyConfigs: NotRequired[list[PagerDuty]]
    slackConfigs: NotRequired[list[Slack]]
    webhookConfigs: NotRequired[list[Webhook]]


class SubRoute(TypedDict):
    """Alerts of one severity."""

    receiver: str
    matchers: list[Matcher]


class Route(TypedDict):
    """Alerts of one Objective."""

    receiver: str
    matchers: list[Matcher]
    groupBy: list[str]
    routes: list[SubRoute]


class AlertmanagerConfigSpec(TypedDict):
    """Who is told of which alerts."""

    route: Route
    receivers: list[Receiver]


class AlertmanagerConfig(TypedDict):
    """monitoring.coreos.com AlertmanagerConfig."""

    apiVersion: str
    kind: Literal["AlertmanagerConfig"]
    metadata: Metadata
    spec: AlertmanagerConfigSpec

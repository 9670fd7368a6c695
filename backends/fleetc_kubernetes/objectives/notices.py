"""AlertmanagerConfigs: who is told of the alerts of an Objective."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ObjectiveSite
from fleetc.language.objective import Notice
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.objectives.indicator import indicator_of, subject_of
from fleetc_kubernetes.rules import GROUP

if TYPE_CHECKING:
    from fleetc_kubernetes.objectives.objects import AlertmanagerConfig, Matcher, Receiver

_NOBODY: Final = "nobody"


def alertmanager_configs(s: ObjectiveSite) -> Iterator[AlertmanagerConfig]:
    """One, where somebody is to be told and rules are. Alertmanager takes it for alerts of its own namespace."""
    version = served_in(s.cluster.components, GROUP, "AlertmanagerConfig", "v1alpha1")
    subject = subject_of(s)
    if version is None or subject is None or not s.objective.notices or indicator_of(s, subject) is None:
        return
    notices = s.objective.notices
    yield {
        "apiVersion": version,
        "kind": "AlertmanagerConfig",
        "metadata": team_metadata(s, s.objective.name, subject.namespace),
        "spec": {
            "route": {
                "receiver": _NOBODY,
                "matchers": [_is("objective", s.objective.name)],
                "groupBy": ["alertname"],
                "routes": [{"receiver": n.severity, "matchers": [_is("severity", n.severity)]} for n in notices],
            },
            "receivers": [{"name": _NOBODY}, *(_receiver(notice) for notice in notices)],
        },
    }


def _is(label: str, value: str) -> Matcher:
    return {"name": label, "value": value, "matchType": "="}


def _receiver(notice: Notice) -> Receiver:
    made: Receiver = {"name": notice.severity}
    match notice.type:
        case "pagerduty":
            made["pagerdutyConfigs"] = [{"routingKey": {"name": notice.secret, "key": notice.key}}]
        case "slack":
            made["slackConfigs"] = [{"apiURL": {"name": notice.secret, "key": notice.key}}]
        case "webhook":
            made["webhookConfigs"] = [{"urlSecret": {"name": notice.secret, "key": notice.key}}]
    return made

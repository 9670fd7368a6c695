"""Rules of Prometheus: objects that hold them, as TypedDicts, and the expressions that several of them are made of."""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Labels, Metadata

GROUP: Final = "monitoring.coreos.com"
OWNER: Final = "namespace_pod:fleetc_owner:info"
"""Recorded: for each pod of a team, the team and the model that it serves."""
ACTIVE: Final = "namespace_model_team:gpu_active:avg"
"""Recorded: how busy the devices of a model are, from 0 to 1."""


Rule = TypedDict(
    "Rule",
    {
        "record": NotRequired[str],
        "alert": NotRequired[str],
        "expr": str,
        "for": NotRequired[str],
        "labels": NotRequired[Labels],
        "annotations": NotRequired[dict[str, str]],
    },
)
"""A rule that records, or one that alerts."""


class RuleGroup(TypedDict):
    """Rules that are evaluated one after the other."""

    name: str
    rules: list[Rule]


class RuleSpec(TypedDict):
    """Groups, told apart by name."""

    groups: list[RuleGroup]


class PrometheusRule(TypedDict):
    """monitoring.coreos.com PrometheusRule."""

    apiVersion: str
    kind: Literal["PrometheusRule"]
    metadata: Metadata
    spec: RuleSpec


def recording(name: str, expr: str, labels: Labels | None = None) -> Rule:
    """A rule that records; of several with one name, labels tell them apart."""
    made: Rule = {"record": name, "expr": text(expr)}
    if labels:
        made["labels"] = labels
    return made


def text(expr: str) -> str:
    """An expression as it is written: what has quotes ends its line, so that YAML shows it as it is."""
    return f"{expr}\n" if '"' in expr else expr


def quoted(value: str) -> str:
    """A string of PromQL."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

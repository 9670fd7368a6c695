"""What the rules of an Objective have in common: labels, and the words and labels of alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleetc.emission.site import ObjectiveSite
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.objectives.indicator import Subject
from fleetc_kubernetes.rules import quoted, text

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Labels
    from fleetc_kubernetes.rules import Rule


class Said(NamedTuple):
    """What an alert says."""

    summary: str
    description: str


def of(s: ObjectiveSite) -> str:
    """The matchers of what is recorded for an Objective."""
    return f"{{objective={quoted(s.objective.name)}}}"


def labels_of(s: ObjectiveSite, subject: Subject) -> Labels:
    """The labels of what is recorded."""
    return {"objective": s.objective.name, "team": s.objective.team, subject.kind: subject.name}


def goal(s: ObjectiveSite) -> str:
    """What an Objective asks for, in words."""
    node = s.objective
    what = f"{node.indicator} within {node.threshold}" if node.threshold is not None else node.indicator
    return f"{node.target} of {what} over {node.window}"


def alert(
    s: ObjectiveSite, subject: Subject, name: str, expr: str, severity: str, said: Said, lasting: str | None = None
) -> Rule:
    """An alert of an Objective, told when its condition lasted so long.

    Its namespace is that in which an AlertmanagerConfig can say who is told.
    """
    annotations = {"summary": said.summary, "description": said.description}
    if s.objective.runbook is not None:
        annotations["runbook_url"] = s.objective.runbook
    labels = {"severity": severity, "namespace": subject.namespace, **labels_of(s, subject)}
    made: Rule = {"alert": name, "expr": text(expr)}
    if lasting is not None:
        made["for"] = lasting
    made["labels"] = labels
    made["annotations"] = annotations
    return made

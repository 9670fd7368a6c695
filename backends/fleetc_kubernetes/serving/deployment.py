"""Deployments: parts whose replicas are each on one node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.names import of_part, part_metadata
from fleetc_kubernetes.serving.pod import template
from fleetc_kubernetes.serving.scale import scaler

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import Deployment

_DEADLINE: Final = 2 * 3600
"""Until a rollout without progress counts as failed: a pod may take an hour to start, and as long to load weights."""


def deployments(s: ModelSite) -> Iterator[Deployment]:
    """A Deployment for each part with one pod a replica."""
    for part in s.serving.parts:
        if part.nodes == 1:
            made: Deployment = {
                "apiVersion": api_version("Deployment", s.cluster),
                "kind": "Deployment",
                "metadata": part_metadata(s, part),
                "spec": {
                    "replicas": part.least,
                    "revisionHistoryLimit": 2,
                    "progressDeadlineSeconds": _DEADLINE,
                    "selector": {"matchLabels": of_part(s, part)},
                    # The plan has room for these replicas and no more: a pod that came before the old one went would
                    # wait for devices that only the old one has.
                    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
                    "template": template(s, part),
                },
            }
            if scaler(s, part) is not None:
                del made["spec"]["replicas"]  # It is the autoscaler's.
            yield made

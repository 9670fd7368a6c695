"""LeaderWorkerSets: parts whose replicas are each on several nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc_kubernetes.serving.names import part_metadata
from fleetc_kubernetes.serving.pod import template
from fleetc_kubernetes.serving.scale import LWS, scaler

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import LeaderWorkerSet


def leader_worker_sets(s: ModelSite) -> Iterator[LeaderWorkerSet]:
    """A LeaderWorkerSet for each part with several pods a replica. Its controller makes the headless Service by which
    the pods of a group find their leader."""
    for part in s.serving.parts:
        api = served_in(s.cluster.components, LWS, "LeaderWorkerSet", "v1") if part.nodes > 1 else None
        if api is not None:
            made: LeaderWorkerSet = {
                "apiVersion": api,
                "kind": "LeaderWorkerSet",
                "metadata": part_metadata(s, part),
                "spec": {
                    "replicas": part.least,
                    "startupPolicy": "LeaderCreated",
                    # As with Deployments: there is no room for a group beside the old one.
                    "rolloutStrategy": {
                        "type": "RollingUpdate",
                        "rollingUpdateConfiguration": {"maxUnavailable": 1, "maxSurge": 0},
                    },
                    "networkConfig": {"subdomainPolicy": "Shared"},
                    "leaderWorkerTemplate": {
                        "size": part.nodes,
                        # Ranks do not join a group that runs: when one goes, all start again.
                        "restartPolicy": "RecreateGroupOnPodRestart",
                        "leaderTemplate": template(s, part),
                        "workerTemplate": template(s, part, leader=False),
                    },
                },
            }
            if scaler(s, part) is not None:
                del made["spec"]["replicas"]  # It is the autoscaler's.
            yield made

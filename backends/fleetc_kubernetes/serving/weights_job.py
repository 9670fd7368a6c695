"""The Job that fills a model's shared volume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving import weights
from fleetc_kubernetes.serving.container import loader, resources, scratch
from fleetc_kubernetes.serving.names import model_metadata, pod_labels
from fleetc_kubernetes.serving.pod import priority_class, security

if TYPE_CHECKING:
    from fleetc_kubernetes.pod_objects import PodSpec
    from fleetc_kubernetes.serving.objects import Job

_CPU: Final = 2000
_MEMORY: Final = 4 * 2**30
"""What it takes to copy files, some at once; they are not held in memory."""


def weights_jobs(s: ModelSite) -> Iterator[Job]:
    """A Job for each revision, for a Job cannot change. It runs on any node: it needs no devices, and those that have
    some are for servers.

    It has no time to live: what syncs it from git would make a Job that is gone again, and load the weights once more.
    """
    if weights.kept(s) != "shared":
        return
    spec: PodSpec = {
        "serviceAccountName": s.model.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "OnFailure",
        "securityContext": security(),
        "containers": [loader(s, resources(_CPU, _MEMORY))],
        "volumes": [
            {"name": weights.VOLUME, "persistentVolumeClaim": {"claimName": weights.claim_name(s)}},
            *scratch(),
        ],
    }
    if (priority := priority_class(s)) is not None:
        spec["priorityClassName"] = priority
    yield {
        "apiVersion": api_version("Job", s.cluster),
        "kind": "Job",
        "metadata": model_metadata(s, f"{weights.claim_name(s)}-{weights.digest(s)}"),
        "spec": {"backoffLimit": 10, "template": {"metadata": {"labels": pod_labels(s, "loader")}, "spec": spec}},
    }

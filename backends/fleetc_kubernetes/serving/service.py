"""The Service of a model: all servers of all its parts, under one name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.names import HTTP, model_metadata, release_of, servers

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import Service


def services(s: ModelSite) -> Iterator[Service]:
    """One Service, at the engine's port. It leaves out the workers of groups, which answer no requests."""
    yield {
        "apiVersion": api_version("Service", s.cluster),
        "kind": "Service",
        "metadata": model_metadata(s, s.model.name),
        "spec": {
            "selector": servers(s),
            "ports": [{"name": HTTP, "protocol": "TCP", "port": release_of(s).port, "targetPort": HTTP}],
        },
    }

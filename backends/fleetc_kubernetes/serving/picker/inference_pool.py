"""InferencePools: the servers of a model, among which the endpoint picker chooses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.serving.names import model_metadata, release_of, servers
from fleetc_kubernetes.serving.picker.names import GRPC_PORT, picker_name, picker_of, pool_version

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.picker.objects import InferencePool


def inference_pools(s: ModelSite) -> Iterator[InferencePool]:
    """One for all parts, as the Service."""
    api = pool_version(s)
    if api is not None and picker_of(s) is not None:
        yield {
            "apiVersion": api,
            "kind": "InferencePool",
            "metadata": model_metadata(s, s.model.name),
            "spec": {
                "selector": {"matchLabels": servers(s)},
                "targetPorts": [{"number": release_of(s).port}],
                # Without the picker a request gets any server, not none.
                "endpointPickerRef": {
                    "name": picker_name(s),
                    "port": {"number": GRPC_PORT},
                    "failureMode": "FailOpen",
                },
            },
        }

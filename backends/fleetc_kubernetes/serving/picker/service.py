"""The Service of the endpoint picker, which the InferencePool names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.picker.names import GRPC, GRPC_PORT, picker_metadata, picker_of, selected

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import Service


def services(s: ModelSite) -> Iterator[Service]:
    """At the port of Envoy's external processing, which is gRPC."""
    if picker_of(s) is not None:
        yield {
            "apiVersion": api_version("Service", s.cluster),
            "kind": "Service",
            "metadata": picker_metadata(s),
            "spec": {
                "selector": selected(s),
                "ports": [
                    {
                        "name": GRPC,
                        "protocol": "TCP",
                        # As in the chart of llm-d/llm-d-router v0.10.0, with TLS or without.
                        "appProtocol": "kubernetes.io/h2c",
                        "port": GRPC_PORT,
                        "targetPort": GRPC,
                    }
                ],
            },
        }

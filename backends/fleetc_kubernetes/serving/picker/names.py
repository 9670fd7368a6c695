"""Where there is an endpoint picker, and how its objects are called and labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc.language.cluster import Picker
from fleetc_kubernetes.metadata import team_labels, team_metadata
from fleetc_kubernetes.serving.names import COMPONENT, namespace

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Labels, Metadata

GROUP: Final = "inference.networking.k8s.io"
KIND: Final = "InferencePool"
PICKER: Final = "fleetc.dev/picker"
"""On the picker's objects and pods, its model. They do not have the model's own label, which selects its servers."""

GRPC: Final = "grpc"
HEALTH: Final = "health"
GRPC_PORT: Final = 9002
HEALTH_PORT: Final = 9003
"""Defaults of --grpc-port and --grpc-health-port: pkg/epp/server/options.go of llm-d/llm-d-router v0.10.0."""


def picker_of(s: ModelSite) -> Picker | None:
    """The endpoint picker of the Gateway that routes the model; None where its route names the Service."""
    gateway = s.cluster.network.gateway
    # A picker chooses among the servers of its own cluster.
    if s.model.routing.hostname is None or s.model.routing.shared() or gateway.name is None:
        return None
    return gateway.picker if gateway.picker.image is not None and pool_version(s) is not None else None


def pool_version(s: ModelSite) -> str | None:
    """The apiVersion of InferencePools."""
    return served_in(s.cluster.components, GROUP, KIND, "v1")


def picker_name(s: ModelSite) -> str:
    """The name of the picker's objects; that of the InferencePool is the model's."""
    return f"{s.model.name}-endpoint-picker"


def picker_metadata(s: ModelSite) -> Metadata:
    """The metadata of the picker's objects."""
    made = team_metadata(s, picker_name(s), namespace(s))
    made["labels"][PICKER] = s.model.name
    return made


def picker_labels(s: ModelSite) -> Labels:
    """The labels of its pods."""
    return {**team_labels(s), **selected(s), COMPONENT: "picker"}


def selected(s: ModelSite) -> Labels:
    """What selects its pods."""
    return {PICKER: s.model.name}

"""The InferencePool as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, TypedDict

from fleetc_kubernetes.objects import Labels, Metadata


class PoolSelector(TypedDict):
    """Which pods are its servers."""

    matchLabels: Labels


class PoolPort(TypedDict):
    """A port by its number."""

    number: int


class PickerRef(TypedDict):
    """The Service of the endpoint picker, and what happens while nobody answers there."""

    name: str
    port: PoolPort
    failureMode: Literal["FailOpen"]


class PoolSpec(TypedDict):
    """Servers, and who chooses among them."""

    selector: PoolSelector
    targetPorts: list[PoolPort]
    endpointPickerRef: PickerRef


class InferencePool(TypedDict):
    """inference.networking.k8s.io InferencePool."""

    apiVersion: str
    kind: Literal["InferencePool"]
    metadata: Metadata
    spec: PoolSpec

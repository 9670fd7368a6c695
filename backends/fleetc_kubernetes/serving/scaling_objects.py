"""Autoscalers as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, TypedDict

from fleetc_kubernetes.objects import Metadata


class ScaleTarget(TypedDict):
    """What is scaled."""

    apiVersion: str
    kind: str
    name: str


class ScalingPolicy(TypedDict):
    """So many pods in so many seconds at most."""

    type: Literal["Pods"]
    value: int
    periodSeconds: int


class ScalingRules(TypedDict):
    """How long a need has to last, and how fast it is met."""

    stabilizationWindowSeconds: int
    policies: list[ScalingPolicy]


class ScalingBehavior(TypedDict):
    """How replicas come and go."""

    scaleUp: ScalingRules
    scaleDown: ScalingRules


class MetricName(TypedDict):
    """A metric."""

    name: str


class MetricTarget(TypedDict):
    """What the metric is to be for each pod."""

    type: Literal["AverageValue"]
    averageValue: str


class PodsMetricSource(TypedDict):
    """A metric of the pods that are scaled."""

    metric: MetricName
    target: MetricTarget


class PodsMetric(TypedDict):
    """What replicas are scaled by."""

    type: Literal["Pods"]
    pods: PodsMetricSource


class AutoscalerSpec(TypedDict):
    """How many replicas, by which metrics."""

    scaleTargetRef: ScaleTarget
    minReplicas: int
    maxReplicas: int
    metrics: list[PodsMetric]
    behavior: ScalingBehavior


class HorizontalPodAutoscaler(TypedDict):
    """autoscaling HorizontalPodAutoscaler."""

    apiVersion: str
    kind: Literal["HorizontalPodAutoscaler"]
    metadata: Metadata
    spec: AutoscalerSpec


class TriggerMetadata(TypedDict):
    """A query, and what its result is to be for each replica."""

    serverAddress: str
    query: str
    threshold: str


class Trigger(TypedDict):
    """What replicas are scaled by."""

    type: Literal["prometheus"]
    metricType: Literal["AverageValue"]
    metadata: TriggerMetadata


class KedaAutoscaler(TypedDict):
    """Settings of the autoscaler that KEDA makes."""

    behavior: ScalingBehavior


class KedaAdvanced(TypedDict):
    """Settings that KEDA hands on."""

    horizontalPodAutoscalerConfig: KedaAutoscaler


class ScaledObjectSpec(TypedDict):
    """How many replicas, by which queries."""

    scaleTargetRef: ScaleTarget
    pollingInterval: int
    minReplicaCount: int
    maxReplicaCount: int
    advanced: KedaAdvanced
    triggers: list[Trigger]


class ScaledObject(TypedDict):
    """keda.sh ScaledObject."""

    apiVersion: str
    kind: Literal["ScaledObject"]
    metadata: Metadata
    spec: ScaledObjectSpec

"""Kind Telemetry: what Prometheus reads on clusters, how often and for how long, and which metrics there are."""

from typing import Annotated, ClassVar, Literal

from fleetc.language.placement import Selector
from fleetc.language.types import (
    Bytes,
    DurationText,
    LabelSelector,
    MetricLabel,
    MetricText,
    Name,
    Node,
    Part,
    Quantity,
    Range,
    Subdomain,
    UrlPathText,
    UrlText,
)

Exporter = Literal["dcgm-exporter", "kube-state-metrics", "kueue", "argo-cd"]
"""Sources of the catalogue's metrics that are no part of a model; a test holds the two together."""


class Target(Part):
    """What exposes metrics: the Services with all labels of `selector` in a namespace, at a port by its name. Over
    `https` it is asked with the token of Prometheus's own account, and its certificate is not verified."""

    KEY: ClassVar[str] = "source"

    source: Exporter
    namespace: Name
    selector: LabelSelector
    port: Name
    path: UrlPathText
    scheme: Literal["http", "https"]
    interval: DurationText | None


class Receiver(Part):
    """Where samples are sent on to, by Prometheus's remote write. What it asks for is in a Secret beside Prometheus:
    `username` and `password`, or a `token`."""

    KEY: ClassVar[str] = "name"

    name: Name
    url: UrlText
    secret: Subdomain | None
    login: Literal["basic", "bearer"]


class Volume(Part):
    """The volume of each replica; without a size, samples go with the pod. `class` is one of the cluster's."""

    SHORT: ClassVar[str] = "size"

    size: Bytes | None
    storage_class: Subdomain | None


class Prometheus(Part):
    """The Prometheus that the Prometheus Operator runs; without a retention none is made, and another one reads what
    monitors say."""

    SHORT: ClassVar[str] = "retention"

    retention: DurationText | None
    replicas: Annotated[int, Range(1, 16)]
    cpu: Quantity
    memory: Bytes
    storage: Volume
    remote_write: tuple[Receiver, ...]


class Alertmanager(Part):
    """A Service that alerts are sent to; without a namespace, beside Prometheus."""

    KEY: ClassVar[str] = "name"

    name: Name
    namespace: Name | None
    port: Name


class Declared(Part):
    """Metrics that the catalogue does not have, by name or by how their names begin, and their labels; without any,
    every label is taken."""

    KEY: ClassVar[str] = "name"

    name: MetricText
    labels: tuple[MetricLabel, ...]


class Telemetry(Node):
    """What is measured on clusters: at most one is on each. It is where the cluster says that its `monitoring` is."""

    interval: DurationText
    kubelet: bool
    targets: tuple[Target, ...]
    prometheus: Prometheus
    alertmanagers: tuple[Alertmanager, ...]
    metrics: tuple[Declared, ...]
    placement: Selector

"""Metrics that Prometheus reads: what exposes them, their labels and buckets, and in which versions they are there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from fleetc.catalogue.engines import order
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple

TARGET_LABELS: Final = ("job", "instance", "namespace", "service", "pod", "container", "endpoint", "node")
"""What the Prometheus Operator sets on every series from the target that it was read from."""

_PARTS: Final = ("_bucket", "_sum", "_count")


class MetricType(StrEnum):
    """What Prometheus calls the type of a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(NamedTuple):
    """One metric.

    `labels` are its own; those of its source are on it too unless it is `alone`. One that ends in `*` stands for all
    that begin so. `role` is what it is to objectives and dashboards, whatever its name is in a version. It is there
    from the version `since` on and no longer in `until`, and only with `condition` where that is given. `buckets` are
    the upper bounds of a histogram without the last, which is infinite; none where they follow from settings or were
    not found.
    """

    name: str
    type: MetricType
    unit: str
    meaning: str
    role: str | None = None
    labels: tuple[str, ...] = ()
    alone: bool = False
    since: str | None = None
    until: str | None = None
    condition: str | None = None
    buckets: tuple[float, ...] = ()

    def at(self, version: str | None) -> bool:
        """Whether it is there in a version; in one that is not known it is."""
        if version is None:
            return True
        wanted = order(version)
        early = self.since is not None and wanted < order(self.since)
        return not early and (self.until is None or wanted < order(self.until))

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its series."""
        if self.type is MetricType.HISTOGRAM:
            return tuple(self.name + part for part in _PARTS)
        return (self.name,)


class Source(NamedTuple):
    """What exposes metrics: an engine of the catalogue by its name, or what is named by its own project.

    `component` is the one whose version decides which metrics there are; engines have their own version, and of the
    others the version is not known. `labels` are on all of its series.
    """

    name: str
    metrics: tuple[Metric, ...]
    component: str | None = None
    labels: tuple[str, ...] = ()

    def metric(self, name: str, version: str | None = None) -> Metric | None:
        """The metric of that name, in a version; None where there is none."""
        return next((m for m in self.metrics if m.name == name and m.at(version)), None)

    def of_role(self, role: str, version: str | None = None) -> Metric | None:
        """The metric that has a role, such as `timeToFirstToken`, in a version; None where there is none."""
        return next((m for m in self.metrics if m.role == role and m.at(version)), None)

    def labels_of(self, metric: Metric) -> tuple[str, ...]:
        """All labels of its series that it exposes: without those of the target, and without `le`."""
        return metric.labels if metric.alone else (*self.labels, *metric.labels)


class Found(NamedTuple):
    """Where a series comes from."""

    source: Source
    metric: Metric


@cache
def sources() -> tuple[Source, ...]:
    """Every source, in the order of the table."""
    return rows("metrics", Source)


def source(name: str) -> Source | None:
    """The source of that name; None when it is not in the catalogue."""
    return next((s for s in sources() if s.name == name), None)


@cache
def _by_series() -> Mapping[str, Found]:
    return {name: Found(s, m) for s in sources() for m in s.metrics for name in m.series}


def of_series(name: str) -> Found | None:
    """The metric that a series is of, such as that of `NAME_bucket`; None when no source exposes it.

    Native histograms have no such series; none of the sources has only those.
    """
    return _by_series().get(name)


def series_names() -> tuple[str, ...]:
    """The names of all series, to propose one where a name is unknown."""
    return tuple(_by_series())

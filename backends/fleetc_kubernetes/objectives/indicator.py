"""Service level indicators: of a model or a queue, how much there is of what an Objective is about, and how much of it
is bad."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from fleetc.catalogue.metrics import Metric, source
from fleetc.emission.site import ObjectiveSite
from fleetc.language.amounts import time
from fleetc.language.burning import decimal
from fleetc.language.measures import QUEUES, is_latency, measure
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.rules import quoted
from fleetc_kubernetes.tenancy.local_queue import NAME

_OURS: Final = "fleetc_dev_model"
"""The label of pods `fleetc.dev/model`, as series of the engine have it."""


class Subject(NamedTuple):
    """What an Objective is about on a cluster: what exposes metrics of it, in which version, the matchers that select
    it, and its name."""

    exposes: str
    version: str | None
    selector: str
    kind: str
    name: str
    namespace: str


def subject_of(s: ObjectiveSite) -> Subject | None:
    """The model that is served here, or the queue; None where it is not here."""
    node = s.objective
    if node.model is not None:
        serving = s.servings.get(node.model)
        if serving is None:
            return None
        namespace = s.team.namespaces[0].name
        selector = f"namespace={quoted(namespace)}, {_OURS}={quoted(node.model)}"
        return Subject(serving.engine, serving.version, selector, "model", node.model, namespace)
    assert node.queue is not None
    selector = f"namespace={quoted(node.queue)}, name={quoted(NAME)}"
    return Subject(QUEUES, s.cluster.components.get(QUEUES), selector, "queue", node.queue, node.queue)


class Indicator(NamedTuple):
    """Expressions of rates over a window, such as `5m`."""

    metric: Metric
    selector: str
    bound: str | None
    """How the threshold stands among the labels of buckets; None where requests are answered or not."""

    def total(self, window: str) -> str:
        """Everything, a second."""
        if self.bound is None:
            return f"sum(rate({self.metric.name}{{{self._served()}}}[{window}]))"
        return f"sum(rate({self.metric.name}_count{{{self.selector}}}[{window}]))"

    def bad(self, window: str) -> str:
        """What is not good of it, a second."""
        if self.bound is None:
            failed = f'{self._served()}, status="5xx"'
            # Before the first failure there is no such series, and nothing is bad.
            return f"(sum(rate({self.metric.name}{{{failed}}}[{window}]))\nor vector(0))"
        good = f"sum(rate({self.metric.name}_bucket{{{self.selector}, {self.bound}}}[{window}]))"
        return f"({self.total(window)}\n- {good})"

    def _served(self) -> str:
        """Requests of the API, and no probes."""
        return f'{self.selector}, handler=~"/v1/.*"'


def indicator_of(s: ObjectiveSite, subject: Subject) -> Indicator | None:
    """How an Objective is measured; None where it is not, which is checked before."""
    node = s.objective
    metric = measure(node.indicator, subject.exposes, subject.version)
    if metric is None:
        return None
    bound = bucket(time(node.threshold)) if is_latency(node) and node.threshold is not None else None
    return Indicator(metric, subject.selector, bound)


def failures_of(subject: Subject) -> Indicator | None:
    """Requests, and those that fail."""
    metric = measure("availability", subject.exposes, subject.version)
    return Indicator(metric, subject.selector, None) if metric is not None else None


def latency_of(s: ObjectiveSite, subject: Subject) -> Metric | None:
    """The histogram of what an Objective is about; of one about availability, that of the time to the first token."""
    wanted = s.objective.indicator if is_latency(s.objective) else "timeToFirstToken"
    return measure(wanted, subject.exposes, subject.version)


def waiting_of(subject: Subject) -> Metric | None:
    """How much waits."""
    found = source(subject.exposes)
    if found is None:
        return None
    if subject.exposes == QUEUES:
        return found.metric("kueue_local_queue_pending_workloads", subject.version)
    return found.of_role("waiting", subject.version)


def bucket(seconds: Fraction) -> str:
    """The matcher of a bucket. Whole bounds are `1` to clients in Go and `1.0` to those in Python, and to Prometheus
    from version 3 on; to older ones each is what the client says."""
    text = decimal(seconds)
    return f"le={quoted(text)}" if "." in text else f'le=~"{text}(\\\\.0)?"'

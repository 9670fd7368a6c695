"""What cannot be of an Objective or a Telemetry, with its layers merged."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from fleetc.diagnostics import Diagnostic, codes
from fleetc.language import amounts
from fleetc.language.measures import is_latency
from fleetc.language.objective import Anomaly, Objective
from fleetc.language.telemetry import Telemetry
from fleetc.resolve.places import Places
from fleetc.source.span import Path

_LONGEST: Final = 90 * 86400
"""Seconds: what is told of longer windows is told too late by any."""


def measuring_findings(node: Objective | Telemetry, at: Places) -> Iterator[Diagnostic]:
    """Everything that is wrong with one of them, as it is on some cluster."""
    if isinstance(node, Telemetry):
        yield from _telemetry(node, at)
        return
    yield from _subject(node, at)
    yield from _threshold(node, at)
    yield from _target(node, at)
    for anomaly in node.anomalies:
        yield from _anomaly(node, anomaly, at)


def _subject(node: Objective, at: Places) -> Iterator[Diagnostic]:
    if node.model is None and node.queue is None:
        message = f"Objective {node.name} is about no model and no queue"
        yield at.problem(codes.MISSING_FIELD, message, (), "add `model`, or `queue` with a namespace of the team")
    elif node.model is not None and node.queue is not None:
        message, hint = f"Objective {node.name} is about a model and about a queue", "make two Objectives of it"
        yield at.problem(codes.INVALID_VALUE, message, ("queue",), hint, (("model",), "the model"))
    elif node.queue is not None and node.indicator != "queueWait":
        message = f"`{node.indicator}` of a queue: all that is known of one is how long workloads wait"
        yield at.problem(codes.INVALID_VALUE, message, ("indicator",), "write queueWait, or name a model")


def _threshold(node: Objective, at: Places) -> Iterator[Diagnostic]:
    if is_latency(node) and node.threshold is None:
        message = f"`threshold` is missing in Objective {node.name}: how long {node.indicator} may be"
        yield at.problem(codes.MISSING_FIELD, message, (), "add `threshold`, such as 500ms")
    elif not is_latency(node) and node.threshold is not None:
        message = f"a threshold of {node.indicator}: a request is answered, or it is not"
        yield at.problem(codes.INVALID_VALUE, message, ("threshold",), "remove it", (("indicator",), "the indicator"))


def _target(node: Objective, at: Places) -> Iterator[Diagnostic]:
    target, window = amounts.share(node.target), amounts.time(node.window)
    if target == 1:
        message = f"Objective {node.name} allows no bad request at all: there is no error budget that could burn"
        yield at.problem(codes.UNMEETABLE, message, ("target",), "write what is good enough, such as 99.9%")
    elif target == 0:
        message = f"Objective {node.name} is met by any requests"
        yield at.problem(codes.UNMEETABLE, message, ("target",), "write what is good enough, such as 99%")
    if window > _LONGEST:
        message = f"a window of {node.window}: longer than 90d, a budget says nothing of the service as it is"
        yield at.problem(codes.BAD_WINDOW, message, ("window",), "write 28d, or another one of 90d at most")


def _anomaly(node: Objective, anomaly: Anomaly, at: Places) -> Iterator[Diagnostic]:
    path: Path = ("anomalies", anomaly.signal)
    if node.queue is not None and anomaly.signal != "queue":
        message = f"`{anomaly.signal}` of a queue: all that is known of one is what waits in it"
        yield at.problem(codes.INVALID_VALUE, message, (*path, "signal"), "remove it, or name a model")
    if not anomaly.methods:
        message, hint = f"no method tells what is unusual of {anomaly.signal}", "write seasonal, change or both"
        yield at.problem(codes.INVALID_VALUE, message, (*path, "methods"), hint)
    if Decimal(anomaly.deviations) <= 0:
        message, hint = "a band without a width: half of all that is usual is outside", "write a number above 0"
        yield at.problem(codes.INVALID_VALUE, message, (*path, "deviations"), hint)
    if Decimal(anomaly.factor) <= 1:
        message, hint = "a factor of 1 or less: what does not change would be a change", "write a number above 1"
        yield at.problem(codes.INVALID_VALUE, message, (*path, "factor"), hint)


def _telemetry(node: Telemetry, at: Places) -> Iterator[Diagnostic]:
    for target in node.targets:
        if not target.selector:
            message = f"`selector` is missing: which Services of {target.namespace} are {target.source}"
            hint = "add their labels, such as selector: {app: dcgm-exporter}"
            yield at.problem(codes.MISSING_FIELD, message, ("targets", target.source), hint)
    made = node.prometheus
    if made.retention is None:
        idle: list[tuple[str, Path]] = [("alertmanagers", ("alertmanagers",))] if node.alertmanagers else []
        idle += [("remoteWrite", ("prometheus", "remoteWrite"))] if made.remote_write else []
        idle += [("storage", ("prometheus", "storage"))] if made.storage.size is not None else []
        for name, path in idle:
            message = f"`{name}` of no Prometheus: Telemetry {node.name} makes none"
            yield at.problem(codes.INVALID_VALUE, message, path, "add `prometheus.retention`, or remove it")
    elif made.storage.size is None and made.storage.storage_class is not None:
        message, hint = "a class of no volume: the storage has no size", "add `size`, or remove `storageClass`"
        yield at.problem(codes.INVALID_VALUE, message, ("prometheus", "storage", "storageClass"), hint)
    for receiver in made.remote_write:
        if receiver.secret is not None and receiver.url.startswith("http://"):
            message = f"credentials for {receiver.name} would go over the network as they are"
            path = ("prometheus", "remoteWrite", receiver.name, "url")
            yield at.problem(codes.INVALID_VALUE, message, path, "use https")

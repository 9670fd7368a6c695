"""What stands against Telemetries and Objectives where they are: what is not measured there, or is not kept for long
enough, and thresholds that no boundary of a histogram is at."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, cast

from fleetc.catalogue.components import served_in
from fleetc.diagnostics import Code, Diagnostic, Related, codes
from fleetc.language import amounts
from fleetc.language.burning import duration, enough, shortest_window
from fleetc.language.cluster import Cluster
from fleetc.language.document import Locate
from fleetc.language.measures import ENGINE_INTERVAL, QUEUES, is_latency, measure, neighbours
from fleetc.language.objective import Anomaly, Objective
from fleetc.language.table import TABLE_FILE
from fleetc.language.telemetry import Telemetry
from fleetc.language.wording import listing
from fleetc.plan.plan import Plan, Subject
from fleetc.plan.waiting import is_served, is_waiting
from fleetc.resolve.places import Places
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

GROUP: Final = "monitoring.coreos.com"
SEASONS: Final = 22 * 86400
"""Seconds that are kept where bands look back three weeks, and half a day around."""


class _Against(NamedTuple):
    code: Code
    path: Path
    message: str
    hint: str


def measured(plan: Plan, locate: Locate, *, whole: bool = True) -> Iterator[Diagnostic]:
    """Everything that is wrong, each thing once. Without `whole`, the plan is of some clusters."""
    if not any(subject.kind in ("Telemetry", "Objective") for subject in plan.subjects.values()):
        return
    found = list(_twice(plan, locate))
    for subject in plan.subjects.values():
        if subject.kind == "Telemetry":
            found += _telemetry(plan, subject, locate)
        elif subject.kind == "Objective":
            found += _objective(plan, subject, locate, whole)
    yield from dict.fromkeys(found)


def _twice(plan: Plan, locate: Locate) -> Iterator[Diagnostic]:
    """Clusters of two Telemetries; of all that two share, one is told."""
    told: set[tuple[str, ...]] = set()
    for n, cluster in enumerate(plan.world.clusters):
        first, *others = plan.names_on("Telemetry", n) or ("",)
        for other in others:
            if (first, other) not in told:
                told.add((first, other))
                at: Path = ("metadata", "name")
                docs = [plan.world.docs[f"Telemetry/{name}"] for name in (first, other)]
                message = f"cluster {cluster.name} is in Telemetry {other} and in Telemetry {first}"
                related = (Related(docs[0].span(locate, at), "the other one"),)
                hint = "make their placements exclude each other"
                yield Diagnostic(codes.TWO_TELEMETRIES, message, docs[1].span(locate, at), hint, at, related)


def _places(plan: Plan, subject: Subject, cluster: int, locate: Locate) -> Places:
    doc = plan.doc(subject, cluster)
    return Places(doc, plan.world.layers(doc, cluster), locate)


def _telemetry(plan: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    said: set[tuple[str, ...]] = set()
    for n in subject.placed:
        node, cluster = cast(Telemetry, plan.world.variant(subject.id, n)), plan.world.clusters[n]
        yield from _told(plan, subject, n, locate, _unscraped(node, cluster), said)


def _told(
    plan: Plan, subject: Subject, cluster: int, locate: Locate, found: Iterator[_Against], said: set[tuple[str, ...]]
) -> Iterator[Diagnostic]:
    """What is the same of several clusters is said of the first of them."""
    for one in found:
        key = (one.code.code, repr(one.path), one.hint)
        if key not in said:
            said.add(key)
            places = _places(plan, subject, cluster, locate)
            # What the built-in table says nobody can mend there.
            path = () if places.span(one.path).file == TABLE_FILE else one.path
            yield places.problem(one.code, one.message, path, one.hint)


def _unscraped(node: Telemetry, cluster: Cluster) -> Iterator[_Against]:
    at = f"on cluster {cluster.name}"
    if served_in(cluster.components, GROUP, "ServiceMonitor", "v1") is None:
        message = f"nothing {at} reads what Telemetry {node.name} says: there is no ServiceMonitor"
        hint = "add component prometheus-operator to its platform, or leave the cluster out of the placement"
        yield _Against(codes.NOT_SCRAPED, ("placement",), message, hint)
    if cluster.monitoring.namespace is None:
        message = f"where Telemetry {node.name} is {at} is not known"
        hint = "write `monitoring.namespace` of the cluster"
        yield _Against(codes.NOT_SCRAPED, ("placement",), message, hint)
    wanted = node.prometheus.storage.storage_class
    known = {c.name for c in cluster.storage.classes} | {*cluster.existing.storage_classes}
    if wanted is not None and wanted not in known:
        path = ("prometheus", "storage", "storageClass")
        hint = f"name one of {listing(sorted(known))}" if known else "add it to the cluster's `storage.classes`"
        yield _Against(codes.UNKNOWN_REFERENCE, path, f"there is no storage class `{wanted}` {at}", hint)


def _objective(plan: Plan, subject: Subject, locate: Locate, whole: bool) -> Iterator[Diagnostic]:
    heard, said = False, set[tuple[str, ...]]()
    for n in subject.placed:
        node = cast(Objective, plan.world.variant(subject.id, n))
        if node.model is not None and not is_served(plan, node.model, n):
            continue
        heard = True
        yield from _told(plan, subject, n, locate, _against(_Here(plan, node, n)), said)
    if whole and subject.placed and not heard and not is_waiting(plan, subject):
        n = subject.placed[0]
        node = cast(Objective, plan.world.variant(subject.id, n))
        message = f"Model {node.model} is on none of the clusters of Objective {node.name}"
        hint = "widen the placement of one of them"
        yield _places(plan, subject, n, locate).problem(codes.NOT_MEASURED, message, ("model",), hint)


class _Here:
    """An Objective on a cluster, with what measures it there."""

    def __init__(self, plan: Plan, node: Objective, cluster: int) -> None:
        self.node = node
        self.cluster = plan.world.clusters[cluster]
        self.serving = plan.serving(node.model, cluster) if node.model is not None else None
        names = plan.names_on("Telemetry", cluster)
        found = plan.world.variant(f"Telemetry/{names[0]}", cluster) if names else None
        self.telemetry = cast(Telemetry | None, found)
        team = plan.team(node.team, cluster)
        self.namespaces = tuple([item.name for item in team.namespaces]) if team is not None else ()
        self.exposes = self.serving.engine if self.serving is not None else QUEUES
        self.version = self.serving.version if self.serving is not None else self.cluster.components.get("kueue")

    def reads(self, source: str) -> bool:
        """Whether the Telemetry there reads a source."""
        return self.telemetry is not None and any(t.source == source for t in self.telemetry.targets)

    def interval(self) -> Fraction:
        """How often what measures it is read."""
        if self.serving is not None or self.telemetry is None:
            return ENGINE_INTERVAL
        target = next((t for t in self.telemetry.targets if t.source == QUEUES), None)
        return amounts.time((target.interval if target else None) or self.telemetry.interval)


def _against(here: _Here) -> Iterator[_Against]:
    node, at = here.node, f"on cluster {here.cluster.name}"
    if here.serving is not None and here.serving.team != node.team:
        message = f"Model {node.model} is team {here.serving.team}'s, not team {node.team}'s"
        hint = f"name one of its own, or make it an Objective of team {here.serving.team}"
        yield _Against(codes.INVALID_VALUE, ("model",), message, hint)
        return
    if served_in(here.cluster.components, GROUP, "PrometheusRule", "v1") is None:
        hint = "add component prometheus-operator to its platform, or leave the cluster out of the placement"
        message = f"there is no PrometheusRule {at}: nobody would look at Objective {node.name}"
        yield _Against(codes.NOT_MEASURED, ("placement",), message, hint)
        return
    if node.queue is not None:
        yield from _queue(here, at)
    yield from _histogram(here, at)
    yield from _windows(here, at)
    for anomaly in node.anomalies:
        yield from _signal(here, anomaly, at)


def _queue(here: _Here, at: str) -> Iterator[_Against]:
    if here.node.queue not in here.namespaces:
        message = f"namespace {here.node.queue} is none of team {here.node.team} {at}"
        yield _Against(codes.UNKNOWN_REFERENCE, ("queue",), message, f"name one of {listing(here.namespaces)}")
    elif here.version is None:
        hint = "add component kueue to its platform, or leave the cluster out of the placement"
        yield _Against(codes.NOT_MEASURED, ("queue",), f"there are no queues {at}", hint)
    elif not here.reads(QUEUES):
        message = f"nothing is known to read the metrics of Kueue {at}"
        yield _Against(codes.NOT_MEASURED, ("queue",), message, "add a target `kueue` to the Telemetry there")


def _histogram(here: _Here, at: str) -> Iterator[_Against]:
    node, what = here.node, f"{here.exposes} {here.version}"
    if here.version is None:
        return
    metric = measure(node.indicator, here.exposes, here.version)
    if metric is None:
        message = f"{what}, which {'serves it' if here.serving else 'queues'} {at}, is not known to measure it"
        hint = "choose another indicator, or leave the cluster out of the placement"
        yield _Against(codes.NOT_MEASURED, ("indicator",), message, hint)
    elif is_latency(node) and node.threshold is not None:
        near = neighbours(metric.buckets, amounts.time(node.threshold))
        if near:
            message = f"how many are faster than {node.threshold} is not counted by {what}: {metric.name} has no "
            message += "such boundary"
            hint = f"write {' or '.join(near)}, the nearest of its boundaries"
            yield _Against(codes.NO_BUCKET, ("threshold",), message, hint)


def _windows(here: _Here, at: str) -> Iterator[_Against]:
    node, window, interval = here.node, amounts.time(here.node.window), here.interval()
    if not enough(window, interval):
        least = duration(shortest_window(interval))
        message = f"a window of {node.window}, of which {at} something is read every {duration(int(interval))}: the "
        message += "shortest alerts would have fewer than 4 samples, or be of one length"
        yield _Against(codes.BAD_WINDOW, ("window",), message, f"write {least} or more")
    kept = here.telemetry.prometheus.retention if here.telemetry is not None else None
    if kept is not None and amounts.time(kept) < window:
        message = f"a window of {node.window}, of which {at} only {kept} are kept"
        hint = "shorten the window, or lengthen `prometheus.retention` of the Telemetry"
        yield _Against(codes.BAD_WINDOW, ("window",), message, hint)


def _signal(here: _Here, anomaly: Anomaly, at: str) -> Iterator[_Against]:
    path: Path = ("anomalies", anomaly.signal)
    kept = here.telemetry.prometheus.retention if here.telemetry is not None else None
    if "seasonal" in anomaly.methods and kept is not None and amounts.time(kept) < SEASONS:
        message = f"a band over three weeks, of which {at} only {kept} are kept"
        hint = f"lengthen `prometheus.retention` of the Telemetry to {duration(SEASONS)}, or write methods: [change]"
        yield _Against(codes.BAD_WINDOW, (*path, "methods"), message, hint)
    if anomaly.signal == "errors" and measure("availability", here.exposes, here.version) is None:
        message = f"{here.exposes} {here.version} is not known to count failures"
        yield _Against(codes.NOT_MEASURED, (*path, "signal"), message, "remove it")
    joined = here.reads("dcgm-exporter") and here.reads("kube-state-metrics")
    if anomaly.signal == "utilization" and not joined:
        message = f"how busy the devices of a model are is not known {at}"
        hint = "add the targets `dcgm-exporter` and `kube-state-metrics` to the Telemetry there"
        yield _Against(codes.NOT_MEASURED, (*path, "signal"), message, hint)

"""Expressions of PrometheusRules and dashboards: what they read, and whether anything on the cluster exposes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from fleetc.catalogue import metrics
from fleetc.catalogue.metrics import TARGET_LABELS, Found
from fleetc.check.boards import boards, targets
from fleetc.check.fleet.view import Cell, View
from fleetc.check.promql import NotInstalledError, NotPromQLError, Query, query
from fleetc.check.rules.access import at, items
from fleetc.diagnostics import Code, codes
from fleetc.language.model import Model
from fleetc.language.telemetry import Telemetry
from fleetc.language.variables import filled, unknown
from fleetc.language.wording import listing, nearest
from fleetc.resolve.models import engine_version
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

UNDECLARED: Final = "which other metrics there are on the cluster, no Telemetry says"
_ALWAYS: Final = frozenset({"up", "ALERTS", "ALERTS_FOR_STATE"})
"""What Prometheus itself makes: `up`, `scrape_*` and the series of alerts."""
_OF_PROMETHEUS: Final = ("scrape_", "prometheus_")
_LABELS: Final = frozenset({"le", "quantile", "prometheus", "prometheus_replica", "cluster", *TARGET_LABELS})
"""What any series may have; `le` is of buckets, and asked of all the same."""


class Expression(NamedTuple):
    """An expression of a cell: in which object and where, its text, and what it reads or why it cannot be told."""

    object: int
    path: Path
    text: str
    found: Query | NotPromQLError | NotInstalledError | NotFilledError


class NotFilledError(ValueError):
    """An expression with variables of its dashboard, of which only Grafana knows what they stand for."""


class Expressions(NamedTuple):
    """All expressions of a cell, and the names under which it records."""

    all: tuple[Expression, ...]
    recorded: frozenset[str]


class Wrong(NamedTuple):
    """What is wrong, what to do, and the word of the expression that it is about ("": all of it)."""

    code: Code
    message: str
    hint: str
    word: str


def unreadable(error: NotPromQLError) -> Wrong:
    """What is wrong with what is no PromQL."""
    return Wrong(codes.BAD_PROMQL, f"not PromQL: {error}", "correct the expression", error.word)


def expressions(cell: Cell) -> Expressions:
    """The expressions of a cell."""
    out, recorded = list[Expression](), set[str]()
    for n in cell.rules:
        for g, group in items(at(cell.items[n].shape.object, "spec"), "groups"):
            for r, rule in items(group, "rules"):
                if isinstance(rule.get("record"), str):
                    recorded.add(rule["record"])
                text = rule.get("expr")
                if isinstance(text, str):
                    out.append(Expression(n, ("spec", "groups", g, "rules", r, "expr"), text, _parsed(text)))
    for n in cell.dashboards:
        for board in boards(cell.items[n].shape.object):
            out += [Expression(n, one.path, one.expr, _filled(one.expr)) for one in targets(board)]
    return Expressions(tuple(out), frozenset(recorded))


def _filled(text: str) -> Query | NotPromQLError | NotInstalledError | NotFilledError:
    """Of a dashboard's expression: with what Grafana puts for its own variables."""
    if unknown(text):
        return NotFilledError("an expression has variables of its dashboard, which only Grafana knows")
    return _parsed(filled(text))


def _parsed(text: str) -> Query | NotPromQLError | NotInstalledError:
    try:
        return query(text)
    except (NotPromQLError, NotInstalledError) as error:
        return error


class Known:
    """Which metrics there are on a cluster."""

    def __init__(self, view: View, recorded: Sequence[frozenset[str]]) -> None:
        self._view = view
        self._recorded = frozenset[str]().union(*recorded)
        self._telemetries = [node for node in view.nodes.values() if isinstance(node, Telemetry)]

    @cached_property
    def _declared(self) -> Mapping[str, frozenset[str]]:
        return {d.name: frozenset(d.labels) for node in self._telemetries for d in node.metrics}

    @cached_property
    def _versions(self) -> Mapping[str, frozenset[str]]:
        """The versions of each engine that serves here, and of each component."""
        out = {name: frozenset([version]) for name, version in self._view.cluster.components.items()}
        for node in self._view.nodes.values():
            if isinstance(node, Model):
                engine = node.engine.name
                out[engine] = out.get(engine, frozenset()) | {engine_version(node.engine)}
        return out

    def _declares(self, series: str) -> frozenset[str] | None:
        """The labels that a Telemetry says a series has, none for any; None where none speaks of it."""
        for name, labels in self._declared.items():
            if series == name or (name.endswith("*") and series.startswith(name[:-1])):
                return labels
        return None

    def is_open(self, found: Query) -> bool:
        """Whether something is read of which nobody says whether it is there."""
        if self._telemetries:
            return False
        return any(r.series and not self._is_known(r.series) for r in found.reads)

    def _is_known(self, series: str) -> bool:
        made = series in _ALWAYS or series in self._recorded or series.startswith(_OF_PROMETHEUS)
        return made or self._declares(series) is not None or metrics.of_series(series) is not None

    def wrong(self, found: Query) -> Iterator[Wrong]:
        """Everything that is wrong with an expression, each thing once."""
        said = dict.fromkeys(wrong for read in found.reads for wrong in self._read(read.series, read.labels))
        for group in found.groups:
            said.update(dict.fromkeys(self._grouped(group.series, group.labels)))
        yield from said

    def _read(self, series: str, labels: Sequence[str]) -> Iterator[Wrong]:
        if not series or series in self._recorded:
            return
        exposed, declared = metrics.of_series(series), self._declares(series)
        if declared is not None:
            # Something else may expose a metric of that name, too.
            if declared:
                theirs = exposed.source.labels_of(exposed.metric) if exposed is not None else ()
                yield from self._labels(series, labels, declared | {*theirs})
            return
        if exposed is None:
            if not self._is_known(series) and self._telemetries:
                names = [*metrics.series_names(), *self._recorded, *self._declared]
                near = nearest(series, names)
                declare = "declare it in `metrics` of the Telemetry there, or correct the name"
                hint = f"did you mean `{near}`?" if near else declare
                yield Wrong(codes.UNKNOWN_METRIC, f"nothing is known to expose `{series}`", hint, series)
            return
        gone = self._absent(exposed)
        if gone is not None:
            yield Wrong(codes.UNKNOWN_METRIC, *gone, series)
        else:
            yield from self._labels(series, labels, frozenset(exposed.source.labels_of(exposed.metric)))

    def _absent(self, exposed: Found) -> tuple[str, str] | None:
        """Why none of the versions that are here has a metric, and what to read instead."""
        source, metric = exposed
        versions = sorted(self._versions.get(source.component or source.name, ()))
        if not versions or any(metric.at(version) for version in versions):
            return None
        message = f"{source.name} {versions[0]} does not expose `{metric.name}`"
        other = source.of_role(metric.role, versions[0]) if metric.role is not None else None
        if other is not None:
            return message, f"there it is `{other.name}`"
        until = f", until {metric.until}" if metric.until else ""
        return message, f"it is there since {metric.since}{until}" if metric.since else f"it is there{until}"

    def _labels(self, series: str, labels: Sequence[str], has: frozenset[str]) -> Iterator[Wrong]:
        patterns = tuple(label[:-1] for label in has if label.endswith("*"))
        for label in labels:
            ours = label.startswith(("fleetc_dev_", "exported_"))
            if label in has or label in _LABELS or ours or (patterns and label.startswith(patterns)):
                continue
            near = nearest(label, sorted({*has, *TARGET_LABELS}))
            hint = f"did you mean `{near}`?" if near else f"it has {listing(sorted(has))}"
            yield Wrong(codes.UNKNOWN_LABEL, f"`{series}` has no label `{label}`", hint, label)

    def _grouped(self, series: Sequence[str], labels: Sequence[str]) -> Iterator[Wrong]:
        """Labels that no series has by which something is grouped."""
        found = [metrics.of_series(name) for name in series]
        if not series or any(f is None or self._declares(n) is not None for n, f in zip(series, found, strict=True)):
            return
        has = frozenset(label for f in found if f is not None for label in f.source.labels_of(f.metric))
        yield from self._labels(series[0], labels, has)

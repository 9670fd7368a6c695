"""Charts of what engines tell of models: the metrics of a role, whatever they are called in a version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.metrics import Metric
from fleetc.emission.site import DashboardSite
from fleetc.language.amounts import time
from fleetc.language.intents import Topic, engine_metrics, objectives
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.dashboards.chart import Chart, Query, grouped, quantile, rate
from fleetc_kubernetes.rules import quoted

_MODEL: Final = "fleetc_dev_model"
"""The label of pods `fleetc.dev/model`, as series of the engine have it."""
_API: Final = 'handler=~"/v1/.*"'
"""Requests of the API, and no probes."""
_LATENCIES: Final = (
    ("timeToFirstToken", "Time to first token"),
    ("timePerOutputToken", "Time per output token"),
    ("requestLatency", "Request latency"),
)
_QUANTILES: Final = (("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99"))
TOKENS: Final = "suffix: tok/s"


class Scope(NamedTuple):
    """Which series are meant: their matchers, and the labels that tell the models apart, if there may be several."""

    matchers: str
    by: str

    @property
    def legend(self) -> str:
        """How several are told apart."""
        return f"{{{{{self.by}}}}}" if self.by else ""


def scope_of(s: DashboardSite, of: Topic) -> Scope:
    """The series of a model, of a team's models, or of all."""
    if of.about == "fleet":
        return Scope(f'{_MODEL}!=""', _MODEL)
    team = of.name
    if of.about == "model":
        serving = s.servings.get(of.name)
        team = serving.team if serving is not None else ""
    found = s.teams.get(team)
    namespace = f"namespace={quoted(found.namespaces[0].name)}, " if found is not None else ""
    if of.about == "model":
        return Scope(f"{namespace}{_MODEL}={quoted(of.name)}", "")
    return Scope(f'{namespace}{_MODEL}!=""', _MODEL)


def latency(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """How long requests take; of a model, with what its Objectives allow."""
    for role, title in _LATENCIES:
        yield from _quantiles(s, of, role, title)


def _quantiles(s: DashboardSite, of: Topic, role: str, title: str) -> Iterator[Chart]:
    found = engine_metrics(s, of, role)
    if not found:
        return
    matchers, by = scope_of(s, of)
    queries = tuple(
        [
            Query(quantile(part, by, metric.name, matchers), name if not by else scope_of(s, of).legend)
            for metric in found
            for part, name in (_QUANTILES if not by else _QUANTILES[1:2])
        ]
    )
    what = found[0].meaning if not by else f"95% are faster; {found[0].meaning}"
    yield Chart(title, "s", _sentence(what), queries, _limits(s, of, role))


def _limits(s: DashboardSite, of: Topic, role: str) -> tuple[float, ...]:
    """The thresholds of a model's Objectives."""
    if of.about != "model":
        return ()
    found = [node for node in objectives(s, of) if node.indicator == ("queueWait" if role == "queueTime" else role)]
    return tuple(sorted({float(time(node.threshold)) for node in found if node.threshold is not None}))


def throughput(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """How much is done in a second."""
    roles = (
        ("generationTokens", "Tokens generated", TOKENS),
        ("promptTokens", "Tokens of prompts", TOKENS),
        ("succeeded", "Requests that ended", "reqps"),
    )
    for role, title, unit in roles:
        yield from _sums(s, of, role, title, unit)


def _sums(s: DashboardSite, of: Topic, role: str, title: str, unit: str) -> Iterator[Chart]:
    found = engine_metrics(s, of, role)
    if found:
        scope = scope_of(s, of)
        queries = [Query(grouped("sum", scope.by, rate(m.name, scope.matchers)), scope.legend or title) for m in found]
        yield Chart(title, unit, _sentence(f"{found[0].meaning}, in a second"), tuple(queries))


def kv_cache(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """How full the KV cache is, and how much is found in it."""
    found = engine_metrics(s, of, "kvCache")
    scope = scope_of(s, of)
    if found:
        by = scope.by or "pod"
        queries = [Query(grouped("max", by, f"{m.name}{{{scope.matchers}}}"), f"{{{{{by}}}}}") for m in found]
        most = "the fullest server of each" if scope.by else "of each server"
        yield Chart("KV cache in use", "percentunit", _sentence(f"{found[0].meaning}, {most}"), tuple(queries))
    hits = list(_hits(s, of, scope))
    if hits:
        what = "Share of what was looked up in the prefix cache that was found there."
        yield Chart("Prefix cache hits", "percentunit", what, tuple(hits))


def _hits(s: DashboardSite, of: Topic, scope: Scope) -> Iterator[Query]:
    legend = scope.legend or "found"
    for metric in engine_metrics(s, of, "prefixHitRate"):
        yield Query(grouped("avg", scope.by, f"{metric.name}{{{scope.matchers}}}"), legend)
    pairs = zip(engine_metrics(s, of, "prefixCacheHits"), engine_metrics(s, of, "prefixCacheQueries"), strict=False)
    for hits, queries in pairs:
        both = [grouped("sum", scope.by, rate(metric.name, scope.matchers)) for metric in (hits, queries)]
        yield Query(" / ".join(both), legend)


def queue(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """What waits at servers, and for how long."""
    scope = scope_of(s, of)
    waiting, running = engine_metrics(s, of, "waiting"), engine_metrics(s, of, "running")
    if scope.by:
        yield from _gauges("Requests that wait", waiting, scope)
        yield from _gauges("Requests that run", running, scope)
    elif waiting or running:
        queries = [
            Query(grouped("sum", "", f"{metric.name}{{{scope.matchers}}}"), legend)
            for metrics, legend in ((waiting, "waiting"), (running, "running"))
            for metric in metrics
        ]
        yield Chart("Requests that wait and run", "short", "Requests at all servers of the model.", tuple(queries))
    yield from _quantiles(s, of, "queueTime", "Time in the queue of the engine")


def _gauges(title: str, found: list[Metric], scope: Scope) -> Iterator[Chart]:
    if found:
        queries = [Query(grouped("sum", scope.by, f"{m.name}{{{scope.matchers}}}"), scope.legend) for m in found]
        yield Chart(title, "short", _sentence(found[0].meaning), tuple(queries))


def errors(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """Requests of the API that were not answered well."""
    found = engine_metrics(s, of, "requests")
    if not found:
        return
    matchers, by = scope_of(s, of)
    failed, status = list[Query](), list[Query]()
    for metric in found:
        total = grouped("sum", by, rate(metric.name, f"{matchers}, {_API}"))
        bad = grouped("sum", by, rate(metric.name, f'{matchers}, {_API}, status="5xx"'))
        # Before the first failure there is no such series, and nothing has failed.
        failed.append(Query(f"({bad} or {total} * 0) / {total}", scope_of(s, of).legend or "failed"))
        labels = f"{by}, status" if by else "status"
        legend = f"{{{{{by}}}}} {{{{status}}}}" if by else "{{status}}"
        status.append(Query(grouped("sum", labels, rate(metric.name, f"{matchers}, {_API}")), legend))
    yield Chart("Requests that failed", "percentunit", "Share that was answered by an error of the server (5xx).",
                tuple(failed))  # fmt: skip
    yield Chart("Requests by status", "reqps", "Answers of the API, in a second.", tuple(status))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."

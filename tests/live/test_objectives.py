"""Rules of Objectives run by Prometheus's own engine: each alert is told by series that must tell it, and not by those
just below. Series are made from the Objective; nothing is tuned by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, NamedTuple

import pytest
from tests.backends.objectives.sites import made, objective, site
from tests.backends.serving.sites import part
from tests.live.promtool import Asked, Segment, Series, Timeline, check, counter, firing, gauge, run

from fleetc.language.amounts import share, time
from fleetc.language.burning import Burn, burns
from fleetc.language.objective import Objective

pytestmark = pytest.mark.live

NEAR = 0.03
"""How near to a threshold series come, as a share of it: a rate over an hour of minutes is off by up to a sixtieth."""
SERVED = {"namespace": "search", "fleetc_dev_model": "llama", "pod": "llama-1"}
QUEUED = {"namespace": "search", "name": "team-queue", "priority_class": "batch"}
ALERT = {"page": "ErrorBudgetBurnsFast", "ticket": "ErrorBudgetBurnsSlowly"}
REQUESTS = 600.0
"""In each minute."""

OBJECTIVES: dict[str, dict[str, Any]] = {
    "first token": {},
    "per token, of little": {"indicator": "timePerOutputToken", "threshold": "50ms", "target": "90%", "window": "14d"},
    "queue wait, in a fortnight": {"indicator": "queueWait", "threshold": "2.5s", "window": "14d", "target": "99.9%"},
    "available": {"indicator": "availability", "target": "99.9%", "window": "14d"},
    "queue": {"queue": "search", "indicator": "queueWait", "threshold": "640s", "target": "95%", "window": "14d"},
}
each_objective = pytest.mark.parametrize("spec", OBJECTIVES.values(), ids=OBJECTIVES)


def rule_of(node: Objective) -> Mapping[str, Any]:
    return next(item for item in made(site(node)) if item["kind"] == "PrometheusRule")


def series_of(node: Objective, bad: Timeline) -> list[Series]:
    """Series of requests at one rate, of which shares are bad over time."""
    if node.indicator == "availability":
        served = {**SERVED, "handler": "/v1/chat/completions", "method": "POST"}
        probes = {**SERVED, "handler": "/health", "method": "GET", "status": "5xx"}
        good, failed = _split(bad)
        return [
            counter("http_requests_total", {**served, "status": "2xx"}, good),
            counter("http_requests_total", {**served, "status": "5xx"}, failed),
            counter("http_requests_total", probes, [Segment(sum(s.minutes for s in bad), REQUESTS)]),
        ]
    name, labels = {
        "timeToFirstToken": ("vllm:time_to_first_token_seconds", SERVED),
        "timePerOutputToken": ("vllm:inter_token_latency_seconds", SERVED),
        "queueWait": ("vllm:request_queue_time_seconds", SERVED),
    }[node.indicator]
    if node.queue is not None:
        name, labels = "kueue_local_queue_admission_wait_time_seconds", QUEUED
    assert node.threshold is not None
    bound = time(node.threshold)
    # As clients in Python write it, for engines; as those in Go do, for Kueue.
    le = f"{float(bound):g}" if node.queue is not None else repr(float(bound))
    good, _ = _split(bad)
    whole = [Segment(sum(s.minutes for s in bad), REQUESTS)]
    return [
        counter(f"{name}_bucket", {**labels, "le": le}, good),
        counter(f"{name}_bucket", {**labels, "le": "+Inf"}, whole),
        counter(f"{name}_count", labels, whole),
    ]


def _split(bad: Timeline) -> tuple[list[Segment], list[Segment]]:
    good = [Segment(minutes, REQUESTS * (1 - value)) for minutes, value in bad]
    return good, [Segment(minutes, REQUESTS * value) for minutes, value in bad]


class Burst(NamedTuple):
    """A long time without anything bad, and then so much for a while."""

    quiet: int
    minutes: int
    bad: float

    def timeline(self) -> list[Segment]:
        return [Segment(self.quiet, 0.0), Segment(self.minutes, self.bad)]

    def ratio(self, window: int) -> float:
        """Over a window that ends with it, of seconds."""
        return self.bad * min(1.0, self.minutes * 60 / window)

    def tells(self, burn: Burn, budget: Fraction) -> bool:
        """Whether a condition holds at its end."""
        return min(self.ratio(burn.long), self.ratio(burn.short)) > float(burn.rate * budget)


def bursts(node: Objective, above: bool) -> list[tuple[Burn, Burst]]:
    """For each condition that can hold, a burst just above its threshold, or just below, of its long window's length
    and some minutes."""
    budget, window = 1 - share(node.target), time(node.window)
    longest = max(burn.long for burn in burns(window)) // 60
    out: list[tuple[Burn, Burst]] = []
    for burn in burns(window):
        bad = float(burn.rate * budget) * (1 + NEAR if above else 1 - NEAR)
        if burn.rate * budget < 1 and bad <= 1:
            out.append((burn, Burst(longest, burn.long // 60 + 10, bad)))
    return out


@each_objective
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_budgets_that_burn(spec: dict[str, Any], above: bool, tmp_path: Path) -> None:
    node = objective(**spec)
    budget, window = 1 - share(node.target), time(node.window)
    found = bursts(node, above)
    assert found
    told = 0
    for burn, burst in found:
        end = burst.quiet + burst.minutes
        possible = [b for b in burns(window) if b.rate * budget < 1]
        wanted = {s: any(burst.tells(b, budget) for b in possible if b.severity == s) for s in ("page", "ticket")}
        assert wanted[burn.severity] == above, "the burst is meant for this condition"
        told += wanted[burn.severity]
        asked = [firing(ALERT[s], end, fires=fires) for s, fires in wanted.items()]
        assert run(rule_of(node), series_of(node, burst.timeline()), asked, tmp_path, "10m") == "", (burn, burst)
    assert told == (len(found) if above else 0)


@each_objective
def test_it_is_quiet_again_soon(spec: dict[str, Any], tmp_path: Path) -> None:
    """Once nothing is bad any more, the short window ends the alert long before the long one would."""
    node = objective(**spec)
    burn, burst = bursts(node, above=True)[0]
    end = burst.quiet + burst.minutes
    after = burn.short // 60 + 5
    assert after < burn.long // 60
    timeline = [*burst.timeline(), Segment(after, 0.0)]
    alert = ALERT[burn.severity]
    slower = [b for b in burns(time(node.window)) if b.severity == burn.severity and b != burn]
    budget = 1 - share(node.target)
    later = Burst(burst.quiet, burst.minutes, burst.bad)
    assert not any(later.ratio(b.long) > float(b.rate * budget) for b in slower), "no slower condition may hold"
    asked = [firing(alert, end, fires=True), firing(alert, end + after, fires=False)]
    assert run(rule_of(node), series_of(node, timeline), asked, tmp_path, "1m") == ""


@each_objective
def test_what_is_left_of_a_budget(spec: dict[str, Any], tmp_path: Path) -> None:
    node = objective(**{**spec, "window": "14d"})
    budget = 1 - share(node.target)
    half = [Segment(3 * 1440, 0.0), Segment(1440, float(budget))]
    # Rates are recorded from the second sample on.
    expr = 'round(objective:error_budget_remaining:ratio14d{objective="fast"}, 0.01)'
    asked = [Asked(f"sum({expr})", 3 * 1440, 1.0), Asked(f"sum({expr})", 4 * 1440, 0.75)]
    assert run(rule_of(node), series_of(node, half), asked, tmp_path, "10m") == ""


@pytest.mark.parametrize("up", [True, False])
def test_a_model_without_a_server(up: bool, tmp_path: Path) -> None:
    node = objective(indicator="availability")
    series = [gauge("up", SERVED, [Segment(60, 1.0), Segment(30, 1.0 if up else 0.0)])]
    asked = [firing("NoServerMeasured", 59, fires=False), firing("NoServerMeasured", 89, fires=not up)]
    assert run(rule_of(node), series, asked, tmp_path, "1m") == ""


def signal_series(signal: str, timeline: Timeline) -> list[Series]:
    """Series of which a signal takes these values."""
    whole = [Segment(sum(s.minutes for s in timeline), REQUESTS)]
    match signal:
        case "latency":
            spent = [Segment(minutes, REQUESTS * value) for minutes, value in timeline]
            name = "vllm:time_to_first_token_seconds"
            return [counter(f"{name}_sum", SERVED, spent), counter(f"{name}_count", SERVED, whole)]
        case "errors":
            return series_of(objective(indicator="availability"), timeline)
        case "utilization":
            labels = {"namespace": "search", "model": "llama", "team": "search"}
            return [gauge("namespace_model_team:gpu_active:avg", labels, timeline)]
        case _:
            return [gauge("vllm:num_requests_waiting", SERVED, timeline)]


WEEK = 7 * 1440
SIDE = 180
"""Minutes around a time of the week that are as they were then."""
LAST = 90
"""Minutes that a signal is as it is now: rules are evaluated every half an hour, and a band is left for 15 minutes."""
PASTS = {"all weeks alike": (0.4, 0.4, 0.4), "weeks apart": (0.2, 0.5, 0.3)}


def season(pasts: tuple[float, ...], now: float) -> list[Segment]:
    """Three weeks in which a signal took values at this time of the week, and was at their mean else; then now."""
    usual, out = fmean(pasts), [Segment(SIDE, pasts[2]), Segment(SIDE, pasts[2])]
    for past in (pasts[1], pasts[0]):
        out += [Segment(WEEK - 2 * SIDE, usual), Segment(2 * SIDE, past)]
    return [*out, Segment(WEEK - SIDE - LAST, usual), Segment(LAST, now)]


def band(pasts: tuple[float, ...]) -> float:
    """How far above its mean a signal has to be: the larger of three deviations and a quarter."""
    return fmean(pasts) + max(3 * pstdev(pasts), 0.25 * fmean(pasts))


@pytest.mark.parametrize("signal", ["latency", "errors", "utilization", "queue"])
@pytest.mark.parametrize("pasts", PASTS.values(), ids=PASTS)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_what_is_not_as_at_this_time_of_the_week(
    signal: str, pasts: tuple[float, ...], above: bool, tmp_path: Path
) -> None:
    of = {"indicator": "availability"} if signal == "errors" else {}
    node = objective(**of, window="14d", anomalies={signal: {}})
    now = band(pasts) * (1 + NEAR if above else 1 - NEAR)
    timeline = season(pasts, now)
    end = sum(s.minutes for s in timeline)
    name = f"Unusual{signal.capitalize()}"
    asked = [firing(name, end - LAST, fires=False), firing(name, end, fires=above)]
    assert run(rule_of(node), signal_series(signal, timeline), asked, tmp_path, "30m") == ""


@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_devices_that_idle_are_unusual_too(above: bool, tmp_path: Path) -> None:
    pasts = PASTS["all weeks alike"]
    lower = 2 * fmean(pasts) - band(pasts)
    timeline = season(pasts, lower * (1 - NEAR if above else 1 + NEAR))
    end = sum(s.minutes for s in timeline)
    asked = [firing("UnusualUtilization", end, fires=above)]
    node = objective(window="14d", anomalies={"utilization": {}})
    assert run(rule_of(node), signal_series("utilization", timeline), asked, tmp_path, "30m") == ""


@pytest.mark.parametrize("signal", ["latency", "errors", "utilization", "queue"])
def test_one_week_alone_says_nothing(signal: str, tmp_path: Path) -> None:
    of = {"indicator": "availability"} if signal == "errors" else {}
    timeline = [Segment(WEEK + SIDE, 0.2), Segment(LAST, 0.9)]
    asked = [firing(f"Unusual{signal.capitalize()}", WEEK + SIDE + LAST, fires=False)]
    node = objective(**of, window="14d", anomalies={signal: {}})
    assert run(rule_of(node), signal_series(signal, timeline), asked, tmp_path, "30m") == ""


CHANGES = {"latency": (0.5, 2.0), "errors": (0.1, 2.0), "utilization": (0.3, 2.0), "queue": (20.0, 2.0)}
FROM_NOTHING = {"errors": (0.0, 0.02), "queue": (0.0, 2.0)}
"""Signals that count as something before a change, and what is twice that."""
SUDDEN = 18
"""Minutes: ten that a mean is over, five that it lasts, and the rest until a rate follows."""


@pytest.mark.parametrize("signal", CHANGES)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_sudden_changes(signal: str, above: bool, tmp_path: Path) -> None:
    """What the hour before is compared with takes in the change's first minutes: what is above is well above."""
    before, factor = CHANGES[signal]
    now = before * factor * (1.3 if above else 1 - NEAR)
    _change(signal, before, now, above, tmp_path)


@pytest.mark.parametrize("signal", FROM_NOTHING)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_changes_from_nothing(signal: str, above: bool, tmp_path: Path) -> None:
    before, least = FROM_NOTHING[signal]
    _change(signal, before, least * (1.3 if above else 1 - NEAR), above, tmp_path)


@pytest.mark.parametrize("above", [True, False], ids=["below half", "above half"])
def test_a_sudden_drop_of_use(above: bool, tmp_path: Path) -> None:
    _change("utilization", 0.8, 0.4 * (0.8 if above else 1 + NEAR), above, tmp_path)


def _change(signal: str, before: float, now: float, fires: bool, folder: Path) -> None:
    of = {"indicator": "availability"} if signal == "errors" else {}
    node = objective(**of, window="14d", anomalies={signal: {"methods": ["change"]}})
    timeline = [Segment(120, before), Segment(SUDDEN, now)]
    name, end = f"Sudden{signal.capitalize()}", 120 + SUDDEN - 1
    asked = [firing(name, 119, fires=False, within=60), firing(name, end, fires=fires, within=SUDDEN)]
    assert run(rule_of(node), signal_series(signal, timeline), asked, folder, "1m") == ""


@each_objective
def test_promtool_takes_the_rules(spec: dict[str, Any], tmp_path: Path) -> None:
    unusual = {"queue": {"methods": ["seasonal", "change"]}}
    if "queue" not in spec:
        unusual |= {signal: {"methods": ["seasonal", "change"]} for signal in ("latency", "errors", "utilization")}
    made_of: dict[str, Any] = {**spec, "anomalies": unusual}
    nodes = [objective(**made_of)]
    found = [item for node in nodes for item in made(site(node)) if item["kind"] == "PrometheusRule"]
    scaled = made(site(nodes[0], planned={"parts": (part(least=0),)}))
    assert check([*found, *[item for item in scaled if item["kind"] == "PrometheusRule"]], tmp_path) == ""

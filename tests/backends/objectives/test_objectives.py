"""What an Objective emits: names, labels, thresholds, and what is left out."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.objectives.sites import alerts, made, objective, rules, site
from tests.backends.serving.sites import part

from fleetc.catalogue import metrics
from fleetc.check.promql import query
from fleetc.language.amounts import share, time
from fleetc.language.burning import burns, decimal

RECORDED = re.compile(r"[a-z_]+:[a-z_]+:[a-z_]+[0-9a-z]*")
"""level:metric:operations."""

SPECS: dict[str, dict[str, Any]] = {
    "first token": {},
    "per token": {"indicator": "timePerOutputToken", "threshold": "50ms", "target": "90%"},
    "queue wait": {"indicator": "queueWait", "threshold": "2.5s", "window": "7d"},
    "available": {"indicator": "availability", "target": "99.9%", "anomalies": {"errors": {"methods": ["change"]}}},
    "queue": {"queue": "search", "indicator": "queueWait", "threshold": "640s", "anomalies": {"queue": {}}},
    "all": {
        "anomalies": {s: {"methods": ["seasonal", "change"]} for s in ("latency", "errors", "utilization", "queue")}
    },
}
each_spec = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


@each_spec
def test_rules_are_of_form(spec: dict[str, Any]) -> None:
    at = site(objective(**spec))
    found = rules(at)
    assert {"ErrorBudgetBurnsFast", "ErrorBudgetBurnsSlowly"} <= {rule.get("alert") for rule in found}
    recorded = [(rule["record"], repr(rule.get("labels"))) for rule in found if "record" in rule]
    assert len(recorded) == len(set(recorded))
    assert all(RECORDED.fullmatch(name) for name, _ in recorded)
    for rule in found:
        labels = rule["labels"]
        assert (labels["objective"], labels["team"]) == ("fast", "search")
        if "alert" in rule:
            assert labels["namespace"] == "search"
            assert labels["severity"] in ("page", "ticket")
            assert rule["annotations"]["summary"]


@each_spec
def test_what_is_read_is_known(spec: dict[str, Any]) -> None:
    pytest.importorskip("promql_parser")
    found = rules(site(objective(**spec)))
    recorded = {rule["record"] for rule in found if "record" in rule} | {"namespace_model_team:gpu_active:avg", "up"}
    for rule in found:
        for read in query(rule["expr"]).reads:
            exposed = metrics.of_series(read.series)
            assert read.series in recorded or exposed is not None, read
            if exposed is not None:
                has = {*exposed.source.labels_of(exposed.metric), *metrics.TARGET_LABELS, "le", "fleetc_dev_model"}
                assert set(read.labels) <= has, read


def test_thresholds_are_burn_rates_of_the_budget() -> None:
    found = alerts(site(objective(target="99%")))
    assert re.findall(r"> ([0-9.]+)", found["ErrorBudgetBurnsFast"]["expr"]) == ["0.1344", "0.1344", "0.056", "0.056"]
    assert re.findall(r"> ([0-9.]+)", found["ErrorBudgetBurnsSlowly"]["expr"]) == ["0.028", "0.028", "0.01", "0.01"]


@settings(deadline=None)
@given(st.integers(1, 999_999).map(lambda n: f"{n / 10000:.4f}%"), st.sampled_from(["7d", "14d", "28d", "30d", "90d"]))
def test_no_condition_asks_for_more_than_all(target: str, window: str) -> None:
    budget = 1 - share(target)
    for alert in alerts(site(objective(target=target, window=window))).values():
        asked = [Fraction(number) for number in re.findall(r"> ([0-9.]+)(?:\n|\)|$)", alert["expr"])]
        assert all(0 < ratio < 1 for ratio in asked)
    there = "ErrorBudgetBurnsFast" in alerts(site(objective(target=target, window=window)))
    assert there == any(b.severity == "page" and b.rate * budget < 1 for b in burns(time(window)))


@pytest.mark.parametrize(
    ("engine", "version", "metric"),
    [
        ("vllm", "0.10.1", "vllm:time_per_output_token_seconds"),
        ("vllm", "0.12.0", "vllm:inter_token_latency_seconds"),
        ("sglang", "0.5.3", "sglang:inter_token_latency_seconds"),
    ],
)
def test_the_metric_is_that_of_the_version(engine: str, version: str, metric: str) -> None:
    at = site(
        objective(indicator="timePerOutputToken", threshold="200ms"), planned={"engine": engine, "version": version}
    )
    first = rules(at)[0]["expr"]
    assert f'{metric}_bucket{{namespace="search", fleetc_dev_model="llama", le="0.2"}}[5m]' in first


def test_whole_bounds_are_found_however_clients_write_them() -> None:
    assert 'le=~"1(\\\\.0)?"' in rules(site())[0]["expr"]
    assert 'le="0.5"' in rules(site(objective(threshold="500ms")))[0]["expr"]


def test_what_is_not_here_emits_nothing() -> None:
    assert made(site(planned=None)) == []
    assert made(site(components={})) == []
    assert made(site(objective(indicator="availability"), planned={"engine": "sglang"})) == []


def test_scaled_to_none_is_no_alarm() -> None:
    assert "NoServerMeasured" in alerts(site())
    assert "NoServerMeasured" not in alerts(site(planned={"parts": (part(least=0),)}))
    assert alerts(site())["NoServerMeasured"]["labels"]["severity"] == "ticket"
    assert alerts(site(objective(indicator="availability")))["NoServerMeasured"]["labels"]["severity"] == "page"


def test_nobody_is_told_but_who_is_named() -> None:
    named = {"page": {}, "ticket": {"type": "slack"}}
    (config,) = [o for o in made(site(objective(notices=named))) if o["kind"] == "AlertmanagerConfig"]
    assert config["spec"]["route"]["receiver"] == "nobody"
    assert [r["receiver"] for r in config["spec"]["route"]["routes"]] == ["page", "ticket"]
    assert config["spec"]["receivers"][1:] == [
        {"name": "page", "pagerdutyConfigs": [{"routingKey": {"name": "oncall", "key": "routing-key"}}]},
        {"name": "ticket", "slackConfigs": [{"apiURL": {"name": "oncall", "key": "routing-key"}}]},
    ]
    assert [o["kind"] for o in made(site())] == ["PrometheusRule"]


def test_a_runbook_is_with_every_alert() -> None:
    url = "https://runbooks.acme.example/x"
    found = alerts(site(objective(runbook=url, anomalies={"latency": {}}))).values()
    assert {rule["annotations"]["runbook_url"] for rule in found} == {url}


@pytest.mark.parametrize(("number", "text"), [("1e-05", "0.00001"), ("3", "3"), ("2.50", "2.50")])
def test_numbers_are_written_without_exponents(number: str, text: str) -> None:
    expr = alerts(site(objective(anomalies={"latency": {"deviations": number}})))["UnusualLatency"]["expr"]
    assert f"> {text} * objective:latency_spread" in expr


@settings(deadline=None)
@given(st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**9))
def test_decimals(value: Fraction) -> None:
    text = decimal(value)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]*[1-9])?", text)
    assert abs(Fraction(text) - value) <= Fraction(1, 10**12)

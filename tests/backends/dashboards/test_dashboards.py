"""What a Dashboard emits: rows, panels and where they stand, expressions, and what is left out."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.dashboards.sites import OPERATORS, asked, board, dashboard, made, objective, site, text
from tests.backends.serving.sites import part, serving

from fleetc.catalogue import engines, metrics
from fleetc.check.promql import query
from fleetc.emission.texts import parsed
from fleetc.language.dashboard import Unit
from fleetc.language.intents import INTENTS, filled, missing, suits, topic
from fleetc.language.variables import filled as put
from fleetc.language.variables import unknown
from fleetc_kubernetes.dashboards.board import WIDTH, Board, Place, places
from fleetc_kubernetes.dashboards.board import text as written
from fleetc_kubernetes.dashboards.chart import Chart, Query, Row
from fleetc_kubernetes.dashboards.dashboards import UNITS, uid

SUBJECTS: dict[str, dict[str, Any]] = {
    "model": {"model": "llama"},
    "pool": {"pool": "h100"},
    "team": {"team": "search"},
    "fleet": {"scope": "fleet"},
}
each_subject = pytest.mark.parametrize("about", SUBJECTS)
OBJECTIVES = [
    objective("fast"),
    objective("there", indicator="availability", threshold=None, runbook="https://r.acme.example/there"),
    objective("wait", model=None, queue="search", indicator="queueWait", threshold="640s", window="14d"),
]


def at(about: str, **more: Any) -> Any:
    team = None if about in ("pool", "fleet") else "search"
    return site(dashboard(of=SUBJECTS[about], team=team, **more.pop("spec", {})), objectives=OBJECTIVES, **more)


@each_subject
def test_rows_are_all_that_is_measured(about: str) -> None:
    rows = list(dict.fromkeys(one.row for one in asked(at(about))))
    wanted = {
        "model": ["Objectives", "Latency", "Throughput", "KV cache", "Queue", "Errors", "Devices"],
        "pool": ["Errors", "Devices"],
        "team": ["Objectives", "Latency", "Throughput", "KV cache", "Queue", "Errors", "Devices", "Quota"],
    }
    assert rows == wanted.get(about, wanted["team"])


@each_subject
def test_panels_are_told_apart_and_do_not_overlap(about: str) -> None:
    found = board(at(about))["panels"]
    assert [panel["id"] for panel in found] == list(range(1, len(found) + 1))
    _apart([Place(*(panel["gridPos"][key] for key in "xywh")) for panel in found])
    for panel in found:
        letters = [target["refId"] for target in panel.get("targets", ())]
        assert len(letters) == len(set(letters))
        assert panel["title"]
        assert panel["type"] == "row" or (panel["description"] and panel["fieldConfig"]["defaults"]["unit"])


def _apart(found: list[Place]) -> None:
    cells = [(x, y) for p in found for x in range(p.x, p.x + p.w) for y in range(p.y, p.y + p.h)]
    assert len(cells) == len(set(cells))
    assert all(0 <= x < WIDTH for x, _ in cells)


charts = st.integers(1, 9).map(lambda n: tuple(Chart(f"c{i}", "s", "", (Query("up", ""),)) for i in range(n)))


@given(st.lists(charts, max_size=5))
def test_places(rows: list[tuple[Chart, ...]]) -> None:
    found = [(head, *inner) for _, head, inner in places([Row("r", each) for each in rows])]
    assert [len(inner) for inner in found] == [len(each) + 1 for each in rows]
    _apart([place for inner in found for place in inner])


@each_subject
def test_what_is_read_is_known(about: str) -> None:
    pytest.importorskip("promql_parser")
    for one in asked(at(about)):
        assert unknown(one.expr) == ()
        for read in query(put(one.expr)).reads:
            exposed = metrics.of_series(read.series)
            assert exposed is not None or re.match("(objective|namespace_model_team):", read.series), read
            if exposed is not None:
                has = {*exposed.source.labels_of(exposed.metric), *metrics.TARGET_LABELS, "le", "fleetc_dev_model"}
                open_ = tuple(label[:-1] for label in has if label.endswith("*"))
                assert all(label in has or (open_ and label.startswith(open_)) for label in read.labels), read
        for label in re.findall(r"\{\{(\w+)\}\}", one.legend):
            assert label in one.expr or label in ("namespace", "model"), one


RELEASES = [
    (name, version)
    for name in engines.engine_names()
    for version in sorted({
        metric.since
        for source in metrics.sources()
        if source.name == name
        for metric in source.metrics
        if metric.since is not None
    } | {"0.10.0", "99.0.0"})
]  # fmt: skip


@pytest.mark.parametrize(("engine", "version"), RELEASES)
@pytest.mark.parametrize("about", ["model", "team", "fleet"])
def test_metrics_are_those_of_the_version(engine: str, version: str, about: str) -> None:
    pytest.importorskip("promql_parser")
    source = metrics.source(engine)
    assert source is not None
    here = at(about, models=[serving(engine=engine, version=version)])
    series = {read.series for one in asked(here) for read in query(put(one.expr)).reads}
    theirs = [metric for metric in source.metrics if set(metric.series) & series]
    assert theirs
    assert all(metric.at(version) for metric in theirs)
    other = {name for s in metrics.sources() if s.name in engines.engine_names() and s.name != engine
             for metric in s.metrics for name in metric.series}  # fmt: skip
    assert not series & other


@given(
    st.sampled_from(sorted(SUBJECTS)),
    st.sampled_from(["vllm", "sglang"]),
    st.sampled_from(["0.3.0", "0.5.0", "0.12.0"]),
    st.sets(st.sampled_from(["dcgm-exporter", "kube-state-metrics", "kueue"])),
    st.sets(st.sampled_from(sorted(OPERATORS))),
    st.booleans(),
    st.sampled_from(["H100:8", "v6e:4", None]),
)
@settings(deadline=None, max_examples=150)
def test_what_is_filled_has_panels_and_what_is_not_has_none(
    about: str,
    engine: str,
    version: str,
    sources: set[str],
    components: set[str],
    serves: bool,
    accelerators: str | None,
) -> None:
    """The plan and the lowering say the same of each intent."""
    here = at(
        about, models=[serving(engine=engine, version=version)] if serves else [], sources=sorted(sources),
        components={name: OPERATORS[name] for name in components}, pools={"h100": {"accelerators": accelerators}},
    )  # fmt: skip
    of = topic(here.dashboard)
    assert of is not None
    if about == "model" and not serves:
        assert made(here) == []
        return
    shown = filled(here, of)
    assert shown == [i for i in INTENTS if suits(of.about, i) and missing(here, of, i) is None]
    rows = list(dict.fromkeys(one.row for one in asked(here))) if shown else []
    assert len(rows) == len(shown)
    assert shown or made(here) == []


def test_where_the_operator_is_not_a_sidecar_reads_it() -> None:
    (item,) = made(site())
    assert (item["apiVersion"], item["kind"]) == ("grafana.integreatly.org/v1beta1", "GrafanaDashboard")
    assert item["metadata"]["namespace"] == "search"
    assert item["metadata"]["labels"]["fleetc.dev/team"] == "search"
    assert item["spec"]["instanceSelector"] == {"matchLabels": {"dashboards": "grafana"}}
    assert item["spec"]["allowCrossNamespaceImport"] is True
    (item,) = made(site(components=OPERATORS))
    assert (item["apiVersion"], item["kind"]) == ("v1", "ConfigMap")
    assert item["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert list(item["data"]) == ["board.json"]


def test_the_platforms_are_where_the_monitoring_is() -> None:
    (item,) = made(site(dashboard(team=None)))
    assert item["metadata"]["namespace"] == "monitoring"
    assert "fleetc.dev/team" not in item["metadata"]["labels"]
    assert made(site(dashboard(team=None), monitoring={})) == []


def test_what_is_not_here_emits_nothing() -> None:
    assert made(site(models=[])) == []
    assert made(site(dashboard(of={"pool": "h200"}, team=None))) == []
    assert made(site(dashboard(of={"team": "nobody"}))) == []


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=63), st.text("abc-", max_size=63))
def test_uids(one: str, two: str) -> None:
    assert re.fullmatch("[a-zA-Z0-9_-]{1,40}", uid(one))
    assert one == two or uid(one) != uid(two)


def test_units_are_all_there() -> None:
    assert set(UNITS) == set(get_args(Unit))


def test_thresholds_of_objectives_are_lines() -> None:
    found = {p["title"]: p for p in board(at("model"))["panels"]}
    first = found["Time to first token"]["fieldConfig"]["defaults"]
    assert [step["value"] for step in first["thresholds"]["steps"]] == [None, 1.0]
    assert first["custom"]["thresholdsStyle"] == {"mode": "line"}
    assert "thresholds" not in found["Request latency"]["fieldConfig"]["defaults"]
    assert [link["url"] for link in board(at("model"))["links"]] == ["https://r.acme.example/there"]


def test_pools_are_found_by_the_labels_of_their_nodes() -> None:
    def nodes(**pool: Any) -> set[str]:
        here = site(dashboard(of={"pool": "h100"}, team=None), models=pool.pop("models", []), pools={"h100": pool})
        return {found for one in asked(here) for found in re.findall(r"kube_node_labels\{(.*?)\}", one.expr)}

    assert nodes() == {'label_fleetc_dev_pool="h100"'}
    assert nodes(provisioning="computeClass") == {'label_cloud_google_com_compute_class="h100"'}
    apart = serving(parts=(part(kept="llama", apart=1, apart_most=1),))
    assert nodes(models=[apart]) == {'label_fleetc_dev_pool=~"h100|h100-llama"'}


def test_own_queries_stand_in_a_row_of_their_own() -> None:
    own = {"Mine": {"promql": ["up\n", "rate(x[$__range])"], "unit": "ratio", "legend": "{{pod}}", "threshold": "0.5"}}
    found = [one for one in asked(site(dashboard(queries=own))) if one.row == "More"]
    assert [(one.panel, one.expr, one.legend) for one in found] == [
        ("Mine", "up", "{{pod}}"),
        ("Mine", "rate(x[$__range])", "{{pod}}"),
    ]
    alone = site(dashboard(queries=own, panels=[]))
    assert [one.row for one in asked(alone)] == ["More", "More"]
    panel = board(alone)["panels"][1]["fieldConfig"]["defaults"]
    assert (panel["unit"], panel["thresholds"]["steps"][1]["value"]) == ("percentunit", 0.5)


@given(st.text(min_size=1), st.text(), st.text())
def test_any_words_are_carried(title: str, legend: str, expr: str) -> None:
    """The text is a document, whatever stands in it, and says what was said."""
    made_of = Board("fleetc-x", title, "", ("a",), "6h", "1m", ())
    found = written(made_of, (Row("r", (Chart(title, "s", legend, (Query(expr, legend),)),)),))
    assert parsed(found) == json.loads(found)
    panel = json.loads(found)["panels"][1]
    assert (panel["title"], panel["targets"][0]["expr"]) == (title, expr)


def test_it_is_the_same_every_time() -> None:
    made = set[str]()
    for _ in range(3):
        # What was made before is remembered.
        written.cache_clear()
        made.add(text(at("team")))
    assert len(made) == 1

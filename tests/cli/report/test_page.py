"""The page: whole by itself, well made, read by anybody, and never taken in by what stands in specs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise
from typing import Any, Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.report.fleets import data
from tests.cli.report.markup import VOID, Element, read, shape

from fleetc.cli.reporting.html import Html, el, join
from fleetc.cli.reporting.page import page, refused
from fleetc.cli.reporting.rules import INDICATORS
from fleetc.cli.reporting.style import DARK, GROUNDS, LIGHT, TEXTS
from fleetc.driver.reporting.write import MARK
from fleetc.language.objective import Indicator

DIAGNOSTIC: Final = {
    "code": "FLT121", "name": "unknown_field", "severity": "error", "message": "unknown field `x`", "file": "a.yaml",
    "line": 1, "column": 2, "path": "spec", "hint": "remove `x`",
    "related": [{"file": "b.yaml", "line": 1, "column": 1, "message": "here"}],
}  # fmt: skip
HOSTILE: Final = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "</title>", "<!--", "]]>", "&lt;",
    "' onclick='x", "`<i>`", "{{x}}", "\u202egnp.exe", "\x00\x1b[31m", "javascript:alert(1)", "\ud800",
)  # fmt: skip


WORDS: Final = ("wbr", "code")
"""What is made of a `/` in a path, and of words between backticks."""
FREE: Final = (
    "organisation",
    "message",
    "reason",
    "owner",
    "title",
    "hint",
    "name",
    "why",
    "asks",
    "offers",
    "file",
    "about",
)
"""Fields whose values a hostile spec could choose, if nothing else stood before it."""


def hostile(found: Any, text: str) -> Any:
    """The data with a text behind each value that could hold it."""
    if isinstance(found, list):
        return [hostile(each, text) for each in found]
    if not isinstance(found, dict):
        return found
    return {
        key: f"{value}{text}" if key in FREE and isinstance(value, str) else hostile(value, text)
        for key, value in found.items()
    }


def told() -> Any:
    found = data()
    found["diagnostics"] = [DIAGNOSTIC]
    return found


def test_it_is_whole() -> None:
    """Nothing is loaded, nothing runs, and the policy says so to the browser."""
    text = page(told())
    document = read(text)
    assert text.startswith("<!doctype html>\n")
    assert MARK in text.encode()[:4096]
    assert not [e.name for e in document.all("script", "img", "iframe", "object", "embed", "form", "base")]
    assert not [e for e in document.all() if "style" in e.attributes or any(a.startswith("on") for a in e.attributes)]
    for element in document.all():
        for name in ("src", "href", "action", "xlink:href"):
            assert element.attributes.get(name, "#").startswith(("#", "data:,")), element
    styles = document.one("style").text()
    assert not re.search(r"url\(|@import|@font-face|expression", styles)
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    policy = document.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    wanted = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert policy == wanted


def test_who_cannot_see_finds_the_way() -> None:
    document = read(page(told()))
    assert document.attributes["lang"] == "en"
    ids = [e.attributes["id"] for e in document.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in document.all():
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(element.attributes.get(name, "").split()) <= set(ids)
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids
    levels = [int(e.name[1]) for e in document.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [len([*document.all(name)]) for name in ("main", "nav", "header", "footer")] == [1, 1, 1, 1]
    sections = [e.attributes["aria-labelledby"] for e in document.all("section")]
    assert sections == [e.attributes["href"][1:] for nav in document.all("nav") for e in nav.all("a")]
    assert len(sections) == 9


def test_tables_and_drawings_say_what_they_are() -> None:
    document = read(page(told()))
    tables = [*document.all("table")]
    assert len(tables) >= 9
    for table in tables:
        assert table.one("caption").text()
        columns = len([*table.one("thead").all("th")])
        assert all(e.attributes["scope"] == "col" for e in table.one("thead").all("th"))
        for row in table.one("tbody").all("tr"):
            cells = [*row.all("th", "td")]
            assert len(cells) == columns
            assert [c.name for c in cells] == ["th", *["td"] * (columns - 1)]
            assert cells[0].attributes["scope"] == "row"
            assert cells[0].text()
    for drawing in document.all("svg"):
        assert drawing.attributes["role"] == "img"
        assert drawing.one("title").text()
        assert drawing.one("desc").text()
        rects = [*drawing.all("rect")]
        spans = [(int(r.attributes["x"]), int(r.attributes["width"])) for r in rects]
        assert all(a + w == b for (a, w), (b, _) in pairwise(spans))
        assert all(0 <= a < a + w <= 10_000 for a, w in spans)


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(theme: dict[str, str]) -> None:
    assert LIGHT.keys() == DARK.keys()
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for text in TEXTS:
        for ground in GROUNDS:
            assert contrast(theme[text], theme[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_specs(text: str) -> None:
    """The elements are the same whatever stands in the specs; what is shown is what stands there."""
    harmless = read(page(hostile(told(), "x")))
    made = page(hostile(told(), text))
    document = read(made)
    assert shape(document, WORDS) == shape(harmless, WORDS)
    made.encode()
    if text.isprintable() and "`" not in text:
        assert document.one("h1").text() == f"acme{text}"
        assert text in document.one("main").text()
    else:
        assert not any(c in made for c in "\x00\x1b\u202e\ud800")


@given(st.text(), st.text())
def test_what_is_text_stays_text(text: str, more: str) -> None:
    made = el("p", text, el("b", more, title=text), None, [more], 7, class_=None, hidden=True)
    (paragraph,) = read(f"<html>{made}</html>").all("p")
    bold = paragraph.one("b")
    same = [c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text]
    assert bold.attributes == {"title": "".join(same)}
    assert paragraph.attributes == {"hidden": ""}
    assert paragraph.text().startswith("".join(same))
    assert len([*paragraph.all()]) == 1
    assert isinstance(join(made, made), Html)
    assert join(made, made) == made + made


@settings(max_examples=25)
@given(st.sampled_from(sorted({"message", "title", "reason", "owner", "organisation"})), st.text(min_size=1))
def test_any_text_anywhere(field: str, text: str) -> None:
    found = told()
    found["diagnostics"][0]["message"] = text if field == "message" else "x"
    for one in found["dashboards"]:
        one["title"] = text if field == "title" else "x"
    for policy in found["policies"]:
        for one in policy["exceptions"]:
            one["reason"], one["owner"] = (text if field == name else "x" for name in ("reason", "owner"))
    found["organisation"] = text if field == "organisation" else "x"
    names = {e.name for e in read(page(found)).all()}
    assert names <= {*known(), *VOID}


def known() -> set[str]:
    return {e.name for e in read(page(told())).all()} | {"code"}


def test_what_is_refused() -> None:
    document = read(refused([DIAGNOSTIC] * 120, data()["inputs"]))
    assert len([*document.all("li")]) == 100
    assert "and 20 more" in document.one("main").text()
    assert "remove x" in document.one("main").text()


def test_many_clusters_alike_are_one_card_and_one_row() -> None:
    found = data()
    cluster, pool = found["clusters"][0], found["pools"][0]
    names = [f"c{n:03}" for n in range(300)]
    found["clusters"] = [{**cluster, "name": name} for name in names]
    found["pools"] = [{**pool, "cluster": name} for name in names]
    one = found["placements"][0]
    one["parts"] = [{**one["parts"][0], "cluster": name} for name in names]
    found["policies"] = found["objectives"] = found["dashboards"] = []
    document = read(page(found))
    cards = [*document.one("section", **{"aria-labelledby": "map"}).all("li")]
    assert sum(e.text().startswith("300 alike") for e in cards) == 1
    rows = [*document.one("section", **{"aria-labelledby": "pools"}).one("tbody").all("tr")]
    assert len(rows) == 1
    assert "300 clusters" in rows[0].text()
    text = document.one("section", **{"aria-labelledby": "placements"}).text()
    assert f"{300 * one['parts'][0]['replicas']['promised']:,}" in text
    assert len(page(found)) < 100_000
    assert all(name in document.text() for name in names)


def test_every_text_of_the_data_is_on_the_page() -> None:
    """But for what only programs need."""
    found = data()
    shown = read(page(found)).text()
    names = [c["name"] for c in found["clusters"]] + [p["name"] for p in found["policies"]]
    names += [o["name"] for o in found["objectives"]] + [one["id"] for one in found["placements"]]
    names += [e[field] for p in found["policies"] for e in p["exceptions"] for field in ("owner", "reason", "expires")]
    names += [r["name"] for p in found["policies"] for r in p["rules"]]
    names += [panel["title"] for d in found["dashboards"] for panel in d["panels"]]
    spans = [one["span"] for kind in ("placements", "policies", "objectives", "dashboards") for one in found[kind]]
    names += [f"{span['file']}:{span['line']}" for span in spans]
    assert [name for name in names if name not in shown] == []


def test_panels_stand_where_grafana_has_them() -> None:
    found = data()
    document = read(page(found))
    styles = document.one("style").text()
    boards = [each for each in document.all("ol") if each.attributes.get("class") == "grid"]
    for board, grid in zip(found["dashboards"], boards, strict=True):
        _stands(board, [*grid.all("li")], styles)


def _stands(board: dict[str, Any], items: list[Element], styles: str) -> None:
    assert len(items) == len(board["panels"])
    for item, panel in zip(items, board["panels"], strict=True):
        places = [
            styles.partition(f".{name}{{")[2].partition("}")[0]
            for name in item.attributes["class"].split()
            if name[1:2].isdigit()
        ]
        assert places == [
            f"grid-column:{panel['x'] + 1}/span {panel['w']}",
            f"grid-row:{panel['y'] + 1}/span {panel['h']}",
        ]


def test_data_is_not_changed() -> None:
    found = told()
    before = json.dumps(found)
    page(found)
    assert json.dumps(found) == before


def test_every_indicator_has_words() -> None:
    assert {*INDICATORS} == {*get_args(Indicator)}

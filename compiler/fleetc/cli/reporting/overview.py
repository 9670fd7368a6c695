"""What was found, the sizes, the checks, and the map of the fleet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fleetc.cli.planning.units import cores, count, money
from fleetc.cli.reporting.html import Content, Html, el, join
from fleetc.cli.reporting.parts import (
    Column,
    Piece,
    bar,
    legend,
    lines,
    names,
    nothing,
    path,
    place,
    section,
    table,
    tag,
    ticked,
)

Data = dict[str, Any]
STATES: Final = (
    ("valid", "valid"),
    ("referenced", "referenced"),
    ("partial", "partial"),
    ("skipped", "skipped"),
    ("invalid", "wrong"),
    ("failed", "wrong"),
)
"""How checks end, and what colour that has."""
MEANINGS: Final = (
    ("promised", "promised"),
    ("aside", "promised, kept apart"),
    ("burst", "burst: above promises"),
    ("apart", "kept apart for large pods, free"),
    ("free", "free"),
    ("more", "not guaranteed"),
)
_WIDE: Final = 4
"""Cards beside each other."""
_MOST: Final = 100
"""Findings that are listed; the rest is what `fleetc check` prints."""


def findings(found: Sequence[Data]) -> Html | None:
    """What `check` says, errors and warnings."""
    if not found:
        return None
    items = [el("li", _finding(one), class_=one["severity"]) for one in found[:_MOST]]
    left = len(found) - _MOST
    more = el("p", ticked(f"and {left:,} more, which `fleetc check` prints")) if left > 0 else None
    about = "What `fleetc check` says. `fleetc explain CODE` tells more of each."
    return section("findings", "Findings", el("ol", items, class_="findings"), more, about=about)


def _finding(one: Data) -> Content:
    word = "bad" if one["severity"] == "error" else "warn"
    where = f"{one['file']}:{one['line']}:{one['column']}" if one["file"] else None
    others = [(f"{r['file']}:{r['line']}", r["message"]) for r in one["related"] if r["file"]]
    return join(
        tag(f"{one['code']} {one['name']}", word),
        el("p", ticked(one["message"])),
        el("p", path(where)) if where else None,
        [el("p", path(place), ": ", ticked(message)) for place, message in others],
        el("p", "fix: ", ticked(one["hint"])) if one["hint"] else None,
    )


def summary(data: Data) -> Html:
    """Sizes, and how all checks ended."""
    found: Data | None = data["summary"]
    if found is None:
        about = "The fleet was planned and not compiled: see the findings."
        return section("summary", "Summary", nothing("Nothing was emitted, and nothing checked."), about=about)
    sizes: list[tuple[str, Content]] = [
        (name, found[name]) for name in ("clusters", "teams", "models", "pools", "manifests", "objects", "shapes")
    ]
    sizes += [("policies", len(data["policies"])), ("objectives", len(data["objectives"]))]
    sizes += [("dashboards", len(data["dashboards"])), ("files", found["files"])]
    tiles = [el("div", el("dt", name), el("dd", size)) for name, size in sizes]
    states: list[str] = [s for s, _ in STATES if any(s in ends for ends in found["checks"].values())]
    rows = [
        (rule, _ends(f"check{n}", rule, ends), *[ends.get(state) for state in states])
        for n, (rule, ends) in enumerate(found["checks"].items())
    ]
    columns = [Column("rule"), Column("share"), *(Column(state, number=True) for state in states)]
    notes = [(ticked(reason), lines(rule, state), number) for rule, state, reason, number in found["notes"]]
    said = [Column("reason"), Column("of"), Column("checks", number=True)]
    total = sum(sum(ends.values()) for ends in found["checks"].values())
    return section(
        "summary",
        "Summary",
        el("dl", tiles, class_="tiles"),
        el(
            "div",
            table(f"{total:,} checks by rule, and how they ended", columns, rows),
            table("Why checks did not look at everything, or let something pass", said, notes) if notes else None,
            class_="two" if notes else None,
        ),
        about="Shapes are distinct objects: clusters that are alike share them.",
    )


def _ends(id: str, rule: str, ends: dict[str, int]) -> Html:
    return bar(id, rule, [Piece(kind, state, ends.get(state, 0)) for state, kind in STATES])


def fleet_map(data: Data) -> Html:
    """Clusters by environment, with the use of their pools; those alike are one."""
    pools: dict[str, list[Data]] = {}
    for pool in data["pools"]:
        pools.setdefault(pool["cluster"], []).append(pool)
    known: list[str] = data["environments"]
    groups = alike(data["clusters"], pools)
    out: list[Html] = []
    for environment in reversed(known):
        here = [group for group in groups if group[0]["environment"] == environment]
        if here:
            many = sum(map(len, here))
            heading = el("h3", f"{environment} · {count(many, 'cluster')}")
            cards = [_card(group, pools, f"map-{environment}-{n}") for n, group in enumerate(here)]
            out.append(el("div", heading, el("ul", cards, class_="map"), class_=f"s{min(len(here), _WIDE)}"))
    drawn = {piece.kind for pool in data["pools"] for piece in pieces(pool) if piece.amount}
    key = legend([meaning for meaning in MEANINGS if meaning[0] in drawn])
    about = "Clusters by environment, with their pools. Clusters that differ in nothing that is shown are one card."
    return section("map", "Fleet map", key if drawn else None, el("div", out, class_="places"), about=about)


def alike(clusters: Iterable[Data], pools: dict[str, list[Data]]) -> list[list[Data]]:
    """Clusters that differ in nothing but their names and places, by region, provider and name."""
    out: dict[str, list[Data]] = {}
    order = sorted(clusters, key=lambda c: (c["region"] or "", c["provider"], c["name"]))
    for cluster in order:
        plain = {key: value for key, value in cluster.items() if key not in ("name", "span")}
        mine = [{k: v for k, v in p.items() if k not in ("cluster", "span")} for p in pools.get(cluster["name"], ())]
        out.setdefault(repr((plain, mine)), []).append(cluster)
    return list(out.values())


def _card(group: list[Data], pools: dict[str, list[Data]], id: str) -> Html:
    first = group[0]
    one = len(group) == 1
    facts = [first["provider"], first["region"], first["residency"] and f"data in {first['residency']}"]
    more = [
        f"Kubernetes {first['kubernetes']}",
        first["platform"],
        first["role"] if first["role"] != "worker" else None,
    ]
    sizes = [
        count(first["teams"], "team"),
        count(first["objects"], "object"),
        first["delivery"] and f"by {first['delivery']}",
    ]
    heading = first["name"] if one else f"{len(group):,} alike"
    return el(
        "li",
        el("h4", heading),
        None if one else el("div", names([c["name"] for c in group]), class_="facts"),
        el("p", lines(*[" · ".join(filter(None, words)) for words in (facts, more, sizes)]), class_="facts"),
        el("ul", [_pool(pool, f"{id}-{n}") for n, pool in enumerate(pools.get(first["name"], ()))], class_="pools"),
        place(first["span"]) if one else None,
    )  # fmt: skip


def _pool(pool: Data, id: str) -> Html:
    title = f"{pool['name']}: {pool['offers']}"
    said = "in maintenance" if pool["maintenance"] else f"{amount(pool, 'promised')} of {amount(pool, 'guaranteed')}"
    head = el("div", el("span", pool["name"], " ", el("span", pool["offers"], class_="at")), el("span", said))
    return el("li", head, bar(id, title, pieces(pool)))


def amount(pool: Data, field: str) -> str:
    """Devices, or cores."""
    number: int = pool[field]
    return f"{number:,}" if pool["unit"] == "devices" else cores(number)


def pieces(pool: Data) -> list[Piece]:
    """What a pool's bar is made of: burst takes free room first, then nodes that may come."""
    if pool["maintenance"]:
        return [Piece("more", "in maintenance", 1)]
    room = max(0, pool["allNodesUp"] - pool["promised"] - pool["apart"])
    burst = min(pool["atMost"] - pool["promised"], room)
    free = max(0, pool["free"] - burst)
    amounts = (pool["promised"] - pool["aside"], pool["aside"], burst, pool["apart"], free, room - burst - free)
    return [Piece(kind, words, n) for (kind, words), n in zip(MEANINGS, amounts, strict=True)]


def hourly(number: int | None) -> str | None:
    """A price, without its currency, which the heading has."""
    return None if number is None else money(number)

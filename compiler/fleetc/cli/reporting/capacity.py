"""Where models run, what that takes of the pools, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from fleetc.cli.planning.rows import MOST_PARTS
from fleetc.cli.planning.units import count, percent, span
from fleetc.cli.planning.words import CLASSES
from fleetc.cli.reporting.html import Content, Html, el, join
from fleetc.cli.reporting.overview import amount, hourly, pieces
from fleetc.cli.reporting.parts import (
    Column,
    bar,
    lines,
    names,
    nothing,
    place,
    section,
    spread,
    table,
    tag,
    ticked,
)
from fleetc.language.wording import gib

Data = dict[str, Any]
_MOST_POOLS: Final = 24
_MOST_COSTS: Final = 24
_NO_PRICE: Final = "no price"


def placements(data: Data) -> Html:
    """Every workload, and where its replicas are promised."""
    found: list[Data] = data["placements"]
    left = [one for one in found if not one["placed"]]
    rows = [row for one in found if one["placed"] for row in _rows(one)]
    columns = [
        Column("model"), Column("cluster / pool"), Column("each"), Column("replicas", number=True),
        Column("devices", number=True), Column("memory left", number=True), Column("reaches", number=True),
        Column("why"),
    ]  # fmt: skip
    caption = (
        "Replicas are promised..at most; memory left is that of the fullest device with weights, cache and runtime in"
    )
    shown = table(caption, columns, rows) if rows else nothing("No model has a place." if found else "No models.")
    about = "Where models run, and how well they fit. `fleetc plan MODEL` tells what was not chosen, and why."
    return section("placements", "Placements", _unplaced(left) if left else None, shown, about=about)


def _unplaced(left: Sequence[Data]) -> Html:
    rows = [
        (
            lines(one["id"], one["team"], place(one["span"])), tag("no place", "bad"),
            f"{count(one['replicas']['promised'], 'replica')} of {one['asks']}",
            one["why"] or f"fleetc plan {one['id']}", "; ".join(one["works"]) or None,
        )
        for one in left
    ]  # fmt: skip
    columns = [Column("model"), Column("state"), Column("asks"), Column("because"), Column("what works")]
    return table("Without a place: their promises are broken", columns, rows)


def _rows(one: Data) -> Iterator[list[Content]]:
    groups = _alike(one["parts"]) if len(one["parts"]) > MOST_PARTS else [[part] for part in one["parts"]]
    for n, group in enumerate(groups):
        first = group[0]
        said = [one["why"], *one["better"]] if n == 0 else []
        head = lines(one["id"], one["team"], place(one["span"])) if n == 0 else lines(one["id"])
        clusters = [part["cluster"] for part in group]
        yield [
            head,
            lines(names(clusters), " and ".join(sorted({part["pool"] for part in group}))),
            first["each"],
            spread(_sum(group, "replicas")),
            spread(_sum(group, "devices")) if first["devices"]["atMost"] else None,
            _left(first["fit"]),
            _reach(first["fit"]),
            lines(*map(ticked, said)) if said else None,
        ]


def _alike(parts: Iterable[Data]) -> list[list[Data]]:
    out: dict[str, list[Data]] = {}
    for part in parts:
        out.setdefault(repr((part["each"], part["pool"], part["fit"])), []).append(part)
    return list(out.values())


def _sum(group: Iterable[Data], field: str) -> dict[str, int]:
    parts = list(group)
    return {key: sum(part[field][key] for part in parts) for key in ("promised", "atMost")}


def _left(fit: Data | None) -> Content:
    if fit is None:
        return None
    return lines(gib(fit["margin"]), f"{percent(fit['margin'], fit['usable'])} of {gib(fit['usable'])}")


def _reach(fit: Data | None) -> Content:
    reach = fit["reach"] if fit is not None else None
    if reach is None:
        return None
    many = "any number at once" if reach["concurrency"] is None else f"{reach['concurrency']:,} at once"
    return lines(f"{reach['context']:,} tokens", f"or {many}")


def pools(data: Data) -> Html:
    """The use of every pool; of many, those alike as one."""
    found: list[Data] = data["pools"]
    if not found:
        return section("pools", "Pool use", nothing("No pools."))
    groups = _alike_pools(found) if len(found) > _MOST_POOLS else [[pool] for pool in found]
    columns = [
        Column("pool"), Column("offers"), Column("nodes", number=True), Column("use"),
        Column("promised", number=True), Column("burst", number=True), Column("free", number=True),
        Column("kept apart", number=True), Column("N\N{MINUS SIGN}1"),
    ]  # fmt: skip
    rows = [_pool_row(group, n) for n, group in enumerate(groups)]
    caption = "In devices, or cores of pools without; promises count on guaranteed nodes alone"
    about = "N\N{MINUS SIGN}1 holds where promises can do without one of the guaranteed nodes, whichever it is."
    return section("pools", "Pool use", table(caption, columns, rows), about=about)


def _alike_pools(found: Iterable[Data]) -> list[list[Data]]:
    out: dict[str, list[Data]] = {}
    for pool in found:
        key = {name: value for name, value in pool.items() if name not in ("cluster", "span")}
        out.setdefault(repr(key), []).append(pool)
    return sorted(out.values(), key=lambda group: -group[0]["promised"] * len(group))


def _pool_row(group: list[Data], n: int) -> list[Content]:
    first, nodes = group[0], group[0]["nodes"]
    one = len(group) == 1
    title = f"{first['cluster']}/{first['name']}" if one else f"{first['name']} on {len(group):,} clusters"
    where = place(first["span"]) if one else names([pool["cluster"] for pool in group])
    burst = first["atMost"] - first["promised"]
    resting = first["maintenance"]
    total = {**first, **{k: first[k] * len(group) for k in ("promised", "guaranteed", "free", "apart")}}
    return [
        join(title, el("small", where)),
        lines(first["offers"], CLASSES[first["class"]]),
        span(nodes["least"], nodes["most"]) if nodes["guaranteed"] != nodes["most"] else f"{nodes['most']:,}",
        bar(f"pool{n}", f"Use of {title}", pieces(first)),
        "in maintenance" if resting else f"{amount(total, 'promised')} of {amount(total, 'guaranteed')}",
        f"+{amount({**first, 'burst': burst * len(group)}, 'burst')}" if burst and not resting else None,
        None if resting else amount(total, "free"),
        amount(total, "apart") if first["apart"] else None,
        _spare(first),
    ]


def _spare(pool: Data) -> Content:
    spare: int | None = pool["spare"]
    if spare is None or not pool["promised"]:
        return None
    return join(tag("holds", "good") if spare else tag("does not hold", "warn"), el("small", f"{spare:,} to spare"))


def cost(data: Data) -> Html:
    """What promises cost, by team and by cluster, where prices are known."""
    parts = [(one["team"], part) for one in data["placements"] for part in one["parts"]]
    priced = [part for _, part in parts if part["price"]["promised"] is not None]
    currency = data["currency"] or "no currency is named"
    about = f"An hour, {currency}, by the prices of nodes in the specs of pools. What has no price is not counted."
    if not priced:
        return section("cost", "Cost", nothing("No pool that a model runs on has a price."), about=about)
    tables = [
        _costs("Models, by team", "team", [(team, part) for team, part in parts]),
        _costs("Models, by cluster", "cluster", [(part["cluster"], part) for _, part in parts]),
    ]
    nodes = [pool for pool in data["pools"] if pool["price"] is not None and not pool["maintenance"]]
    return section("cost", "Cost", el("div", tables, class_="two"), _nodes(nodes), about=about)


def _costs(caption: str, what: str, parts: Sequence[tuple[str, Data]]) -> Html:
    sums: dict[str, list[int]] = {}
    for name, part in parts:
        row, price = sums.setdefault(name, [0, 0, 0]), part["price"]
        if price["promised"] is None:
            row[2] += part["replicas"]["promised"]
        else:
            row[0] += price["promised"]
            row[1] += price["atMost"]
    order = sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    rows = [_cost_row(name, row) for name, row in order[:_MOST_COSTS]]
    rest = [row for _, row in order[_MOST_COSTS:]]
    if rest:
        rows.append(_cost_row(f"{len(rest):,} others", [sum(row[n] for row in rest) for n in range(3)]))
    if len(order) > 1:
        rows.append(_cost_row("all", [sum(row[n] for row in sums.values()) for n in range(3)]))
    columns = [
        Column(what), Column("promised", number=True), Column("with all replicas", number=True),
        Column("replicas not counted", number=True),
    ]  # fmt: skip
    return table(caption, columns, rows)


def _cost_row(name: str, row: Sequence[int]) -> list[Content]:
    least, most, unknown = row
    if unknown and not most:
        return [name, _NO_PRICE, None, unknown]
    return [name, hourly(least), hourly(most), unknown or None]


def _nodes(found: Sequence[Data]) -> Html | None:
    """What guaranteed nodes cost, whoever uses them."""
    if not found:
        return None
    sums: dict[tuple[str, str], list[int]] = {}
    for pool in found:
        row = sums.setdefault((pool["offers"], CLASSES[pool["class"]]), [0, 0, 0, 0])
        nodes, price = pool["nodes"], pool["price"]
        for n, number in enumerate(
            (nodes["guaranteed"], nodes["most"], nodes["guaranteed"] * price, nodes["most"] * price)
        ):
            row[n] += number
    rows = [
        (lines(offers, kind), row[0], hourly(row[2]), row[1], hourly(row[3]))
        for (offers, kind), row in sorted(sums.items())
    ]
    columns = [
        Column("nodes of"), Column("guaranteed", number=True), Column("these cost", number=True),
        Column("all up", number=True), Column("all cost", number=True),
    ]  # fmt: skip
    return table("Nodes, whoever uses them, by the prices of their pools", columns, rows)

"""Parts of what is printed that text and Markdown share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fleetc.check.change.model import Value, render
from fleetc.cli.changes.rows import Row, edits, totals
from fleetc.cli.planning.units import money
from fleetc.driver.diff.cause import Cause
from fleetc.driver.diff.diff import Diff
from fleetc.driver.diff.placements import Nodes, Part, Planned

MOST_NAMES: Final = 4
_WIDEST: Final = 56
_SECRET: Final = ("data", "stringData")


def headline(diff: Diff) -> str:
    """`1 edit, 2 changes, 5 clusters, 1 outlier`."""
    parts = [
        _count(edits(diff), "edit"), _count(len(diff.changes), "shape"), _count(diff.objects, "object"),
        _count(len(diff.clusters), "cluster"),
    ]  # fmt: skip
    if diff.stacks:
        parts.insert(3, _count(diff.stacks, "stack"))
    if diff.outliers:
        parts.append(_count(len(diff.outliers), "outlier"))
    return ", ".join(parts)


def effects(diff: Diff) -> str:
    """How many objects each effect concerns."""
    return ", ".join(f"{effect} {number:,}" for effect, number in totals(diff).items())


def because(causes: Sequence[Cause], revision: str) -> list[str]:
    """Where a change comes from, no surer than it is known."""
    if causes[0].how == "among":
        return [f"not traced to one line; changed are {listed([cause.file for cause in causes])}"]
    return [printable(_because(cause, revision)) for cause in causes]


def printable(text: str) -> str:
    """Text that moves no cursor and shows what it is."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _because(cause: Cause, revision: str) -> str:
    match cause.how:
        case "line":
            return f"{cause.file}:{cause.line}"
        case "in":
            return f"in {cause.file}:{cause.line}"
        case "removed":
            return f"{cause.file} is gone"
        case "among":
            return f"perhaps {cause.file}"
        case "tool":
            return (
                f"no spec changed: another fleetc made the outputs of {revision}, or they were not built from its specs"
            )


def listed(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """Some names, and how many more."""
    rest = len(names) - most
    return ", ".join(names) if rest <= 1 else f"{', '.join(names[:most])} and {rest:,} more"


def clusters(row: Row) -> str:
    """Where it is."""
    many = len(row.clusters)
    words = f"{many:,} clusters: {listed(row.clusters)}" if many > 1 else row.clusters[0]
    return f"{words} (outlier)" if row.outlier else words


def reasons(row: Row) -> Iterator[tuple[str, str]]:
    """Places with what changes there, and why that matters; then what is of no place."""
    whys: dict[Any, list[str]] = {}
    for meaning in row.meanings:
        if meaning.why:
            whys.setdefault(meaning.path, []).append(meaning.why)
    for value in row.values:
        found = [why for path, there in whys.items() if path and value.path[: len(path)] == path for why in there]
        yield f"{render(value.path)}  {difference(row.kind, value)}", "; ".join(dict.fromkeys(found))
    seen = [value.path for value in row.values]
    for path, there in whys.items():
        if not path or not any(other[: len(path)] == path for other in seen):
            yield from (("", why) for why in there)


def difference(kind: str, value: Value) -> str:
    """A value before and after."""
    if kind == "Secret" and value.path[:1] in [(name,) for name in _SECRET]:
        return f"{value.how} (hidden)"
    if value.how == "reordered":
        return "in another order"
    if isinstance(value.before, list) and isinstance(value.after, list):
        more = [item for item in value.after if item not in value.before]
        less = [item for item in value.before if item not in value.after]
        signs = [*(f"- {short(item)}" for item in less), *(f"+ {short(item)}" for item in more)]
        return "  ".join(signs) or "in another order"
    match value.how:
        case "added":
            return f"+ {short(value.after)}"
        case "removed":
            return f"- {short(value.before)}"
        case _:
            return f"{short(value.before)} -> {short(value.after)}"


def short(value: Any) -> str:
    """A value on one line."""
    text = json.dumps(value, ensure_ascii=False)
    shown = printable(text)
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 3]}..."


def plans(found: Planned) -> Iterator[str]:
    """What changes in the plan."""
    for placement in found.placements:
        yield f"model {placement.model}: {_parts(placement.before)} -> {_parts(placement.after)}"
    for pool in found.pools:
        yield f"pool {pool.id}: {_nodes(pool.before)} -> {_nodes(pool.after)}"
    for unit, (before, after) in found.devices.items():
        yield f"promised devices {unit}: {before:,} -> {after:,}"
    before, after = found.price
    if before != after:
        currency = f" {found.currency}" if found.currency else ""
        more = f"{'+' if after > before else ''}{money(after - before)}"
        yield f"promised price: {money(before)} -> {money(after)}{currency} an hour ({more})"


def _parts(parts: Sequence[Part]) -> str:
    shown = [f"{p.pool} {p.resources} x {p.least}" + (f"..{p.most}" if p.most != p.least else "") for p in parts]
    return ", ".join(shown) or "nowhere"


def _nodes(nodes: Nodes | None) -> str:
    if nodes is None:
        return "none"
    many = f"{nodes.least}..{nodes.most}" if nodes.most != nodes.least else str(nodes.least)
    what = f" of {nodes.unit}:{nodes.devices}" if nodes.unit else ""
    return f"{many} nodes{what}" + (f" at {money(nodes.price)}" if nodes.price is not None else "")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"

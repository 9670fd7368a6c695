"""An emitted line, explained in text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fleetc.cli.style import Style
from fleetc.driver.explain import Entry, Explainer, Page, holds_more, object_at
from fleetc.driver.trace import Origin
from fleetc.emission.compare import RANK
from fleetc.source.span import Span, render_path
from fleetc.tuples import NamedTuple

_MOST_VALUE: Final = 60
_BEFORE: Final = 20
"""How much of a long line is shown before what is meant."""
_MOST_UNSET: Final = 3
_ROLES: Final = ("value", "selector", "placement", "beaten", "unmatched", "unset")


def standing(fleet: Explainer, page: Page, style: Style) -> str:
    """A note when the file that stands there is not what is explained."""
    file = fleet.root / page.file
    if not file.is_file() or file.read_bytes() == page.text():
        return ""
    return f"{style.yellow('note')}: {page.file} is not what the specs give now; `fleetc build` renews it\n"


def explained(fleet: Explainer, entry: Entry, style: Style) -> list[str]:
    """A value, and what it comes from."""
    why, holds = entry.why, holds_more(entry.value)
    value = "" if holds else f" = {short(entry.value)}"
    out = [f"{style.bold(f'{entry.file}:{entry.line}')} {render_path(entry.path[1:])}{value}   [{why.lowering}]"]
    found = causes(entry)
    if why.constant and not holds:
        out.append(f"  constant of {why.lowering}" + ("; it is there because of" if found.shown else ""))
    elif not why.exact:
        out.append("  no single change moves its value; these do together:")
    out += _rows(fleet, found.rows, style)
    if found.order and found.shown:
        out.append(style.dim(f"  its place among others: {', '.join(str(o.span) for o in found.order)}"))
    return out


class Causes(NamedTuple):
    """What a value comes from: `shown` is what counts, `rows` what is told of, `order` moves it among others."""

    shown: list[Origin]
    rows: list[Origin]
    order: list[Origin]


def causes(entry: Entry) -> Causes:
    """What an emitted value comes from."""
    why, holds = entry.why, holds_more(entry.value)
    shown, unset, order = _sorted(why.origins)
    # Of a constant, what else could be set only says where it would be: that counts when nothing else does.
    more = [] if why.constant and shown and not holds else unset[:_MOST_UNSET]
    return Causes(shown, [*(shown or order), *more], order)


def _sorted(origins: Sequence[Origin]) -> tuple[list[Origin], list[Origin], list[Origin]]:
    """What counts, the strongest first; what is not set; and what only moves it among others."""
    ranked = sorted(origins, key=lambda o: (RANK[o.how], _ROLES.index(o.role), o.via == "table"))
    first: dict[tuple[Span, str], Origin] = {}
    for origin in ranked:
        first.setdefault((origin.span, origin.role), origin)
    found = [o for o in first.values() if not any(_says_more(other, o) for other in first.values())]
    order = [o for o in found if o.how == "order"]
    unset = [o for o in found if o.role == "unset" and o.how != "order"]
    return [o for o in found if o not in order and o not in unset], unset, order


def _says_more(one: Origin, two: Origin) -> bool:
    """Whether one is a part of the other that does no less."""
    inside = len(one.path) > len(two.path) and one.path[: len(two.path)] == two.path
    return inside and one.span.file == two.span.file and one.role == two.role and RANK[one.how] <= RANK[two.how]


def _rows(fleet: Explainer, origins: Sequence[Origin], style: Style) -> Iterator[str]:
    width = max((len(str(o.span)) for o in origins), default=0)
    for origin in origins:
        where, what = str(origin.span).ljust(width), words_of(origin).ljust(24)
        yield f"  {where}  {what}  {style.dim(source_line(fleet, origin.span))}"


def words_of(origin: Origin) -> str:
    """What an origin does, in words."""
    role = {"value": origin.via, "selector": "selects", "placement": "places", "beaten": f"{origin.via}, beaten",
            "unmatched": f"{origin.via}, not matched", "unset": f"{origin.path[-1]} not set"}[origin.role]  # fmt: skip
    return role if origin.how == "value" else f"{role} ({origin.how})"


def between(page: Page, line: int) -> str:
    """A line on which no value stands: the header, or what parts two objects."""
    before = object_at(page, line - 1)
    if before is None or before + 1 == len(page.objects):
        return f"{page.file}:{line}: the header; fleetc makes this file from {page.source}, for {page.owner}\n"
    return f"{page.file}:{line}: between {name_of(page, before)} and {name_of(page, before + 1)}\n"


def name_of(page: Page, position: int) -> str:
    """An object of a page, as people call it."""
    made: Any = page.objects[position]
    metadata = made.get("metadata") or {}
    namespace = metadata.get("namespace")
    return f"{made.get('kind')} {f'{namespace}/' if namespace else ''}{metadata.get('name')}"


def placed(fleet: Explainer, page: Page, style: Style) -> str:
    """What put the file on its cluster."""
    spans = dict.fromkeys(str(o.span) for o in fleet.placed(page) if o.via != "table")
    cluster = fleet.plan.world.cluster_docs[page.cluster].name
    where = f"{page.owner} is on {cluster}" if page.subject.kind != "Cluster" else f"{page.owner} is there"
    return style.dim(f"  {where} because of {', '.join(spans)}") + "\n"


def source_line(fleet: Explainer, span: Span) -> str:
    """The line of a spec or table; of a long one, what is around the place."""
    content = fleet.sources.text(span.file)
    lines = content.split("\n") if content else []
    if not 0 < span.line <= len(lines):
        return ""
    text = lines[span.line - 1].rstrip()
    indent = len(text) - len(text.lstrip())
    start = max(indent, min(span.column - 1 - _BEFORE, len(text) - _MOST_VALUE))
    return _cut(f"{'...' if start > indent else ''}{text[start:]}")


def short(value: Any) -> str:
    """A value on one line."""
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_VALUE else f"{text[: _MOST_VALUE - 3]}..."

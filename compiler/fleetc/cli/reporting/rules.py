"""What policies cover, who is excepted from them, and the objectives of models and queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from fleetc.cli.planning.units import count
from fleetc.cli.reporting.html import Content, Html, el, join
from fleetc.cli.reporting.parts import Column, Piece, bar, lines, names, nothing, place, section, table, tag

Data = dict[str, Any]
_ENDS: Final = (("valid", "valid"), ("partial", "partial"), ("skipped", "skipped"), ("invalid", "wrong"))
_MOST_COLUMNS: Final = 8
INDICATORS: Final = {
    "timeToFirstToken": "time to first token",
    "timePerOutputToken": "time per output token",
    "queueWait": "wait in the queue",
    "availability": "availability",
}


def policies(data: Data) -> Html:
    """Policies by kind and by cluster, their rules, their exceptions."""
    found: list[Data] = data["policies"]
    about = "What each policy is for, and how its rules ended for that. An API server admits what it is emitted for."
    if not found:
        return section("policies", "Policy coverage", nothing("No policies."), about=about)
    columns = [
        Column("policy"), Column("enforced"), Column("clusters"), Column("API servers", number=True),
        Column("objects", number=True), Column("of kinds"), Column("checks"), Column("rules"),
    ]  # fmt: skip
    rows = [_policy(policy, n) for n, policy in enumerate(found)]
    caption = "Objects are counted on each cluster; checks are rules times objects"
    return section(
        "policies", "Policy coverage", table(caption, columns, rows), _matrix(found, len(data["clusters"])),
        _exceptions(found), about=about,
    )  # fmt: skip


def _policy(policy: Data, n: int) -> list[Content]:
    on: list[Data] = policy["clusters"]
    kinds = Counter[str]()
    for each in on:
        kinds.update(each["objects"])
    ends = Counter[str]()
    for rule in policy["rules"]:
        ends.update(rule["ends"])
    said = [f"{kind} {number:,}" for kind, number in sorted(kinds.items())]
    shown = bar(f"policy{n}", f"Checks of {policy['name']}", [Piece(kind, end, ends[end]) for end, kind in _ENDS])
    pack = f"pack {policy['pack']}" if policy["pack"] else None
    ways = [" or ".join(sorted({each[field] for each in on})) for field in ("enforce", "action")]
    told = ", ".join(f"{number:,} {end}" for end, number in sorted(ends.items()))
    return [
        lines(policy["name"], pack, place(policy["span"])),
        lines(*ways),
        names([each["cluster"] for each in on]) if len(on) > 1 else [each["cluster"] for each in on],
        sum(each["admitted"] for each in on) or None,
        kinds.total() or None,
        ", ".join(said) if said else None,
        join(shown, el("small", told)) if ends else None,
        _rules(policy["rules"]),
    ]  # fmt: skip


def _rules(rules: Sequence[Data]) -> Html:
    idle = [rule["name"] for rule in rules if rule["idle"]]
    wrong = sum(rule["ends"].get("invalid", 0) for rule in rules)
    items = [
        el("li", el("b", rule["name"]), " ", tag("never fires", "warn") if rule["idle"] else None,
           el("small", rule["message"]))
        for rule in rules
    ]  # fmt: skip
    marks = [tag("never fires", "warn") if idle else None, tag(f"{wrong:,} not met", "bad") if wrong else None]
    return join(el("details", el("summary", count(len(rules), "rule")), el("ul", items, class_="pools")), marks)


def _matrix(found: Sequence[Data], clusters: int) -> Html | None:
    """Policies by clusters; clusters with the same numbers are one column."""
    where: dict[str, list[int]] = {}
    for n, policy in enumerate(found):
        for on in policy["clusters"]:
            row = where.setdefault(on["cluster"], [-1] * len(found))
            row[n] = sum(on["objects"].values())
    alike: dict[tuple[int, ...], list[str]] = {}
    for cluster, row in sorted(where.items()):
        alike.setdefault(tuple(row), []).append(cluster)
    if not alike or len(alike) > _MOST_COLUMNS:
        return None
    columns = [Column("policy"), *(Column(_heading(names), number=True) for names in alike.values())]
    rows = [(policy["name"], *[None if row[n] < 0 else row[n] for row in alike]) for n, policy in enumerate(found)]
    left = clusters - len(where)
    more = f"; {count(left, 'cluster has', 'clusters have')} none" if left else ""
    return table(f"Objects that each policy is for, by cluster{more}", columns, rows)


def _heading(clusters: list[str]) -> str:
    return clusters[0] if len(clusters) == 1 else f"{clusters[0]} and {len(clusters) - 1:,} more"


def _exceptions(found: Sequence[Data]) -> Html | None:
    rows = [
        (
            lines(one["name"], f"of {policy['name']}", place(one["span"])), one["owner"], one["expires"],
            ", ".join(one["rules"]) or "all rules", _for(one["match"]), one["needed"], one["reason"],
        )
        for policy in found
        for one in policy["exceptions"]
    ]  # fmt: skip
    columns = [
        Column("exception"), Column("owner"), Column("expires"), Column("of rules"), Column("for"),
        Column("objects that need it", number=True), Column("reason"),
    ]  # fmt: skip
    return table("Exceptions: who answers for them, and until when", columns, rows) if rows else None


def _for(match: Data) -> str:
    said = [f"{', '.join(match[field])}" for field in ("namespaces", "names") if match[field]]
    return " / ".join(said)


def objectives(data: Data) -> Html:
    """What has to be how good."""
    found: list[Data] = data["objectives"]
    about = "The share of requests that has to be good, over the window, and who is told when it is not."
    if not found:
        return section("objectives", "Objectives", nothing("No objectives."), about=about)
    columns = [
        Column("objective"), Column("of"), Column("has to be"), Column("for", number=True),
        Column("window", number=True), Column("anomalies"), Column("tells"), Column("clusters"),
    ]  # fmt: skip
    rows = [
        (
            lines(one["name"], one["team"], place(one["span"])), one["about"].replace("/", " ", 1),
            lines(INDICATORS[one["indicator"]], one["threshold"] and f"below {one['threshold']}"),
            one["target"], one["window"], ", ".join(one["anomalies"]) or None,
            ", ".join(f"{severity}: {type}" for severity, type in one["notices"].items()) or None,
            names(one["clusters"]),
        )
        for one in found
    ]  # fmt: skip
    return section("objectives", "Objectives", table("Objectives", columns, rows), about=about)

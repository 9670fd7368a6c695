"""What cannot be of a Dashboard, with its layers merged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleetc.diagnostics import Diagnostic, codes
from fleetc.language import amounts
from fleetc.language.dashboard import Dashboard, Query
from fleetc.language.intents import INTENTS, suits, topic
from fleetc.language.variables import KNOWN, unknown
from fleetc.language.wording import listing, nearest
from fleetc.resolve.places import Places
from fleetc.source.span import Path, Word

_SUBJECTS: Final = ("model", "pool", "team", "scope")
_SHORTEST: Final = 5
"""Seconds: Grafana's min_refresh_interval, unless it is told otherwise."""
_LABEL: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def charting_findings(node: Dashboard, at: Places) -> Iterator[Diagnostic]:
    """Everything that is wrong with one, as it is on some cluster."""
    yield from _subject(node, at)
    yield from _panels(node, at)
    for query in node.queries:
        yield from _query(query, at)
    if amounts.time(node.refresh) < _SHORTEST:
        message = f"a refresh of {node.refresh}: Grafana takes none below {_SHORTEST}s"
        yield at.problem(codes.INVALID_VALUE, message, ("refresh",), "write 30s, 1m or more")
    if not node.instances:
        message = f"`instances` is empty: every Grafana would show Dashboard {node.name}"
        yield at.problem(codes.MISSING_FIELD, message, ("instances",), "add a label, such as dashboards: grafana")


def _subject(node: Dashboard, at: Places) -> Iterator[Diagnostic]:
    said = [name for name in _SUBJECTS if getattr(node.for_, name) is not None]
    if not said:
        message = f"Dashboard {node.name} is about nothing"
        hint = "add `for` with a model, a pool or a team, or write `for: fleet`"
        yield at.problem(codes.MISSING_FIELD, message, (), hint)
    elif len(said) > 1:
        message, hint = f"Dashboard {node.name} is about {len(said)} things", "make a Dashboard of each"
        yield at.problem(codes.INVALID_VALUE, message, ("for", said[1]), hint, (("for", said[0]), "the other one"))
    elif node.team is not None and said[0] in ("pool", "scope"):
        message = f"a Dashboard of team {node.team} about what is the platform's"
        hint = "remove `metadata.team`, or name a model of the team, or the team"
        yield at.problem(codes.INVALID_VALUE, message, ("for", said[0]), hint)
    elif node.team is not None and node.for_.team not in (None, node.team):
        message = f"a Dashboard of team {node.team} about team {node.for_.team}"
        yield at.problem(
            codes.INVALID_VALUE, message, ("for", "team"), "name the team itself, or remove `metadata.team`"
        )


def _panels(node: Dashboard, at: Places) -> Iterator[Diagnostic]:
    if not node.panels and not node.queries:
        message = f"Dashboard {node.name} has no panels"
        yield at.problem(codes.MISSING_FIELD, message, (), "add `panels` or `queries`")
    if "auto" in node.panels and len(node.panels) > 1:
        message, hint = "`auto` is all that is measured: the others are among it", "write auto alone, or leave it out"
        yield at.problem(codes.INVALID_VALUE, message, ("panels",), hint)
    of = topic(node)
    for n, intent in enumerate(node.panels):
        if of is not None and intent != "auto" and not suits(of.about, intent):
            known = listing([one for one in INTENTS if suits(of.about, one)])
            message = f"there are no panels of `{intent}` of a {of.about}"
            yield at.problem(codes.EMPTY_PANEL, message, ("panels", n), f"write some of {known}")


def _at_word(at: Places, path: Path, word: str, message: str, hint: str) -> Diagnostic:
    found = at.origin(path)
    span = found.doc.span(at.locate, (*found.path, Word(word))) if found is not None else at.span(path)
    return Diagnostic(codes.UNKNOWN_VARIABLE, message, span, hint, ("spec", *path))


def _query(query: Query, at: Places) -> Iterator[Diagnostic]:
    path: Path = ("queries", query.title)
    if not query.promql:
        message = f"`promql` is missing: what panel {query.title} shows"
        yield at.problem(codes.MISSING_FIELD, message, path, "add an expression")
    for n, expr in enumerate(query.promql):
        for name in unknown(expr):
            message = f"Grafana puts nothing for `{name}` in this dashboard"
            near = nearest(name, KNOWN)
            hint = f"did you mean `{near}`?" if near else f"write what it stands for; there is {listing(KNOWN)}"
            yield _at_word(at, (*path, "promql", n), name, message, hint)
    for label in _LABEL.findall(query.legend or ""):
        if not re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", label):
            message = f"`{{{{{label}}}}}` in a legend is the name of no label"
            yield at.problem(codes.INVALID_VALUE, message, (*path, "legend"), "write {{LABEL}}, such as {{pod}}")

"""Drift for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.cli.changes.words import printable
from fleetc.cli.live.words import About, by_object, headline, what, where, who
from fleetc.cli.style import Style
from fleetc.driver.live.drift import ClusterDrift

_MOST: Final = 20


def text(clusters: Sequence[ClusterDrift], style: Style, *, every: bool) -> Iterator[str]:
    """The lines. `every`: all objects, else the first of them; and what controllers own."""
    for n, cluster in enumerate(clusters):
        if n:
            yield ""
        context = f"(context {cluster.context}, {cluster.server})"
        yield f"{style.bold(f'{cluster.name}: {headline(cluster)}')}  {style.dim(printable(context))}"
        for kind in cluster.unserved:
            yield f"  {style.red('not served')}  {kind}"
        found = [*by_object(cluster.drifted)]
        shown = found if every else found[:_MOST]
        for about in shown:
            yield from _object(about, style)
        if len(shown) < len(found):
            yield style.dim(f"  and {len(found) - len(shown):,} more objects; --verbose shows all")
        owned = [drift for drift in cluster.drifts if drift.controller]
        if owned and not every:
            yield style.dim(f"  {len(owned):,} more of controllers, which is no drift; --verbose shows it")
        for about in by_object(owned) if every else ():
            yield from _object(about, style)


def _object(about: About, style: Style) -> Iterator[str]:
    first = about.drifts[0]
    if not first.path:
        word = style.red("missing") if first.how == "missing" else style.yellow("to be pruned")
        yield f"  {word}  {style.bold(str(about.identity))}  {style.dim(where(first))}"
        return
    yield f"  {style.bold(str(about.identity))}"
    for drift in about.drifts:
        by = who(drift)
        yield f"    {printable(what(drift))}{style.dim(f'  {printable(by)}') if by else ''}"
        yield f"      {where(drift)}  {style.dim(f'{drift.file}:{drift.line}')}"

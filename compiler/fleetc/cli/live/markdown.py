"""Drift for an issue, or the log of a scheduled run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.cli.changes.markdown import escaped
from fleetc.cli.changes.words import printable
from fleetc.cli.live.words import headline, what, where, who
from fleetc.driver.live.drift import ClusterDrift

_MOST: Final = 200
"""Rows of a cluster: forges refuse what is much longer."""


def markdown(clusters: Sequence[ClusterDrift]) -> str:
    """The text."""
    return "\n".join(line for cluster in clusters for line in _cluster(cluster)).rstrip("\n") + "\n"


def _cluster(cluster: ClusterDrift) -> Iterator[str]:
    yield f"### {escaped(cluster.name)}: {headline(cluster)}"
    yield ""
    for kind in cluster.unserved:
        yield f"- not served: {escaped(kind)}"
    if cluster.unserved:
        yield ""
    found = cluster.drifted
    if not found:
        return
    yield "| object | what | by | spec |"
    yield "|---|---|---|---|"
    for drift in found[:_MOST]:
        cells = (str(drift.identity), printable(what(drift)), printable(who(drift)), where(drift))
        yield f"| {' | '.join(map(escaped, cells))} |"
    if len(found) > _MOST:
        yield f"| and {len(found) - _MOST:,} more | | | |"
    yield ""

"""Parts of what is printed of drift that text and Markdown share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fleetc.check.change.model import Identity
from fleetc.cli.changes.words import short
from fleetc.driver.live.drift import ClusterDrift, Drift
from fleetc.source.span import render_path
from fleetc.tuples import NamedTuple


class About(NamedTuple):
    """One object that differs, and how."""

    identity: Identity
    drifts: tuple[Drift, ...]


def headline(cluster: ClusterDrift) -> str:
    """`3 values drifted in 2 of 120 objects`."""
    values = [d for d in cluster.drifted if d.path]
    missing, extra = (sum(not d.path and d.how == how for d in cluster.drifted) for how in ("missing", "extra"))
    parts: list[str] = []
    if values:
        objects = len({d.identity for d in values})
        parts.append(f"{_count(len(values), 'value')} drifted in {objects:,} of {_count(cluster.objects, 'object')}")
    if missing:
        parts.append(f"{_count(missing, 'object')} missing")
    if extra:
        parts.append(f"{_count(extra, 'object')} to be pruned")
    if cluster.unserved:
        parts.append(f"{_count(len(cluster.unserved), 'kind')} not served")
    return ", ".join(parts) or f"no drift in {_count(cluster.objects, 'object')}"


def by_object(drifts: Sequence[Drift]) -> Iterator[About]:
    """What differs, object by object."""
    found: dict[Identity, list[Drift]] = {}
    for drift in drifts:
        found.setdefault(drift.identity, []).append(drift)
    yield from (About(identity, tuple(there)) for identity, there in found.items())


def where(drift: Drift) -> str:
    """The spec line of a difference."""
    return str(drift.span) if drift.span is not None else "no spec makes it"


def what(drift: Drift) -> str:
    """`spec.replicas  2 in git, 5 live`."""
    if not drift.path:
        return "missing" if drift.how == "missing" else "live, and in no spec: it is to be pruned"
    hidden = drift.identity.kind == "Secret"
    wanted = "nothing" if drift.how == "extra" else "(hidden)" if hidden else short(drift.wanted)
    live = "nothing" if drift.how == "missing" else "(hidden)" if hidden else short(drift.live)
    return f"{render_path(drift.path)}  {wanted} in git, {live} live"


def who(drift: Drift) -> str:
    """Who changed it, where that is known."""
    if drift.controller:
        return f"{drift.controller} owns it"
    if drift.changed is None:
        return ""
    when = f" at {drift.changed.time}" if drift.changed.time else ""
    return f"by {drift.changed.name or 'nobody named'}{when}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"

"""What only all objects of a cluster together tell of a change: RBAC adds up, and so do network policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change import access, network
from fleetc.check.change.documents import Document, Pair
from fleetc.check.change.model import Effect, Identity, Meaning
from fleetc.check.rules.access import Map, at

_MOST: Final = 3
_TEAM: Final = "fleetc.dev/team"
"""The label that lowerings give to what is of a team."""
_NOT_UNDERSTOOD: Final = "what it lets pass is more than fleetc understands: it may be more than before"

Found = dict[Identity, list[Meaning]]
Fresh = Mapping[str, str | None]
"""Namespaces that come or go with a change, and the teams that they are of."""


def access_meanings(
    changed: Sequence[Pair], before: Sequence[Document], after: Sequence[Document], fresh: Fresh
) -> Found:
    """For each changed role or binding of a cluster: grants that it takes part in and that there were not (or are not
    any more). `before` and `after`: all roles and bindings of the cluster; `fresh`: namespaces that come or go with
    this change, in which nothing stays that could be reached."""
    old, new = (access.grants(_objects(documents)) for documents in (before, after))
    more = [g for g in new if g.namespace not in fresh and not access.covers(g, old)]
    less = [g for g in old if g.namespace not in fresh and not access.covers(g, new)]
    out: Found = {}
    for pair in changed:
        ours: list[Meaning] = []
        for grants, documents, document, effect in (
            (more, after, pair.after, Effect.WIDENS_RBAC),
            (less, before, pair.before, Effect.NARROWS_RBAC),
        ):
            if document is not None:
                places = [n for n, other in enumerate(documents) if other.text == document.text]
                lost = effect is Effect.NARROWS_RBAC
                here = [access.words(g, lost=lost) for g in grants if not set(places).isdisjoint(g.by)]
                ours += [Meaning(effect, why) for why in _few(here)]
        if ours:
            out[pair.identity] = ours
    return out


def network_meanings(
    changed: Sequence[Pair], before: Sequence[Document], after: Sequence[Document], fresh: Fresh
) -> Found:
    """The same for network policies: what passes that did not, by namespace that stays."""
    out: Found = {}
    others = _others([*before, *after], fresh)
    for namespace in dict.fromkeys(pair.identity.namespace for pair in changed):
        here = [pair for pair in changed if pair.identity.namespace == namespace]
        if namespace in fresh:
            continue
        old, new = ([*_objects(d for d in side if d.identity.namespace == namespace)] for side in (before, after))
        judged = network.judge(namespace, old, new, others)
        for pair in here:
            meanings = [*_of_policy(pair, judged)]
            if meanings:
                out[pair.identity] = meanings
    return out


def _others(policies: Sequence[Document], fresh: Fresh) -> dict[str, list[str]]:
    """For each namespace that comes or goes, the namespaces of its team that stay: all of whose policies are the
    team's."""
    teams: dict[str, set[str | None]] = {}
    for document in policies:
        if document.object is not None and document.identity.namespace not in fresh:
            teams.setdefault(document.identity.namespace, set()).add(team_of(document.object))
    return {
        name: sorted(other for other, found in teams.items() if team is not None and found == {team})
        for name, team in fresh.items()
    }


def team_of(obj: Map) -> str | None:
    """The team that an object is of."""
    team = at(obj, "metadata", "labels").get(_TEAM)
    return team if isinstance(team, str) else None


def _of_policy(pair: Pair, judged: network.Judged) -> Iterator[Meaning]:
    was, now = (document.object if document else None for document in (pair.before, pair.after))
    for more, effect in ((True, Effect.WIDENS_NETWORK), (False, Effect.NARROWS_NETWORK)):
        # What widens: a policy that lets it pass now, or one that isolated the pod. What narrows, the other way round.
        lets, isolates = (now, was) if more else (was, now)
        found = [
            difference
            for difference in judged.differences
            if difference.more is more
            and (
                (lets is not None and network.takes_part(lets, difference, was=False))
                or (isolates is not None and network.takes_part(isolates, difference, was=True))
            )
        ]
        yield from (Meaning(effect, why) for why in _few(network.words_for(found)))
    if not judged.whole:
        yield Meaning(Effect.WIDENS_NETWORK, _NOT_UNDERSTOOD)


def _few(words: Sequence[str]) -> Iterator[str]:
    distinct = sorted(set(words))
    yield from distinct[:_MOST]
    if len(distinct) > _MOST:
        yield f"and {len(distinct) - _MOST} more"


def _objects(documents: Any) -> Iterator[Map]:
    for document in documents:
        found: Mapping[str, Any] | None = document.object
        yield found or {}

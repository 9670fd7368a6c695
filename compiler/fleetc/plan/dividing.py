"""How pools are divided on every cluster, by what is planned there."""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.language.serving import Division, Serving, divisions


def divided(servings: Mapping[str, Mapping[int, Serving]]) -> dict[str, dict[int, Division]]:
    """By the node's id and the cluster, how pools are divided; alike ones are one object."""
    dividing: dict[int, list[Serving]] = {}
    for here in servings.values():
        for n, serving in here.items():
            if any(part.kept for part in serving.parts):
                dividing.setdefault(n, []).append(serving)
    out: dict[str, dict[int, Division]] = {}
    once: dict[str, Division] = {}
    for n, theirs in sorted(dividing.items()):
        for made in divisions(theirs).values():
            out.setdefault(made.id, {})[n] = once.setdefault(repr(made), made)
    return out

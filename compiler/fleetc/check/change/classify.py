"""What a change of one object means, by a table of kinds and places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change import access, network, security, stack
from fleetc.check.change.compare import meant, values
from fleetc.check.change.documents import Pair
from fleetc.check.change.immutable import is_immutable
from fleetc.check.change.model import ORDER, STACK, Effect, Meaning, Value
from fleetc.check.change.workloads import workload
from fleetc.check.rules.workloads import POD_PATHS
from fleetc.tuples import NamedTuple

JUDGED_TOGETHER: Final = (*access.KINDS, *network.KINDS)
"""Kinds of which only all objects of a cluster tell what one does: see `together`."""
_OTHER_POLICIES: Final = (
    "CiliumClusterwideNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy",
)  # fmt: skip
_NOT_UNDERSTOOD: Final = "what it lets pass is more than fleetc understands: it may be more than before"
_RUNS_PODS: Final = frozenset([*POD_PATHS, "LeaderWorkerSet"])


class Classified(NamedTuple):
    """The differences of an object, and what they mean by themselves."""

    values: tuple[Value, ...]
    meanings: tuple[Meaning, ...]


def classify(pair: Pair) -> Classified:
    """What a change means, but for what only several objects together tell."""
    before, after, kind = pair.before, pair.after, pair.identity.kind
    if before is None:
        assert after is not None
        if pair.identity == STACK:
            return Classified((), _sorted(stack.comes(after.object or {})))
        found = [Meaning(Effect.ADDS, ""), *security.comes(kind, after.object or {}), *_unknown(kind)]
        return Classified((), _sorted(found))
    if after is None:
        if pair.identity == STACK:
            return Classified((), _sorted(stack.goes(before.object or {})))
        found = [Meaning(Effect.REMOVES, _stops(kind)), *security.goes(kind, before.object or {}), *_unknown(kind)]
        return Classified((), _sorted(found))
    if before.object is None or after.object is None:
        return Classified((), (Meaning(Effect.CHANGES, "it cannot be read as one object"),))
    every = tuple(values(before.object, after.object))
    telling = meant(kind, pair.identity.group, every)
    if not telling:
        return Classified(every, (Meaning(Effect.NO_OP, _spelling(every)),))
    if pair.identity == STACK:
        return Classified(every, _sorted(stack.differs(telling, before.object, after.object)))
    return Classified(every, _sorted(_differs(kind, telling, before.object, after.object)))


def together(classified: Classified, meanings: Sequence[Meaning]) -> Classified:
    """With what several objects together tell: then it is known what the change does."""
    if not meanings:
        return classified
    known = [m for m in classified.meanings if m.effect is not Effect.CHANGES or m.path or m.why]
    return classified._replace(meanings=_sorted([*known, *meanings]))


def _differs(
    kind: str, found: Sequence[Value], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Meaning]:
    frozen = before.get("immutable") is True
    immutable = [value for value in found if is_immutable(kind, value, frozen)]
    for value in immutable:
        yield Meaning(Effect.IMMUTABLE, "the server refuses it: delete the object, then it is made anew", value.path)
    some = [
        *workload(kind, found, after),
        *security.differs(kind, found, before, after),
        *(_unknown(kind)),
        *_version(found),
    ]
    yield from some
    told = {value.path for value in immutable} | {meaning.path for meaning in some}
    rest = [value for value in found if not any(value.path[: len(path)] == path for path in told if path)]
    if (rest and kind not in JUDGED_TOGETHER) or (not some and not immutable):
        yield Meaning(Effect.CHANGES, "")


def _version(found: Sequence[Value]) -> Iterator[Meaning]:
    for value in found:
        if value.path == ("apiVersion",):
            yield Meaning(Effect.CHANGES, "the same object, by another version of its API", value.path)


def _unknown(kind: str) -> Iterator[Meaning]:
    if kind in _OTHER_POLICIES:
        yield Meaning(Effect.WIDENS_NETWORK, _NOT_UNDERSTOOD)


def _stops(kind: str) -> str:
    return "its pods stop" if kind in _RUNS_PODS else ""


def _spelling(found: Sequence[Value]) -> str:
    return (
        "the server reads the same: quantities of one size, or sets in another order" if found else "the order of keys"
    )


def _sorted(found: Iterator[Meaning] | Sequence[Meaning]) -> tuple[Meaning, ...]:
    """Each once; what a reader has to see first comes first."""
    return tuple(sorted(dict.fromkeys(found), key=lambda meaning: ORDER[meaning.effect]))

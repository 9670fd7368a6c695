"""Models on the clusters where they have the same values: what is planned as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

from fleetc.language.cluster import Cluster
from fleetc.language.document import Doc, Tree
from fleetc.language.kinds import KINDS
from fleetc.language.model import Model, ModelPlacement
from fleetc.language.placement import SELECTOR_READS
from fleetc.plan.placement.model import Excluded
from fleetc.plan.plan import Plan
from fleetc.resolve.layers import merge
from fleetc.resolve.world import selects
from fleetc.source.sharing import Once
from fleetc.tuples import NamedTuple

APART: Final = "other values by an override"
ELSEWHERE: Final = "is not on it"
_WORDS = {
    "clusters": "not among `placement.clusters`",
    "environments": "environment",
    "regions": "region",
    "residency": "residency",
    "roles": "role",
    "labels": "labels",
}
_ATTRIBUTES = {"environments": "environment", "regions": "region", "residency": "residency", "roles": "role"}


class Group(NamedTuple):
    """A model as it is on `clusters` (by index), which share its replicas; and why it is not on the others.

    The id is the model's name; of several groups the first has that, the others name a cluster: `NAME@CLUSTER`.
    """

    id: str
    doc: Doc
    model: Model
    clusters: tuple[int, ...]
    excluded: tuple[Excluded, ...]


class Groups:
    """The groups of models. Most have one of a few placements, which is looked at once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._world = plan.world
        self._once = Once()
        self._selected: dict[tuple[str, str], tuple[tuple[int, ...], tuple[Excluded, ...]]] = {}

    def of(self, doc: Doc) -> Iterator[Group]:
        """The groups of a model, the largest first: then that of the first cluster."""
        allowed, base = self._where(doc)
        excluded = base
        keys = self._world.variant_keys(doc)
        variants: dict[tuple[object, ...], list[int]] = {}
        for n in allowed:
            variants.setdefault(keys[n], []).append(n)
        alike: dict[str, list[int]] = {}
        for numbers in variants.values():
            node = cast(Model, self._world.variant(doc.id, numbers[0]))
            alike.setdefault(repr(node) if len(variants) > 1 else "", []).extend(numbers)
        groups = sorted((sorted(numbers) for numbers in alike.values()), key=lambda ns: (-len(ns), ns))
        for rank, numbers in enumerate(groups):
            node = cast(Model, self._world.variant(doc.id, numbers[0]))
            names = self._world.cluster_docs
            id = doc.name if rank == 0 else f"{doc.name}@{names[numbers[0]].name}"
            if len(groups) > 1:
                here = set(numbers)
                excluded = (*base, *(Excluded(names[n].name, APART) for n in allowed if n not in here))
            yield Group(id, doc, node, tuple(numbers), excluded)
        if not groups and self._world.cluster_docs:
            yield Group(doc.name, doc, cast(Model, self._world.variant(doc.id, 0)), (), excluded)

    def _where(self, doc: Doc) -> tuple[tuple[int, ...], tuple[Excluded, ...]]:
        selector: Tree = merge(self._world.layers(doc), KINDS[doc.kind].struct, self._once).get("placement", {})
        team = self._plan.team_of(doc)
        key = (repr([(f, selector[f]) for f in sorted(selector) if f in SELECTOR_READS]), team.id if team else "")
        found = self._selected.get(key)
        if found is None:
            found = self._selected[key] = self._select(selector, team.id if team else "")
        return found

    def _select(self, selector: Tree, team: str) -> tuple[tuple[int, ...], tuple[Excluded, ...]]:
        wanted = {field: value for field, value in selector.items() if field in SELECTOR_READS}
        with_team = set(self._plan.subjects[team].placed) if team else None
        allowed: list[int] = []
        excluded: list[Excluded] = []
        for n, cluster in enumerate(self._world.clusters):
            against = [field for field in wanted if not selects({field: wanted[field]}, cluster)]
            reasons = [_said(field, cluster) for field in against]
            # A model is on clusters of its team only.
            if with_team is not None and n not in with_team:
                reasons.append(f"{team} {ELSEWHERE}")
            if reasons:
                excluded.append(Excluded(cluster.name, " and ".join(reasons)))
            else:
                allowed.append(n)
        return tuple(allowed), tuple(excluded)


def _said(field: str, cluster: Cluster) -> str:
    """Why a cluster is left out, in words: `residency us`."""
    value = getattr(cluster, _ATTRIBUTES[field]) if field in _ATTRIBUTES else None
    if field in _ATTRIBUTES and value is None:
        return f"no {_WORDS[field]}"
    return f"{_WORDS[field]} {value}" if value is not None else _WORDS[field]


def widened(placement: ModelPlacement, cluster: Cluster) -> str:
    """What to write so that a placement takes in a cluster; "" where it does, or where labels keep it out."""
    said: list[str] = []
    there: list[str] = []
    for field in SELECTOR_READS:
        wanted = getattr(placement, field)
        if not wanted or selects({field: wanted}, cluster):
            continue
        value = cluster.name if field == "clusters" else getattr(cluster, _ATTRIBUTES.get(field, ""), None)
        if value is not None:
            said.append(f"{field}: [{', '.join([*wanted, value])}]")
        elif field == "labels":
            return ""
        else:
            there.append(f"{_ATTRIBUTES[field]}: {wanted[0]}")
    parts = [f"`{', '.join(said)}` in `placement`"] * bool(said) + [f"`{', '.join(there)}`"] * bool(there)
    return f"write {' and '.join(parts)} {'in Cluster' if there else 'for cluster'} {cluster.name}" if parts else ""


def models(plan: Plan) -> Sequence[Doc]:
    """The models' documents, by name."""
    return sorted((d for d in plan.world.docs.values() if d.kind == "Model"), key=lambda d: d.name)

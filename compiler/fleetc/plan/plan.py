"""Which subject is on which clusters, and the sites that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, NamedTuple, assert_never, cast

from fleetc.diagnostics import Diagnostic, codes
from fleetc.emission.recorder import CLUSTER
from fleetc.emission.site import ClusterSite, Collection, ManifestSite, Site, TeamSite
from fleetc.language.cluster import Cluster
from fleetc.language.document import Doc, Locate, Tree
from fleetc.language.manifest import Manifest
from fleetc.language.placement import SELECTOR_READS
from fleetc.language.team import Team
from fleetc.language.types import Node
from fleetc.resolve.layers import merge
from fleetc.resolve.world import World, selects
from fleetc.source.span import Path

SubjectKind = Literal["Cluster", "Team", "Manifest"]

CLUSTER_SUBJECT: Final = "Cluster"
"""The id of the one subject that all clusters share: what each emits for itself."""


class Subject(NamedTuple):
    """Something that emits, and the clusters (by index) that it is on. `doc` is None for the clusters themselves."""

    id: str
    kind: SubjectKind
    doc: Doc | None
    placed: tuple[int, ...]


class Plan:
    """The world with its placement."""

    def __init__(self, world: World) -> None:
        self.world = world
        everywhere = tuple(range(len(world.cluster_docs)))
        self._selected: dict[str, tuple[int, ...]] = {}
        self.subjects: dict[str, Subject] = {CLUSTER_SUBJECT: Subject(CLUSTER_SUBJECT, "Cluster", None, everywhere)}
        for doc in sorted(world.subjects, key=lambda d: d.kind != "Team"):
            placed = tuple(self._place(doc))
            self.subjects[doc.id] = Subject(doc.id, cast(SubjectKind, doc.kind), doc, placed)
        self._present = {id: frozenset(s.placed) for id, s in self.subjects.items()}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    def selector(self, doc: Doc) -> Tree:
        """The merged placement of a subject, as data."""
        placement: Tree = merge(self.world.layers(doc)).get("placement", {})
        return placement

    def _place(self, doc: Doc) -> Iterator[int]:
        selector = self.selector(doc)
        team = self.subjects.get(f"Team/{doc.tree['spec'].get('team', '')}")
        within = set(team.placed) if team else None
        # Most subjects have one of a few selectors.
        found = self._selected.get(repr(selector))
        if found is None:
            selected = [n for n, cluster in enumerate(self.world.clusters) if selects(selector, cluster)]
            found = self._selected[repr(selector)] = tuple(selected)
        return iter(found) if within is None else (n for n in found if n in within)

    def sources(self) -> dict[str, list[str]]:
        """For each subject, the documents of subjects that its values come from: its own, and that of its team."""
        out: dict[str, list[str]] = {}
        for subject in self.subjects.values():
            if subject.doc is not None:
                team = f"Team/{subject.doc.tree['spec'].get('team', '')}"
                out[subject.id] = [subject.id, *([team] if team in self.subjects else [])]
        return out

    def reasons(self, subject: Subject, cluster: int) -> Iterator[tuple[Doc, Path]]:
        """The places in specs that put a subject on a cluster."""
        source = self.world.cluster_docs[cluster]
        yield source, ("metadata", "name")
        if subject.doc is None:
            return
        yield subject.doc, ("metadata", "name")
        for field in self.selector(subject.doc):
            for origin in self.world.origins(subject.id, cluster, ("placement", field)):
                yield origin.doc, origin.path
            yield source, SELECTOR_READS[field]
        team = self.subjects.get(f"Team/{subject.doc.tree['spec'].get('team', '')}")
        if team is not None:
            yield subject.doc, ("spec", "team")
            yield from self.reasons(team, cluster)

    def placed(self, elsewhere: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """For each subject, the names of the clusters that it is on; those in `elsewhere` too."""
        names = [doc.name for doc in self.world.cluster_docs]
        return {
            id: sorted([*elsewhere.get(id, ()), *[names[n] for n in subject.placed]])
            for id, subject in self.subjects.items()
            if subject.doc is not None
        }

    def on(self, cluster: int) -> Iterator[Subject]:
        """The subjects on a cluster."""
        return (s for s in self.subjects.values() if cluster in self._present[s.id])

    def names_on(self, kind: str, cluster: int) -> tuple[str, ...]:
        """The names of the subjects of a kind on a cluster; equal tuples are one object."""
        names = tuple(
            [s.doc.name for s in self.subjects.values() if s.doc and s.kind == kind and cluster in self._present[s.id]]
        )
        return self._names.setdefault(names, names)

    def column(self, root: str) -> Sequence[Any]:
        """See `emission.shapes.Nodes`."""
        clusters: Sequence[Cluster] = self.world.clusters
        if root == CLUSTER:
            return clusters
        if root.startswith("@"):
            return [self.names_on(root[1:], n) for n in range(len(clusters))]
        if root == self.world.fleet_doc.id:
            return [self.world.fleet] * len(clusters)
        present = self._present[root] if root in self._present else frozenset[int]()
        if not present:
            return [None] * len(clusters)
        variants = self.world.variants(root)
        return [variant if n in present else None for n, variant in enumerate(variants)]

    def _team(self, cluster: int, name: str) -> Team:
        return cast(Team, self.world.variant(f"Team/{name}", cluster))

    def site(self, subject: Subject, cluster: int) -> Site:
        """The subject's site on a cluster."""
        world = self.world
        teams = Collection("Team", self.names_on("Team", cluster), partial(self._team, cluster))
        fleet, here = world.fleet, world.clusters[cluster]
        match subject.kind:
            case "Cluster":
                return ClusterSite(fleet=fleet, cluster=here, teams=teams)
            case "Team":
                team = cast(Team, world.variant(subject.id, cluster))
                return TeamSite(fleet=fleet, cluster=here, teams=teams, team=team)
            case "Manifest":
                manifest = cast(Manifest, world.variant(subject.id, cluster))
                return ManifestSite(fleet=fleet, cluster=here, teams=teams, manifest=manifest)
            case _:
                assert_never(subject.kind)

    def node(self, root: str, cluster: int) -> Node:
        """The node that a read's root means at a site."""
        if root == CLUSTER:
            return self.world.clusters[cluster]
        if root == self.world.fleet_doc.id:
            return self.world.fleet
        return self.world.variant(root, cluster)


def plan(
    world: World, locate: Locate, elsewhere: Mapping[str, list[str]] | None = None
) -> tuple[Plan, list[Diagnostic]]:
    """The plan, and what cannot be as it is declared. `elsewhere`: what is placed on clusters that are not in
    `world`."""
    made = Plan(world)
    found: list[Diagnostic] = []
    for subject in made.subjects.values():
        if subject.doc is not None:
            found += _placement(made, subject, locate, (elsewhere or {}).get(subject.id, []))
            if subject.kind == "Team":
                found += _host_names(made, subject, locate)
    return made, found


def _placement(made: Plan, subject: Subject, locate: Locate, elsewhere: list[str]) -> Iterator[Diagnostic]:
    doc = subject.doc
    assert doc is not None
    if not subject.placed and not elsewhere:
        message = f"{doc.id} is on no cluster: no cluster meets its whole placement"
        span = doc.span(locate, ("spec", "placement"), key=True)
        yield Diagnostic(
            codes.NOT_PLACED, message, span, "widen the placement, or remove the spec", ("spec", "placement")
        )
        return
    placed = {made.world.cluster_docs[n].name for n in subject.placed} | set(elsewhere)
    for n, name in enumerate(doc.tree["spec"].get("placement", {}).get("clusters", ())):
        if name not in placed:
            path = ("spec", "placement", "clusters", n)
            message = f"{doc.id} names cluster {name}, but the rest of its placement, or its team's, leaves it out"
            yield Diagnostic(
                codes.NOT_PLACED, message, doc.span(locate, path), "remove the name, or widen the rest", path
            )


def _host_names(made: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """Egress to a host name, on clusters whose CNI cannot limit it to that name."""
    seen: set[Any] = set()
    for n in subject.placed:
        cluster = made.world.clusters[n]
        if cluster.network.enforces_host_names():
            continue
        team = cast(Team, made.world.variant(subject.id, n))
        for peer in team.network.egress:
            origin = next(made.world.origins(subject.id, n, ("network", "egress", peer.to)))
            if peer.host() is None or (peer.to, origin.path) in seen:
                continue
            seen.add((peer.to, origin.path))
            message = f"egress to host {peer.to} cannot be enforced on cluster {cluster.name}: its CNI is {cluster.network.cni}"
            hint = "use an IP range there by an override, place the team on clusters with cilium, or route it through a proxy"
            yield Diagnostic(codes.HOST_NOT_ENFORCED, message, origin.doc.span(locate, origin.path), hint, origin.path)

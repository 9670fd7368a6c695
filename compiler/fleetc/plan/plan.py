"""Which subject is on which clusters, and the sites that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any, Final, Literal, assert_never, cast

from fleetc.emission.recorder import CLUSTER
from fleetc.emission.site import (
    ClusterSite,
    Collection,
    DashboardSite,
    ManifestSite,
    ModelSite,
    ObjectiveSite,
    PolicySite,
    PoolSite,
    Site,
    TeamSite,
    TelemetrySite,
)
from fleetc.language.cluster import Cluster
from fleetc.language.dashboard import Dashboard
from fleetc.language.document import Doc, Tree
from fleetc.language.kinds import KINDS
from fleetc.language.manifest import Manifest
from fleetc.language.model import Model
from fleetc.language.objective import Objective
from fleetc.language.placement import SELECTOR_READS
from fleetc.language.policy import Policy
from fleetc.language.pool import GPUPool
from fleetc.language.serving import Division, Serving
from fleetc.language.team import Team
from fleetc.language.telemetry import Telemetry
from fleetc.language.types import Node
from fleetc.plan.delivery import SEEN, Delivery, OwnedAt, is_delivered
from fleetc.plan.dividing import divided
from fleetc.resolve.layers import Origin, merge
from fleetc.resolve.world import World, selects
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

SubjectKind = Literal[
    "Cluster", "GPUPool", "Team", "Manifest", "Model", "Policy", "Telemetry", "Objective", "Dashboard",
    "Project", "Application", "Component", "Stack",
]  # fmt: skip

CLUSTER_SUBJECT: Final = "Cluster"
"""The id of the one subject that all clusters share: what each emits for itself."""

Servings = Mapping[str, Mapping[str, Serving]]
"""What is planned of models: by the model's name, and that of the cluster."""


class Subject(NamedTuple):
    """Something that emits, and the clusters (by index) that it is on.

    `doc` is None for the clusters themselves, and for pools: those of one name are one subject, and each cluster has a
    document of its own (`Plan.doc`).
    """

    id: str
    kind: SubjectKind
    doc: Doc | None
    placed: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its name; "" for the clusters themselves."""
        return self.id.partition("/")[2]


class Plan:
    """The world with its placement. What is planned of models comes later: see `served`."""

    def __init__(self, world: World) -> None:
        self.world = world
        everywhere = tuple(range(len(world.cluster_docs)))
        self._selected: dict[str, tuple[int, ...]] = {}
        self.subjects: dict[str, Subject] = {CLUSTER_SUBJECT: Subject(CLUSTER_SUBJECT, "Cluster", None, everywhere)}
        self._pools: dict[str, dict[int, GPUPool]] = {}
        for pool in world.pools:
            self._pools.setdefault(f"GPUPool/{pool.name}", {})[world.index[pool.cluster]] = pool
        for id, here in sorted(self._pools.items()):
            self.subjects[id] = Subject(id, "GPUPool", None, tuple(sorted(here)))
        selecting = [doc for doc in world.subjects if doc.kind != "Model"]
        for doc in sorted(selecting, key=lambda d: d.kind != "Team"):
            placed = tuple(self._place(doc))
            self.subjects[doc.id] = Subject(doc.id, cast(SubjectKind, doc.kind), doc, placed)
        self.delivery: Delivery | None = None
        self._settle({}, {})

    def served(self, servings: Servings, locks: Mapping[str, Doc] | None = None) -> Plan:
        """This plan with the models that are planned. `locks`: for models by name, the lock file that says it."""
        made = copy(self)
        made.subjects = {**self.subjects}
        index = self.world.index
        found: dict[str, dict[int, Serving]] = {}
        for name in sorted(servings):
            here = {index[cluster]: serving for cluster, serving in servings[name].items() if cluster in index}
            found[f"Serving/{name}"] = dict(sorted(here.items()))
            doc = self.world.docs[f"Model/{name}"]
            made.subjects[doc.id] = Subject(doc.id, "Model", doc, tuple(found[f"Serving/{name}"]))
        made._settle(found, locks or {})
        return made

    def delivered(self, owned_at: OwnedAt) -> Plan:
        """This plan with what delivers it. `owned_at`: what controllers own of what the others emit."""
        if not any(cluster.delivery is not None for cluster in self.world.clusters):
            return self
        made = copy(self)
        made.delivery = Delivery(self, owned_at)
        made.subjects = {**self.subjects}
        for kind, name, placed in made.delivery.subjects():
            made.subjects[f"{kind}/{name}"] = Subject(f"{kind}/{name}", kind, None, placed)
        made._settle(self._servings, self.locks)
        return made

    def _settle(self, servings: dict[str, dict[int, Serving]], locks: Mapping[str, Doc]) -> None:
        """Keep what is planned, and forget what followed from other subjects."""
        self._servings = servings
        self._divisions = divided(servings)
        self.locks = locks
        self._present = {id: frozenset(s.placed) for id, s in self.subjects.items()}
        self._names: dict[str, list[tuple[str, ...]]] = {}
        self._commons: dict[int, dict[str, Any]] = {}

    def doc(self, subject: Subject, cluster: int) -> Doc:
        """The document that a subject is made for on a cluster; of a pool that is not there, that of where it is."""
        if subject.doc is not None:
            return subject.doc
        if subject.id == CLUSTER_SUBJECT:
            return self.world.cluster_docs[cluster]
        if self.delivery is not None and is_delivered(subject.id):
            return self.delivery.doc(subject)
        own = self.world.cluster_docs[cluster if cluster in self._present[subject.id] else subject.placed[0]]
        return self.world.docs[f"{subject.kind}/{own.name}/{subject.name}"]

    def is_on(self, subject: Subject, cluster: int) -> bool:
        """Whether a subject is on a cluster."""
        return cluster in self._present[subject.id]

    def selector(self, doc: Doc) -> Tree:
        """The merged placement of a subject, as data."""
        placement: Tree = merge(self.world.layers(doc), KINDS[doc.kind].struct).get("placement", {})
        return placement

    def _place(self, doc: Doc) -> Iterator[int]:
        selector = self.selector(doc)
        team = self.team_of(doc)
        within = set(team.placed) if team else None
        # Most subjects have one of a few selectors.
        found = self._selected.get(repr(selector))
        if found is None:
            selected = [n for n, cluster in enumerate(self.world.clusters) if selects(selector, cluster)]
            found = self._selected[repr(selector)] = tuple(selected)
        return iter(found) if within is None else (n for n in found if n in within)

    def team_of(self, doc: Doc) -> Subject | None:
        """The team that a subject belongs to: it is on none but that team's clusters."""
        return self.subjects.get(f"Team/{doc.tree['spec'].get('team', '')}")

    def sources(self) -> dict[str, list[str]]:
        """For each subject, the documents of subjects that its values come from: its own, and that of its team."""
        out: dict[str, list[str]] = {}
        for subject in self.subjects.values():
            if subject.doc is not None:
                team = self.team_of(subject.doc)
                out[subject.id] = [subject.id, *([team.id] if team else [])]
        return out

    def reasons(self, subject: Subject, cluster: int) -> Iterator[tuple[Doc, Path]]:
        """The places in specs, and lock files, that put a subject on a cluster."""
        source = self.world.cluster_docs[cluster]
        yield source, ("metadata", "name")
        if subject.id == CLUSTER_SUBJECT:
            return
        if self.delivery is not None and is_delivered(subject.id):
            yield from self.delivery.reasons(subject, cluster)
            return
        yield self.doc(subject, cluster), ("metadata", "name")
        if subject.doc is None:
            yield self.doc(subject, cluster), ("metadata", KINDS[subject.kind].owner or "")
            return
        for lines in self.lock_lines(subject.name, cluster).values():
            yield from lines
        selector = self.selector(subject.doc)
        for field in (name for name in selector if name in SELECTOR_READS):
            yield from self.values(subject.id, cluster, ("placement", field))
            yield from self._read_by(field, selector[field], cluster)
        team = self.team_of(subject.doc)
        if team is not None:
            yield subject.doc, ("spec", "team")
            yield from self.reasons(team, cluster)

    def _read_by(self, field: str, wanted: Any, cluster: int) -> Iterator[tuple[Doc, Path]]:
        """Where what a selector's field is compared with comes from: the cluster's spec, defaults, the table."""
        path = SELECTOR_READS[field]
        id = self.world.cluster_docs[cluster].id
        if field == "labels":
            for key in wanted:
                yield from self.values(id, cluster, ("labels", key))
        elif wanted:
            yield from self.values(id, cluster, path[1:])

    def values(self, id: str, cluster: int, path: Path) -> Iterator[tuple[Doc, Path]]:
        """Where a value comes from; layers that it beat do not count."""
        return ((o.doc, o.path) for o in self.world.origins(id, cluster, path) if o.role == "value")

    def placed(self, elsewhere: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """For each subject, the names of the clusters that it is on; those in `elsewhere` too."""
        names = [doc.name for doc in self.world.cluster_docs]
        return {
            id: sorted([*elsewhere.get(id, ()), *[names[n] for n in subject.placed]])
            for id, subject in self.subjects.items()
            if subject.id != CLUSTER_SUBJECT and not is_delivered(id)
        }

    def on(self, cluster: int) -> Iterator[Subject]:
        """The subjects on a cluster."""
        return (s for s in self.subjects.values() if cluster in self._present[s.id])

    def names_on(self, kind: str, cluster: int) -> tuple[str, ...]:
        """The names of the nodes of a kind on a cluster; equal tuples are one object."""
        found = self._names.get(kind)
        if found is None:
            lists: list[list[str]] = [[] for _ in self.world.cluster_docs]
            for name, placed in self._of_kind(kind):
                for n in placed:
                    lists[n].append(name)
            shared: dict[tuple[str, ...], tuple[str, ...]] = {}
            found = self._names[kind] = [shared.setdefault(names, names) for names in map(tuple, lists)]
        return found[cluster]

    def _of_kind(self, kind: str) -> Iterator[tuple[str, Iterable[int]]]:
        """The names of nodes of a kind, with the clusters that they are on."""
        if kind == "Division":
            yield from ((root.partition("/")[2], here) for root, here in sorted(self._divisions.items()))
            return
        wanted = "Model" if kind == "Serving" else kind
        for subject in self.subjects.values():
            if subject.kind == wanted and subject.id != CLUSTER_SUBJECT:
                yield subject.name, subject.placed

    def column(self, root: str) -> Sequence[Any]:
        """See `emission.shapes.Nodes`."""
        clusters: Sequence[Cluster] = self.world.clusters
        if root == CLUSTER:
            return clusters
        if root.startswith("@"):
            return [self.names_on(root[1:], n) for n in range(len(clusters))]
        if root == self.world.fleet_doc.id:
            return [self.world.fleet] * len(clusters)
        made = self._pools.get(root) or self._servings.get(root) or self._divisions.get(root)
        if made is not None or root.startswith(("Cluster/", *SEEN)):
            return [self.find(root, n) for n in range(len(clusters))]
        present = self._present[root] if root in self._present else frozenset[int]()
        if not present:
            return [None] * len(clusters)
        variants = self.world.variants(root)
        return [variant if n in present else None for n, variant in enumerate(variants)]

    def find(self, root: str, cluster: int) -> Node | None:
        """The node that a read's root means at a site; None where there is none."""
        if root == CLUSTER:
            return self.world.clusters[cluster]
        if root == self.world.fleet_doc.id:
            return self.world.fleet
        made: Mapping[int, Node] | None
        made = self._pools.get(root) or self._servings.get(root) or self._divisions.get(root)
        if made is not None:
            return made.get(cluster)
        if root.startswith("Cluster/"):
            index = self.world.index.get(root.partition("/")[2])
            return self.world.clusters[index] if index is not None else None
        if root.startswith(SEEN):
            return self.delivery.find(root, cluster) if self.delivery is not None else None
        return self.world.variant(root, cluster) if cluster in self._present.get(root, ()) else None

    def lock_lines(self, model: str, cluster: int) -> dict[str, list[tuple[Doc, Path]]]:
        """By pool, the lines of a model's lock file that say what is planned of it on a cluster."""
        doc = self.locks.get(model)
        name = self.world.cluster_docs[cluster].name
        out: dict[str, list[tuple[Doc, Path]]] = {}
        if doc is not None:
            for n, placement in enumerate(doc.tree["placements"]):
                here, _, pool = placement["pool"].partition("/")
                if here == name:
                    out.setdefault(pool, []).append((doc, ("placements", n)))
        return out

    def _telemetry(self, cluster: int, name: str) -> Telemetry:
        return cast(Telemetry, self.world.variant(f"Telemetry/{name}", cluster))

    def _telemetries(self, cluster: int) -> Collection[Telemetry]:
        return Collection("Telemetry", self.names_on("Telemetry", cluster), partial(self._telemetry, cluster))

    def _objective(self, cluster: int, name: str) -> Objective:
        return cast(Objective, self.world.variant(f"Objective/{name}", cluster))

    def _team(self, cluster: int, name: str) -> Team:
        return cast(Team, self.world.variant(f"Team/{name}", cluster))

    def team(self, name: str, cluster: int) -> Team | None:
        """A team as it is on a cluster; None when it is not there."""
        id = f"Team/{name}"
        return cast(Team, self.world.variants(id)[cluster]) if cluster in self._present.get(id, ()) else None

    def teams(self, subject: Subject) -> Iterator[tuple[int, Team]]:
        """A team on each of its clusters; where it is the same, it is one object."""
        variants = cast(Sequence[Team], self.world.variants(subject.id))
        return ((n, variants[n]) for n in subject.placed)

    def variants(self, subject: Subject) -> list[Team]:
        """A team as it is on its clusters, each variant once."""
        return list({id(team): team for _, team in self.teams(subject)}.values())

    def source(self, id: str, cluster: int, path: Path) -> Origin:
        """Where a value that a node has on a cluster comes from."""
        return next(o for o in self.world.origins(id, cluster, path) if o.role == "value")

    def _common(self, cluster: int) -> dict[str, Any]:
        """What all sites on a cluster have."""
        here = self.world.clusters[cluster]
        return {
            "fleet": self.world.fleet,
            "cluster": here,
            "teams": Collection("Team", self.names_on("Team", cluster), partial(self._team, cluster)),
            "pools": Collection("GPUPool", self.names_on("GPUPool", cluster), partial(self._pool, cluster)),
            "servings": Collection("Serving", self.names_on("Serving", cluster), partial(self._serving, cluster)),
            "divisions": Collection("Division", self.names_on("Division", cluster), partial(self._division, cluster)),
        }

    def _pool(self, cluster: int, name: str) -> GPUPool:
        return self._pools[f"GPUPool/{name}"][cluster]

    def planned(self) -> dict[str, dict[str, Serving]]:
        """What is planned of all models."""
        names = [doc.name for doc in self.world.cluster_docs]
        return {
            root.partition("/")[2]: {names[n]: one for n, one in here.items()} for root, here in self._servings.items()
        }

    def serving(self, model: str, cluster: int) -> Serving:
        """What is planned of a model on a cluster where it is."""
        return self._servings[f"Serving/{model}"][cluster]

    def _serving(self, cluster: int, model: str) -> Serving:
        return self.serving(model, cluster)

    def _division(self, cluster: int, pool: str) -> Division:
        return self._divisions[f"Division/{pool}"][cluster]

    def site(self, subject: Subject, cluster: int) -> Site:
        """The subject's site on a cluster."""
        world = self.world
        common = self._commons.get(cluster) or self._commons.setdefault(cluster, self._common(cluster))
        match subject.kind:
            case "Cluster":
                return ClusterSite(**common)
            case "Team":
                team = cast(Team, world.variant(subject.id, cluster))
                return TeamSite(**common, team=team)
            case "Manifest":
                manifest = cast(Manifest, world.variant(subject.id, cluster))
                return ManifestSite(**common, manifest=manifest)
            case "Policy":
                return PolicySite(**common, policy=cast(Policy, world.variant(subject.id, cluster)))
            case "GPUPool":
                return PoolSite(**common, pool=self._pool(cluster, subject.name))
            case "Model":
                model = cast(Model, world.variant(subject.id, cluster))
                team = self._team(cluster, model.team)
                return ModelSite(**common, team=team, model=model, serving=self.serving(subject.name, cluster))
            case "Telemetry":
                return TelemetrySite(**common, telemetry=self._telemetry(cluster, subject.name))
            case "Objective":
                objective = self._objective(cluster, subject.name)
                team, there = self._team(cluster, objective.team), self._telemetries(cluster)
                return ObjectiveSite(**common, team=team, objective=objective, telemetries=there)
            case "Dashboard":
                dashboard = cast(Dashboard, world.variant(subject.id, cluster))
                names, find = self.names_on("Objective", cluster), partial(self._objective, cluster)
                there, kept = self._telemetries(cluster), Collection("Objective", names, find)
                return DashboardSite(**common, dashboard=dashboard, telemetries=there, objectives=kept)
            case "Project" | "Application" | "Component" | "Stack":
                assert self.delivery is not None
                return self.delivery.site(subject, cluster, common)
            case _:
                assert_never(subject.kind)

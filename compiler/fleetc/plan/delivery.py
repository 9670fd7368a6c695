"""What is delivered, and by whom: for each cluster that some hub's Argo CD syncs, what each owner has on it, and its
components; and the stack of each cluster that is delivered at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from fleetc.emission.owned import Owned
from fleetc.emission.site import ApplicationSite, ComponentSite, ProjectSite, Site, StackSite
from fleetc.language.delivered import ANY, PLATFORM, Controlled, Folder, Held, Holding, Installed
from fleetc.language.document import Doc
from fleetc.language.types import Node
from fleetc.source.span import Path

if TYPE_CHECKING:
    from fleetc.plan.plan import Plan, Subject
    from fleetc.resolve.rollouts import WavePlace

DeliveredKind = Literal["Project", "Application", "Component", "Stack"]
DELIVERED: Final[tuple[DeliveredKind, ...]] = ("Project", "Application", "Component", "Stack")
"""The kinds of subjects that follow from what the others emit."""
SEEN: Final = ("Folder/", "Holding/", "Installed/")
"""How the ids of the nodes start that only delivery has (`fleetc.language.delivered`)."""

OwnedAt = Callable[["Subject", int], Sequence[Owned]]
"""What controllers own of the objects of a subject on a cluster (by index)."""


def is_delivered(subject: str) -> bool:
    """Whether a subject (by id) follows from what others emit."""
    return subject.startswith(("Project/", "Application/", "Component/", "Stack/"))


def owner_of(subject: Subject) -> str:
    """Who owns what a subject emits: a team, or the platform."""
    if subject.kind == "Team":
        return subject.name
    team = subject.doc.tree["spec"].get("team") if subject.doc is not None else None
    return str(team) if team else PLATFORM


def folder_of(owner: str) -> str:
    """The folder, in that of a cluster, of all that has one owner."""
    return PLATFORM if owner == PLATFORM else f"teams/{owner}"


class Delivery:
    """What follows from a plan for delivery. Nodes are made when they are first asked for."""

    def __init__(self, plan: Plan, owned_at: OwnedAt) -> None:
        self._plan = plan
        self._owned_at = owned_at
        self._nodes: dict[tuple[str, int], Node | None] = {}
        self._here: dict[str, list[Subject]] = {}
        for subject in plan.subjects.values():
            self._here.setdefault(owner_of(subject), []).append(subject)
        self._teams = [s for s in plan.subjects.values() if s.kind == "Team"]
        self._waves: Sequence[WavePlace | None] = []
        if plan.world.rollout_docs:
            # Imported here: who has no Rollout does not pay for it.
            from fleetc.resolve.rollouts import waves_of  # noqa: PLC0415

            self._waves = waves_of(plan.world)

    def hub(self, cluster: int) -> int | None:
        """The hub that syncs a cluster; None where none does."""
        node = self._plan.world.clusters[cluster]
        if node.delivery != "argocd" or node.argocd.hub is None:
            return None
        return self._plan.world.index.get(node.argocd.hub)

    def subjects(self) -> Iterator[tuple[DeliveredKind, str, tuple[int, ...]]]:
        """Kind, name and clusters of all that is delivered: of each owner a project on every hub that syncs something
        of it, and of each owner on a cluster, and each component, an application on its hub; and the stacks."""
        names = [doc.name for doc in self._plan.world.cluster_docs]
        hubs = dict[str, set[int]]()
        applications: list[tuple[DeliveredKind, str, tuple[int, ...]]] = []
        for n in range(len(names)):
            hub = self.hub(n)
            if hub is None:
                continue
            for owner in self.holders(n):
                hubs.setdefault(owner, set()).add(hub)
            applications += self._applications(n, hub)
        for owner in sorted(hubs):
            yield "Project", owner, tuple(sorted(hubs[owner]))
        yield from applications
        for n, name in enumerate(names):
            if self._plan.world.clusters[n].delivery is not None:
                yield "Stack", name, (n,)

    def _applications(self, cluster: int, hub: int) -> Iterator[tuple[DeliveredKind, str, tuple[int, ...]]]:
        name = self._plan.world.cluster_docs[cluster].name
        for owner in self.synced(cluster):
            yield "Application", f"{name}.{owner}", (hub,)
        for component in self.components(cluster):
            yield "Component", f"{name}.{component}", (hub,)

    def owners(self, cluster: int) -> list[str]:
        """Who has something on a cluster. The platform has on every one."""
        return [PLATFORM, *(team.name for team in self._teams if self._plan.is_on(team, cluster))]

    def wave(self, cluster: int) -> WavePlace | None:
        """The wave of a Rollout that a cluster is in."""
        return self._waves[cluster] if self._waves else None

    def synced(self, cluster: int) -> list[str]:
        """Whose folders are synced to a cluster that has a hub: of those who are on it, or, in a wave, of those who
        were at the revision that it was promoted to."""
        wave = self.wave(cluster)
        if wave is None:
            return self.owners(cluster)
        folder = f"{self._plan.world.fleet.outputs.manifests}/{self._plan.world.cluster_docs[cluster].name}/"
        found = [path.removeprefix(folder) for path in wave.wave.paths if path.startswith(folder)]
        return [path.rpartition("/")[2] for path in found] if wave.wave.revision is not None else []

    def components(self, cluster: int) -> tuple[str, ...]:
        """The components that a hub installs on a cluster. Waves have no say in them."""
        if self.hub(cluster) is None:
            return ()
        # Imported here, as below: who is delivered by no hub does not pay for the catalogue.
        from fleetc.plan.components import components_of  # noqa: PLC0415

        return components_of(self._plan.world.clusters[cluster])

    def holders(self, cluster: int) -> list[str]:
        """Who has something on a cluster that its hub syncs, be it components alone."""
        synced = self.synced(cluster)
        return synced if PLATFORM in synced or not self.components(cluster) else [PLATFORM, *synced]

    def find(self, root: str, cluster: int) -> Node | None:
        """The node that a read's root means on a hub."""
        key = (root, cluster)
        if key not in self._nodes:
            self._nodes[key] = self._make(root, cluster)
        return self._nodes[key]

    def _make(self, root: str, cluster: int) -> Node | None:
        kind, _, name = root.partition("/")
        if kind == "Holding":
            return self._holding(name, cluster)
        return self._folder(name) if kind == "Folder" else self._installed(name)

    def folder(self, name: str) -> Folder | None:
        """An owner's folder on a cluster, by the names of both: CLUSTER.OWNER."""
        found = self.find(f"Folder/{name}", -1)
        assert found is None or isinstance(found, Folder)
        return found

    def holding(self, owner: str, hub: int) -> Holding:
        """What an owner has on all clusters of a hub."""
        found = self.find(f"Holding/{owner}", hub)
        assert isinstance(found, Holding)
        return found

    def installed(self, name: str) -> Installed | None:
        """A component on a cluster, by the names of both: CLUSTER.COMPONENT."""
        found = self.find(f"Installed/{name}", -1)
        assert found is None or isinstance(found, Installed)
        return found

    def within(self, name: str) -> tuple[int, list[Subject]]:
        """The cluster of a folder, and the subjects that emit into it."""
        cluster, _, owner = name.partition(".")
        n = self._plan.world.index[cluster]
        return n, [s for s in self._here.get(owner, ()) if self._plan.is_on(s, n)]

    def doc(self, subject: Subject) -> Doc:
        """The document that something delivered is for: that of its team, of the cluster, or the Fleet's."""
        docs = self._plan.world.docs
        if subject.kind == "Project":
            return docs.get(f"Team/{subject.name}", self._plan.world.fleet_doc)
        return docs[f"Cluster/{subject.name.partition('.')[0]}"]

    def reasons(self, subject: Subject, cluster: int) -> Iterator[tuple[Doc, Path]]:
        """What makes that something is delivered: that clusters are, and what puts its owner on them."""
        plan, index = self._plan, self._plan.world.index
        name, _, owner = subject.name.partition(".")
        clusters = [name]
        if subject.kind == "Project":
            clusters, owner = [one.cluster for one in self.holding(subject.name, cluster).held], subject.name
        for n in map(index.__getitem__, clusters):
            doc = plan.world.cluster_docs[n]
            yield doc, ("metadata", "name")
            for path in (("delivery",), ("argocd", "hub")):
                yield from plan.values(doc.id, n, path)
            if subject.kind == "Component":
                yield from plan.values(doc.id, n, ("components", owner))
                continue
            wave, team = self.wave(n), plan.subjects.get(f"Team/{owner}")
            if wave is not None and subject.kind != "Stack":
                yield wave.doc, (*wave.path, "paths")
            elif team is not None:
                yield from plan.reasons(team, n)

    def site(self, subject: Subject, cluster: int, common: Mapping[str, Any]) -> Site:
        """The site of something delivered on a cluster; `common`: what all sites there have."""
        clusters = self._plan.world.clusters
        if subject.kind == "Project":
            return ProjectSite(**common, holding=self.holding(subject.name, cluster))
        if subject.kind == "Application":
            folder = self.folder(subject.name)
            assert folder is not None
            return ApplicationSite(**common, target=clusters[self._plan.world.index[folder.cluster]], folder=folder)
        if subject.kind == "Component":
            installed = self.installed(subject.name)
            assert installed is not None
            target = clusters[self._plan.world.index[installed.cluster]]
            return ComponentSite(**common, target=target, installed=installed)
        hub = self.hub(cluster)
        return StackSite(**common, hub=clusters[cluster if hub is None else hub])

    def _folder(self, name: str) -> Folder | None:
        cluster, _, owner = name.partition(".")
        n = self._plan.world.index.get(cluster)
        if n is None or self.hub(n) is None or owner not in self.synced(n):
            return None
        wave = self.wave(n)
        found = [one for subject in self.within(name)[1] for one in self._owned_at(subject, n)]
        return Folder(
            id=f"Folder/{name}",
            name=name,
            labels={},
            cluster=cluster,
            owner=owner,
            path=folder_of(owner),
            revision=wave.wave.revision or "" if wave is not None else self._plan.world.fleet.repository.revision,
            namespaces=self.namespaces(owner, n),
            controlled=tuple([as_controlled(one) for one in sorted(dict.fromkeys(found))]),
        )

    def namespaces(self, owner: str, cluster: int) -> tuple[str, ...]:
        """The namespaces of a team on a cluster; the platform has none of its own."""
        team = self._plan.team(owner, cluster) if owner != PLATFORM else None
        return tuple([one.name for one in team.namespaces]) if team is not None else ()

    def _installed(self, name: str) -> Installed | None:
        cluster, _, component = name.partition(".")
        n = self._plan.world.index.get(cluster)
        if n is None or component not in self.components(n):
            return None
        node = self._plan.world.clusters[n]
        return Installed(
            id=f"Installed/{name}",
            name=name,
            labels={},
            cluster=cluster,
            component=component,
            version=node.components[component],
            values=node.values.get(component, {}),
        )

    def _holding(self, owner: str, hub: int) -> Holding | None:
        here = [n for n in range(len(self._plan.world.clusters)) if self.hub(n) == hub and owner in self.holders(n)]
        held = [
            Held(
                cluster=self._plan.world.cluster_docs[n].name,
                namespaces=self.namespaces(owner, n) if self.wave(n) is None else (ANY,),
            )
            for n in here
        ]
        repositories = tuple(sorted({found for n in here for _, found in self.repositories(owner, n)}))
        made = Holding(id=f"Holding/{owner}", name=owner, labels={}, held=tuple(held), repositories=repositories)
        return made if held else None

    def repositories(self, owner: str, cluster: int) -> Iterator[tuple[str, str]]:
        """The components of an owner on a cluster, and the repository of each: all are the platform's."""
        from fleetc.plan.components import repository_of  # noqa: PLC0415 - as above

        node = self._plan.world.clusters[cluster]
        for name in self.components(cluster) if owner == PLATFORM else ():
            yield name, repository_of(name, node.components[name])


def as_controlled(one: Owned) -> Controlled:
    """What a controller owns, as a part that lowerings read."""
    id = "/".join((one.group, one.kind, one.namespace, one.name, *one.pointers, *one.expressions))
    return Controlled(id=id, **one._asdict())

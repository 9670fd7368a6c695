"""What a lowering reads: one subject on one cluster, with what is related to it there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from fleetc.language.cluster import Cluster
from fleetc.language.dashboard import Dashboard
from fleetc.language.delivered import Folder, Holding, Installed
from fleetc.language.fleet import Fleet
from fleetc.language.manifest import Manifest
from fleetc.language.model import Model
from fleetc.language.objective import Objective
from fleetc.language.policy import Policy
from fleetc.language.pool import GPUPool
from fleetc.language.serving import Division, Serving
from fleetc.language.team import Team
from fleetc.language.telemetry import Telemetry
from fleetc.language.types import Node, Part

N = TypeVar("N", bound=Node)
S = TypeVar("S", bound="Site")


class Collection(Generic[N]):
    """Nodes of one kind that are on this cluster, by name; iteration is in the order of names."""

    __slots__ = ("_get", "_names", "kind")

    def __init__(self, kind: str, names: tuple[str, ...], get: Callable[[str], N]) -> None:
        self.kind = kind
        self._names = names
        self._get = get

    def names(self) -> tuple[str, ...]:
        """The names of all of them. To ask for one of them, use `get`: it depends on less."""
        return self._names

    def get(self, name: str) -> N | None:
        """The node of that name, or None when it is not on this cluster."""
        return self._get(name) if name in self._names else None

    def __iter__(self) -> Iterator[N]:
        return (self._get(name) for name in self.names())


class Site(Part):
    """A place where something is emitted, with the cluster's teams, its pools, and what is planned there: by model, and
    by pool that is divided."""

    fleet: Fleet
    cluster: Cluster
    teams: Collection[Team]
    pools: Collection[GPUPool]
    servings: Collection[Serving]
    divisions: Collection[Division]


class ClusterSite(Site):
    """A cluster itself."""


class TeamSite(Site):
    """A team on one of its clusters."""

    team: Team


class ManifestSite(Site):
    """A Manifest on one of its clusters."""

    manifest: Manifest


class PolicySite(Site):
    """A Policy on one of its clusters."""

    policy: Policy


class PoolSite(Site):
    """A pool in its cluster."""

    pool: GPUPool


class ModelSite(Site):
    """A model on one of the clusters where the plan puts it: with its team and what was planned."""

    team: Team
    model: Model
    serving: Serving


class TelemetrySite(Site):
    """A Telemetry on one of its clusters."""

    telemetry: Telemetry


class ObjectiveSite(Site):
    """An Objective on one of its clusters: with its team, and with the Telemetry that is there."""

    team: Team
    objective: Objective
    telemetries: Collection[Telemetry]


class DashboardSite(Site):
    """A Dashboard on one of its clusters: with the Telemetry and the Objectives that are there."""

    dashboard: Dashboard
    telemetries: Collection[Telemetry]
    objectives: Collection[Objective]


class ProjectSite(Site):
    """An owner on the hub of some clusters: with what it has on them."""

    holding: Holding


class ApplicationSite(Site):
    """All of one owner on one cluster, `target`, seen from the hub that syncs it."""

    target: Cluster
    folder: Folder


class ComponentSite(Site):
    """A component of one cluster, `target`, seen from the hub that syncs it."""

    target: Cluster
    installed: Installed


class StackSite(Site):
    """What a cluster's stack does, with the hub that syncs the cluster; where none does, with the cluster itself."""

    hub: Cluster


Object = Mapping[str, Any]
"""One Kubernetes object: plain dicts, lists and scalars, typed by TypedDicts where lowerings build them."""


class Lowering(NamedTuple, Generic[S]):
    """A pure function from a site to finished objects, and the name by which `explain` calls it."""

    name: str
    lower: Callable[[S], Iterable[Object]]

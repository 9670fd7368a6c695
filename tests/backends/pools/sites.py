"""Sites of pools from texts of specs, and what the lowerings make there: each object as the cluster's API server would
take it, and the same when the reads are recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from tests.backends.kubernetes.sites import named, site
from tests.check.fleet.clusters import team
from tests.emission.nodes import divisions, servings
from tests.language.texts import spec

from fleetc.check.schemas import check_object
from fleetc.emission.recorder import traced
from fleetc.emission.site import ClusterSite, PoolSite, Site, TeamSite
from fleetc.language.serving import Serving, ServingPart

Object = dict[str, Any]
S = TypeVar("S", bound=Site)

KARPENTER = "karpenter: 1.14.1, karpenter-provider-aws: 1.14.1"
KUEUE = "kueue: 0.19.2"
DRA = "nvidia-dra-driver: 0.4.0"
OPERATOR = "gpu-operator: 26.7.0"
NODES = "nodes: {role: nodes, image: al2023@v20260827, discovery: here}"


def cluster(components: str = "", provider: str = "onprem", fields: str = "", minor: str = "1.35") -> str:
    """Cluster `c` with components."""
    text = f"kubernetes: '{minor}', provider: {provider}, environment: dev, components: {{{components}}}, {fields}"
    return spec("Cluster", f"{{{text}}}", "{name: c}")


def eks(components: str = KARPENTER, fields: str = "") -> str:
    """Cluster `c` on EKS with Karpenter."""
    return cluster(components, "eks", f"zones: [z-a, z-b], {NODES}, {fields}")


def pool(fields: str, name: str = "p") -> str:
    """A pool of the cluster."""
    nodes = "" if "nodes: " in fields else "nodes: 2, "
    return spec("GPUPool", f"{{{nodes}{fields}}}", f"{{name: {name}, cluster: c}}")


def pool_site(*texts: str) -> PoolSite:
    """The site of the first of the cluster's pools."""
    first = site("Cluster", *texts).pools.names()[0]
    return cast(PoolSite, site(f"GPUPool/{first}", *texts))


def cluster_site(*texts: str) -> ClusterSite:
    """The site of the cluster."""
    return cast(ClusterSite, site("Cluster", *texts))


def team_site(*texts: str, fields: str = "", namespaces: str = "") -> TeamSite:
    """The site of team `t`."""
    return cast(TeamSite, site("Team/t", team("t", fields, namespaces), *texts))


def promising(at: S, **planned: Iterable[ServingPart]) -> S:
    """The site where models of these teams, one each, are served in these parts."""
    found = [serving(team, *parts) for team, parts in planned.items()]
    values: dict[str, Any] = {**at.__dict__, "servings": servings(*found), "divisions": divisions(*found)}
    return type(at)(**values)


def serving(team: str, *parts: ServingPart) -> Serving:
    """What is planned of a model of a team."""
    return Serving(
        id=f"Serving/{team}-model", name=f"{team}-model", labels={}, team=team, parts=parts, engine="vllm",
        version="0.21.0", context=1024, concurrency=1, weights="bf16", cache="bf16", utilization=900, checkpoint=1,
    )  # fmt: skip


def taken(lower: Callable[[Any], Iterable[Any]], at: Site) -> dict[str, Object]:
    """What a lowering makes at a site, by name."""
    made = [dict(item) for item in lower(at)]
    for item in made:
        assert check_object(item, at.cluster.kubernetes).problems == ()
    assert traced(lower, at)[0] == made
    return named(made)

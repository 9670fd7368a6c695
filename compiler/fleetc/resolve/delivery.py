"""What cannot be of delivery: who is synced by Argo CD has a hub that can log in to it and knows the repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.diagnostics import Code, Diagnostic, codes
from fleetc.language.cluster import Cluster
from fleetc.language.delivered import PLATFORM
from fleetc.language.document import Doc, Locate
from fleetc.resolve.places import Places
from fleetc.resolve.world import World
from fleetc.source.span import Path

_ARGO_CD: Final = "argo-cd"
_TAKEN: Final = {
    PLATFORM: "of what no team owns",
    "fleetc": "of all Applications, which a hub's stack makes,",
    "default": "of its own",
}


def delivery_findings(world: World, locate: Locate) -> Iterator[Diagnostic]:
    """What is wrong with how clusters are delivered."""
    synced = [n for n, cluster in enumerate(world.clusters) if cluster.delivery == "argocd"]
    for n in synced:
        doc = world.cluster_docs[n]
        yield from _Check(world, Places(doc, world.layers(doc), locate), world.clusters[n]).findings()
    if synced and world.fleet.repository.url is None:
        path: Path = ("spec", "repository")
        message = "the Fleet names no `repository`, from which Argo CD is to sync clusters"
        span = world.fleet_doc.span(locate, path, key=True)
        yield Diagnostic(codes.MISSING_FIELD, message, span, "add `repository: URL`", path)
    for name, whose in _TAKEN.items() if synced else ():
        team = world.docs.get(f"Team/{name}")
        if team is not None:
            yield _taken(team, whose, locate)
    if any(cluster.delivery is not None for cluster in world.clusters):
        yield from _outputs(world, locate)


class _Check:
    """One cluster that Argo CD syncs."""

    def __init__(self, world: World, places: Places, cluster: Cluster) -> None:
        self._world = world
        self._places = places
        self._cluster = cluster

    def findings(self) -> Iterator[Diagnostic]:
        """What is wrong with it."""
        hub, name = self._cluster.argocd.hub, self._cluster.name
        if hub is None:
            message = f"cluster {name} is delivered by Argo CD, and names no `argocd.hub`"
            yield self._found(
                codes.MISSING_FIELD,
                message,
                ("delivery",),
                "add `argocd: {hub: CLUSTER}`, the cluster that Argo CD runs on, or leave `delivery` out",
            )
        elif self._cluster.is_hub():
            if _ARGO_CD not in self._cluster.components:
                message = f"cluster {name} is its own hub, and has no component {_ARGO_CD}"
                hint = f"add {_ARGO_CD} and its version to its `components`"
                yield self._found(codes.MISSING_FIELD, message, ("argocd", "hub"), hint)
        else:
            there = self._world.cluster(hub)
            if there is not None:  # else that has been said
                yield from self._worker(there)

    def _worker(self, hub: Cluster) -> Iterator[Diagnostic]:
        argocd, name, provider = self._cluster.argocd, self._cluster.name, self._cluster.provider
        if not hub.is_hub():
            message = f"cluster {hub.name} is the hub of cluster {name}, and not its own"
            hint = f"set its `delivery` to argocd and its `argocd.hub` to {hub.name}, or name another hub"
            yield self._found(codes.INVALID_VALUE, message, ("argocd", "hub"), hint)
        if argocd.server is None:
            message = f"where the Argo CD of {hub.name} reaches cluster {name} is not told"
            yield self._found(codes.MISSING_FIELD, message, ("argocd", "hub"), "add `argocd.server`")
        if argocd.login == "workloadIdentity" and (provider in ("onprem", "kind") or provider != hub.provider):
            where = f"is on {provider}, where workloads of {hub.name} (on {hub.provider}) have no identity of their own"
            message = f"cluster {name} {where}"
            hint = "use `login: serviceAccount`"
            yield self._found(codes.INVALID_VALUE, message, ("argocd", "login"), hint)
        elif argocd.login == "workloadIdentity" and provider == "eks" and None in (argocd.role, argocd.eks_name):
            message = f"Argo CD logs in to cluster {name} by an IAM role, and finds it by its name in EKS"
            yield self._found(
                codes.MISSING_FIELD, message, ("argocd", "login"), "add `argocd.role` and `argocd.eksName`"
            )

    def _found(self, code: Code, message: str, path: Path, hint: str) -> Diagnostic:
        """At the value that is wrong; what is missing, and what only the built-in table says, at the cluster's name."""
        origin = self._places.origin(path)
        if code is codes.MISSING_FIELD or origin is None or origin.via == "table":
            doc = self._places.doc
            return Diagnostic(code, message, doc.span(self._places.locate, ("metadata", "name")), hint, ("spec", *path))
        return self._places.problem(code, message, path, hint)


def _taken(team: Doc, whose: str, locate: Locate) -> Diagnostic:
    message = f"a team cannot be called `{team.name}`: Argo CD's project {whose} is called so"
    path: Path = ("metadata", "name")
    return Diagnostic(codes.INVALID_VALUE, message, team.span(locate, path), "give it another name", path)


def _outputs(world: World, locate: Locate) -> Iterator[Diagnostic]:
    outputs = world.fleet.outputs
    one, other = f"{outputs.manifests}/", f"{outputs.stacks}/"
    if one.startswith(other) or other.startswith(one):
        message = f"the stacks' data would go to {outputs.stacks}, and manifests to {outputs.manifests}"
        places = Places(world.fleet_doc, world.layers(world.fleet_doc), locate)
        hint = "give each a folder that is not in the other"
        yield places.problem(codes.INVALID_VALUE, message, ("outputs", "stacks"), hint)

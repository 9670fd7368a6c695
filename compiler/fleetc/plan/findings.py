"""What cannot be as it is declared, once it is known what is where."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.cluster import Cluster
from fleetc.language.document import Locate
from fleetc.language.team import Team
from fleetc.plan.plan import Plan, Subject
from fleetc.resolve.layers import Origin
from fleetc.resolve.world import World
from fleetc.source.span import Path


def plan(
    world: World, locate: Locate, elsewhere: Mapping[str, list[str]] | None = None
) -> tuple[Plan, list[Diagnostic]]:
    """The plan, and what cannot be as it is declared. `elsewhere`: what is placed on clusters that are not in
    `world`."""
    made = Plan(world)
    found: list[Diagnostic] = []
    others = {id: names for id, names in (elsewhere or {}).items() if names}
    for subject in made.subjects.values():
        if subject.doc is not None:
            found += _placement(made, subject, locate, others)
            if subject.kind == "Team":
                found += _host_names(made, subject, locate)
                found += _existing(made, subject, locate)
    return made, list(dict.fromkeys(found))


def _placement(
    made: Plan, subject: Subject, locate: Locate, elsewhere: Mapping[str, list[str]]
) -> Iterator[Diagnostic]:
    """A subject is somewhere, and on every cluster that its own placement names."""
    doc = subject.doc
    assert doc is not None
    team = made.team_of(doc)
    if not subject.placed and subject.id not in elsewhere:
        if team is None or team.placed or team.id in elsewhere:
            of = f" of {team.id}" if team else ""
            message = f"{doc.id} is on no cluster: no cluster{of} meets its whole placement"
            span = doc.span(locate, ("spec", "placement"), key=True)
            hint = "widen the placement, or remove the spec"
            yield Diagnostic(codes.NOT_PLACED, message, span, hint, ("spec", "placement"))
        return
    placed = {made.world.cluster_docs[n].name for n in subject.placed} | {*elsewhere.get(subject.id, ())}
    for n, name in enumerate(doc.tree["spec"].get("placement", {}).get("clusters", ())):
        if name not in placed:
            path = ("spec", "placement", "clusters", n)
            message = f"{doc.id} names cluster {name}, but {_leaves_out(made, team, name, elsewhere)} leaves it out"
            hint = "remove the name, or widen the rest"
            yield Diagnostic(codes.NOT_PLACED, message, doc.span(locate, path), hint, path)


def _leaves_out(made: Plan, team: Subject | None, cluster: str, elsewhere: Mapping[str, Collection[str]]) -> str:
    if team is not None:
        there = {made.world.cluster_docs[n].name for n in team.placed} | {*elsewhere.get(team.id, ())}
        if cluster not in there:
            return f"the placement of {team.id}"
    return "the rest of its placement"


def _host_names(made: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """Egress to a host name, on clusters whose CNI cannot limit it to that name."""
    seen: set[tuple[str, Path]] = set()
    for n in subject.placed:
        cluster = made.world.clusters[n]
        if cluster.network.enforces_host_names():
            continue
        for peer in _team(made, subject, n).network.egress:
            if peer.host() is None:
                continue
            origin = _origin(made, subject, n, ("network", "egress", peer.to, "to"))
            if (origin.doc.id, origin.path) not in seen:
                seen.add((origin.doc.id, origin.path))
                cni = cluster.network.cni
                message = f"egress to host {peer.to} cannot be enforced on cluster {cluster.name}: its CNI is {cni}"
                hint = "use an IP range there, place the team on clusters with cilium, or route it through a proxy"
                span = origin.doc.span(locate, origin.path)
                yield Diagnostic(codes.HOST_NOT_ENFORCED, message, span, hint, origin.path)


def _existing(made: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """A team may not take over a namespace that somebody else keeps on a cluster."""
    seen: set[str] = set()
    for n in subject.placed:
        cluster = made.world.clusters[n]
        taken = cluster.existing.namespaces
        for namespace in _team(made, subject, n).namespaces if taken else ():
            if namespace.name in taken and namespace.name not in seen:
                seen.add(namespace.name)
                yield _taken(made, subject, n, cluster, namespace.name, locate)


def _taken(made: Plan, subject: Subject, n: int, cluster: Cluster, name: str, locate: Locate) -> Diagnostic:
    origin = _origin(made, subject, n, ("namespaces", name, "name"))
    path: Path = ("existing", "namespaces", cluster.existing.namespaces.index(name))
    other = next(o for o in made.world.origins(cluster.id, n, path) if o.role == "value")
    message = f"namespace {name} of {subject.id} is on cluster {cluster.name} already"
    related = (Related(other.doc.span(locate, other.path), "something else makes it there"),)
    hint = "use another name; or take it from `existing`, when it is the team's from now on"
    return Diagnostic(codes.INVALID_VALUE, message, origin.doc.span(locate, origin.path), hint, origin.path, related)


def _team(made: Plan, subject: Subject, cluster: int) -> Team:
    return cast(Team, made.world.variant(subject.id, cluster))


def _origin(made: Plan, subject: Subject, cluster: int, path: tuple[Any, ...]) -> Origin:
    """Where a value that is there comes from."""
    return next(o for o in made.world.origins(subject.id, cluster, path) if o.role == "value")

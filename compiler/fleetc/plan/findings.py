"""What cannot be as it is declared, once it is known what is where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.cluster import Cluster
from fleetc.language.document import Locate
from fleetc.plan.network import host_names, one_sided
from fleetc.plan.plan import Plan, Subject
from fleetc.resolve.layers import Origin
from fleetc.resolve.world import World
from fleetc.source.span import Path

Elsewhere = Mapping[str, list[str]]
"""For each subject, the names of clusters that it is on and that are not in the world."""


def plan(world: World, locate: Locate, elsewhere: Elsewhere | None = None) -> tuple[Plan, list[Diagnostic]]:
    """The plan, and what cannot be as it is declared."""
    made = Plan(world)
    found = list(_default_classes(made, locate))
    taken = {name for cluster in world.clusters for name in _taken(cluster)}
    others = {id: names for id, names in (elsewhere or {}).items() if names}
    for subject in made.subjects.values():
        if subject.doc is not None:
            found += _placement(made, subject, locate, others)
        if subject.kind == "Team":
            found += host_names(made, subject, locate)
            found += one_sided(made, subject, locate)
            found += _existing(made, subject, taken, locate)
    return made, list(dict.fromkeys(found))


def _placement(made: Plan, subject: Subject, locate: Locate, elsewhere: Elsewhere) -> Iterator[Diagnostic]:
    """A subject is somewhere, and on every cluster that its own placement names."""
    doc = subject.doc
    assert doc is not None
    team = made.team_of(doc)
    if not subject.placed and subject.id not in elsewhere:
        # What belongs to a team that is nowhere has nothing to say of its own.
        if team is None or team.placed or team.id in elsewhere:
            of = f" of {team.id}" if team else ""
            message = f"{doc.id} is on no cluster: no cluster{of} meets its whole placement"
            span = doc.span(locate, ("spec", "placement"), key=True)
            hint = "widen the placement, or remove the spec"
            yield Diagnostic(codes.NOT_PLACED, message, span, hint, ("spec", "placement"))
        return
    for n, name in enumerate(doc.tree["spec"].get("placement", {}).get("clusters", ())):
        if name not in _names(made, subject, elsewhere):
            path = ("spec", "placement", "clusters", n)
            by_team = team is not None and name not in _names(made, team, elsewhere)
            why = f"the placement of {team.id}" if team and by_team else "the rest of its placement"
            message = f"{doc.id} names cluster {name}, but {why} leaves it out"
            hint = "remove the name, or widen the rest"
            yield Diagnostic(codes.NOT_PLACED, message, doc.span(locate, path), hint, path)


def _names(made: Plan, subject: Subject, elsewhere: Elsewhere) -> set[str]:
    """The clusters that a subject is on."""
    return {made.world.cluster_docs[n].name for n in subject.placed} | {*elsewhere.get(subject.id, ())}


def _default_classes(made: Plan, locate: Locate) -> Iterator[Diagnostic]:
    """The API server refuses a second default PriorityClass, and takes the newest of several default StorageClasses."""
    for n, cluster in enumerate(made.world.clusters):
        priorities = [("priorityClasses", c.name, "default") for c in cluster.priority_classes if c.default]
        storage = [("storage", "classes", c.name, "default") for c in cluster.storage.classes if c.default]
        for what, paths in (("priority class", priorities), ("storage class", storage)):
            if len(paths) > 1:
                # What the table says was there first.
                places = sorted([made.source(cluster.id, n, p) for p in paths], key=lambda o: o.via != "table")
                message = f"cluster {cluster.name} has more than one default {what}"
                hint = "write `default: false` for all but one"
                yield from (_second(places[0], other, message, hint, locate) for other in places[1:])


def _existing(made: Plan, subject: Subject, taken_anywhere: set[str], locate: Locate) -> Iterator[Diagnostic]:
    """A team may not take over a namespace that somebody else keeps on a cluster."""
    names = {item.name for team in made.variants(subject) for item in team.namespaces}
    seen: set[str] = set()
    for n, team in made.teams(subject) if not names.isdisjoint(taken_anywhere) else ():
        cluster = made.world.clusters[n]
        taken = _taken(cluster)
        for name in [item.name for item in team.namespaces if item.name in taken and item.name not in seen]:
            seen.add(name)
            ours = made.source(subject.id, n, ("namespaces", name, "name"))
            theirs = made.source(cluster.id, n, taken[name])
            message = f"namespace {name} of {subject.id} is on cluster {cluster.name} already"
            hint = "use another name; or take it from `existing`, when it is the team's from now on"
            yield _second(theirs, ours, message, hint, locate, "something else makes it there")


def _taken(cluster: Cluster) -> dict[str, Path]:
    """The namespaces that something else makes on a cluster, and where that is said: on a hub, its stack makes one."""
    out: dict[str, Path] = {name: ("existing", "namespaces", n) for n, name in enumerate(cluster.existing.namespaces)}
    return {**out, cluster.argocd.namespace: ("argocd", "namespace")} if cluster.is_hub() else out


def _second(
    first: Origin, second: Origin, message: str, hint: str, locate: Locate, label: str = "the other one"
) -> Diagnostic:
    """A value that cannot stand beside another one."""
    related = (Related(first.doc.span(locate, first.path), label),)
    span = second.doc.span(locate, second.path)
    return Diagnostic(codes.INVALID_VALUE, message, span, hint, second.path, related)

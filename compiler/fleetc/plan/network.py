"""Traffic that is declared and cannot be as declared, on the clusters where a team is."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.document import Locate
from fleetc.language.team import Team
from fleetc.plan.plan import Plan, Subject
from fleetc.resolve.traffic import covers
from fleetc.source.span import Path


def host_names(made: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """Egress to a host name, on clusters whose CNI cannot limit it to that name."""
    variants = made.variants(subject)
    hosts = {id(v): [peer.to for peer in v.network.egress if peer.host() is not None] for v in variants}
    seen: set[tuple[str, Path]] = set()
    for n, team in made.teams(subject) if any(hosts.values()) else ():
        cluster = made.world.clusters[n]
        for host in [] if cluster.network.enforces_host_names() else hosts[id(team)]:
            origin = made.source(subject.id, n, ("network", "egress", host, "to"))
            if (origin.doc.id, origin.path) not in seen:
                seen.add((origin.doc.id, origin.path))
                cni = cluster.network.cni
                message = f"egress to host {host} cannot be enforced on cluster {cluster.name}: its CNI is {cni}"
                hint = "use an IP range there, place the team on clusters with cilium, or route it through a proxy"
                span = origin.doc.span(locate, origin.path)
                yield Diagnostic(codes.HOST_NOT_ENFORCED, message, span, hint, origin.path)


def one_sided(made: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """Egress to a team that lets it in somewhere, but not on a cluster where the two meet."""
    peers = {id(v): [name for p in v.network.egress if (name := p.team())] for v in made.variants(subject)}
    seen: set[tuple[int, int]] = set()
    for n, team in made.teams(subject) if any(peers.values()) else ():
        for name in peers[id(team)]:
            other = made.team(name, n)
            # A default for all teams names the team itself as well.
            if other is not None and other is not team and (id(team), id(other)) not in seen:
                seen.add((id(team), id(other)))
                yield from _against(made, subject, n, other, locate)


def _against(made: Plan, subject: Subject, n: int, other: Team, locate: Locate) -> Iterator[Diagnostic]:
    """What a team's egress to another one lacks in that one's ingress, as the two are on a cluster."""
    team = made.team(subject.id.partition("/")[2], n)
    assert team is not None
    peer = next(p for p in team.network.egress if p.team() == other.name)
    back = next((p for p in other.network.ingress if p.team() == team.name), None)
    if back is not None and all(not back.ports or covers(back.port_ranges(), port) for port in peer.port_ranges()):
        return
    origin = made.source(subject.id, n, ("network", "egress", peer.to, "to"))
    place = made.source(other.id, n, ("network", "ingress", back.to, "to")) if back else None
    related = (Related(place.doc.span(locate, place.path), "all that it lets in there"),) if place else ()
    cluster = made.world.clusters[n].name
    message = f"egress of team {team.name} to team {other.name}, whose ingress leaves it out on cluster {cluster}"
    hint = f"let it in on that cluster too, by `network.ingress` of team {other.name}"
    yield Diagnostic(codes.MISSING_INGRESS, message, origin.doc.span(locate, origin.path), hint, origin.path, related)

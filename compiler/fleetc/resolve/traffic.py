"""Traffic between teams is declared on both sides: nobody opens another team's doors, and no door leads nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.document import Doc, Locate, lookup
from fleetc.language.team import PortRange, port_range
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

Layer = tuple[Doc, Path]
"""A document and where in it a partial spec of a Team stands."""


def team_layers(docs: Iterable[Doc]) -> Iterator[Layer]:
    """Every partial spec of a Team: specs, overrides, and the defaults of other kinds."""
    for doc in docs:
        if doc.kind == "Team":
            yield doc, ("spec",)
            yield from ((doc, ("overrides", n, "set")) for n in range(len(doc.tree["overrides"])))
        if "Team" in doc.defaults:
            yield doc, ("defaults", "Team")


class _Open(NamedTuple):
    """What a team lets in from another one: `ports` is None for all of them. `at` is the first place that says so."""

    at: Layer
    ports: list[PortRange] | None


class Traffic:
    """The declared traffic between teams. `unsure` has the ids of documents that may say more than is known."""

    def __init__(self, docs: Mapping[str, Doc], unsure: set[str], every: Iterable[Doc], locate: Locate) -> None:
        self._teams = {doc.name: doc for doc in docs.values() if doc.kind == "Team"}
        self._unsure = unsure
        self._locate = locate
        self._layers = list(team_layers(every))
        self._open: dict[tuple[str | None, str], _Open] = {}
        for doc, base in self._layers:
            for to, peer in _peers(doc, base, "ingress"):
                self._note(
                    (doc.name if doc.kind == "Team" else None, to), (doc, (*base, "network", "ingress", to, "to")), peer
                )

    def _note(self, key: tuple[str | None, str], at: Layer, peer: Any) -> None:
        """What several layers let in adds up here: which of them apply depends on the cluster."""
        ports = [port_range(text) for text in peer.get("ports", ())] or None
        seen = self._open.get(key)
        if seen is not None:
            ports = None if seen.ports is None or ports is None else [*seen.ports, *ports]
        self._open[key] = _Open(seen.at if seen else at, ports)

    def findings(self) -> Iterator[Diagnostic]:
        """Egress that the other team does not let in."""
        for doc, base in self._layers:
            for to, peer in _peers(doc, base, "egress"):
                other = self._teams.get(to.removeprefix("team/"))
                if other is None or other.id in self._unsure:
                    continue
                at = (doc, (*base, "network", "egress", to, "to"))
                names = [doc.name] if doc.kind == "Team" else sorted(self._teams)
                for name in names:
                    if name != other.name:
                        yield from self._from(name, other, at, peer)

    def _opened(self, team: str, peer: str) -> _Open | None:
        """What a team lets in from a peer: by itself, and by defaults."""
        found = [o for o in (self._open.get((team, peer)), self._open.get((None, peer))) if o is not None]
        if not found:
            return None
        lists = [o.ports for o in found]
        ports = [port for ports in lists if ports is not None for port in ports]
        return _Open(found[0].at, None if None in lists else ports)

    def _from(self, name: str, other: Doc, at: Layer, peer: Any) -> Iterator[Diagnostic]:
        found = self._opened(other.name, f"team/{name}")
        doc, path = at
        span = doc.span(self._locate, path)
        if found is None:
            place = other.span(self._locate, ("metadata", "name"))
            related = (Related(place, f"team {other.name} lets nothing in from team {name}"),)
            message = f"egress of team {name} to team {other.name}, which declares no ingress from it"
            hint = f"add team/{name} to `network.ingress` of team {other.name}"
            yield Diagnostic(codes.MISSING_INGRESS, message, span, hint, path, related)
            return
        if found.ports is None:
            return
        closed = [text for text in peer.get("ports", ()) if not covers(found.ports, port_range(text))]
        if closed:
            place = found.at[0].span(self._locate, found.at[1])
            related = (Related(place, f"what team {other.name} lets in from team {name}"),)
            listed = ", ".join(closed)
            message = f"egress of team {name} to team {other.name} at {listed}, which its ingress leaves out"
            hint = f"add {listed} there, or correct the port here"
            yield Diagnostic(codes.MISSING_INGRESS, message, span, hint, path, related)


def _peers(doc: Doc, base: Path, direction: str) -> Iterator[tuple[str, Any]]:
    _, peers = lookup(doc.tree, (*base, "network", direction))
    return ((to, peer) for to, peer in (peers or {}).items() if to.startswith("team/"))


def covers(ports: list[PortRange], wanted: PortRange) -> bool:
    """Whether every port of a range is in one of the others."""
    need = wanted.first
    for protocol, first, last in sorted(ports):
        if protocol == wanted.protocol and first <= need:
            need = max(need, last + 1)
    return need > wanted.last

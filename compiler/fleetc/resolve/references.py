"""References between specs: every name refers to something, and both sides of traffic between teams agree."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.document import Doc, Locate, lookup
from fleetc.source.span import Path

_LISTS: tuple[tuple[str, str], ...] = (("clusters", "Cluster"), ("environments", "environment"))


def check_references(docs: Mapping[str, Doc], known: Mapping[str, set[str]], locate: Locate) -> Iterator[Diagnostic]:
    """`known` has the names of each kind, those of broken documents too: what follows from those is not reported
    twice."""
    fleet = next((d for d in docs.values() if d.kind == "Fleet"), None)
    environments = set(fleet.tree["spec"].get("environments", ())) if fleet else set[str]()
    names = {**known, "environment": environments}
    check = _Check(names, locate, skip_environments=fleet is None)
    for doc in docs.values():
        if doc.kind == "Cluster":
            yield from check.name(doc, ("spec", "environment"), "environment")
        for base in _selectors(doc):
            for field, kind in _LISTS:
                _, values = lookup(doc.tree, (*base, field))
                for n in range(len(values or ())):
                    yield from check.name(doc, (*base, field, n), kind)
        if doc.kind == "Manifest":
            yield from check.name(doc, ("spec", "team"), "Team")
        if doc.kind == "Team":
            yield from _peers(doc, docs, check)


def _selectors(doc: Doc) -> Iterator[Path]:
    yield ("spec", "placement")
    for n, _ in enumerate(doc.tree["overrides"]):
        yield ("overrides", n, "match")
    for kind in doc.tree["defaults"]:
        yield ("defaults", kind, "placement")


class _Check:
    def __init__(self, names: Mapping[str, set[str]], locate: Locate, *, skip_environments: bool) -> None:
        self.names = names
        self.locate = locate
        self.skip = {"environment"} if skip_environments else set[str]()

    def name(self, doc: Doc, path: Path, kind: str) -> Iterator[Diagnostic]:
        """The value at `path`, if there is one, is the name of a `kind`."""
        found, value = lookup(doc.tree, path)
        if found and kind not in self.skip and value not in self.names.get(kind, ()):
            yield self.unknown(doc, path, kind, value)

    def unknown(self, doc: Doc, path: Path, kind: str, value: Any) -> Diagnostic:
        """The diagnostic for a name that refers to nothing."""
        what = kind if kind == "environment" else kind.lower()
        hint = _nearest(str(value), self.names.get(kind, ()), what)
        return Diagnostic(
            codes.UNKNOWN_REFERENCE, f"there is no {what} `{value}`", doc.span(self.locate, path), hint, path
        )


def _nearest(value: str, names: Iterable[str], what: str) -> str:
    near = difflib.get_close_matches(value, sorted(names), n=1)
    return (
        f"did you mean `{near[0]}`?"
        if near
        else f"add the {what}, or name one of: {', '.join(sorted(names)) or 'none yet'}"
    )


def _peers(doc: Doc, docs: Mapping[str, Doc], check: _Check) -> Iterator[Diagnostic]:
    for base in (("spec",), *(("overrides", n, "set") for n, _ in enumerate(doc.tree["overrides"]))):
        for direction, other in (("egress", "ingress"), ("ingress", "egress")):
            _, peers = lookup(doc.tree, (*base, "network", direction))
            for to in peers or ():
                if to.startswith("team/"):
                    path: Path = (*base, "network", direction, to)
                    yield from _team_peer(doc, docs, check, path, (direction, other, to.removeprefix("team/")))


def _team_peer(
    doc: Doc, docs: Mapping[str, Doc], check: _Check, path: Path, sides: tuple[str, str, str]
) -> Iterator[Diagnostic]:
    direction, other, name = sides
    if name not in check.names.get("Team", ()):
        yield check.unknown(doc, path, "Team", name)
        return
    peer = docs.get(f"Team/{name}")
    if peer is None or direction == "ingress":
        return
    declared = [("spec", "network", other, f"team/{doc.name}")]
    declared += [
        ("overrides", n, "set", "network", other, f"team/{doc.name}") for n, _ in enumerate(peer.tree["overrides"])
    ]
    if not any(lookup(peer.tree, p)[0] for p in declared):
        related = (
            Related(peer.span(check.locate, ("metadata", "name")), f"team {name} declares no {other} from {doc.name}"),
        )
        hint = f"add team/{doc.name} to network.{other} of team {name}"
        message = f"{direction} to team {name} needs that team's {other}"
        yield Diagnostic(codes.MISSING_INGRESS, message, doc.span(check.locate, path), hint, path, related)

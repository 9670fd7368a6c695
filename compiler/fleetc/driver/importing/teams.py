"""Teams among imported objects: a Team is one if all that building it emits is among them, as it is there.

Candidates are built for real, on the clusters that they are for; one that emits anything else is refused, for what
differs first, and its objects stay in Manifests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from fleetc.diagnostics import Diagnostic
from fleetc.driver.importing.classes import Part
from fleetc.driver.importing.sift import Kept
from fleetc.driver.importing.specs import Making, files_of, team_file
from fleetc.driver.importing.verify import Emitted, difference, emitted, other_root
from fleetc.emission.site import TeamSite
from fleetc.registry import Candidate, candidates, read_team
from fleetc.tuples import NamedTuple

Value = dict[str, Any]


class Verdict(NamedTuple):
    """What became of a candidate: how many objects the Team emits, or `why` it is none."""

    name: str
    namespaces: tuple[str, ...]
    objects: int
    why: str = ""


class Teams(NamedTuple):
    """The specs of Teams by their names, the identities of what each emits, and what to tell of each candidate."""

    specs: dict[str, Value]
    covered: dict[str, frozenset[str]]
    verdicts: list[Verdict]

    def without(self, why: str) -> Teams:
        """No Teams at all, and why."""
        refused = [v if v.why else v._replace(objects=0, why=why) for v in self.verdicts]
        return Teams({}, {}, refused)


def recognise(root: str, making: Making, kept: Sequence[Kept], parts: Sequence[Part]) -> Teams:
    """The Teams of imported objects; `parts` are of the Clusters that are made."""
    left = {found.name: found for found in candidates([item.value for item in kept])}
    verdicts: list[Verdict] = []
    objects = {item.identity: item.value for item in kept}
    while left:
        # Who is refused is no peer of others any more, and what they say is read again.
        made, specs, why = _round(root, making, parts, left, objects)
        if not why:
            covered = {name: _identities(made, name) for name in left}
            verdicts += [Verdict(name, found.namespaces, len(covered[name])) for name, found in left.items()]
            return Teams(specs, covered, verdicts)
        for name, reason in why.items():
            found = left.pop(name)
            if found.declared or _is_near(made, name, objects):
                verdicts.append(Verdict(name, found.namespaces, 0, reason))
    return Teams({}, {}, verdicts)


def _round(
    root: str, making: Making, parts: Sequence[Part], left: Mapping[str, Candidate], objects: Mapping[str, Value]
) -> tuple[Emitted, dict[str, Value], dict[str, str]]:
    """What candidates emit, by which specs, and which of them are refused, for what."""
    specs: dict[str, Value] = {n: _placed(making, {"namespaces": [*c.namespaces]}) for n, c in left.items()}
    bare = made = _build(root, making, parts, specs)
    # What the barest Team emits, every Team does.
    why = _broken(making, made, left) or _refused(_missing, making, made, left, objects)
    if not why:
        specs = {name: _placed(making, read_team([*_sites(bare, name)], objects.values())) for name in left}
        made = _build(root, making, parts, specs)
        why = _broken(making, made, left)
        if why:
            # Of two that do not agree, it is not always the one with the error that is no Team.
            calm = {name: {f: v for f, v in spec.items() if f != "network"} for name, spec in specs.items()}
            other = _build(root, making, parts, calm)
            why = (not other.diagnostics and _refused(_other_inside, making, other, left, objects)) or why
            made = bare
        else:
            why = _refused(_other, making, made, left, objects)
    return made, specs, why


def _placed(making: Making, spec: dict[str, Any]) -> dict[str, Any]:
    return {**spec, "placement": {"clusters": [*making.placed]}} if making.placed else spec


def _build(root: str, making: Making, parts: Sequence[Part], teams: Mapping[str, Mapping[str, Any]]) -> Emitted:
    with other_root(root, files_of(making, [], parts, {}, teams)) as folder:
        return emitted(folder)


def _sites(made: Emitted, name: str) -> Iterator[TeamSite]:
    assert made.plan is not None
    subject = made.plan.subjects[f"Team/{name}"]
    return (cast(TeamSite, made.plan.site(subject, n)) for n in subject.placed)


def _broken(making: Making, made: Emitted, left: Mapping[str, Candidate]) -> dict[str, str]:
    """The candidates that specs have errors for, with the first; all of them where no other file is to blame."""
    out: dict[str, str] = {}
    for found in made.diagnostics:
        for name in left:
            if _is_about(found, team_file(making, name)):
                out.setdefault(name, found.message)
    if made.diagnostics and not out:
        return dict.fromkeys(left, made.diagnostics[0].message)
    return out


def _is_about(found: Diagnostic, file: str) -> bool:
    return found.span is not None and found.span.file == file


def _refused(
    judge: Callable[[Emitted, str, str, Mapping[str, Value]], str | None],
    making: Making,
    made: Emitted,
    left: Mapping[str, Candidate],
    objects: Mapping[str, Value],
) -> dict[str, str]:
    """The candidates that are found fault with on some cluster, and what is found there first."""
    out: dict[str, str] = {}
    for name in left:
        for cluster in making.placed or made.clusters:
            here = made.owners[cluster].get(f"Team/{name}", [])
            lacking = f"no Team is on {cluster} by default, which the objects are for, too: name clusters by --cluster"
            reasons = (judge(made, cluster, identity, objects) for identity in here)
            reason = next((r for r in reasons if r), None) if here else lacking
            if reason is not None:
                out[name] = reason
                break
    return out


def _missing(_made: Emitted, _cluster: str, identity: str, objects: Mapping[str, Value]) -> str | None:
    return None if identity in objects else f"it would emit `{identity}`, which is not there"


def _other(made: Emitted, cluster: str, identity: str, objects: Mapping[str, Value]) -> str | None:
    if identity not in objects:
        return _missing(made, cluster, identity, objects)
    if identity in made.twice:
        return f"`{identity}` is emitted by another spec, too"
    path = difference(objects[identity], made.clusters[cluster][identity])
    return f"`{identity}` would have another `{path}`" if path is not None else None


def _other_inside(made: Emitted, cluster: str, identity: str, objects: Mapping[str, Value]) -> str | None:
    """As `_other`, of everything but traffic."""
    traffic = made.clusters[cluster][identity]["kind"].endswith("NetworkPolicy")
    return None if traffic else _other(made, cluster, identity, objects)


def _identities(made: Emitted, name: str) -> frozenset[str]:
    return frozenset(i for here in made.owners.values() for i in here.get(f"Team/{name}", ()))


def _is_near(made: Emitted, name: str, objects: Mapping[str, Value]) -> bool:
    """Whether something that a Team emits is there as it is, besides a Namespace: then it nearly was one."""
    return any(
        identity in objects and difference(objects[identity], value) is None
        for cluster, here in made.owners.items()
        for identity in here.get(f"Team/{name}", ())
        if (value := made.clusters[cluster][identity])["kind"] != "Namespace"
    )

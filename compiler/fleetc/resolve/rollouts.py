"""Which wave each cluster is in, and what cannot be of Rollouts. Nothing here knows git: what a revision holds, and
which of two is the later one, `fleetc promote` looks up once and writes into the spec."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from decimal import Decimal
from typing import Final

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.delivered import PLATFORM
from fleetc.language.document import Doc, Locate
from fleetc.language.rollout import Gate, Rollout, Wave
from fleetc.resolve.world import World
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

TEAMS: Final = "teams"
_SHORT: Final = 12


class WavePlace(NamedTuple):
    """The wave of a cluster: its number from 0, and where it stands."""

    rollout: Rollout
    wave: Wave
    number: int
    doc: Doc

    @property
    def path(self) -> Path:
        """Where the wave stands in its document, for origins."""
        return wave_path(self.wave)


def wave_path(wave: Wave) -> Path:
    """The canonical path of a wave in its Rollout's document."""
    return ("spec", "waves", wave.name)


def wave_of(world: World, cluster: int) -> WavePlace | None:
    """The wave that a cluster is in: of the first Rollout, by name, with a wave that matches it, the first such wave.
    None for a cluster of no Rollout. That no second Rollout has it, `rollout_findings` tells."""
    return next(_places(world, cluster), None)


def waves_of(world: World) -> Sequence[WavePlace | None]:
    """The wave of each cluster, in the order of `World.clusters`."""
    return [wave_of(world, n) for n in range(len(world.cluster_docs))]


def clusters_of(world: World, rollout: Rollout, wave: Wave) -> list[str]:
    """The names of the clusters of a wave, in order."""
    found = zip(world.clusters, waves_of(world), strict=True)
    return [c.name for c, at in found if at and (at.rollout.id, at.wave.name) == (rollout.id, wave.name)]


def _places(world: World, cluster: int) -> Iterator[WavePlace]:
    """For each Rollout with a wave that matches a cluster, the first of them."""
    here = world.clusters[cluster]
    for doc, rollout in zip(world.rollout_docs, world.rollouts, strict=True):
        matching = ((n, wave) for n, wave in enumerate(rollout.waves) if wave.match.matches(here))
        yield from (WavePlace(rollout, wave, n, doc) for n, wave in [*matching][:1])


def is_path_of(path: str, output: str, clusters: Container[str]) -> bool:
    """Whether a folder, relative to the root, is one that is delivered to one of these clusters:
    `OUTPUT/CLUSTER/platform` or `OUTPUT/CLUSTER/teams/TEAM`."""
    if not path.startswith(f"{output}/"):
        return False
    cluster, *rest = path.removeprefix(f"{output}/").split("/")
    return cluster in clusters and (rest == [PLATFORM] or (len(rest) == 2 and rest[0] == TEAMS))


class _Check(NamedTuple):
    """A whole fleet, and for each of its clusters its wave in each Rollout that has it."""

    world: World
    locate: Locate
    places: Sequence[Sequence[WavePlace]]


def rollout_findings(world: World, locate: Locate) -> Iterator[Diagnostic]:
    """What is wrong with the Rollouts of a whole fleet."""
    check = _Check(world, locate, [[*_places(world, n)] for n in range(len(world.clusters))])
    yield from _claimed_twice(check)
    for doc, rollout in zip(world.rollout_docs, world.rollouts, strict=True):
        if not rollout.waves:
            at: Path = ("spec",)
            message, hint = f"`waves` is missing in Rollout {rollout.name}", "add one, such as waves: {canary: {}}"
            yield Diagnostic(codes.MISSING_FIELD, message, doc.span(locate, at, key=True), hint, at)
        for wave in rollout.waves:
            for gate in wave.gates:
                yield from _gate(gate, doc, (*wave_path(wave), "gates", gate.name), locate)
            here = [at for places in check.places for at in places if at.doc is doc and at.wave is wave]
            yield from _paths(check, rollout, wave, doc) if here else _empty(check, rollout, wave, doc)
        yield from _skipped(rollout, doc, locate)


def _claimed_twice(check: _Check) -> Iterator[Diagnostic]:
    """Clusters of two Rollouts; of all that two waves share, one is told."""
    told: set[tuple[str, ...]] = set()
    for cluster, places in zip(check.world.clusters, check.places, strict=True):
        for other in places[1:]:
            first = places[0]
            pair = (first.rollout.name, first.wave.name, other.rollout.name, other.wave.name)
            if pair not in told:
                told.add(pair)
                names = f"Rollout {other.rollout.name} and in Rollout {first.rollout.name}"
                related = (Related(first.doc.span(check.locate, first.path, key=True), "the other one's wave"),)
                span = other.doc.span(check.locate, other.path, key=True)
                message, hint = f"cluster {cluster.name} is in {names}", "make their matches exclude each other"
                yield Diagnostic(codes.TWO_ROLLOUTS, message, span, hint, other.path, related)


def _empty(check: _Check, rollout: Rollout, wave: Wave, doc: Doc) -> Iterator[Diagnostic]:
    """A wave without clusters: none matches, or waves above have them."""
    matched = [n for n, cluster in enumerate(check.world.clusters) if wave.match.matches(cluster)]
    taken = next((at for n in matched for at in check.places[n] if at.doc is doc), None)
    message, path = f"wave {wave.name} of Rollout {rollout.name} has no cluster", wave_path(wave)
    hint, related = "widen its match, or remove the wave", tuple[Related, ...]()
    if taken is not None:
        message += f": those that it matches are in wave {taken.wave.name}"
        hint = "put the narrower wave first, or remove this one"
        related = (Related(doc.span(check.locate, taken.path, key=True), "the wave that has them"),)
    yield Diagnostic(codes.EMPTY_WAVE, message, doc.span(check.locate, path, key=True), hint, path, related)


def _paths(check: _Check, rollout: Rollout, wave: Wave, doc: Doc) -> Iterator[Diagnostic]:
    """Folders are of clusters of the wave, and of a revision."""
    output, base = check.world.fleet.outputs.manifests, (*wave_path(wave), "paths")
    if wave.revision is None:
        if wave.paths:
            message, hint = f"wave {wave.name} has folders of no revision", "remove them: `fleetc promote` writes both"
            yield Diagnostic(codes.STRAY_PATH, message, doc.span(check.locate, base, key=True), hint, base)
        return
    clusters = {
        cluster.name
        for cluster, places in zip(check.world.clusters, check.places, strict=True)
        if any(at.doc is doc and at.wave is wave for at in places)
    }
    for n, path in enumerate(wave.paths):
        if not is_path_of(path, output, clusters):
            message, at = f"{path} is a folder of no cluster of wave {wave.name}", (*base, n)
            words = f"{rollout.name} --wave {wave.name} --revision {wave.revision[:_SHORT]}"
            hint = f"run `fleetc promote {words}`, which writes them anew"
            yield Diagnostic(codes.STRAY_PATH, message, doc.span(check.locate, at), hint, at)
            return


def _gate(gate: Gate, doc: Doc, path: Path, locate: Locate) -> Iterator[Diagnostic]:
    """A gate can be met, and can be missed."""
    message = hint = ""
    if gate.max is None and gate.min is None and gate.equals is None:
        message, hint = f"gate {gate.name} asks for nothing", "give it a `max`, a `min` or `equals`"
    elif gate.equals is not None and (gate.max is not None or gate.min is not None):
        message, hint = f"gate {gate.name} asks for a number and for a yes or no", "make two gates of it"
    elif gate.max is not None and gate.min is not None and Decimal(gate.min) > Decimal(gate.max):
        message, hint = f"gate {gate.name} asks for {gate.min} at least and {gate.max} at most", "correct one of them"
    if message:
        yield Diagnostic(codes.EMPTY_GATE, message, doc.span(locate, path, key=True), hint, path)


def _skipped(rollout: Rollout, doc: Doc, locate: Locate) -> Iterator[Diagnostic]:
    """A wave that is at a revision, and one above it that has none."""
    without = next((wave for wave in rollout.waves if wave.revision is None), None)
    seen = False
    for wave in rollout.waves:
        seen = seen or wave is without
        if without is not None and seen and wave.revision is not None:
            path = (*wave_path(wave), "revision")
            message = f"wave {wave.name} is at a revision, and wave {without.name} before it at none"
            related = (Related(doc.span(locate, wave_path(without), key=True), "the wave that was skipped"),)
            hint = "remove it, and let `fleetc promote` take one wave after the other"
            yield Diagnostic(codes.SKIPPED_WAVE, message, doc.span(locate, path), hint, path, related)

"""One promotion: read the specs, ask git and the evidence, and write the wave's revision and folders into the spec."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from fleetc.diagnostics import Diagnostic, Failure, Severity, codes
from fleetc.driver.build import STATE, ignore
from fleetc.driver.diff.git import Revision
from fleetc.driver.files import spec_files
from fleetc.driver.front import front
from fleetc.driver.layout import NotKept
from fleetc.driver.load import Sources
from fleetc.driver.promoting.choose import SHORT, Asked, Refused, Step, chosen, refusals
from fleetc.driver.promoting.evidence import (
    Evidence,
    Verdict,
    judged,
    read_evidence,
    spoken,
    unknown_gates,
    wrong_subject,
)
from fleetc.driver.promoting.spec import edited
from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place
from fleetc.driver.tree.single import replace_file
from fleetc.language.document import Locate
from fleetc.resolve import World, resolve
from fleetc.resolve.rollouts import TEAMS, clusters_of, is_path_of, rollout_findings, wave_path
from fleetc.tuples import NamedTuple


class Folders(NamedTuple):
    """The folders of a wave, before and after: sorted paths relative to the root."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


class Promotion(NamedTuple):
    """What a wave goes through. `old` and `new` are whole ids of commits; `clusters` are those of the wave, `without`
    those of them that the revision has nothing for."""

    rollout: str
    wave: str
    file: str
    old: str | None
    new: str
    clusters: tuple[str, ...]
    without: tuple[str, ...]
    folders: Folders
    verdicts: tuple[Verdict, ...]

    @property
    def changes(self) -> bool:
        """Whether the spec changes."""
        return self.old != self.new or bool(self.folders.added or self.folders.removed)


class Outcome(NamedTuple):
    """What became of it: without a promotion there are errors. `written`: the spec is another one now."""

    promotion: Promotion | None
    diagnostics: tuple[Diagnostic, ...]
    written: bool
    sources: Sources


def promote(root: str, asked: Asked) -> Outcome:
    """Promote a wave. Raises Failure where it cannot be tried: bad names, no git, a file that the system refuses."""
    state = f"{root}/{STATE}"
    # Read under the lock, too: of two promotions at once the second one sees what the first one wrote.
    with nullcontext() if asked.dry_run else locked(Place(root, ".", state)):
        if not asked.dry_run:
            ignore(state)
        sources = Sources(root)
        try:
            return _promote(root, sources, asked)
        except Refused as refused:
            return Outcome(None, refused.found, False, sources)


def _promote(root: str, sources: Sources, asked: Asked) -> Outcome:
    world = _world(root, sources)
    step = chosen(world, root, asked, sources.locate)
    _stop([d for d in rollout_findings(world, sources.locate) if not _is_mended(d, step)])
    _stop(refusals(step, asked, sources.locate))
    verdicts, found = _gates(step, asked, sources.locate)
    _stop(found)
    made = _promotion(world, step, verdicts, sources.locate)
    if not made.changes or asked.dry_run:
        return Outcome(made, tuple(found), False, sources)
    _write(root, sources, step, made)
    return Outcome(made, tuple(found), True, sources)


def _world(root: str, sources: Sources) -> World:
    loaded = front(sources, [*spec_files(root)], {})
    _stop(loaded.diagnostics)
    world, found = resolve(loaded.docs, loaded.table, sources.locate)
    _stop(found)
    return world


def _stop(found: Sequence[Diagnostic]) -> None:
    if any(d.code.severity is Severity.ERROR for d in found):
        raise Refused(*found)


def _is_mended(found: Diagnostic, step: Step) -> bool:
    """Whether what is wrong is what the promotion writes anew."""
    here = found.span is not None and found.span.file == step.doc.sources[0][0]
    path = (*wave_path(step.wave), "paths")
    return found.code is codes.STRAY_PATH and here and found.path[: len(path)] == path


def _gates(step: Step, asked: Asked, locate: Locate) -> tuple[tuple[Verdict, ...], list[Diagnostic]]:
    """How the gates of the wave stand. A way back needs no evidence, nor does what is there already."""
    if asked.rollback or not step.moves:
        return (), []
    evidence = read_evidence(asked.evidence) if asked.evidence is not None else None
    found: list[Diagnostic] = []
    if evidence is not None:
        before = step.before
        wrong = wrong_subject(evidence, step.revision.commit, before.name if before is not None else None)
        found += [wrong] if wrong is not None else []
        found += unknown_gates(evidence, step.wave.gates)
    verdicts = tuple(judged(gate, evidence) for gate in step.wave.gates)
    if not any(d.code is codes.BROKEN_EVIDENCE for d in found):
        found += [_not_met(step, verdict, evidence, locate) for verdict in verdicts if not verdict.met]
    return verdicts, found


def _not_met(step: Step, verdict: Verdict, evidence: Evidence | None, locate: Locate) -> Diagnostic:
    gate, path = verdict.gate, (*wave_path(step.wave), "gates", verdict.gate.name)
    what = f"gate {gate.name} of wave {step.wave.name} wants {verdict.wanted}"
    span = step.doc.span(locate, path, key=True)
    if evidence is None:
        where = f"wave {step.before.name}" if step.before is not None else "a run"
        hint = f"pass --evidence FILE, with what {where} shows at {step.revision.commit[:SHORT]}"
        return Diagnostic(codes.GATE_NOT_MET, f"{what}, and there is no evidence", span, hint, path)
    message = f"{what}, and {evidence.file} has {spoken(verdict.found)}"
    hint = "promote what meets it; a gate that asks too much is changed in the spec"
    return Diagnostic(codes.GATE_NOT_MET, message, span, hint, path)


def _promotion(world: World, step: Step, verdicts: tuple[Verdict, ...], locate: Locate) -> Promotion:
    output, wave = world.fleet.outputs.manifests, step.wave
    clusters = clusters_of(world, step.rollout, wave)
    paths = sorted(_paths(step.revision, output, clusters))
    if not paths:
        at = wave_path(wave)
        message = f"{step.revision.commit[:SHORT]} has no folder for the clusters of wave {wave.name}"
        hint = f"commit what `fleetc build` writes below {output}/, and promote that commit"
        span = step.doc.span(locate, at, key=True)
        raise Refused(Diagnostic(codes.NOTHING_TO_DELIVER, message, span, hint, at))
    before = {*wave.paths}
    folders = Folders(
        tuple(p for p in paths if p not in before),
        tuple(p for p in sorted(before) if p not in paths),
        tuple(p for p in paths if p in before),
    )
    without = tuple(name for name in clusters if not any(is_path_of(path, output, [name]) for path in paths))
    file = step.doc.sources[0][0]
    return Promotion(
        step.rollout.name, wave.name, file, wave.revision, step.revision.commit, tuple(clusters), without, folders,
        verdicts,
    )  # fmt: skip


def _paths(revision: Revision, output: str, clusters: Sequence[str]) -> Iterator[str]:
    """The folders of clusters that are there at a revision."""
    inside = [folder for name in clusters for folder in (f"{output}/{name}", f"{output}/{name}/{TEAMS}")]
    return (path for path in revision.folders(inside) if is_path_of(path, output, clusters))


def _write(root: str, sources: Sources, step: Step, made: Promotion) -> None:
    paths = sorted((*made.folders.added, *made.folders.kept))
    try:
        data = edited(sources.read(made.file), step.doc, step.wave, made.new, paths)
    except NotKept as error:
        hint = f"write revision {made.new} and its paths by hand, as --dry-run --output json tells them"
        message = f"{made.file} is not edited: {error}"
        at = wave_path(step.wave)
        raise Failure(
            Diagnostic(codes.NOT_KEPT, message, step.doc.span(sources.locate, at, key=True), hint, at)
        ) from None
    # What a link leads to is written, not the link.
    target = os.path.realpath(os.path.join(root, made.file))
    inside = os.path.relpath(target, os.path.realpath(root)).replace(os.sep, "/")
    replace_file(root, f"{root}/{STATE}", inside, data, mode=stat.S_IMODE(os.stat(target).st_mode))

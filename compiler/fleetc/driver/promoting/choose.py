"""Which wave is promoted to which revision, and whether it may be: git tells what follows what, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleetc.diagnostics import Code, Diagnostic, Failure, Related, codes
from fleetc.driver.diff.git import Revision
from fleetc.language.document import Doc, Locate
from fleetc.language.rollout import Rollout, Wave
from fleetc.language.wording import did_you_mean
from fleetc.resolve import World
from fleetc.resolve.rollouts import wave_path
from fleetc.tuples import NamedTuple

SHORT: Final = 12
"""The digits of a commit's id that are shown to people."""


class Asked(NamedTuple):
    """What the command line asks for."""

    rollout: str | None = None
    wave: str | None = None
    revision: str | None = None
    evidence: str | None = None
    rollback: bool = False
    dry_run: bool = False


class Refused(Exception):  # noqa: N818 - it carries findings, and is caught by who promotes
    """Diagnostics that end a promotion."""

    def __init__(self, *found: Diagnostic) -> None:
        super().__init__()
        self.found = found


class Step(NamedTuple):
    """One wave to a revision."""

    rollout: Rollout
    doc: Doc
    number: int
    """Of the wave, from 0."""
    revision: Revision

    @property
    def wave(self) -> Wave:
        """The wave as it is in the spec."""
        return self.rollout.waves[self.number]

    @property
    def before(self) -> Wave | None:
        """The wave before it."""
        return self.rollout.waves[self.number - 1] if self.number else None

    @property
    def moves(self) -> bool:
        """Whether the wave is not yet at the revision."""
        return self.wave.revision != self.revision.commit


def chosen(world: World, root: str, asked: Asked, locate: Locate) -> Step:
    """The wave that is meant, and its revision. Raises Refused where the wave before has none, and Failure: FLT610
    and FLT611 of git, FLT903 for names that are not known."""
    rollout, doc = _rollout(world, asked.rollout)
    number = _number(rollout, asked)
    before = rollout.waves[number - 1] if number else None
    name = asked.revision or (before.revision if before is not None else "HEAD")
    if name is None:
        assert before is not None
        hint = f"promote wave {before.name} first"
        message = (
            f"wave {rollout.waves[number].name} cannot be promoted: wave {before.name} before it is at no revision"
        )
        raise Refused(_refused(doc, rollout.waves[number], codes.SKIPPED_WAVE, message, hint, locate, before))
    return Step(rollout, doc, number, Revision(root, name))


def _rollout(world: World, name: str | None) -> tuple[Rollout, Doc]:
    known = {rollout.name: (rollout, doc) for rollout, doc in zip(world.rollouts, world.rollout_docs, strict=True)}
    if not known:
        hint = "add a document of kind Rollout: docs/kinds/rollout.md shows one"
        raise _usage("there is no Rollout to promote", hint)
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        message = f"there is no Rollout `{name}`" if name is not None else "there are several Rollouts"
        raise _usage(message, did_you_mean(name or "", known, "name one of"))
    return known[name]


def _number(rollout: Rollout, asked: Asked) -> int:
    names = [wave.name for wave in rollout.waves]
    if asked.rollback and (asked.wave is None or asked.revision is None):
        raise _usage("--rollback needs --wave and --revision", "say which wave goes back, and to which revision")
    if asked.wave is not None and asked.wave not in names:
        message = f"Rollout {rollout.name} has no wave `{asked.wave}`"
        raise _usage(message, did_you_mean(asked.wave, names, "its waves are"))
    if asked.wave is not None:
        return names.index(asked.wave)
    pairs = zip(rollout.waves, rollout.waves[1:], strict=False)
    behind = (n for n, (a, b) in enumerate(pairs, 1) if a.revision is not None and a.revision != b.revision)
    # A revision that is named is a new one: it starts at the first wave.
    return 0 if asked.revision is not None else next(behind, 0)


def _usage(message: str, hint: str) -> Failure:
    return Failure(Diagnostic(codes.BAD_USAGE, message, hint=hint))


def refusals(step: Step, asked: Asked, locate: Locate) -> list[Diagnostic]:
    """Why a wave may not go to a revision. Along the waves, each has the commit of the one before it or an older one;
    this keeps it so."""
    if not asked.rollback:
        return [*_not_proven(step, locate), *(_not_after(step, locate) if step.moves else ())]
    return _not_back(step, locate)


def _not_proven(step: Step, locate: Locate) -> Iterable[Diagnostic]:
    """A revision that the wave before does not have."""
    before = step.before
    if before is not None and step.moves and before.revision != step.revision.commit:
        at = f"at {before.revision[:SHORT]}" if before.revision is not None else "at no revision"
        message = f"wave {step.wave.name} would get {_short(step)}, and wave {before.name} before it is {at}"
        yield _refused(
            step.doc, step.wave, codes.SKIPPED_WAVE, message, f"promote wave {before.name} to it first", locate, before
        )


def _not_after(step: Step, locate: Locate) -> Iterable[Diagnostic]:
    old = step.wave.revision
    if old is not None and not step.revision.follows(_commit(step, old)):
        message = f"{_short(step)} does not follow {old[:SHORT]}, which wave {step.wave.name} is at"
        hint = "if it should go back, say --rollback with --wave and --revision"
        yield _refused(step.doc, step.wave, codes.STEP_BACKWARDS, message, hint, locate)


def _not_back(step: Step, locate: Locate) -> list[Diagnostic]:
    """A way back leads to an ancestor, and later waves went it already."""
    wave, old = step.wave, step.wave.revision
    if old is None:
        message = f"wave {wave.name} is at no revision, and cannot go back"
        return [_refused(step.doc, step.wave, codes.STEP_BACKWARDS, message, "leave out --rollback", locate)]
    if step.moves and not Revision(step.revision.root, old).follows(step.revision.commit):
        message = f"{_short(step)} is not before {old[:SHORT]}, which wave {wave.name} is at"
        return [
            _refused(
                step.doc, step.wave, codes.STEP_BACKWARDS, message, "leave out --rollback, or name an ancestor", locate
            )
        ]
    found: list[Diagnostic] = []
    for later in step.rollout.waves[step.number + 1 :]:
        if later.revision is not None and not step.revision.follows(_commit(step, later.revision)):
            message = f"wave {wave.name} would go behind wave {later.name}, which is at {later.revision[:SHORT]}"
            hint = f"roll back wave {later.name} first: the last wave goes back first"
            found.append(_refused(step.doc, step.wave, codes.SKIPPED_WAVE, message, hint, locate, later))
    return found


def _commit(step: Step, commit: str) -> str:
    """A commit that a spec names, once git is known to have it. Raises Failure (FLT611)."""
    return Revision(step.revision.root, commit).commit


def _short(step: Step) -> str:
    return step.revision.commit[:SHORT]


def _refused(
    doc: Doc, wave: Wave, code: Code, message: str, hint: str, locate: Locate, other: Wave | None = None
) -> Diagnostic:
    path = wave_path(wave)
    span = doc.span(locate, path, key=True)
    related = () if other is None else (Related(doc.span(locate, wave_path(other), key=True), "the other wave"),)
    return Diagnostic(code, message, span, hint, path, related)

"""The whole of it: a run that writes nothing, held against what a revision has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from fleetc.check.change.documents import body, split
from fleetc.driver.build import Outcome, Seen
from fleetc.driver.diff.cause import Cause, Causes
from fleetc.driver.diff.fleets import servings_of, tracer_before, tracer_now
from fleetc.driver.diff.fold import Change, fold
from fleetc.driver.diff.git import Files, Hunk, Revision
from fleetc.driver.diff.placements import Planned, compare
from fleetc.driver.diff.sides import Sides, sides
from fleetc.driver.diff.specs import Specs, old_outputs
from fleetc.driver.files import SPECS
from fleetc.driver.outputs import STACK
from fleetc.tuples import NamedTuple

_MOST_TRACED: Final = 200
"""Distinct changes that are traced, each once: above, the edit is as large as the fleet."""


class Caused(NamedTuple):
    """A change, and where it comes from."""

    change: Change
    causes: tuple[Cause, ...]


class Diff:
    """The change from a revision to a build of the working tree. `edits`: the changed lines of specs by file; `notes`:
    what a reader has to know of the comparison itself."""

    def __init__(
        self,
        revision: Revision,
        found: Sides,
        changes: Sequence[Caused],
        specs: Specs,
        planned: Planned | None,
        notes: Sequence[str],
    ) -> None:
        self.revision = revision
        self.changes = tuple(changes)
        self.edits: Mapping[str, tuple[Hunk, ...]] = specs.edited
        self.planned = planned
        self.notes = tuple(notes)
        self._sides = found
        self._specs = specs
        before, after = found.old_clusters, found.new_clusters
        self.gone, self.new = tuple(sorted(before - after)), tuple(sorted(after - before))

    @cached_property
    def clusters(self) -> tuple[str, ...]:
        """The clusters on which something changes."""
        return tuple(sorted({name for found in self.changes for name in found.change.files}))

    @property
    def outliers(self) -> tuple[str, ...]:
        """The clusters on which some object changes otherwise than on most of those where it changes."""
        return tuple(sorted({name for n in self.odd for name in self.changes[n].change.files}))

    @cached_property
    def odd(self) -> frozenset[int]:
        """The positions of the changes of outliers."""
        by_object: dict[object, Counter[object]] = {}
        for change, _ in self.changes:
            ways = by_object.setdefault(change.identity, Counter())
            ways[_way(change)] += len(change.files)
        out: set[int] = set()
        for n, (change, _) in enumerate(self.changes):
            ways = by_object[change.identity]
            most = max(ways.values())
            if 2 * most > ways.total() and ways[_way(change)] < most:
                out.add(n)
        return frozenset(out)

    @property
    def objects(self) -> int:
        """How many objects change, over all clusters."""
        return sum(len(found.change.files) for found in self.changes if not found.change.of_stack)

    @property
    def stacks(self) -> int:
        """How many stacks are to do something else."""
        return sum(len(found.change.files) for found in self.changes if found.change.of_stack)

    def text(self, file: str) -> str:
        """A spec file as it is now; "" when it is gone."""
        return self._specs.now(file).decode(errors="replace")

    def standing(self) -> dict[str, int]:
        """How many objects each cluster had before."""
        before = {inner: blob for inner, blob in self._sides.before.items() if not inner.endswith(f"/{STACK}")}
        contents = self.revision.contents(before.values())
        counts = {blob: len(split(body(data))) for blob, data in contents.items()}
        out: dict[str, int] = {}
        for inner, blob in before.items():
            cluster = inner[: inner.index("/")]
            out[cluster] = out.get(cluster, 0) + counts[blob]
        return out


def _way(change: Change) -> object:
    """What is otherwise, whatever else the object holds."""
    return repr((change.before is None, change.after is None, change.values, [m.effect for m in change.meanings]))


def diff(root: str, name: str, outcome: Outcome) -> Diff:
    """The diff; `outcome` is that of a run that wrote nothing and found nothing wrong. Raises Failure: FLT610,
    FLT611."""
    seen = outcome.seen
    if seen.front is None and seen.memory is not None and not seen.memory.whole():
        seen.memory = None  # Nothing was compiled, so that nobody has asked yet. What follows takes longer.
    revision = Revision(root, name)
    beyond = [path for path in (seen.front.included if seen.front else seen.inputs) if not path.startswith(f"{SPECS}/")]
    folders = [*seen.outputs, SPECS, *sorted(beyond)]
    files = revision.files(folders)
    specs = Specs(revision, files, outcome)
    outputs = old_outputs(specs, seen.outputs)
    if outputs != seen.outputs:
        files = revision.files([*folders, *outputs])
    without = _without_stacks(revision, files, seen, outputs.stacks)
    found = sides(revision, files, seen, outputs, stacks=not without)
    changes = fold(found, revision)
    plans = compare(specs)
    traced = changes[:_MOST_TRACED]
    clusters = {change.clusters[0] for change in traced}
    before = plans.before.servings if plans.before is not None else servings_of(seen)
    causes = Causes(specs, lambda: tracer_before(specs, clusters, before), lambda: tracer_now(specs, seen, clusters))
    caused = [Caused(change, causes.of(change, trace=n < _MOST_TRACED)) for n, change in enumerate(changes)]
    ignored = f"git ignores {outputs.stacks}/: what stacks are told to do is not compared"
    more = [*([ignored] if without else []), *([plans.note] if plans.note else [])]
    notes = [*_notes(revision, found, outcome, outputs.manifests), *more]
    return Diff(revision, found, caused, specs, plans.planned, notes)


def _without_stacks(revision: Revision, files: Files, seen: Seen, folder: str) -> bool:
    """Whether the data of stacks is nothing that git is to keep: then nobody can say what changes in it."""
    inside = f"{folder}/"
    there = (any(path.startswith(inside) for path in paths) for paths in (seen.standing, files.blobs))
    return [*there] == [True, False] and revision.ignored(folder)


def _notes(revision: Revision, found: Sides, outcome: Outcome, output: str) -> Iterator[str]:
    seen = outcome.seen
    if not found.before:
        why = ", which git ignores" if revision.ignored(output) else ""
        yield f"{revision.name} has no outputs in {output}/{why}: everything is new"
    if output != seen.outputs.manifests:
        yield f"the outputs of {revision.name} are in {output}/, now in {seen.outputs.manifests}/"
    for path in seen.edits:
        yield f"{path} was edited by hand, and is shown as `fleetc build --discard-edits` leaves it"

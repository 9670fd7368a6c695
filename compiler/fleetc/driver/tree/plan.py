"""From what is wanted and what stands there to what is to be done; nothing is written."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping

from fleetc.diagnostics import Diagnostic, sort_key
from fleetc.driver.tree import messages
from fleetc.driver.tree.edits import first_difference
from fleetc.driver.tree.header import State, find_header
from fleetc.driver.tree.look import Look, look_at
from fleetc.driver.tree.merge import Versions, ask_git, is_merged, is_pure_conflict
from fleetc.driver.tree.model import Change, Edit, Entry, Known, Place, Plan, Wanted, parents_of
from fleetc.driver.tree.paths import check_output, check_wanted
from fleetc.driver.tree.survey import Tree, survey


class _Draft:
    """A plan in the making."""

    def __init__(self, place: Place, wanted: Mapping[str, Wanted], discard_edits: bool, tree: Tree) -> None:
        self.place = place
        self.wanted = wanted
        self.discard_edits = discard_edits
        self.tree = tree
        self.unchanged: list[str] = []
        self.writes: list[Change] = []
        self.deletes: list[Change] = []
        self.edits: list[Edit] = []
        self.known: dict[str, Entry] = {}
        self.diagnostics: list[Diagnostic] = []


def plan_writes(
    place: Place,
    wanted: Mapping[str, Wanted],
    known: Known,
    *,
    discard_edits: bool = False,
    tree: Tree | None = None,
    checked: bool = False,
) -> Plan:
    """What to write and to delete so that the output folder holds `wanted` and whatever is not ours.

    `tree`: what stood there a moment ago, when it has been looked at already; `apply` looks again at what it touches.
    `checked`: an earlier run wanted all of these paths, so that they can stand side by side.
    All diagnostics (FLT601, FLT603, FLT604, FLT606 to FLT608) are in the plan; a plan with some is not applied.
    """
    refused = [*check_output(place), *(() if checked else check_wanted(place, wanted))]
    if refused:
        return Plan(place, diagnostics=tuple(sorted(refused, key=sort_key)))
    draft = _Draft(place, wanted, discard_edits, tree or survey(place))
    draft.diagnostics += draft.tree.diagnostics
    _judge(draft, _read_unknown(draft, known))
    for path in wanted.keys() - draft.tree.files.keys():
        draft.writes.append(Change(path, "", None, wanted[path]))
    make, drop = _folders(draft)
    _check_access(draft, make)
    return Plan(
        place,
        tuple(sorted(draft.unchanged)),
        tuple(sorted(draft.writes)),
        tuple(sorted(draft.deletes)),
        make,
        drop,
        tuple(sorted(draft.edits)),
        draft.known,
        tuple(sorted(draft.diagnostics, key=sort_key)),
    )


def _read_unknown(draft: _Draft, known: Known) -> list[Look]:
    """Settle the files that are as known; read the others, and return those that look edited or conflicted."""
    now = time.time_ns()
    odd: list[Look] = []
    wanted, kept, unchanged = draft.wanted, draft.known, draft.unchanged
    for path, signature in draft.tree.files.items():
        entry = known.get(path)
        if entry is not None and entry[1] == signature:
            kept[path] = entry
            want = wanted.get(path)
            if want is not None and want.digest == entry[0]:  # as `_settle` has it, for almost all
                unchanged.append(path)
            else:
                _settle(draft, path, entry)
            continue
        try:
            look = look_at(path, draft.place.path(path))
        except OSError as error:
            draft.diagnostics.append(messages.cannot_write(path, error.errno or errno.EIO))
            continue
        if look is None:
            draft.diagnostics.append(messages.changed_meanwhile(path))
        elif look.state in {State.EDITED, State.CONFLICTED} and not _as_wanted(draft, path, look.digest):
            odd.append(look)
        else:
            if remembered := look.entry(now):
                draft.known[path] = remembered
            _settle(draft, path, (look.digest, look.signature))
    return odd


def _as_wanted(draft: _Draft, path: str, digest: str) -> bool:
    want = draft.wanted.get(path)
    return want is not None and want.digest == digest


def _settle(draft: _Draft, path: str, entry: Entry) -> None:
    """A file of ours (or with no digest: a foreign one) stays, is replaced or goes."""
    digest, signature = entry
    want = draft.wanted.get(path)
    if want is None:
        if digest:
            draft.deletes.append(Change(path, digest, signature, None))
    elif not digest:
        draft.diagnostics.append(messages.foreign(path, "a file", path))
    elif want.digest == digest:
        draft.unchanged.append(path)
    else:
        draft.writes.append(Change(path, digest, signature, want))


def _judge(draft: _Draft, odd: list[Look]) -> None:
    """Edited files are refused (or become edits to save); what a merge made is ours."""
    versions = ask_git(draft.place.root, [look.path for look in odd])
    for look in odd:
        mine = versions.get(look.path, {})
        merged = is_pure_conflict if look.state is State.CONFLICTED else is_merged
        if merged(look.data, mine):
            _settle(draft, look.path, (look.digest, look.signature))
        elif draft.discard_edits:
            draft.edits.append(Edit(look.path, look.data, draft.wanted.get(look.path)))
            _settle(draft, look.path, (look.digest, look.signature))
        else:
            draft.diagnostics.append(_edited(look, mine, draft.wanted.get(look.path)))


def _edited(look: Look, versions: Versions, wanted: Wanted | None) -> Diagnostic:
    """The diagnostic, at the first line that differs from the text that fleetc had made, where that can be had."""
    header = find_header(look.data)
    assert header is not None
    line = first_difference(look.data, header, wanted, versions.values())
    return messages.hand_edited(look.path, header.source, line, stale=wanted is None)


def _folders(draft: _Draft) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Folders to make and to drop; a wanted path with something else at or above it is FLT603."""
    tree = draft.tree
    gone = {change.path for change in draft.deletes}
    empty = _emptied(tree.folders, gone)
    needed: dict[str, str] = {}
    for change in draft.writes:
        for parent in parents_of(change.path):
            if needed.setdefault(parent, change.path) != change.path:
                break
        if change.path in tree.others:
            draft.diagnostics.append(messages.foreign(change.path, tree.others[change.path], change.path))
        elif change.path in tree.folders and change.path not in empty:
            draft.diagnostics.append(messages.foreign(change.path, "a folder", change.path))
    # An edited file there is refused already, as one that no spec makes.
    refused = {d.span.file for d in draft.diagnostics if d.span}
    for parent, path in needed.items():
        kind = tree.others.get(parent) or ("a file" if parent in tree.files and parent not in gone else "")
        if kind and parent not in refused:
            draft.diagnostics.append(messages.foreign(parent, kind, path))
    make = sorted(needed.keys() - tree.folders.keys())
    outputs = draft.place.folders
    kept = {*needed, *outputs, *(parent for folder in outputs for parent in parents_of(folder))}
    return tuple(f for f in make if not os.path.isdir(draft.place.path(f))), tuple(sorted(empty - kept, reverse=True))


def _emptied(folders: Mapping[str, int], gone: set[str]) -> set[str]:
    """The folders in which nothing is left once the files in `gone` are deleted."""
    left = dict(folders)
    empty: set[str] = set()
    for path in gone:
        parent = path.rpartition("/")[0]
        left[parent] -= 1
        while left.get(parent) == 0 and parent not in empty:
            empty.add(parent)
            parent = parent.rpartition("/")[0]
            if parent in left:
                left[parent] -= 1
    return empty


def _check_access(draft: _Draft, make: tuple[str, ...]) -> None:
    """FLT604 for each existing folder in which something changes and that may not be written."""
    new = set(make)
    touched = {c.path.rpartition("/")[0] for c in (*draft.writes, *draft.deletes)} | {
        f.rpartition("/")[0] for f in make
    }
    for folder in sorted(touched - new):
        name = draft.place.path(folder)
        if os.path.isdir(name) and not os.access(
            name, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids
        ):
            read_only = os.statvfs(name).f_flag & os.ST_RDONLY
            draft.diagnostics.append(messages.cannot_write(folder or ".", errno.EROFS if read_only else errno.EACCES))

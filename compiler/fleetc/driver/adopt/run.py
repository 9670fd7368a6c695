"""`fleetc adopt`: from the names of emitted files, or the drift of clusters, to specs that are written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.adopt.carry import Carried, Carrier
from fleetc.driver.adopt.wishes import Wanted, of_cluster, of_file
from fleetc.driver.explain import Explainer
from fleetc.driver.formatting import Change, write_changes
from fleetc.driver.live.drift import ClusterDrift, is_manifest
from fleetc.driver.tree.header import State, state_of
from fleetc.tuples import NamedTuple


class Rules(NamedTuple):
    """What is allowed: other values may move; overrides for the one cluster alone; a part of all edits."""

    more: bool = False
    only_here: bool = False
    partly: bool = False


class Adoption(NamedTuple):
    """What became of edits. `changes`: the spec files that change; `outputs`: the emitted files that do, which are then
    as a build writes them."""

    carried: Carried
    changes: tuple[Change, ...]
    outputs: tuple[Change, ...]
    refused: tuple[Diagnostic, ...]


def adopt_files(fleet: Explainer, paths: Sequence[str], rules: Rules) -> Adoption:
    """Adopt what was edited by hand in emitted files. Nothing is written. Raises Failure: FLT903."""
    edited = {file: _read(fleet, file) for file in [_inside(fleet, path) for path in paths]}
    wanted: list[Wanted] = []
    for file, data in edited.items():
        page = fleet.find_page(file)
        assert page is not None
        wanted.append(of_file(page, data))
    made = _adopt(fleet, wanted, rules)
    if made.refused and not rules.partly:
        return made
    pages = {page.file: page for page in made.carried.pages}
    outputs: list[Change] = []
    for file, data in edited.items():
        page = pages.get(file) or fleet.find_page(file)
        assert page is not None
        # What is not adopted of it stays edited: build refuses it, as before.
        if any(d.span and d.span.file == file for d in made.refused):
            continue
        if page.text() != data:
            outputs.append(Change(file, data, page.text()))
    return made._replace(outputs=tuple(outputs))


def adopt_clusters(fleet: Explainer, found: Iterable[ClusterDrift], rules: Rules) -> Adoption:
    """Adopt what clusters have otherwise. Nothing is written."""
    return _adopt(fleet, [of_cluster(fleet, cluster) for cluster in found], rules)


def write(fleet: Explainer, made: Adoption) -> None:
    """Write the specs, then the emitted files. Failure when the system refuses."""
    write_changes(str(fleet.root), [*made.changes, *made.outputs])


def _adopt(fleet: Explainer, wanted: Sequence[Wanted], rules: Rules) -> Adoption:
    wishes = [wish for one in wanted for wish in one.wishes]
    wrong = [found for one in wanted for found in one.refused]
    if wrong and not rules.partly:
        return Adoption(Carried((), (), (), (), ()), (), (), tuple(wrong))
    carrier = Carrier(fleet, wishes, more=rules.more, only_here=rules.only_here)
    carried = carrier.carry(partly=rules.partly)
    return Adoption(carried, carried.changes, (), (*wrong, *carried.refused))


def _inside(fleet: Explainer, path: str) -> str:
    """The name of an emitted file in the root: it is given from where one is, or from the root."""
    root = os.path.realpath(fleet.root)
    for base in (os.getcwd(), root):
        real = os.path.realpath(os.path.join(base, path))
        name = os.path.relpath(real, root).replace(os.sep, "/")
        if is_manifest(fleet, name) and fleet.find_page(name) is not None:
            return name
    hint = "name files that `fleetc build` writes, such as those that it says were edited by hand"
    raise Failure(Diagnostic(codes.BAD_USAGE, f"{path} is no file with objects that the specs give", hint=hint))


def _read(fleet: Explainer, file: str) -> bytes:
    try:
        with open(os.path.join(fleet.root, file), "rb") as stream:
            data = stream.read()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}"
        raise Failure(Diagnostic(codes.CANNOT_READ, message, hint="run `fleetc build`")) from None
    if state_of(data) not in (State.OURS, State.EDITED):
        hint = "resolve the conflict, or let `fleetc build` write it again"
        raise Failure(Diagnostic(codes.BAD_USAGE, f"{file} is not a file of fleetc that a hand edited", hint=hint))
    return data

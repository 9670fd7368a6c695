"""One import, from folders of manifests to spec files: nothing is written unless building gives the objects back."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.build import STATE, ignore
from fleetc.driver.importing.classes import Part, part_of
from fleetc.driver.importing.gather import gather
from fleetc.driver.importing.sift import Kept, sift
from fleetc.driver.importing.specs import Group, Making, files_of, groups_of, team_file
from fleetc.driver.importing.teams import Teams, Verdict, recognise
from fleetc.driver.importing.verify import Difference, Emitted, checked, differences, emitted, other_root
from fleetc.driver.load import Sources
from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place
from fleetc.driver.tree.single import replace_file
from fleetc.tuples import NamedTuple


class Imported(NamedTuple):
    """What an import came to. `files` by path, with what each holds; none where something stands in the way.

    `found`: what is wrong with manifests, and what is left out. `built`: what `fleetc check` will say of the specs.
    `teams`: which Teams there are, and what was nearly one.
    """

    files: dict[str, str]
    objects: int
    classes: int
    stripped: int
    more: int
    found: list[Diagnostic]
    built: list[Diagnostic]
    texts: dict[str, str]
    sources: Sources | None = None
    teams: Sequence[Verdict] = ()


def run_import(root: str, paths: Sequence[str], making: Making, stdin: Callable[[], bytes], *, write: bool) -> Imported:
    """Import what paths hold. Failure when there is nothing to import into."""
    read = gather(paths, stdin)
    sifted = sift(read.objects)
    found = [*read.diagnostics, *sifted.left]
    with other_root(root, {}) as before:
        standing = emitted(before) if making.fleet is None else None
    if standing is not None and standing.diagnostics:
        raise Failure(*standing.diagnostics)
    kept, again = _new(sifted.kept, standing, making)
    found += again
    if not read.objects and not found:
        hint = "name a folder with .yaml, .yml or .json files, or send them to `fleetc import -`"
        found.append(Diagnostic(codes.NOT_A_MANIFEST, f"there are no manifests in {', '.join(paths)}", hint=hint))
    nothing = Imported({}, 0, 0, sifted.stripped, 0, found, [], read.texts)
    if not kept:
        return nothing
    left = {d.span.file for d in found if d.span is not None}
    made = _made(root, making, kept, read.texts, sorted(left))
    found += [_differs(difference) for difference in made.wrong]
    found += [_stands(root, path) for path in made.files if os.path.lexists(os.path.join(root, path))]
    if made.wrong or made.emitted.diagnostics or any(d.code is codes.FOREIGN_FILE for d in found):
        return nothing._replace(found=found, built=made.emitted.diagnostics, sources=made.sources)
    if write:
        _write(root, made.files)
    clusters = _clusters(making, made.emitted)
    more = sum(map(len, made.emitted.clusters.values())) - len(kept) * len(clusters)
    before_more = sum(map(len, standing.clusters.values())) if standing is not None else 0
    counts = (len(kept), len(made.parts), sifted.stripped, more - before_more)
    told = {path: _told(path, making, made) for path in made.files}
    return Imported(told, *counts, found, made.built, read.texts, made.sources, made.teams.verdicts)


class _Made(NamedTuple):
    files: dict[str, bytes]
    groups: list[Group]
    parts: dict[str, Part]
    teams: Teams
    emitted: Emitted
    wrong: list[Difference]
    built: list[Diagnostic]
    sources: Sources | None


def _made(root: str, making: Making, kept: Sequence[Kept], texts: dict[str, str], left: Sequence[str]) -> _Made:
    """The files, with classes as parts of new Clusters, and Teams, where that emits the same."""
    parts = {k.identity: part for k in kept if making.clusters and (part := part_of(k.value)) is not None}
    teams: Teams | None = None
    while True:
        teams = teams or recognise(root, making, kept, [*parts.values()])
        held = {*parts, *(identity for covered in teams.covered.values() for identity in covered)}
        rest = [item for item in kept if item.identity not in held]
        partly = {item.found.file for item in kept if item.identity in held}
        groups = groups_of(rest, texts, [*left, *partly])
        files = files_of(making, groups, [*parts.values()], texts, teams.specs)
        with other_root(root, files) as folder:
            got = emitted(folder)
            wrong = differences(kept, got, _clusters(making, got)) if not got.diagnostics else []
            unfit = {d.item.identity for d in wrong} & parts.keys() or (parts.keys() if got.diagnostics else set())
            if not unfit and not (teams.specs and (wrong or got.diagnostics)):
                built, sources = (
                    checked(folder) if not wrong and not got.diagnostics else (got.diagnostics, got.sources)
                )
                if sources is not None:
                    for path in files:
                        sources.text(path)  # read while the folder is there
                return _Made(files, groups, parts, teams, got, wrong, built, sources)
        # Other Clusters may emit other Teams; where these are to blame, all stays in Manifests.
        why = got.diagnostics[0].message if got.diagnostics else f"`{wrong[0].item.identity}` {wrong[0].what}"
        teams = None if unfit else teams.without(why)
        parts = {identity: part for identity, part in parts.items() if identity not in unfit}


def _clusters(making: Making, made: Emitted) -> list[str]:
    return [name for name in made.clusters if not making.placed or name in making.placed]


def _new(kept: Sequence[Kept], standing: Emitted | None, making: Making) -> tuple[list[Kept], list[Diagnostic]]:
    """The objects that the fleet does not emit already."""
    if standing is None:
        return [*kept], []
    there = {i for name in _clusters(making, standing) for i in standing.clusters[name]}
    again = [
        Diagnostic(
            codes.IMPORTED_TWICE,
            f"`{item.identity}` is left out: the fleet emits it already",
            item.found.span,
            "change the spec that emits it, which `fleetc explain` names",
        )
        for item in kept
        if item.identity in there
    ]
    return [item for item in kept if item.identity not in there], again


def _differs(difference: Difference) -> Diagnostic:
    item, cluster, what = difference
    message = f"`{item.identity}` {what} on {cluster}"
    hint = "nothing was written; import it without this object, and look at what the cluster emits"
    return Diagnostic(codes.IMPORT_DIFFERS, message, item.found.span, hint)


def _stands(root: str, path: str) -> Diagnostic:
    hint = "nothing was written; move it away, or name another folder by --to"
    return Diagnostic(codes.FOREIGN_FILE, f"{path} is there already, and is not overwritten", hint=hint)


def _write(root: str, files: dict[str, bytes]) -> None:
    state = f"{root}/{STATE}"
    os.makedirs(root, exist_ok=True)
    with locked(Place(root, ".", state)):
        ignore(state)
        for path, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            replace_file(root, state, path, data)


def _told(path: str, making: Making, made: _Made) -> str:
    """What a file holds, in words."""
    for group in made.groups:
        if path == f"{making.folder}/manifests/{group.name}.yaml":
            count = len(group.inline) + sum(map(len, group.copied.values()))
            return f"Manifest {group.name}: {count} object{'s' * (count != 1)}"
    for name, covered in made.teams.covered.items():
        if path == team_file(making, name):
            return f"Team {name}: {len(covered)} objects"
    folder, name = path.split("/")[-2:]
    if folder == "clusters":
        count = len(made.parts)
        return f"Cluster {name.removesuffix('.yaml')}" + (f": {count} class{'es' * (count != 1)}" if count else "")
    return "Fleet" if name == "fleet.yaml" else "as it was, with its comments"

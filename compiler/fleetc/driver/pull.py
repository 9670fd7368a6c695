"""`fleetc schema pull`: the CRDs that a fleet needs, verified, into a folder with an index."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetc.catalogue import crd_pins
from fleetc.catalogue.components import component, providers_of
from fleetc.catalogue.crd_pins import PinnedFile, Release
from fleetc.check.crds import documents
from fleetc.check.store import builtin_groups
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.crds import INDEX
from fleetc.driver.explain import Explainer
from fleetc.driver.fetch import Wanted, from_folder, from_site, told
from fleetc.driver.lower import lower
from fleetc.driver.tree import messages
from fleetc.tuples import NamedTuple

COLUMNS: Final = (
    *("project", "version", "commit", "commit_date", "path_in_repo", "file", "group", "kind", "scope"),
    *("versions_served", "storage_version", "versions_not_served", "bytes", "sha256"),
)
_NEW: Final = ".fleetc-new"
Row = dict[str, str]
Chosen = list[tuple[Release, PinnedFile]]


class Needs(NamedTuple):
    """The files that a fleet needs, and what it needs that is not pinned."""

    files: Chosen
    unpinned: list[str]


class Pulled(NamedTuple):
    """What came of it: files that were fetched, that were there already, and that went, by their names below the
    folder."""

    fetched: list[str]
    kept: list[str]
    removed: list[str]


def everything() -> Needs:
    """All that is pinned."""
    return Needs([(r, file) for r in crd_pins.releases() for file in r.files], [])


def needs_of(fleet: Explainer) -> Needs:
    """The CRDs of the components of the clusters, each in its version, and those of emitted kinds that are no
    component's."""
    out: dict[tuple[str, str], tuple[Release, PinnedFile]] = {}
    unpinned: list[str] = []
    wanted = {pair for cluster in fleet.plan.world.clusters for pair in cluster.components.items()}
    for name, version in sorted(wanted):
        found = crd_pins.release(name, version)
        if found is None:
            unpinned.append(f"{name} {version}")
        else:
            out |= {(found.place(file), file.path): (found, file) for file in found.files}
    for kind in sorted(_emitted(fleet)):
        group, _, name = kind.partition(" ")
        if group in builtin_groups() or providers_of(group, name):
            continue
        files = [
            (r, f) for r in crd_pins.releases() if component(r.project) is None for f in r.files if kind in f.kinds
        ]
        out |= {(r.place(file), file.path): (r, file) for r, file in files}
        if not files:
            unpinned.append(f"{name} ({group})")
    return Needs(list(out.values()), unpinned)


def _emitted(fleet: Explainer) -> set[str]:
    """The `GROUP KIND` of everything that is emitted."""
    rows = lower(fleet.plan, None).emission.rows.values()
    shapes = {shape for row in rows for shapes in row.cells.values() for shape in shapes}
    return {f"{str(s.object['apiVersion']).rpartition('/')[0]} {s.object['kind']}" for s in shapes}


def pull(files: Chosen, folder: str, source: str | None) -> Pulled:
    """Bring a folder to hold these files. Raises Failure, for all that is wrong at once; then the folder is as it
    was."""
    before = _index(folder)
    if not files and not before:
        return Pulled([], [], [])
    wanted = {release.place(file): (release, file) for release, file in files}
    there = {name: _digest(f"{folder}/{name}") for name in {*wanted, *before}}
    edited = [name for name in sorted(there) if _edited(name, there[name], wanted, before)]
    if edited:
        raise Failure(*map(_refused, edited))
    lacking = [name for name, (_, file) in wanted.items() if there[name] != file.sha256]
    asked = [_wanted(*wanted[name], source) for name in lacking]
    names = dict(zip(asked, lacking, strict=True))
    got = from_folder(source, asked) if source is not None and not _is_url(source) else from_site(asked)
    problems = [*told(got, lambda w: f"{w.url} ({names[w]})" if source is None or _is_url(source) else names[w])]
    if problems:
        raise Failure(*problems)
    data = {names[each.wanted]: each.data for each in got if each.data is not None}
    gone = [
        name for name, rows in before.items() if name not in wanted and there[name] and _pinned(rows) and _below(name)
    ]
    _write(folder, data, _indexed(folder, wanted, data, before))
    for name in gone:
        _remove(folder, name)
    return Pulled(sorted(data), sorted(wanted.keys() - data.keys()), sorted(gone))


def _is_url(source: str) -> bool:
    return "://" in source


def check_source(source: str | None) -> None:
    """Raises Failure where a source is neither a folder nor an address that is asked."""
    if source is None or source.startswith(("https://", "http://")):
        return
    if _is_url(source):
        hint = "name an address of https or http, or a folder"
        raise Failure(Diagnostic(codes.UNSAFE_ADDRESS, f"{source} is not asked", hint=hint))
    if not os.path.isdir(source):
        raise Failure(Diagnostic(codes.CANNOT_READ, f"there is no folder {source}", hint="correct --from"))


def _wanted(release: Release, file: PinnedFile, source: str | None) -> Wanted:
    below = "/".join(release.url.split("/")[3:])
    base = release.url if source is None or not _is_url(source) else f"{source.rstrip('/')}/{below}"
    places = (release.place(file), f"{below}{file.path}", file.path)
    return Wanted(f"{base}{file.path}", places, file.bytes, file.sha256)


def _index(folder: str) -> dict[str, list[Row]]:
    """The rows of a folder's index by file."""
    out: dict[str, list[Row]] = {}
    try:
        with open(f"{folder}/{INDEX}", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row.get("file"):
                    out.setdefault(row["file"], []).append({c: row.get(c) or "" for c in COLUMNS})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, csv.Error) as error:
        hint = "remove it, and pull again"
        raise Failure(Diagnostic(codes.CANNOT_READ, f"{folder}/{INDEX} cannot be read: {error}", hint=hint)) from None
    return out


def _below(name: str) -> bool:
    """Whether a file's name in an index leads nowhere else."""
    return not name.startswith("/") and ".." not in name.split("/")


def _pinned(rows: Iterable[Row]) -> bool:
    """Whether an earlier pull, and not a user, wrote these rows."""
    known = {file.sha256 for each in crd_pins.releases() for file in each.files}
    return all(row["sha256"] in known for row in rows)


def _edited(
    name: str, digest: str, wanted: Mapping[str, tuple[Release, PinnedFile]], before: Mapping[str, list[Row]]
) -> bool:
    """Whether a file that would be replaced or removed is not as a pull left it."""
    if not digest or (name in wanted and digest == wanted[name][1].sha256):
        return False
    if name in before and digest in {row["sha256"] for row in before[name]}:
        return False
    return name in wanted or _pinned(before[name])


def _refused(name: str) -> Diagnostic:
    return Diagnostic(codes.EDITED_CRD, f"{name} was not left so by a pull", hint="move it elsewhere, or delete it")


def _digest(path: str) -> str:
    """The sha256 of a file, or "" where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise Failure(Diagnostic(codes.CANNOT_READ, f"{path} cannot be read: {error.strerror}")) from None


def _indexed(
    folder: str,
    wanted: Mapping[str, tuple[Release, PinnedFile]],
    data: Mapping[str, bytes],
    before: Mapping[str, list[Row]],
) -> bytes:
    """The index of what is wanted, and of what a user added to it."""
    rows = [row for name, mine in before.items() if name not in wanted and not _pinned(mine) for row in mine]
    for name, (release, file) in wanted.items():
        rows += _rows(name, release, file, data[name] if name in data else _content(f"{folder}/{name}"))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: [row[c] for c in ("project", "version", "path_in_repo", "kind")]))
    return out.getvalue().encode()


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _rows(name: str, release: Release, file: PinnedFile, data: bytes) -> Iterator[Row]:
    for document in documents(data):
        spec = document["spec"]
        versions = spec["versions"]
        served = [v["name"] + "(deprecated)" * bool(v.get("deprecated")) for v in versions if v.get("served", True)]
        yield {
            "project": release.project,
            "version": release.version,
            "commit": release.commit,
            "commit_date": release.date,
            "path_in_repo": file.path,
            "file": name,
            "group": spec["group"],
            "kind": spec["names"]["kind"],
            "scope": spec["scope"],
            "versions_served": ",".join(served),
            "storage_version": ",".join(v["name"] for v in versions if v.get("storage")),
            "versions_not_served": ",".join(v["name"] for v in versions if not v.get("served", True)),
            "bytes": str(file.bytes),
            "sha256": file.sha256,
        }


def _write(folder: str, files: Mapping[str, bytes], index: bytes) -> None:
    """Every file whole beside its place, then each in its place, the index last."""
    made: list[str] = []
    try:
        _clear(folder)
        for name, data in {**files, INDEX: index}.items():
            path = f"{folder}/{name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            made.append(path + _NEW)
            with open(path + _NEW, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for new in made:
            os.replace(new, new.removesuffix(_NEW))
    except OSError as error:
        raise Failure(messages.cannot_write(str(error.filename or folder), error.errno or 0)) from None
    finally:
        for new in made:
            if os.path.exists(new):
                os.unlink(new)


def _clear(folder: str) -> None:
    """Remove what a pull that was killed left half-written."""
    for above, _, names in os.walk(folder):
        for name in names:
            if name.endswith(_NEW):
                os.unlink(os.path.join(above, name))


def _remove(folder: str, name: str) -> None:
    try:
        os.unlink(f"{folder}/{name}")
        os.rmdir(os.path.dirname(f"{folder}/{name}"))
    except OSError:
        return  # The index does not name it any more; its folder holds others.

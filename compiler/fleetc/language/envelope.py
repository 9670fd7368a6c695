"""A whole document: its envelope, and its spec, defaults and overrides in canonical form."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from fleetc.diagnostics import codes
from fleetc.language import raw, secrets
from fleetc.language.document import Doc, Tree, lookup
from fleetc.language.kinds import API_VERSION, KINDS, Kind
from fleetc.language.manifest import Manifest, RawObject
from fleetc.language.normalise import Walk
from fleetc.language.placement import Selector
from fleetc.language.problem import Problem
from fleetc.language.schema import Scalar, Schema, Table, struct_of
from fleetc.language.types import LABEL_KEY, LABEL_VALUE, NAME
from fleetc.language.wording import did_you_mean, listing, nearest, quoted
from fleetc.source.span import Path
from fleetc.source.yaml import BROKEN
from fleetc.tuples import NamedTuple

_ENVELOPE = ("apiVersion", "kind", "metadata", "spec")
_NAME = Scalar(str, text=NAME)
_LABELS = Table(LABEL_KEY, Scalar(str, text=LABEL_VALUE))


class Included(NamedTuple):
    """A document of a file that a spec includes: its place, and its value."""

    file: str
    number: int
    value: Any


class Normalised(NamedTuple):
    """What became of a document. With problems, `doc` is only good for its kind and name."""

    doc: Doc | None
    problems: tuple[Problem, ...]


def is_spec(value: Any) -> bool:
    """Whether a document is, by its apiVersion, one of ours."""
    found = value.get("apiVersion") if isinstance(value, Mapping) else None
    return isinstance(found, str) and found.split("/")[0] == API_VERSION.split("/")[0]


def included_files(value: Any) -> list[tuple[Path, str]]:
    """The files that a document asks to be loaded with it, and where it does."""
    if not is_spec(value) or not isinstance(value.get("spec"), Mapping):
        return []
    # One with a typing error in its kind is told of once, and not again for each file.
    if value.get("kind") in [kind for kind in KINDS if kind != Manifest.__name__]:
        return []
    files = value["spec"].get("files")
    if not isinstance(files, list):
        return []
    return [(("spec", "files", n), f) for n, f in enumerate(files) if isinstance(f, str) and _is_relative(f)]


def _is_relative(file: str) -> bool:
    return file != "" and not file.startswith("/") and "\0" not in file


def normalise(value: Any, file: str, index: int, included: tuple[Included, ...] = ()) -> Normalised:
    """A document's value as loaded, in canonical form."""
    walk = Walk()
    kind = _kind(walk, value)
    if kind is None:
        return Normalised(None, tuple(walk.problems))
    for key in value:
        if key not in _ENVELOPE:
            walk.unknown(key, _ENVELOPE, (key,))
    meant = {nearest(key, _ENVELOPE) for key in value if key not in _ENVELOPE}
    metadata = {} if "metadata" in meant else _metadata(walk, kind, value.get("metadata"))
    tree: Tree = {"metadata": metadata, "spec": {}, "overrides": [], "defaults": {}}
    if "spec" in value and value["spec"] is None:
        walk.null(("spec",), "write its fields below it")
    elif "spec" in value:
        _spec(walk, kind, value["spec"], tree)
    elif "spec" not in meant:
        walk.missing("spec", ())
    sources = ((file, index), *((i.file, i.number) for i in included))
    if kind.node is Manifest:
        _objects(walk, tree, included)
    _contents(walk, value, tree, included)
    name = _full_name(kind, metadata)
    doc = Doc(kind.name, name, sources, tree, walk.moves) if name is not None else None
    return Normalised(doc, tuple(walk.problems))


def _full_name(kind: Kind, metadata: Tree) -> str | None:
    """What tells it apart from others of its kind: `CLUSTER/NAME` where each cluster has names of its own."""
    parts = [metadata.get(field) for field in (("cluster", "name") if kind.local else ("name",))]
    return "/".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None


def _kind(walk: Walk, value: Any) -> Kind | None:
    if value is BROKEN:
        return None
    if not isinstance(value, Mapping):
        walk.problem(codes.NOT_A_SPEC, "a spec is a mapping", (), f"start it with apiVersion: {API_VERSION} and kind")
        return None
    found, name = value.get("apiVersion"), value.get("kind")
    if found != API_VERSION:
        _not_a_spec(walk, value, found)
        return None
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    if name is not BROKEN:
        at: Path = ("kind",) if "kind" in value else ()
        what = f"there is no kind {quoted(str(name))}" if "kind" in value else "`kind` is missing"
        walk.problem(codes.UNKNOWN_KIND, what, at, did_you_mean(str(name), KINDS, "the kinds are"))
    return None


def _not_a_spec(walk: Walk, value: Mapping[str, Any], found: Any) -> None:
    """Without the right apiVersion nothing else in a document says what it is."""
    if found is BROKEN:
        return
    if "apiVersion" in value:
        hint = f"write apiVersion: {API_VERSION}"
        if not is_spec(value):
            hint = f"Kubernetes objects go into a Manifest, or into a file that one lists; a spec has {API_VERSION}"
        walk.problem(codes.NOT_A_SPEC, f"apiVersion {quoted(str(found))} is not that of a spec", ("apiVersion",), hint)
        return
    meant = next((key for key in value if nearest(key, ["apiVersion"]) and key not in _ENVELOPE), None)
    message = "`apiVersion` is missing, so this is not a spec"
    at: Path = () if meant is None else (meant,)
    hint = f"add apiVersion: {API_VERSION}" if meant is None else f"write apiVersion instead of {meant}"
    walk.problem(codes.NOT_A_SPEC, message, at, hint, key=True)


def _metadata(walk: Walk, kind: Kind, value: Any) -> Tree:
    if value is BROKEN:
        return {}
    if not isinstance(value, Mapping):
        at: Path = () if value is None else ("metadata",)
        walk.missing("metadata.name", at, "add metadata: {name: ...}")
        return {}
    known: dict[str, Schema] = {"name": _NAME, "labels": _LABELS}
    if kind.owner is not None:
        known[kind.owner] = _NAME
    out: Tree = {}
    for key, item in value.items():
        if key not in known:
            _unknown_metadata(walk, key, known)
            continue
        got = walk.value(known[key], item, ("metadata", key), ("metadata", key))
        if isinstance(got, str | dict):
            out[key] = got
    meant = {nearest(key, known, 0.7) for key in value if key not in known}
    if "name" not in value and "name" not in meant:
        walk.missing("metadata.name", ("metadata",), "add a name")
    if kind.owned and kind.owner not in value and kind.owner not in meant:
        hint = f"name the {kind.owner} that it belongs to: metadata: {{{kind.owner}: ...}}"
        walk.missing(f"metadata.{kind.owner}", ("metadata",), hint)
    return out


def _unknown_metadata(walk: Walk, key: str, known: Mapping[str, Any]) -> None:
    """The fields of Kubernetes' own metadata are not near ours, though they look so."""
    near = nearest(key, known, 0.7)
    hint = f"did you mean `{near}`?" if near else f"the metadata of a spec has {listing(known)}"
    walk.problem(codes.UNKNOWN_FIELD, f"unknown field {quoted(key)}", ("metadata", key), hint, key=True)


def _spec(walk: Walk, kind: Kind, value: Any, tree: Tree) -> None:
    also = ["overrides"] if kind.placed else []
    also += ["defaults"] if kind.defaults_for else []
    also += ["files"] if kind.node is Manifest else []
    got = (
        walk.value(kind.struct, value, ("spec",), ("spec",))
        if not isinstance(value, Mapping)
        else walk.struct(kind.struct, value, ("spec",), ("spec",), also=also)
    )
    if not isinstance(got, dict):
        return
    tree["spec"] = got
    if kind.owner is not None and kind.owner in tree["metadata"]:
        tree["spec"][kind.owner] = tree["metadata"][kind.owner]
        walk.moves[("spec", kind.owner)] = (0, ("metadata", kind.owner))
    if "files" in also and "files" in value:
        _file_list(walk, value["files"])
    if kind.placed and "overrides" in value:
        _overrides(walk, kind, value["overrides"], tree)
    if kind.defaults_for and "defaults" in value:
        _defaults(walk, kind, value["defaults"], tree)


def _file_list(walk: Walk, value: Any) -> None:
    base: Path = ("spec", "files")
    if not isinstance(value, list):
        hint = f"write [{value}]" if isinstance(value, str) else "write [objects.yaml]"
        walk.wrong("a list of files", value, base, hint)
        return
    first: dict[str, Path] = {}
    for n, file in enumerate(value):
        at = (*base, n)
        name = posixpath.normpath(file) if isinstance(file, str) else ""
        if not isinstance(file, str):
            walk.wrong("the name of a file", file, at, "write something like objects.yaml")
        elif not _is_relative(file):
            what = "an absolute path" if file.startswith("/") else "not the name of a file"
            message = f"{quoted(file) if file else 'an empty text'} is {what}"
            walk.problem(codes.INVALID_VALUE, message, at, "write it relative to the folder of this spec")
        elif name in first:
            related = ((first[name], "first here"),)
            walk.problem(
                codes.DUPLICATE_ITEM, f"{quoted(file)} is listed twice", at, "remove one of them", related=related
            )
        else:
            first[name] = at


def _overrides(walk: Walk, kind: Kind, value: Any, tree: Tree) -> None:
    base: Path = ("spec", "overrides")
    if not isinstance(value, list):
        walk.wrong("a list", value, base, "write [{match: {...}, set: {...}}]")
        return
    for n, item in enumerate(value):
        at = (*base, n)
        if not isinstance(item, Mapping):
            walk.wrong("a mapping", item, at, "write {match: {...}, set: {...}}")
            continue
        _override_keys(walk, item, at)
        number = len(tree["overrides"])
        walk.moves[("overrides", number)] = (0, at)
        match = walk.value(struct_of(Selector), item.get("match", {}), (*at, "match"), ("overrides", number, "match"))
        changes = walk.value(kind.struct, item.get("set", {}), (*at, "set"), ("overrides", number, "set"))
        _allowed(walk, kind, changes, (*at, "set"))
        parts = {"match": match, "set": changes}
        tree["overrides"].append({name: part if isinstance(part, dict) else {} for name, part in parts.items()})


def _override_keys(walk: Walk, item: Mapping[str, Any], at: Path) -> None:
    """An override has exactly two fields."""
    known = ("match", "set")
    meant = {nearest(key, known) for key in item if key not in known}
    for key in item:
        if key not in known:
            walk.unknown(key, known, (*at, key))
    for key in known:
        if key not in item and key not in meant:
            walk.missing(key, at, "write {match: {...}, set: {...}}")


def _allowed(walk: Walk, kind: Kind, changes: Any, at: Path) -> None:
    """What an override may not set."""
    if not isinstance(changes, dict):
        return
    if "placement" in changes:
        hint = "change the spec's own placement; an override applies where the spec already is"
        message = "an override may not set placement"
        walk.problem(codes.PLACEMENT_OVERRIDDEN, message, (*at, "placement"), hint, key=True)


def _defaults(walk: Walk, kind: Kind, value: Any, tree: Tree) -> None:
    base: Path = ("spec", "defaults")
    if not isinstance(value, Mapping):
        walk.wrong("a mapping", value, base, f"its fields are {listing([KINDS[k].field for k in kind.defaults_for])}")
        return
    known = {KINDS[name].field: KINDS[name] for name in kind.defaults_for}
    walk.moves[("defaults",)] = (0, base)
    for key, item in value.items():
        if key not in known:
            walk.unknown(key, known, (*base, key))
            continue
        got = walk.value(known[key].struct, item, (*base, key), ("defaults", known[key].name))
        walk.moves[("defaults", known[key].name)] = (0, (*base, key))
        if isinstance(got, dict):
            tree["defaults"][known[key].name] = got
            if kind.name == "Cluster" and "placement" in got:
                hint = "say in the team's spec, or in the Fleet's defaults, where it is placed"
                at = (*base, key, "placement")
                walk.problem(
                    codes.PLACEMENT_OVERRIDDEN, "a cluster's defaults may not set placement", at, hint, key=True
                )


def _objects(walk: Walk, tree: Tree, included: tuple[Included, ...]) -> None:
    """The objects of included files join those written inline."""
    base: Path = ("spec", "objects")
    schema = struct_of(RawObject)
    objects: Tree = tree["spec"].setdefault("objects", {})
    for n, extra in enumerate(included, start=1):
        long = raw.long_form(extra.value)
        identity = long.get("identity") if isinstance(long, Mapping) else None
        walk.source = n
        if identity in objects:
            source, path = walk.moves[(*base, identity)]
            message, hint = f"{quoted(identity)} is listed twice", "remove one of the two objects"
            related = ((path, "first here", source),)
            walk.problems.append(Problem(codes.DUPLICATE_ITEM, message, (), hint, related=related, source=n))
        else:
            walk.keyed_item(schema, extra.value, (), base, objects, {})
    walk.source = 0


def _contents(walk: Walk, value: Any, tree: Tree, included: tuple[Included, ...]) -> None:
    """No secret's value may stand in a document or in a file that it includes, and no spec as an object."""
    for n, content in enumerate((value, *(i.value for i in included))):
        walk.problems += [p._replace(source=n) for p in secrets.find(content, ())]
    bases: list[Path] = [("spec",), ("defaults", "Manifest")]
    bases += [("overrides", n, "set") for n in range(len(tree["overrides"]))]
    for base in bases:
        path = (*base, "objects")
        for identity, item in (lookup(tree, path)[1] or {}).items():
            if is_spec(item["object"]):
                source, at = walk.moves[(*path, identity)]
                message, hint = "a spec is not a Kubernetes object", "write it as a document of its own"
                problem = Problem(codes.INVALID_VALUE, message, (*at, "apiVersion"), hint, source=source)
                walk.problems.append(problem)

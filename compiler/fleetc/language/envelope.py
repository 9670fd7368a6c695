"""A whole document: its envelope, and its spec, defaults and overrides in canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleetc.diagnostics import codes
from fleetc.language import secrets
from fleetc.language.document import Doc, Tree
from fleetc.language.kinds import API_VERSION, KINDS, Kind
from fleetc.language.manifest import Manifest
from fleetc.language.normalise import Problem, Walk, did_you_mean, listing
from fleetc.language.placement import Selector
from fleetc.language.schema import Scalar, Table, struct_of
from fleetc.language.types import LABEL_KEY, LABEL_VALUE, NAME
from fleetc.source.span import Path

_ENVELOPE = ("apiVersion", "kind", "metadata", "spec")
_NAME = Scalar(str, text=NAME)
_LABELS = Table(LABEL_KEY, Scalar(str, text=LABEL_VALUE))


class Included(NamedTuple):
    """A document of a file that a spec includes: its place, and its value."""

    file: str
    index: int
    value: Any


class Normalised(NamedTuple):
    """What became of a document. With problems, `doc` is only good for its kind and name."""

    doc: Doc | None
    problems: tuple[Problem, ...]


def included_files(value: Any) -> list[tuple[Path, str]]:
    """The files that a document asks to be loaded with it, and where it does."""
    if not isinstance(value, Mapping) or value.get("kind") != "Manifest" or not isinstance(value.get("spec"), Mapping):
        return []
    files = value["spec"].get("files")
    if not isinstance(files, list):
        return []
    return [(("spec", "files", n), f) for n, f in enumerate(files) if isinstance(f, str)]


def normalise(value: Any, file: str, index: int, included: tuple[Included, ...] = ()) -> Normalised:
    """A document's value as loaded, in canonical form."""
    walk = Walk()
    kind = _kind(walk, value)
    if kind is None:
        return Normalised(None, tuple(walk.problems))
    for key in value:
        if key not in _ENVELOPE:
            walk.unknown(key, _ENVELOPE, (key,))
    metadata = _metadata(walk, kind, value.get("metadata"))
    tree: Tree = {"metadata": metadata, "spec": {}, "overrides": [], "defaults": {}}
    _spec(walk, kind, value.get("spec", {}), tree)
    sources = ((file, index), *((i.file, i.index) for i in included))
    if kind.node is Manifest:
        _objects(walk, tree, included)
    name = metadata.get("name")
    doc = Doc(kind.name, name, sources, tree, walk.moves) if isinstance(name, str) else None
    return Normalised(doc, tuple(walk.problems))


def _kind(walk: Walk, value: Any) -> Kind | None:
    if not isinstance(value, Mapping):
        walk.problem(codes.NOT_A_SPEC, "a spec is a mapping", (), f"start it with apiVersion: {API_VERSION} and kind")
        return None
    if value.get("apiVersion") != API_VERSION:
        found = f"apiVersion is `{value['apiVersion']}`" if "apiVersion" in value else "there is no apiVersion"
        hint = (
            f"write apiVersion: {API_VERSION}; raw Kubernetes objects go into a Manifest, or into files that one lists"
        )
        at: Path = ("apiVersion",) if "apiVersion" in value else ()
        walk.problem(codes.NOT_A_SPEC, f"{found}, so this is not a fleetc spec", at, hint)
        return None
    name = value.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        what = f"unknown kind `{name}`" if "kind" in value else "there is no kind"
        walk.problem(codes.UNKNOWN_KIND, what, ("kind",) if "kind" in value else (), did_you_mean(str(name), KINDS))
        return None
    return KINDS[name]


def _metadata(walk: Walk, kind: Kind, value: Any) -> Tree:
    if not isinstance(value, Mapping):
        walk.problem(codes.MISSING_FIELD, "`metadata.name` missing", (), "add metadata: {name: ...}")
        return {}
    known = {"name": _NAME, "labels": _LABELS, **({"team": _NAME} if kind.owned else {})}
    out: Tree = {}
    for key, item in value.items():
        if key not in known:
            walk.unknown(key, known, ("metadata", key))
            continue
        got = walk.value(known[key], item, ("metadata", key), ("metadata", key))
        if isinstance(got, str | dict):
            out[key] = got
    if "name" not in value:
        walk.problem(codes.MISSING_FIELD, "`metadata.name` missing", ("metadata",), "add a name")
    return out


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
    if "team" in tree["metadata"]:
        tree["spec"]["team"] = tree["metadata"]["team"]
        walk.moves[("spec", "team")] = (0, ("metadata", "team"))
    if "files" in also and "files" in value:
        _file_list(walk, value["files"])
    if kind.placed and "overrides" in value:
        _overrides(walk, kind, value["overrides"], tree)
    if kind.defaults_for and "defaults" in value:
        _defaults(walk, kind, value["defaults"], tree)


def _file_list(walk: Walk, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(f, str) for f in value):
        walk.wrong("a list of files", value, ("spec", "files"))


def _overrides(walk: Walk, kind: Kind, value: Any, tree: Tree) -> None:
    base: Path = ("spec", "overrides")
    if not isinstance(value, list):
        walk.wrong("a list of {match, set}", value, base)
        return
    for n, item in enumerate(value):
        at = (*base, n)
        if not isinstance(item, Mapping) or set(item) != {"match", "set"}:
            walk.problem(
                codes.WRONG_TYPE,
                "an override is a mapping with `match` and `set`",
                at,
                "write {match: {...}, set: {...}}",
            )
            continue
        walk.moves[("overrides", n)] = (0, at)
        match = walk.value(struct_of(Selector), item["match"], (*at, "match"), ("overrides", n, "match"))
        changes = walk.value(kind.struct, item["set"], (*at, "set"), ("overrides", n, "set"))
        if isinstance(changes, dict) and "placement" in changes:
            hint = "change the spec's own placement; an override applies where a workload already is"
            walk.problem(
                codes.PLACEMENT_OVERRIDDEN,
                "an override may not set placement",
                (*at, "set", "placement"),
                hint,
                key=True,
            )
        tree["overrides"].append({"match": match, "set": changes})


def _defaults(walk: Walk, kind: Kind, value: Any, tree: Tree) -> None:
    base: Path = ("spec", "defaults")
    if not isinstance(value, Mapping):
        walk.wrong(f"a mapping with {listing([k.lower() for k in kind.defaults_for])}", value, base)
        return
    known = {name.lower(): KINDS[name] for name in kind.defaults_for}
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
    """The objects of included files join those written inline; no secret's value may be among them."""
    schema = struct_of(Manifest).fields["objects"].schema
    objects: Tree = tree["spec"].setdefault("objects", {})
    places: dict[str, tuple[int, Path]] = dict.fromkeys(objects, (0, ("spec", "objects")))
    for n, extra in enumerate(included, start=1):
        walk.source = n
        got = walk.value(schema, [extra.value], (), ("spec", "objects"))
        for identity, item in got.items() if isinstance(got, dict) else ():
            # The walk saw a list of one: what it noted at (0, ...) stands at the document's root.
            for key in (("spec", "objects", identity), ("spec", "objects", identity, "object")):
                walk.moves[key] = (n, ())
            if identity in objects:
                walk.problem(codes.DUPLICATE_ITEM, f"`{identity}` is listed twice", (), "remove one of the two objects")
            else:
                objects[identity] = item
                places[identity] = (n, ())
    for identity, item in objects.items():
        walk.source, base = walk.moves[("spec", "objects", identity)]
        for problem in secrets.find(item["object"], base):
            walk.problems.append(problem._replace(source=walk.source))
    walk.source = 0

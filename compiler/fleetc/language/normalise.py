"""From what people write to canonical form: short forms expanded, keyed lists as mappings, every value's type checked.

The walk is partial by nature (nothing is required), so the same one serves specs, defaults, overrides and our own
tables.
What is missing shows when the layers are merged (`decode`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fleetc.diagnostics import Code, codes
from fleetc.language.document import Moves, Tree
from fleetc.language.manifest import RawObject
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.language.team import Peer
from fleetc.language.types import Text
from fleetc.source.span import Path
from fleetc.source.yaml import BROKEN


class Problem(NamedTuple):
    """Something wrong at a path as written in the source; `key` when it is the key that is wrong."""

    code: Code
    message: str
    path: Path
    hint: str
    key: bool = False
    related: tuple[tuple[Path, str], ...] = ()
    source: int = 0


_NOTHING = object()
_PEER_WITH_PORT = re.compile(r"(.+?):([0-9]+(?:-[0-9]+)?(?:/[A-Za-z]+)?)")


class Walk:
    """One walk over one document; collects problems, and where things were written."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.moves: Moves = {}
        self.source = 0

    def problem(
        self,
        code: Code,
        message: str,
        at: Path,
        hint: str,
        *,
        key: bool = False,
        related: tuple[tuple[Path, str], ...] = (),
    ) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, message, at, hint, key, related, self.source))

    def value(self, schema: Schema, value: Any, at: Path, to: Path) -> Any:
        """`value`, written at `at`, in canonical form at `to`; `_NOTHING` when it is of no use."""
        if value is BROKEN:
            return _NOTHING  # That has been said where it was read.
        if value is None:
            self.problem(codes.NULL_VALUE, "null says nothing", at, "leave the field out, or give it a value")
            return _NOTHING
        match schema:
            case Scalar():
                return self.scalar(schema, value, at)
            case Struct():
                return self.struct(schema, value, at, to)
            case Items():
                return self.items(schema, value, at, to)
            case Keyed():
                return self.keyed(schema, value, at, to)
            case Table():
                return self.table(schema, value, at)
            case Json():
                return dict(value) if isinstance(value, Mapping) else self.wrong("a mapping", value, at)

    def wrong(self, expected: str, value: Any, at: Path) -> Any:
        """Note a value of the wrong type."""
        self.problem(codes.WRONG_TYPE, f"expected {expected}, got {describe(value)}", at, f"write {expected}")
        return _NOTHING

    def struct(self, schema: Struct, value: Any, at: Path, to: Path, *, also: Iterable[str] = ()) -> Any:
        """A part; keys in `also` belong to somebody else and are passed over."""
        if not isinstance(value, Mapping):
            return self.wrong(f"a mapping with {listing(schema.fields)}", value, at)
        tree: Tree = {}
        for key, item in value.items():
            field = schema.fields.get(key)
            if field is not None:
                got = self.value(field.schema, item, (*at, key), (*to, key))
                if got is not _NOTHING:
                    tree[key] = got
            elif key not in also:
                self.unknown(key, (*schema.fields, *also), (*at, key))
        return tree

    def unknown(self, key: str, known: Iterable[str], at: Path) -> None:
        """Note an unknown field, with the nearest known ones."""
        known = list(known)
        self.problem(codes.UNKNOWN_FIELD, f"unknown field `{key}`", at, did_you_mean(key, known), key=True)

    def items(self, schema: Items, value: Any, at: Path, to: Path) -> Any:
        """A list of scalars; one scalar alone is short for a list of one."""
        if not isinstance(value, list):
            if isinstance(value, Mapping):
                return self.wrong("a list", value, at)
            self.moves[(*to, 0)] = (self.source, at)
            value, paths = [value], [at]
        else:
            paths = [(*at, n) for n in range(len(value))]
        out: list[Any] = []
        first: dict[Any, Path] = {}
        for item, path in zip(value, paths, strict=True):
            got = self.value(schema.item, item, path, (*to, len(out)))
            if got is _NOTHING:
                continue
            if got in first:
                related = ((first[got], "first here"),)
                self.problem(
                    codes.DUPLICATE_ITEM, f"`{got}` is listed twice", path, "remove one of them", related=related
                )
                continue
            first[got] = path
            if path != (*at, len(out)):
                self.moves[(*to, len(out))] = (self.source, path)
            out.append(got)
        return out

    def keyed(self, schema: Keyed, value: Any, at: Path, to: Path) -> Any:
        """A list of parts, or short: a mapping from key to part; an item may be short too."""
        key = schema.item.key
        assert key
        if isinstance(value, Mapping) and schema.item.cls is not RawObject:
            pairs = [
                ((*at, name), {key: name, **item} if isinstance(item, Mapping) else item)
                for name, item in value.items()
            ]
        elif isinstance(value, list):
            pairs = [((*at, n), item) for n, item in enumerate(value)]
        else:
            return self.wrong("a list", value, at)
        tree: Tree = {}
        first: dict[str, Path] = {}
        for path, item in pairs:
            self.keyed_item(schema.item, item, path, to, tree, first)
        return tree

    def keyed_item(self, schema: Struct, item: Any, at: Path, to: Path, tree: Tree, first: dict[str, Path]) -> None:
        """One item of a keyed list, put into `tree`."""
        key = schema.key
        assert key
        long = expand(schema, item)
        if not isinstance(long, Mapping):
            self.wrong(f"a mapping with {listing(schema.fields)}", item, at)
            return
        if not isinstance(long.get(key), str):
            if key in long:
                self.value(schema.fields[key].schema, long[key], (*at, key), to)
            else:
                missing = "apiVersion, kind and metadata.name" if schema.cls is RawObject else f"`{key}`"
                self.problem(codes.MISSING_FIELD, f"{missing} missing", at, f"add {missing}")
            return
        name = long[key]
        if name in first:
            related = ((first[name], "first here"),)
            self.problem(codes.DUPLICATE_ITEM, f"`{name}` is listed twice", at, "merge the two items", related=related)
            return
        first[name] = at
        self.moves[(*to, name)] = (self.source, at)
        if schema.cls is RawObject:
            self.moves[(*to, name, "object")] = (self.source, at)
        got = self.value(schema, long, at, (*to, name))
        if got is not _NOTHING:
            tree[name] = got

    def table(self, schema: Table, value: Any, at: Path) -> Any:
        """A mapping from string to scalar."""
        if not isinstance(value, Mapping):
            return self.wrong("a mapping", value, at)
        tree: Tree = {}
        for key, item in value.items():
            if schema.key is not None and not schema.key.accepts(key):
                self.problem(
                    codes.INVALID_VALUE, f"`{key}` is not {schema.key.what}", (*at, key), _write(schema.key), key=True
                )
                continue
            got = self.value(schema.value, item, (*at, key), ())
            if got is not _NOTHING:
                tree[key] = got
        return tree

    def scalar(self, schema: Scalar, value: Any, at: Path) -> Any:
        """A string, integer or boolean that meets the field's constraint."""
        if schema.text is not None and schema.text.number and type(value) in (int, float):
            value = str(value)
        if type(value) is not schema.type:
            hint = (
                f'write "{value}" in quotes'
                if schema.type is str and type(value) in (int, float, bool)
                else f"write {_kind(schema)}"
            )
            self.problem(codes.WRONG_TYPE, f"expected {_kind(schema)}, got {describe(value)}", at, hint)
            return _NOTHING
        if schema.choices and value not in schema.choices:
            self.problem(
                codes.INVALID_VALUE,
                f"`{value}` is not one of {listing(schema.choices)}",
                at,
                did_you_mean(value, schema.choices),
            )
        elif schema.text is not None and not schema.text.accepts(value):
            self.problem(codes.INVALID_VALUE, f"{_quoted(value)} is not {schema.text.what}", at, _write(schema.text))
        elif schema.range is not None and not schema.range.low <= value <= schema.range.high:
            low, high = schema.range.low, schema.range.high
            self.problem(
                codes.INVALID_VALUE,
                f"{value} is not between {low} and {high}",
                at,
                f"write a number from {low} to {high}",
            )
        else:
            return value
        return _NOTHING


def expand(schema: Struct, item: Any) -> Any:
    """The long form of an item of a keyed list."""
    if schema.cls is RawObject:
        return _raw(item)
    if schema.cls is Peer:
        return _peer(item)
    return {schema.key: item} if isinstance(item, str) else item


def _peer(item: Any) -> Any:
    if not isinstance(item, str):
        return item
    match = _PEER_WITH_PORT.fullmatch(item)
    return {"to": match[1], "ports": [match[2]]} if match else {"to": item}


def _raw(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    parts = (item.get("apiVersion"), item.get("kind"), metadata.get("name"))
    if not all(isinstance(p, str) and p for p in parts):
        return {"object": item}
    namespace = metadata.get("namespace")
    where = f"{namespace}/" if isinstance(namespace, str) else ""
    return {"identity": f"{parts[0]} {parts[1]} {where}{parts[2]}", "object": item}


def describe(value: Any) -> str:
    """A value as messages name it."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string {_quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def listing(names: Iterable[str]) -> str:
    """Names as messages list them; long lists are cut."""
    names = list(names)
    shown = ", ".join(f"`{n}`" for n in names[:12])
    return f"{shown} ..." if len(names) > 12 else shown


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest of the known names, else all of them."""
    known = list(known)
    near = (
        difflib.get_close_matches(name, known, n=1, cutoff=0.6) or [k for k in known if k.lower() == name.lower()][:1]
    )
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known: {listing(sorted(known))}" if known else "nothing is known here"


def _quoted(value: str) -> str:
    return f"`{value}`" if len(value) <= 60 and value.isprintable() else repr(value[:60])


def _kind(schema: Scalar) -> str:
    if schema.text is not None:
        return schema.text.what
    return {str: "a string", int: "a whole number", bool: "true or false"}[schema.type]


def _write(text: Text) -> str:
    return f"write something like {text.example}"

"""From what people write to canonical form: short forms expanded, keyed lists as mappings, every value's type checked.

The walk is partial by nature (nothing is required), so the same one serves specs, defaults, overrides and our own
tables. What is missing shows when the layers are merged (`decode`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fleetc.diagnostics import Code, codes
from fleetc.language import raw
from fleetc.language.document import Moves, Tree
from fleetc.language.manifest import RawObject
from fleetc.language.problem import Problem
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.language.team import Peer
from fleetc.language.wording import (
    describe,
    did_you_mean,
    fields_of,
    in_list,
    listing,
    misfit,
    nearest,
    out_of_range,
    quoted,
    retyped,
    wanted,
)
from fleetc.source.span import Path
from fleetc.source.yaml import BROKEN

_NOTHING = object()
_TABLE = "write it as `name: value` pairs"
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
        """Note a problem; `related` places are in the same source."""
        places = tuple((path, text, self.source) for path, text in related)
        self.problems.append(Problem(code, message, at, hint, key, places, self.source))

    def value(self, schema: Schema, value: Any, at: Path, to: Path) -> Any:
        """`value`, written at `at`, in canonical form at `to`; `_NOTHING` when it is of no use."""
        if value is BROKEN:
            return _NOTHING  # That has been said where it was read.
        if value is None:
            self.null(at)
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
                return dict(value) if isinstance(value, Mapping) else self.wrong("a mapping", value, at, _TABLE)

    def wrong(self, expected: str, value: Any, at: Path, hint: str) -> Any:
        """Note a value of the wrong type; one that could not be read has been reported."""
        if value is None:
            self.null(at)
        elif value is not BROKEN:
            self.problem(codes.WRONG_TYPE, f"expected {expected}, got {describe(value)}", at, hint)
        return _NOTHING

    def null(self, at: Path, hint: str = "give it a value, or leave it out") -> None:
        """Note a null."""
        name = quoted(at[-1]) if at and isinstance(at[-1], str) else "this item"
        self.problem(codes.NULL_VALUE, f"{name} has no value", at, hint)

    def missing(self, name: str, at: Path, hint: str = "", *, key: bool = False) -> None:
        """Note that something required is not there."""
        self.problem(codes.MISSING_FIELD, f"`{name}` is missing", at, hint or f"add `{name}`", key=key)

    def struct(self, schema: Struct, value: Any, at: Path, to: Path, *, also: Iterable[str] = ()) -> Any:
        """A part; keys in `also` belong to somebody else and are passed over."""
        short = schema.cls.SHORT
        if short is not None and isinstance(value, str | int | float):
            self.moves[(*to, short)] = (self.source, at)
            got = self.value(schema.fields[short].schema, value, at, (*to, short))
            return _NOTHING if got is _NOTHING else {short: got}
        if not isinstance(value, Mapping):
            return self.wrong("a mapping", value, at, fields_of(schema))
        tree: Tree = {}
        known = [name for name in (*schema.fields, *also) if name not in schema.cls.FROM_METADATA]
        for key, item in value.items():
            field = schema.fields.get(key)
            if key not in known:
                self.unknown(key, known, (*at, key), moved=field is not None)
            elif field is not None:
                got = self.value(field.schema, item, (*at, key), (*to, key))
                if got is not _NOTHING:
                    tree[key] = got
        return tree

    def unknown(self, key: str, known: Iterable[str], at: Path, *, moved: bool = False) -> None:
        """Note an unknown field, with the nearest known ones; `moved` when it belongs into the metadata."""
        hint = f"write it as `metadata.{key}`" if moved else did_you_mean(key, known)
        self.problem(codes.UNKNOWN_FIELD, f"unknown field {quoted(key)}", at, hint, key=True)

    def items(self, schema: Items, value: Any, at: Path, to: Path) -> Any:
        """A list of scalars; one scalar alone is short for a list of one."""
        if not isinstance(value, list):
            if isinstance(value, Mapping):
                return self.wrong("a list", value, at, "put `- ` in front of each item, without names")
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
                    codes.DUPLICATE_ITEM,
                    f"{quoted(str(got))} is listed twice",
                    path,
                    "remove one of them",
                    related=related,
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
        if isinstance(value, Mapping) and isinstance(value.get(key), str):
            return self.wrong("a list", value, at, f"put `- ` in front of `{key}`")
        if isinstance(value, Mapping) and schema.item.cls is not RawObject:
            pairs = list(self._pairs(value, key, at))
        elif isinstance(value, list):
            pairs = [((*at, n), item) for n, item in enumerate(value)]
        elif isinstance(value, Mapping):
            return self.wrong("a list", value, at, "put `- ` in front of each object")
        else:
            return self.wrong("a list", value, at, f"write {in_list(value)}")
        tree: Tree = {}
        first: dict[str, Path] = {}
        for path, item in pairs:
            self.keyed_item(schema.item, item, path, to, tree, first)
        return tree

    def _pairs(self, value: Mapping[str, Any], key: str, at: Path) -> Iterator[tuple[Path, Any]]:
        """The items of a keyed list that is written as a mapping."""
        for name, item in value.items():
            path = (*at, name)
            if item is None:
                self.null(path, "write {} when there is nothing to say of it")
            elif not isinstance(item, Mapping):
                self.wrong("a mapping", item, path, "write {} when there is nothing to say of it")
            elif item.get(key, name) not in (name, BROKEN):
                message = f"`{key}` is {quoted(name)} by its key, and cannot be {describe(item[key])} too"
                self.problem(codes.INVALID_VALUE, message, (*path, key), f"remove `{key}`, or rename the key")
            else:
                yield path, {key: name, **item}

    def keyed_item(self, schema: Struct, item: Any, at: Path, to: Path, tree: Tree, first: dict[str, Path]) -> None:
        """One item of a keyed list, put into `tree`."""
        key = schema.key
        assert key
        long = expand(schema, item)
        name = long.get(key) if isinstance(long, Mapping) else None
        if not isinstance(name, str):
            self._nameless(schema, item, long, at)
            return
        if name in first:
            related = ((first[name], "first here"),)
            hint = _both_ports(name) if schema.cls is Peer else "remove one, or merge the two"
            self.problem(codes.DUPLICATE_ITEM, f"{quoted(name)} is listed twice", at, hint, related=related)
            return
        first[name] = at
        self.moves[(*to, name)] = (self.source, at)
        if schema.cls is RawObject:
            self.moves[(*to, name, "object")] = (self.source, at)
        got = self.value(schema, long, at, (*to, name))
        if isinstance(got, dict) and key in got:  # else the key is not valid, and nothing can refer to the item
            tree[name] = got

    def _nameless(self, schema: Struct, item: Any, long: Any, at: Path) -> None:
        """Note why an item has no key, and what else is wrong with it."""
        if item is None:
            self.null(at, "give it a value, or remove it")
        elif schema.cls is RawObject:
            found = () if item is BROKEN else raw.header_problems(item, at)
            self.problems += [p._replace(source=self.source) for p in found]
        elif not isinstance(long, Mapping):
            what = "peer" if schema.cls is Peer else schema.key
            self.wrong(f"a {what} or a mapping", item, at, fields_of(schema))
        else:
            key = str(schema.key)
            self.struct(schema, long, at, at)
            # A key that is written wrong has been reported, as an unknown field.
            if key not in long and not any(nearest(k, schema.fields) == key for k in long if k not in schema.fields):
                self.missing(key, at)

    def table(self, schema: Table, value: Any, at: Path) -> Any:
        """A mapping from string to scalar or to JSON-like mappings."""
        if not isinstance(value, Mapping):
            return self.wrong("a mapping", value, at, _TABLE)
        tree: Tree = {}
        for key, item in value.items():
            if schema.key is not None and not schema.key.accepts(key):
                message, hint = misfit(schema.key, key)
                self.problem(codes.INVALID_VALUE, message, (*at, key), hint, key=True)
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
            self.problem(
                codes.WRONG_TYPE, f"expected {wanted(schema)}, got {describe(value)}", at, retyped(schema, value)
            )
            return _NOTHING
        found = _misfit(schema, value)
        if found is None:
            return value
        self.problem(codes.INVALID_VALUE, found[0], at, found[1])
        return _NOTHING


def _misfit(schema: Scalar, value: Any) -> tuple[str, str] | None:
    """Why a value of the right type does not meet the field's constraint, and how to mend it."""
    if schema.choices and value not in schema.choices:
        near = nearest(value, schema.choices)
        hint = f"did you mean `{near}`?" if near else "write one of them"
        return f"{quoted(value)} is not one of {listing(schema.choices)}", hint
    if schema.text is not None and not schema.text.accepts(value):
        return misfit(schema.text, value)
    if schema.range is not None and not schema.range.low <= value <= schema.range.high:
        return out_of_range(value, schema.range.low, schema.range.high)
    return None


def expand(schema: Struct, item: Any) -> Any:
    """The long form of an item of a keyed list."""
    if schema.cls is RawObject:
        return raw.long_form(item)
    if schema.cls is Peer:
        return _peer(item)
    return {schema.key: item} if isinstance(item, str) else item


def _peer(item: Any) -> Any:
    if not isinstance(item, str):
        return item
    match = _PEER_WITH_PORT.fullmatch(item)
    return {"to": match[1], "ports": [match[2]]} if match else {"to": item}


def _both_ports(to: str) -> str:
    return f"write it once: {{to: {to}, ports: [...]}}"

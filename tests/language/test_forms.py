"""Every short form of every kind means its long form, and every value is found where it was written."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.language.texts import FILE, HEAD, doc, locate, spec
from tests.language.trees import trees
from tests.language.writer import Writer

from fleetc.language.document import Tree, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.placement import Selector
from fleetc.language.schema import struct_of
from fleetc.source.span import Path

SELECTOR = struct_of(Selector)


@st.composite
def documents(draw: st.DrawFn, name: str) -> Tree:
    """What a document of a kind may hold in canonical form."""
    kind = KINDS[name]
    out: Tree = {"spec": draw(trees(kind.struct)), "overrides": [], "defaults": {}}
    if kind.placed:
        matches = draw(st.lists(trees(SELECTOR), max_size=2))
        out["overrides"] = [{"match": m, "set": _without_placement(draw(trees(kind.struct)))} for m in matches]
    for other in kind.defaults_for if draw(st.booleans()) else ():
        tree = draw(trees(KINDS[other].struct))
        out["defaults"][other] = _without_placement(tree) if name == "Cluster" else tree
    return out


def _without_placement(tree: Tree) -> Tree:
    return {field: value for field, value in tree.items() if field != "placement"}


def metadata_of(name: str) -> str:
    """The metadata of a document, with what it must belong to."""
    kind = KINDS[name]
    return f"{{name: x, {kind.owner}: owner}}" if kind.owned else "{name: x}"


def written(name: str, tree: Tree, choices: random.Random, short: float, *, tables: bool = True) -> Writer:
    """A document, with paths as in its canonical form. See `Writer`."""
    struct = KINDS[name].struct
    out = Writer(choices, short, tables=tables)
    out.text = f"{HEAD}kind: {name}\nmetadata: {metadata_of(name)}\nspec: {{"
    parts = [(field, struct.fields[field].schema, value, ("spec", field)) for field, value in tree["spec"].items()]
    for n, (field, schema, value, path) in enumerate(parts):
        out.text += f"{', ' if n else ''}{field}: "
        out.value(schema, value, path)
    comma = ", " if parts else ""
    if tree["defaults"]:
        out.text += f"{comma}\n  defaults: {{"
        comma = ", "
        for n, (other, value) in enumerate(tree["defaults"].items()):
            out.text += f"{', ' if n else ''}{KINDS[other].field}: "
            out.value(KINDS[other].struct, value, ("defaults", other))
        out.text += "}"
    if tree["overrides"]:
        out.text += f"{comma}\n  overrides: ["
        for n, override in enumerate(tree["overrides"]):
            out.text += f"{', ' if n else ''}{{match: "
            out.value(SELECTOR, override["match"], ("overrides", n, "match"))
            out.text += ", set: "
            out.value(struct, override["set"], ("overrides", n, "set"))
            out.text += "}"
        out.text += "]"
    out.text += "}\n"
    return out


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_short_and_long_forms(name: str, data: st.DataObject) -> None:
    tree = data.draw(documents(name))
    choices = data.draw(st.randoms(use_true_random=False))
    long, short = (written(name, tree, choices, how) for how in (0.0, 0.7))
    for out in (long, short):
        made = doc(out.text)
        got = {part: made.tree[part] for part in tree}
        assert _typed(got) == _typed(_with_rest(name, tree))
        find = locate({FILE: out.text})
        for path, place in out.places.items():
            assert lookup(made.tree, path)[0], path
            span = made.span(find, path)
            assert (span.line, span.column) == place, path


def _with_rest(name: str, tree: Tree) -> Tree:
    """A Manifest always has objects: those of its files join them. What a document belongs to is in its spec."""
    if KINDS[name].owned:
        return {**tree, "spec": {**tree["spec"], str(KINDS[name].owner): "owner"}}
    return {**tree, "spec": {"objects": {}, **tree["spec"]}} if name == "Manifest" else tree


def _typed(value: Any) -> Any:
    """A value that tells 1 from True, and keeps the order of keyed lists out of that of fields."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    return [_typed(item) for item in value] if isinstance(value, list) else (type(value), value)


def order(tree: Tree, path: Path) -> list[str]:
    return list(lookup(tree, path)[1])


@pytest.mark.parametrize(
    "namespaces", ["{b: {}, a: {share: 2}}", "[b, {name: a, share: 2}]", "[{name: b}, {share: 2, name: a}]"]
)
def test_the_order_of_keyed_lists_is_kept(namespaces: str) -> None:
    tree = doc(spec("Team", f"{{namespaces: {namespaces}}}")).tree
    assert order(tree, ("spec", "namespaces")) == ["b", "a"]

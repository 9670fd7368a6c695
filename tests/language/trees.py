"""Partial specs in canonical form, made from a kind's declaration alone: a new field is covered when it is declared."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fleetc.language import types
from fleetc.language.document import Tree
from fleetc.language.manifest import RawObject
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table

SAMPLES: dict[types.Text, tuple[str, ...]] = {
    types.NAME: ("a", "search", "x-1", "9lives", "b" * 63),
    types.SUBDOMAIN: ("a", "ceph-rbd.example", "x.y.z"),
    types.LABEL_KEY: ("tier", "acme.example/tier", "a_b.C"),
    types.LABEL_VALUE: ("", "gold", "A_b.c-1"),
    types.QUANTITY: ("4", "500m", "1.5", "80Gi", ".5Ki"),
    types.BYTES: ("80Gi", "1.5Gi", "7"),
    types.CIDR: ("10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::/0", "192.0.2.1/32"),
    types.PORT: ("443", "53/UDP", "8000-8100", "8000-8100/SCTP"),
    types.PEER: ("team/search", "namespace/gateway", "10.0.0.0/8", "2001:db8::/32", "::/0", "*.bank.example", "a.b.c"),
    types.RELATIVE_PATH: ("golden", "out/manifests"),
    types.LINE: ("x", "search-oncall@acme.example", "two words: yes"),
    types.COUNT_RANGE: ("0", "4", "2..8", "0..16"),
    types.DEVICE: ("H100", "A100-80/3g.40gb", "TPU-v6e"),
    types.DEVICES: ("H100:8", "TPU-v6e:4"),
    types.ALTERNATIVE: ("auto", "cpu", "H100:8", "A100-80/3g.40gb:1"),
    types.TOKENS: ("32Ki", "4096", "128k"),
    types.MONEY: ("0", "98.32", "0.000001"),
    types.VERSION: ("0.19.2", "v1.4", "26.7.0-rc.1"),
    types.SOURCE: ("hf://a/b@6f6073b423013f6a7d4d9f39144961bfbfbc386b", "pvc://weights/a", "s3://b/a@1"),
    types.GROUP: ("risk-leads", "oidc:risk leads", "a"),
}
WORDS = st.sampled_from(("a", "b", "kind", "x-1", "two words", "", "yes", "1"))
LEAVES = st.one_of(WORDS, st.integers(-3, 3), st.booleans())
FREE = st.recursive(LEAVES, lambda below: st.lists(below, max_size=2) | st.dictionaries(WORDS, below, max_size=2))


def scalars(schema: Scalar) -> st.SearchStrategy[Any]:
    """Values that meet the field's constraint."""
    if schema.choices:
        return st.sampled_from(schema.choices)
    if schema.text is not None:
        known = SAMPLES.get(schema.text)
        if known is None:
            fitting = st.from_regex(schema.text.pattern, fullmatch=True).filter(schema.text.accepts)
            return fitting.filter(str.isprintable)  # What is not may not stand in YAML as it is.
        return st.sampled_from(known)
    if schema.range is not None:
        return st.integers(schema.range.low, schema.range.high)
    return st.booleans() if schema.type is bool else WORDS


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Canonical values of any schema."""
    match schema:
        case Scalar():
            return scalars(schema)
        case Struct():
            return trees(schema)
        case Items():
            return st.lists(scalars(schema.item), max_size=3, unique=True)
        case Keyed():
            return _keyed(schema.item)
        case Table():
            keys = scalars(Scalar(str, text=schema.key)) if schema.key else WORDS
            return st.dictionaries(keys, values(schema.value), max_size=3)
        case Json():
            return st.dictionaries(WORDS, FREE, max_size=2)


@st.composite
def trees(draw: st.DrawFn, schema: Struct, key: str | None = None) -> Tree:
    """Some of a part's fields; `key` is the value of the field that tells items apart."""
    chosen = [n for n in schema.fields if n not in schema.cls.FROM_METADATA and n != schema.key]
    names = draw(st.lists(st.sampled_from(chosen), max_size=4, unique=True)) if chosen else []
    tree: Tree = {schema.key: key} if key is not None and schema.key else {}
    return tree | {name: draw(values(schema.fields[name].schema)) for name in names}


@st.composite
def _keyed(draw: st.DrawFn, item: Struct) -> Tree:
    if item.cls is RawObject:
        return draw(_objects())
    assert item.key
    field = item.fields[item.key].schema
    assert isinstance(field, Scalar)
    keys = draw(st.lists(scalars(field), max_size=3, unique=True))
    return {key: draw(trees(item, key)) for key in keys}


@st.composite
def _objects(draw: st.DrawFn) -> Tree:
    out: Tree = {}
    for name in draw(st.lists(st.sampled_from(("x", "y", "z")), max_size=2, unique=True)):
        metadata: Tree = {"name": name}
        if draw(st.booleans()):
            metadata["namespace"] = draw(st.sampled_from(("search", "risk")))
        body = draw(st.dictionaries(st.sampled_from(("data", "spec", "odd")), FREE, max_size=2))
        where = f"{metadata['namespace']}/" if "namespace" in metadata else ""
        identity = f"v1 ConfigMap {where}{name}"
        out[identity] = {
            "identity": identity,
            "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **body},
        }
    return out

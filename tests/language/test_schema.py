"""From a declaration to a schema: each form of type, and what holds for every field of every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

import pytest

from fleetc.language.document import Tree
from fleetc.language.kinds import KINDS, KindName, layer_order
from fleetc.language.placement import SELECTOR_READS, Selector
from fleetc.language.record import field_names
from fleetc.language.schema import Field, Items, Json, Keyed, Scalar, Schema, Struct, Table, camel, schema_at, struct_of
from fleetc.language.types import Key, Node, Part, Range, Text
from fleetc.source.span import Path

WORD = Text("a word", "[a-z]+", "word")
SIZE = Range(1, 9)


class Inner(Part):
    KEY: ClassVar[str] = "innerKey"

    inner_key: str
    size: Annotated[int, SIZE] | None


class Outer(Node):
    text: Annotated[str, WORD]
    choice: Literal["a", "b"]
    flag: bool
    maybe: str | None
    part_of_it: Inner
    perhaps: Inner | None
    many: tuple[Inner, ...]
    words: tuple[Annotated[str, WORD], ...]
    table: Annotated[Mapping[str, Annotated[str, WORD]], Key(WORD)]
    plain: Mapping[str, str]
    free: Mapping[str, Any]


INNER = Struct(
    Inner,
    {"innerKey": Field("inner_key", Scalar(str), False), "size": Field("size", Scalar(int, range=SIZE), True)},
    "innerKey",
)
OUTER: dict[str, tuple[str, Schema, bool]] = {
    "text": ("text", Scalar(str, text=WORD), False),
    "choice": ("choice", Scalar(str, choices=("a", "b")), False),
    "flag": ("flag", Scalar(bool), False),
    "maybe": ("maybe", Scalar(str), True),
    "partOfIt": ("part_of_it", INNER, False),
    "perhaps": ("perhaps", INNER, True),
    "many": ("many", Keyed(INNER), False),
    "words": ("words", Items(Scalar(str, text=WORD)), False),
    "table": ("table", Table(WORD, Scalar(str, text=WORD)), False),
    "plain": ("plain", Table(None, Scalar(str)), False),
    "free": ("free", Json(), False),
}


def test_each_form_of_type() -> None:
    struct = struct_of(Outer)
    assert {n: (f.attribute, f.schema, f.optional) for n, f in struct.fields.items()} == OUTER
    assert {n for n, f in struct.fields.items() if f.required} == {"text", "choice", "flag"}
    assert struct is struct_of(Outer)


class Keyless(Part):
    one: str


class Bad(Part):
    many: tuple[Keyless, ...]


class Either(Part):
    one: str | int | None


class Strange(Part):
    one: float


@pytest.mark.parametrize("cls", [Bad, Either, Strange])
def test_what_cannot_be_declared(cls: type[Part]) -> None:
    with pytest.raises(AssertionError):
        struct_of(cls)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ((), struct_of(Outer)),
        (("text",), Scalar(str, text=WORD)),
        (("many", "x"), INNER),
        (("many", "x", "size"), Scalar(int, range=SIZE)),
        (("words", 0), Scalar(str, text=WORD)),
        (("table", "anything"), Scalar(str, text=WORD)),
        (("free", "a"), None),
        (("free", "a", 0, "b"), None),
        (("unknown",), None),
        (("text", "below"), None),
        (("unknown", "below"), None),
    ],
)
def test_schema_at(path: Path, schema: Schema | None) -> None:
    assert schema_at(struct_of(Outer), path) == schema


def test_camel() -> None:
    assert [camel(n) for n in ("cpu", "pod_security", "a_b_c")] == ["cpu", "podSecurity", "aBC"]


def structs(schema: Schema, seen: dict[type[Part], Struct]) -> Iterator[Struct]:
    if isinstance(schema, Keyed):
        yield from structs(schema.item, seen)
    if isinstance(schema, Struct) and schema.cls not in seen:
        seen[schema.cls] = schema
        yield schema
        for field in schema.fields.values():
            yield from structs(field.schema, seen)


ALL = [s for kind in KINDS.values() for s in structs(kind.struct, {})]


@pytest.mark.parametrize("struct", ALL, ids=lambda s: s.cls.__name__)
def test_every_part_of_every_kind(struct: Struct) -> None:
    own = {"id", "name", "labels"} if issubclass(struct.cls, Node) else set[str]()
    assert [f.attribute for f in struct.fields.values()] == [
        name for name in field_names(struct.cls) if name not in own
    ]
    assert all(re.fullmatch("[a-z][A-Za-z]*", name) for name in struct.fields)
    assert set(struct.cls.FROM_METADATA) <= set(struct.fields)
    if struct.key is not None:
        key = struct.fields[struct.key]
        assert key.required
        assert isinstance(key.schema, Scalar)
        assert key.schema.type is str


def test_the_kinds() -> None:
    assert tuple(KINDS) == get_args(KindName)
    for name, kind in KINDS.items():
        assert kind.name == name == kind.node.__name__
        givers = tuple(k.name for k in KINDS.values() if kind.name in k.defaults_for)
        assert set(layer_order(kind.name)) == set(givers)
        assert ("placement" in kind.struct.fields) is kind.placed
        assert ((kind.owner,) if kind.owner else ()) == kind.struct.cls.FROM_METADATA
        assert kind.field == {"GPUPool": "gpuPool"}.get(name, name.lower())


def test_a_selector_says_what_each_of_its_fields_reads() -> None:
    assert list(SELECTOR_READS) == list(struct_of(Selector).fields)
    cluster = KINDS["Cluster"].struct
    for path in SELECTOR_READS.values():
        assert path[0] == "metadata" or schema_at(cluster, path[1:]) is not None


def test_no_field_stands_beside_its_kind_in_the_way_of_the_envelope() -> None:
    taken: Tree = {"overrides": [], "defaults": {}, "files": []}
    assert not [(n, f) for n, kind in KINDS.items() for f in kind.struct.fields if f in taken]

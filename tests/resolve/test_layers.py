"""The fold over layers against one that asks, field by field, who says it last; and who is said to have said it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.language.trees import trees
from tests.resolve.worlds import CLUSTER, FLEET, applying, fold, made, set_at, world_of

from fleetc.language.decode import decode
from fleetc.language.document import Doc, Tree, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Struct, struct_of
from fleetc.language.team import TeamNamespace
from fleetc.resolve.layers import Layer, fill, leaf_paths, merge, origins
from fleetc.resolve.world import World
from fleetc.source.span import Path

SUBJECTS = ("Team", "Manifest")


Given = tuple[Doc, Path, Tree, bool]
"""A layer: its document, where it stands there, what it says, and whether it applies."""


class Made(NamedTuple):
    """A world with one subject, and for each of its clusters the layers as they were put in, weakest first."""

    world: World
    subject: Doc
    layers: list[list[Given]]


def partial(struct: Struct, without: tuple[str, ...] = ()) -> st.SearchStrategy[Tree]:
    return trees(struct).map(lambda tree: {k: v for k, v in tree.items() if k not in without})


@st.composite
def worlds(draw: st.DrawFn, kind: str, whole: bool = False) -> Made:
    """Three clusters, and a subject to which the table, the Fleet, each cluster or its team, itself and its overrides
    say something. With `whole`, nothing that is required is missing."""
    struct = KINDS[kind].struct
    without = ("namespaces",) if whole else ()
    inner = partial(struct, (*without, "placement"))
    table = {**({"podSecurity": "restricted"} if whole and kind == "Team" else {}), **draw(partial(struct, without))}
    fleet = made("Fleet", "acme", FLEET, defaults={kind: draw(partial(struct, without))})
    given_by = [draw(st.none() | inner) if kind == "Team" else None for _ in range(3)]
    clusters = [
        made("Cluster", f"c{n}", CLUSTER, defaults={} if tree is None else {kind: tree})
        for n, tree in enumerate(given_by)
    ]
    team = made("Team", "t", {"podSecurity": "baseline"}, defaults={"Manifest": draw(partial(struct))})
    matches = draw(st.lists(st.sets(st.sampled_from(("c0", "c1", "c2"))), max_size=3))
    overrides = [{"match": {"clusters": sorted(m)}, "set": draw(inner)} for m in matches]
    owner = {"team": "t"} if kind == "Manifest" else {}
    subject = made(kind, "x", {**draw(partial(struct, without)), **owner}, overrides)
    world = world_of([fleet, *clusters, subject, *([team] if kind == "Manifest" else [])], {kind: table})
    layers: list[list[Given]] = []
    for n in range(3):
        givers = [d for d in (fleet, clusters[n] if kind == "Team" else team) if kind in d.tree["defaults"]]
        here: list[Given] = [(world.table, (kind,), table, True)]
        here += [(d, ("defaults", kind), d.tree["defaults"][kind], True) for d in givers]
        here.append((subject, ("spec",), subject.tree["spec"], True))
        for m, names in enumerate(matches):
            here.append((subject, ("overrides", m, "set"), overrides[m]["set"], not names or f"c{n}" in names))
        layers.append(here)
    return Made(world, subject, layers)


@pytest.mark.parametrize("kind", SUBJECTS)
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_the_strongest_layer_wins(kind: str, data: st.DataObject) -> None:
    made = data.draw(worlds(kind))
    for n, layers in enumerate(made.layers):
        got = made.world.layers(made.subject, n)
        assert [(x.doc, x.base, x.tree) for x in got] == [(d, b, t) for d, b, t, applies in layers if applies]
        everyone = made.world.layers(made.subject, n, unmatched=True)
        assert [(x.doc, x.base, x.tree, x.applies) for x in everyone] == layers
        # As text, for 1 is not True, and the order of keys is part of the result.
        expected = repr(fold([tree for _, _, tree, applies in layers if applies]))
        assert repr(made.world.merged(made.subject, got)) == expected
        assert repr(merge(everyone)) == expected


@pytest.mark.parametrize("kind", SUBJECTS)
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_every_leaf_comes_from_where_it_is_said_to(kind: str, data: st.DataObject) -> None:
    made = data.draw(worlds(kind))
    for n, layers in enumerate(made.layers):
        merged = made.world.merged(made.subject, made.world.layers(made.subject, n))
        for path in leaf_paths(merged):
            got = [o for o in made.world.origins(made.subject.id, n, path) if o.role != "selector"]
            value = lookup(merged, path)[1]
            assert [(o.role, o.doc, o.path) for o in got] == expected_origins(layers, path, value), path
            if not path:
                continue
            owner = next(o for o in got if o.role == "value")
            assert repr(lookup(owner.doc.tree, owner.path)[1]) == repr(value)


def expected_origins(layers: list[Given], path: Path, value: Any) -> list[tuple[str, Doc, Path]]:
    """Strongest first: those that say it, or something above it; all after the first that applies are beaten."""
    out: list[tuple[str, Doc, Path]] = []
    beaten = False
    for doc, base, tree, applies in reversed(layers):
        at = set_at(tree, path)
        if at is None:
            continue
        out.append(("unmatched" if not applies else "beaten" if beaten else "value", doc, base + at))
        # Empty mappings beat nobody.
        beaten = beaten or (applies and not (isinstance(value, dict) and isinstance(lookup(tree, at)[1], dict)))
    return out


@pytest.mark.parametrize("kind", SUBJECTS)
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_nodes_are_what_their_layers_say_and_are_shared(kind: str, data: st.DataObject) -> None:
    made = data.draw(worlds(kind, whole=True))
    world, subject = made.world, made.subject
    variants = world.variants(subject.id)
    for n in range(3):
        tree = fold(applying(world.layers(subject, n)))
        assert variants[n] == decode(KINDS[kind], "x", subject.tree["metadata"], tree)
        assert world.variant(subject.id, n) is variants[n]
    for a, b in ((0, 1), (1, 2), (0, 2)):
        low, high = ([(x.base, x.tree) for x in world.layers(subject, n)] for n in (a, b))
        assert (variants[a] is variants[b]) == (low == high)


PARTS: dict[str, Tree] = {"TeamNamespace": {"share": 7, "labels": {"a": "b"}}, "PriorityClass": {"default": False}}


@settings(max_examples=25, deadline=None)
@given(trees(KINDS["Team"].struct), trees(KINDS["Cluster"].struct))
def test_the_tables_defaults_stand_below_every_item(team: Tree, cluster: Tree) -> None:
    for kind, tree in (("Team", team), ("Cluster", cluster)):
        before = repr(tree)
        filled = fill(KINDS[kind].struct, tree, PARTS)
        for field, item in (("namespaces", "TeamNamespace"), ("priorityClasses", "PriorityClass")):
            items = tree.get(field, {})
            for key, value in items.items() if isinstance(items, dict) else ():
                assert filled[field][key] == {**PARTS.get(item, {}), **value}
        untouched = [f for f in tree if f not in ("namespaces", "priorityClasses")]
        assert [filled[f] for f in untouched] == [tree[f] for f in untouched]
        assert list(filled) == list(tree)
        assert repr(tree) == before


def test_what_only_the_table_says_of_an_item_has_its_place_there() -> None:
    struct = struct_of(TeamNamespace)
    assert "share" in struct.fields
    team = made("Team", "t", {"namespaces": {"a": {"name": "a"}, "b": {"name": "b", "share": 3}}})
    world = world_of([made("Cluster", "c0", CLUSTER), team], {"parts": {"TeamNamespace": {"share": 1}}})
    (got,) = world.origins("Team/t", 0, ("namespaces", "a", "share"))
    assert (got.role, got.via, got.doc, got.path) == (
        "value",
        "table",
        world.table,
        ("parts", "TeamNamespace", "share"),
    )
    (got,) = world.origins("Team/t", 0, ("namespaces", "b", "share"))
    assert (got.via, got.path) == ("spec", ("spec", "namespaces", "b", "share"))
    assert list(world.origins("Team/t", 0, ("namespaces", "a", "labels"))) == []


def test_metadata_comes_from_the_document() -> None:
    team = made("Team", "t", {}, labels={"a": "b"})
    world = world_of([made("Cluster", "c0", CLUSTER), team])
    for path in (("name",), ("labels", "a")):
        (got,) = world.origins("Team/t", 0, path)
        assert (got.role, got.doc.id, got.path) == ("value", "Team/t", ("metadata", *path))


@given(st.lists(st.booleans(), min_size=1, max_size=4))
def test_a_list_is_replaced_whole_and_its_items_come_from_the_same_layer(applies: list[bool]) -> None:
    docs = [made("Team", f"t{n}", {"priorityClasses": [f"p{n}", "q"][: n + 1]}) for n in range(len(applies))]
    layers = [Layer("spec", d, ("spec",), d.tree["spec"], a) for d, a in zip(docs, applies, strict=True)]
    if not any(applies):
        assert merge(layers) == {}
        return
    strongest = max(n for n, a in enumerate(applies) if a)
    assert merge(layers) == docs[strongest].tree["spec"]
    value = next(o for o in origins(layers, ("priorityClasses", 0)) if o.role == "value")
    assert (value.doc, value.path) == (docs[strongest], ("spec", "priorityClasses", 0))


def test_a_cluster_has_the_table_of_its_provider_wherever_that_is_said() -> None:
    table: Tree = {
        "Cluster": {"role": "both"},
        "providers": {"kind": {"Cluster": {"region": "here"}}, "gke": {"Cluster": {"region": "there"}}},
    }
    bare = {k: v for k, v in CLUSTER.items() if k not in ("provider", "role")}
    by_default = made("Fleet", "acme", FLEET, defaults={"Cluster": {"provider": "kind"}})
    docs = [by_default, made("Cluster", "a", bare), made("Cluster", "b", {**bare, "provider": "gke"})]
    world = world_of(docs, table)
    assert [(c.provider, c.region, c.role) for c in world.clusters] == [
        ("kind", "here", "both"),
        ("gke", "there", "both"),
    ]
    for n, (own, section, *provider) in enumerate(
        (
            ("a", "kind", "Fleet/acme", ("defaults", "Cluster", "provider")),
            ("b", "gke", "Cluster/b", ("spec", "provider")),
        )
    ):
        assert [(o.role, o.doc.id, o.path) for o in world.origins(f"Cluster/{own}", n, ("region",))] == [
            ("value", "Table/defaults", ("providers", section, "Cluster", "region")),
            ("selector", *provider),
        ]


def test_naive_helpers() -> None:
    assert fold([{"a": {"b": 1}}, {"a": 2}, {"a": {"c": 3}}]) == {"a": {"c": 3}}
    assert fold([{"a": {"b": 1}}, {"a": {"c": 3}}, {"d": 4}]) == {"a": {"b": 1, "c": 3}, "d": 4}
    assert [set_at({"a": {"b": 1}}, p) for p in (("a",), ("a", "b"), ("a", "b", "c"), ("x",))] == [
        ("a",),
        ("a", "b"),
        ("a", "b"),
        None,
    ]

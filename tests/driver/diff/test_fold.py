"""Folding: nothing is merged that differs, nothing is lost, and the order of clusters is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.check.change.compare import applied, same
from fleetc.check.change.documents import Documents, body, split
from fleetc.driver.diff.fold import Change, fold
from fleetc.driver.diff.git import Revision
from fleetc.driver.diff.sides import File, Same, Sides
from fleetc.driver.tree.header import seal
from fleetc.emission.yaml import emit

KINDS = ("ConfigMap", "Deployment", "Role", "Namespace", "ResourceQuota")
NAMES = st.sampled_from(["a", "b", "c"])
OBJECT = st.tuples(st.sampled_from(KINDS), NAMES, st.integers(0, 2))
FILE = st.lists(OBJECT, max_size=4, unique_by=lambda o: o[:2])
TREE = st.dictionaries(
    st.tuples(st.sampled_from(["c1", "c2", "c3", "c4"]), st.sampled_from(["teams/x.yaml", "cluster.yaml"])),
    FILE,
    max_size=6,
)
Tree = Mapping[tuple[str, str], list[tuple[str, str, int]]]


class _Blobs:
    """Stands for a repository: the id of a blob is its text."""

    def contents(self, blobs: Iterable[bytes]) -> dict[bytes, bytes]:
        return {blob: blob for blob in blobs}


@settings(deadline=None)
@given(TREE, TREE)
def test_complete_and_never_merged(before: Tree, after: Tree) -> None:
    before, after = _distinct(before), _distinct(after)
    changes = _folded(before, after)
    made = _by_cluster(before)
    for change in changes:
        for cluster in change.clusters:
            objects = made.setdefault(cluster, {})
            if change.after is None:
                del objects[change.identity]
            elif change.before is None:
                assert change.identity not in objects
                objects[change.identity] = change.after.object
            else:
                # The very object that was there, though others of the same name are on other clusters.
                assert same(objects[change.identity], change.before.object)
                objects[change.identity] = applied(objects[change.identity], change.values)
    assert {c: o for c, o in made.items() if o} == {c: o for c, o in _by_cluster(after).items() if o}
    assert len({_key(change) for change in changes}) == len(changes)


@settings(deadline=None)
@given(TREE)
def test_a_tree_does_not_differ_from_itself(tree: Tree) -> None:
    assert _folded(tree, tree) == ()


@settings(deadline=None)
@given(TREE, TREE, st.randoms(use_true_random=False))
def test_the_order_of_clusters_is_nothing(before: Tree, after: Tree, random: Random) -> None:
    before, after = _distinct(before), _distinct(after)

    def shuffled(tree: Tree) -> Tree:
        items = [*tree.items()]
        random.shuffle(items)
        return dict(items)

    one, two = _folded(before, after), _folded(shuffled(before), shuffled(after))
    assert [(_key(c), c.clusters, c.meanings) for c in one] == [(_key(c), c.clusters, c.meanings) for c in two]


@settings(deadline=None)
@given(TREE, TREE)
def test_names_of_clusters_are_nothing(before: Tree, after: Tree) -> None:
    """With every cluster under two names, each change is on both, and there are no more."""
    before, after = _distinct(before), _distinct(after)

    def twice(tree: Tree) -> Tree:
        return {(f"{cluster}{end}", path): o for (cluster, path), o in tree.items() for end in ("", "-too")}

    one, two = _folded(before, after), _folded(twice(before), twice(after))
    assert len(one) == len(two)
    assert [2 * len(c.clusters) for c in one] == [len(c.clusters) for c in two]


def _key(change: Change) -> object:
    texts = tuple(d.text if d is not None else None for d in (change.before, change.after))
    return (*texts, change.meanings, change.source)


def _distinct(tree: Tree) -> Tree:
    """No cluster has one object twice."""
    seen: set[tuple[str, str, str]] = set()
    out: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for (cluster, path), objects in sorted(tree.items()):
        kept = [o for o in objects if (cluster, *o[:2]) not in seen]
        seen |= {(cluster, *o[:2]) for o in kept}
        out[cluster, path] = kept
    return {place: objects for place, objects in out.items() if objects}


def _folded(before: Tree, after: Tree) -> tuple[Change, ...]:
    ours, theirs = _texts(before), _texts(after)
    groups: dict[tuple[bytes | None, bytes | None], list[File]] = {}
    for place in dict.fromkeys((*ours, *theirs)):
        if ours.get(place) != theirs.get(place):
            groups.setdefault((ours.get(place), theirs.get(place)), []).append(File(*place))
    same_ones = tuple(Same(*texts, tuple(files)) for texts, files in groups.items())
    paths = {"/".join(place): text for place, text in ours.items()}
    return fold(Sides(same_ones, paths, {"/".join(place) for place in theirs}), cast(Revision, _Blobs()))


def _texts(tree: Tree) -> dict[tuple[str, str], bytes]:
    return {place: _text(objects) for place, objects in tree.items()}


def _text(objects: list[tuple[str, str, int]]) -> bytes:
    return seal("---\n".join(emit(_object(*o)) for o in objects).encode(), "specs/x.yaml")


def _object(kind: str, name: str, value: int) -> dict[str, Any]:
    rules = [{"verbs": [f"v{value}"], "apiGroups": [""], "resources": ["pods"]}]
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "n"}, "n": value, "rules": rules}


def _by_cluster(tree: Tree) -> dict[str, dict[Any, Any]]:
    reader = Documents()
    out: dict[str, dict[Any, Any]] = {}
    for (cluster, _), text in _texts(tree).items():
        documents = map(reader.read, split(body(text)))
        out.setdefault(cluster, {}).update({d.identity: d.object for d in documents})
    return out

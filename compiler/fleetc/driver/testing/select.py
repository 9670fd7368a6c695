"""The objects and clusters that a test selects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from fleetc.check.store import crds, scopes
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.testing.fleet import Fleet
from fleetc.emission.emission import Emission
from fleetc.emission.shapes import Shape
from fleetc.language.cluster import Cluster
from fleetc.language.document import Locate, Tree
from fleetc.language.expectation import Case
from fleetc.language.wording import listing, nearest, quoted
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_SINGLE: dict[str, tuple[str, Callable[[Cluster], str | None]]] = {
    "names": ("is called", lambda c: c.name),
    "environments": ("is in environment", lambda c: c.environment),
    "regions": ("is in region", lambda c: c.region),
    "residency": ("has residency", lambda c: c.residency),
    "roles": ("has role", lambda c: c.role),
}
"""What a field of a selector of clusters is compared with, and how messages say it."""


class Found(NamedTuple):
    """An object that a test selects: the subject that it is of, its cluster, its position in that subject's file there,
    and the object."""

    subject: str
    cluster: int
    position: int
    shape: Shape

    @property
    def about(self) -> str:
        """The object, as messages call it."""
        made: Any = self.shape.object
        metadata = made.get("metadata") or {}
        where = f"{metadata['namespace']}/" if "namespace" in metadata else ""
        return f"{made.get('kind')} {where}{metadata.get('name')}"


def clusters_of(case: Case, emission: Emission, clusters: list[Cluster]) -> list[int]:
    """The clusters that a test selects, by index."""
    chosen = case.clusters or {}
    inside = [n for n in range(len(emission.clusters)) if _meets(chosen, clusters[n])]
    without = chosen.get("not")
    return inside if without is None else [n for n in inside if not _meets(without, clusters[n])]


def _meets(tree: Tree, cluster: Cluster) -> bool:
    single = all(
        any(_like(p, read(cluster)) for p in tree[field]) for field, (_, read) in _SINGLE.items() if field in tree
    )
    return single and _labelled(tree.get("labels", {}), cluster.labels)


def _like(pattern: str, value: object) -> bool:
    return isinstance(value, str) and fnmatchcase(value, pattern)


def _labelled(wanted: Mapping[str, str], labels: Mapping[str, Any]) -> bool:
    return all(_like(pattern, labels.get(key)) for key, pattern in wanted.items())


def objects_of(objects: Tree, emission: Emission, clusters: list[int]) -> Iterator[Found]:
    """The objects on these clusters that a selector finds, in the order of the output tree's clusters."""
    known: dict[int, bool] = {}
    for n in clusters:
        for row, shapes in emission.at(n):
            for position, shape in enumerate(shapes):
                hit = known.get(shape.number)
                if hit is None:
                    hit = known[shape.number] = _selected(objects, shape.object)
                if hit:
                    yield Found(row.subject, n, position, shape)


def _selected(objects: Tree, made: Any) -> bool:
    metadata = made.get("metadata") or {}
    values = {
        "apiVersion": made.get("apiVersion"),
        "kind": made.get("kind"),
        "namespace": metadata.get("namespace"),
        "name": metadata.get("name"),
    }
    single = all(any(_like(p, value) for p in objects[field]) for field, value in values.items() if field in objects)
    return single and _labelled(objects.get("labels", {}), metadata.get("labels") or {})


def vacuous(case: Case, fleet: Fleet, emission: Emission, locate: Locate) -> Iterator[Diagnostic]:
    """What a test names and nothing is called: whatever it expects, it would be of nothing."""
    assert fleet.explainer is not None
    clusters = list(fleet.explainer.plan.world.clusters)
    chosen = case.clusters or {}
    here: Path = (*case.at, "clusters")
    for tree, at in ((chosen, here), (chosen.get("not") or {}, (*here, "not"))):
        for field, (verb, read) in _SINGLE.items():
            values = list(dict.fromkeys(str(value) for c in clusters if (value := read(c)) is not None))
            for n, pattern in enumerate(tree.get(field, ())):
                if not any(_like(pattern, value) for value in values):
                    span = case.doc.span(locate, (*at, field, n))
                    message = f"no cluster {verb} {quoted(pattern)}"
                    yield Diagnostic(codes.EMPTY_TEST, message, span, _near(pattern, values), (*at, field, n))
        for key, pattern in tree.get("labels", {}).items():
            if not any(_labelled({key: pattern}, c.labels) for c in clusters):
                message = f"no cluster has the label {key} with {quoted(pattern)}"
                span = case.doc.span(locate, (*at, "labels", key))
                yield Diagnostic(codes.EMPTY_TEST, message, span, "correct it, or remove it", (*at, "labels", key))
    yield from _unknown_kinds(case, emission, locate)


def _near(pattern: str, known: list[str]) -> str:
    near = nearest(pattern, known)
    return f"did you mean `{near}`?" if near else f"there are {listing(known)}" if known else "remove it"


def _unknown_kinds(case: Case, emission: Emission, locate: Locate) -> Iterator[Diagnostic]:
    """Kinds that nothing emits and no server is known to have."""
    for n, pattern in enumerate((case.objects or {}).get("kind", ())):
        known = set(emitted_kinds(emission))
        if any(_like(pattern, kind) for kind in known):
            continue
        known |= {key.partition(" ")[2] for key in (*scopes(), *crds().kinds)}
        if not any(_like(pattern, kind) for kind in known):
            at: Path = (*case.at, "objects", "kind", n)
            near = nearest(pattern, sorted(known))
            hint = f"did you mean `{near}`?" if near else "write the kind as its objects have it, such as Deployment"
            span = case.doc.span(locate, at)
            yield Diagnostic(codes.EMPTY_TEST, f"there is no kind {quoted(pattern)}", span, hint, at)


@lru_cache(maxsize=1)
def emitted_kinds(emission: Emission) -> frozenset[str]:
    """The kinds of everything that is emitted."""
    cells = {id(shapes): shapes for row in emission.rows.values() for shapes in row.cells.values()}
    return frozenset(str(shape.object.get("kind")) for shapes in cells.values() for shape in shapes)

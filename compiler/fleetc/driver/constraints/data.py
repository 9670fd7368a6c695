"""What constraints see: the resolved specs, and the finished objects.

    fleet: models: NAME: {metadata: {...}, spec: {...}, clusters: [...], variants: [{clusters: [...], spec: {...}}]}
    emitted: KIND: "NAMESPACE/NAME": [{clusters: [...], object: {...}}]

Clusters that are alike share one variant and one object, here as everywhere: what a thousand clusters have in common
is looked at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.check.findings import Place
from fleetc.driver.constraints.read import Mentions
from fleetc.emission.emission import Emission
from fleetc.emission.shapes import Shape
from fleetc.language.document import Doc, Tree
from fleetc.language.kinds import KINDS
from fleetc.plan import Plan
from fleetc.tuples import NamedTuple

FLEET: Final = "fleet"
EMITTED: Final = "emitted"
Data = dict[str, Any]


class Spec(NamedTuple):
    """Where a spec came from: its document, and for each variant a cluster that has it."""

    doc: Doc
    variants: tuple[int, ...]


class Seen(NamedTuple):
    """The data, and where its parts came from: specs by the path of their entry, objects by kind, key and position."""

    fleet: Data
    emitted: Data
    specs: Mapping[tuple[str, ...], Spec]
    objects: Mapping[tuple[str, str, int], Place]

    def text(self) -> bytes:
        """As JSON, with a line for each entry."""
        roots = ((FLEET, self.fleet), (EMITTED, self.emitted))
        return ("{" + ",\n".join(f"{json.dumps(name)}: {_lines(root)}" for name, root in roots) + "}\n").encode()


def field_of(kind: str) -> str:
    """The name of a kind's entries: `models`, `gpuPools`; the Fleet is one: `fleet`."""
    name = KINDS[kind].field
    return name if kind == "Fleet" else f"{name}s"


def seen(plan: Plan, emission: Emission, mentions: Mentions) -> Seen:
    """What the constraints mention of a fleet."""
    fleet: Data = {}
    specs: dict[tuple[str, ...], Spec] = {}
    wanted = mentions.fleet
    for kind in KINDS:
        if wanted is None or field_of(kind) in wanted:
            fleet[field_of(kind)] = {}
    for doc in plan.world.docs.values():
        if doc.kind in KINDS and field_of(doc.kind) in fleet:
            path = _path(doc)
            specs[path], entry = _entry(plan, doc)
            here = fleet
            for step in path[:-1]:
                here = here.setdefault(step, {})
            here[path[-1]] = entry
    emitted: Data = {}
    objects: dict[tuple[str, str, int], Place] = {}
    for kind, key, position, place, made in _objects(emission, mentions.emitted):
        emitted.setdefault(kind, {}).setdefault(key, []).append(made)
        objects[kind, key, position] = place
    for kind in mentions.emitted or ():
        emitted.setdefault(kind, {})
    return Seen(fleet, emitted, specs, objects)


def _path(doc: Doc) -> tuple[str, ...]:
    """`models.NAME`, `gpuPools.CLUSTER.NAME`, `fleet`."""
    kind = field_of(doc.kind)
    if doc.kind == "Fleet":
        return (kind,)
    name = str(doc.tree["metadata"]["name"])
    return (kind, doc.tree["spec"]["cluster"], name) if KINDS[doc.kind].local else (kind, name)


def _entry(plan: Plan, doc: Doc) -> tuple[Spec, Data]:
    world, kind = plan.world, KINDS[doc.kind]
    layers = world.layers(doc)
    base = world.merged(doc, layers)
    out: Data = {"metadata": _metadata(doc), "spec": _without_owner(doc, base)}
    if not kind.placed:
        return Spec(doc, ()), out
    subject = plan.subjects.get(doc.id)
    placed = subject.placed if subject is not None else ()
    names = [each.name for each in world.cluster_docs]
    out["clusters"] = [names[n] for n in placed]
    groups: dict[tuple[Any, ...], list[int]] = {}
    keys = world.variant_keys(doc)
    for n in placed:
        groups.setdefault(keys[n], []).append(n)
    # Two clusters may come to one spec on two ways.
    trees: dict[str, tuple[Tree, list[int]]] = {}
    for group in groups.values():
        tree = world.merged(doc, world.layers(doc, group[0]))
        trees.setdefault(repr(tree), (tree, []))[1].extend(group)
    trees.pop(repr(base), None)
    variants = [(tree, sorted(where)) for tree, where in trees.values()]
    out["variants"] = [
        {"clusters": [names[n] for n in where], "spec": _without_owner(doc, tree)} for tree, where in variants
    ]
    return Spec(doc, tuple(where[0] for _, where in variants)), out


def _metadata(doc: Doc) -> Data:
    owner = KINDS[doc.kind].owner
    found = {"labels": {}, **doc.tree["metadata"]}
    if owner is not None and owner in doc.tree["spec"]:
        found[owner] = doc.tree["spec"][owner]
    return found


def _without_owner(doc: Doc, tree: Tree) -> Tree:
    owner = KINDS[doc.kind].owner
    return {name: value for name, value in tree.items() if name != owner}


def _objects(emission: Emission, kinds: frozenset[str] | None) -> Iterator[tuple[str, str, int, Place, Data]]:
    """Kind, namespace and name, position among those of one name, a place, and the entry of each distinct object."""
    found: dict[int, tuple[Shape, Place, list[int]]] = {}
    for row in emission.rows.values():
        if row.data:
            continue
        for cluster, shapes in row.cells.items():
            for position, shape in enumerate(shapes):
                if kinds is None or shape.object["kind"] in kinds:
                    place = Place(row.subject, cluster, position, ())
                    found.setdefault(id(shape), (shape, place, []))[2].append(cluster)
    numbers: dict[tuple[str, str], int] = {}
    for shape, place, clusters in sorted(found.values(), key=lambda each: each[0].number):
        made: Any = shape.object
        metadata = made["metadata"]
        key = f"{metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else str(metadata["name"])
        position = numbers[made["kind"], key] = numbers.get((made["kind"], key), -1) + 1
        names = [emission.clusters[n] for n in sorted(clusters)]
        yield made["kind"], key, position, place, {"clusters": names, "object": made}


def _lines(tree: Data) -> str:
    """A mapping of mappings as JSON: a line for each entry of the inner ones."""
    parts = [f"{json.dumps(name)}: {_inner(entries)}" for name, entries in tree.items()]
    return "{" + ",\n".join(parts) + "}"


def _inner(entries: Data) -> str:
    return "{" + ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items()) + "}"

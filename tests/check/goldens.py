"""The committed output tree as what the checks see: every object of golden/, beside the fleet of specs/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from fleetc.check.run import Report, check
from fleetc.driver.front import front
from fleetc.driver.load import Sources
from fleetc.emission.emission import Emission, Row
from fleetc.emission.shapes import Shape, Shapes
from fleetc.emission.site import Object
from fleetc.resolve import World, resolve

ROOT = Path(__file__).parent.parent.parent


class Golden(NamedTuple):
    """The fleet, and for each cluster by index what each subject emits there."""

    world: World
    clusters: tuple[dict[str, tuple[Shape, ...]], ...]
    paths: Mapping[str, str]


class Place(NamedTuple):
    """An object: the cluster by index, the subject, and its position there."""

    cluster: int
    subject: str
    position: int


def subject_of(path: Path) -> str:
    """The subject of a file, by its path in the folder of a cluster."""
    if path.name in ("cluster.yaml", "team.yaml"):
        return "Cluster" if path.stem == "cluster" else f"Team/{path.parent.name}"
    kind = {"pools": "GPUPool", "policies": "Policy"}.get(
        path.parent.name, path.parent.name.removesuffix("s").capitalize()
    )
    return f"{kind}/{path.name.removesuffix('.yaml')}"


@lru_cache(maxsize=1)
def golden() -> Golden:
    """golden/ and specs/."""
    sources = Sources(ROOT)
    read = front(sources, [str(p.relative_to(ROOT)) for p in sorted((ROOT / "specs").rglob("*.yaml"))], {})
    world, found = resolve(read.docs, read.table, sources.locate)
    assert read.diagnostics == []
    assert found == []
    shapes, paths = Shapes(), dict[str, str]()
    clusters: list[dict[str, tuple[Shape, ...]]] = []
    for cluster in world.clusters:
        folder = ROOT / "golden" / cluster.name
        rows: dict[str, tuple[Shape, ...]] = {}
        for file in sorted(folder.rglob("*.yaml")):
            path = file.relative_to(folder)
            subject = subject_of(path)
            paths[subject] = str(path)
            rows[subject] = shapes.intern(yaml.load_all(file.read_bytes(), yaml.CSafeLoader))
        clusters.append(rows)
    return Golden(world, tuple(clusters), paths)


def distinct() -> Iterator[tuple[Place, Shape]]:
    """Each distinct object once, where it is first."""
    seen: set[int] = set()
    found = golden()
    for n, rows in enumerate(found.clusters):
        for subject, shapes in rows.items():
            for position, shape in enumerate(shapes):
                if shape.number not in seen:
                    seen.add(shape.number)
                    yield Place(n, subject, position), shape


def emitted(cluster: int, rows: Mapping[str, tuple[Shape, ...]]) -> Emission:
    """An emission in which only one cluster has something."""
    found = golden()
    made = {
        s: Row(s, found.paths[s], dict.fromkeys(range(len(found.clusters)), ""), {cluster: shapes})
        for s, shapes in rows.items()
    }
    clusters = found.world.clusters
    return Emission([c.name for c in clusters], [c.kubernetes for c in clusters], made)


@lru_cache(maxsize=1)
def _valid() -> dict[str, frozenset[bytes]]:
    """The objects whose schemas need no second look, by minor."""
    found = golden()
    out: dict[str, set[bytes]] = {}
    for cluster, rows in zip(found.world.clusters, found.clusters, strict=True):
        out.setdefault(cluster.kubernetes, set()).update(s.key for shapes in rows.values() for s in shapes)
    return {minor: frozenset(keys) for minor, keys in out.items()}


def checked(cluster: int, subject: str, objects: Iterable[Object]) -> Report:
    """What the checks say of a cluster where a subject emits other objects; those that are the same are known."""
    found = golden()
    known = {id(shape.object): shape for shape in found.clusters[cluster][subject]}
    made = Shapes()
    shapes = tuple(known[id(o)] if id(o) in known else made.intern([o])[0] for o in objects)
    return check(
        emitted(cluster, {**found.clusters[cluster], subject: shapes}),
        found.world,
        valid=lambda minor, _has: _valid()[minor],
    )

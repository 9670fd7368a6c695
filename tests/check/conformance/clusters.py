"""Clusters whose conformance is decided: those of the example fleet, and ones that are made of parts of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any

import yaml
from tests.driver.fleets import CHECKOUT

from fleetc.check.conformance.decide import Decided, decided
from fleetc.check.conformance.facts import Found, Here, Pool, Verdict, Where
from fleetc.driver.conformance.seen import Conforming, conforming
from fleetc.driver.explain import explainer

CLUSTERS = ("eks-use1-prod", "gke-euw4-prod", "gke-use5-tpu", "hub", "kind-dev", "onprem-fra")


@cache
def clusters() -> dict[str, Conforming]:
    """The clusters of the example fleet, by name."""
    return {one.cluster.name: one for one in conforming(explainer(CHECKOUT), CLUSTERS)}


def _nowhere(file: str, _path: Any) -> Where:
    return file, 1


def objects(text: str) -> list[Found]:
    """Objects in YAML, each of a file that is named after it."""
    made = [o for o in yaml.safe_load_all(text) if o]
    return [Found(o, partial(_nowhere, f"{o['kind']}/{o['metadata']['name']}")) for o in made]


def here(text: str = "", like: str = "onprem-fra", pools: Iterable[Pool] | None = None, **values: Any) -> Here:
    """A cluster with these objects and no others, like one of the example fleet but for some values."""
    was = clusters()[like].here
    cluster = copy.copy(was.cluster)
    cluster.__dict__.update({"components": {}, **values})
    return Here(cluster, tuple(objects(text)), tuple(was.pools if pools is None else pools), {}, was.said)


def without(was: Here, gone: Mapping[tuple[str, str], object]) -> Here:
    """A cluster without some objects, by kind and name with its namespace."""
    kept = tuple(f for f in was.objects if named(f) not in gone)
    return Here(was.cluster, kept, was.pools, {n: f for n, f in was.installs.items() if named(f) not in gone}, was.said)


def named(found: Found) -> tuple[str, str]:
    """How evidence names an object."""
    kind, _, name = found.evidence().what.partition(" ")
    return kind, name


def shown(verdict: Verdict) -> dict[tuple[str, str], object]:
    """The emitted objects that are evidence."""
    parts = [e.what.partition(" ") for e in verdict.evidence if e.emitted]
    return {(kind, name): None for kind, _, name in parts}


def of(was: Here, id: str) -> Verdict:
    """How a requirement ends."""
    return next(one.verdict for one in decided(was) if one.requirement.id == id)


def emitted(was: Here) -> list[Decided]:
    """What is met by what is emitted."""
    return [one for one in decided(was) if one.verdict.status == "Implemented" and one.verdict.by == "emitted"]

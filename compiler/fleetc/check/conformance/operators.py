"""The requirement on operators: one for AI workloads is there, and has something to reconcile."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.catalogue.components import component
from fleetc.catalogue.conformance import conformance
from fleetc.check.conformance.accelerators import COMPONENTS
from fleetc.check.conformance.facts import Evidence, Here, Verdict, met, partly, unmet


def robust_controller(here: Here) -> Verdict:
    """An operator that the requirement names, and an object of its kinds."""
    table = conformance()
    named = [name for name in table.operators if name in here.cluster.components]
    for name in named:
        objects = list(_objects(here, name))
        if objects:
            return met(f"{name} is installed, and reconciles what is emitted", *objects, here.component(name))
    *first, last = (f"`{name}`" for name in table.operators)
    choices = f"{', '.join(first)} or {last}"
    if named:
        note = f"{' and '.join(named)} is installed, and no object of its kinds is emitted"
        return partly(note, "write one in a Manifest", *(here.component(name) for name in named))
    fix = f"add {choices} to {COMPONENTS}, and an object of its kinds in a Manifest"
    others = [name for name in table.other_operators if name in here.cluster.components]
    shown = [e for name in others for e in (*_objects(here, name), here.component(name))]
    if shown:
        note = f"operators of AI workloads are installed ({', '.join(others)}), but none that the requirement names"
        return partly(note, fix, *shown)
    return unmet("no operator of AI workloads is among the components", fix)


def _objects(here: Here, name: str) -> Iterator[Evidence]:
    """The objects of the kinds that a component serves."""
    found = component(name)
    served = found.versions[-1].served if found is not None and found.versions else {}
    for group, kinds in served.items():
        yield from (each.evidence() for each in here.of(group, *kinds))

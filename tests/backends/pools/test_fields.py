"""No field of a pool is passed over: on each provider, and however nodes are made, another value moves what is emitted,
or what planning counts with, or is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pytest
from tests.backends.pools.sites import DRA, KARPENTER, KUEUE, NODES, OPERATOR
from tests.check.fleet.clusters import FLEET, table, team
from tests.language.texts import docs, spec
from tests.plan.serving import locate

from fleetc.catalogue.accelerators import accelerator
from fleetc.diagnostics import Diagnostic
from fleetc.emission.recorder import run
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Struct
from fleetc.plan import Plan
from fleetc.plan.capacity.pools import pool_site
from fleetc.registry import lowerings
from fleetc.resolve import World
from fleetc.resolve.making import unclaimable
from fleetc.resolve.places import Places
from fleetc.resolve.pools import pool_findings
from fleetc_kubernetes.pools.devices import claims, devices_of

Fields = Mapping[str, Any]

MADE: Final = [
    ("onprem", "static"), ("onprem", "clusterAutoscaler"), ("kind", "static"), ("aks", "clusterAutoscaler"),
    ("aks", "static"), ("eks", "karpenter"), ("eks", "clusterAutoscaler"), ("eks", "static"), ("gke", "computeClass"),
    ("gke", "clusterAutoscaler"), ("gke", "static"),
]  # fmt: skip
"""Providers, and how nodes are made there."""
NEVER: Final = [("onprem", "karpenter"), ("aks", "karpenter"), ("gke", "karpenter"), ("eks", "computeClass")]
GPU: Final = {"accelerators": "H100:8", "machine.cpu": 192, "machine.memory": "2Ti"}
CPU: Final = {"machine.cpu": 64, "machine.memory": "256Gi"}
TPU: Final = {"accelerators": "TPU-v6e:4", "topology": "2x4", "machine.cpu": 180, "machine.memory": "1440Gi"}
OTHER: Final[Mapping[str, tuple[Any, ...]]] = {
    "accelerators": ("H200:8", "H100:4"),
    "topology": ("2x4", "4x4"),
    "machine.type": ("of-our-own",),
    "machine.cpu": (96,),
    "machine.memory": ("1Ti",),
    "reserved.cpu": (9,),
    "reserved.memory": ("99Gi",),
    "maxPods": (17,),
    "disk": ("500Gi", "1Gi"),
    "nodes": (8,),
    "zones": (["z-a"],),
    "capacity": ("reserved", "spot"),
    "reservation": ("cr-0a1", "projects/p/reservations/r"),
    "provisioning": ("karpenter", "computeClass", "clusterAutoscaler", "static"),
    "sharing.mig": ("3g.40gb",),
    "sharing.timeSlicing": (4,),
    "sharing.mps": (4,),
    "allocation": ("dra", "devicePlugin"),
    "price": ("9.80",),
    "maintenance": (True,),
}
"""Other values of each field."""


class Effect(NamedTuple):
    """What a pool comes to: what is refused, what is emitted, and what planning counts with."""

    refused: list[str]
    emitted: str
    planned: str


def effect(at: tuple[str, str], fields: Fields, components: str = "") -> Effect:
    provider, how = at
    own = ", ".join(filter(None, (KUEUE, OPERATOR, KARPENTER if provider == "eks" else "", components)))
    here = f"kubernetes: '1.35', provider: {provider}, environment: dev, zones: [z-a, z-b], {NODES}"
    given = {"nodes": 4 if how == "static" else "2..4", "provisioning": how, **fields}
    texts = [
        FLEET, team("t", "quota: {devices: {H100: 8}}"), spec("GPUPool", _nested(given), "{name: p, cluster: c}"),
        spec("Cluster", f"{{{here}, components: {{{own}}}}}", "{name: c}"),
    ]  # fmt: skip
    world = World(docs(*texts), table())
    found = list(_findings(world))
    if found:
        return Effect([one.message for one in found], "", "")
    plan = Plan(world)
    site = pool_site(world.pools[0], world.clusters[0])
    emitted = [list(run(lower, plan.site(s, 0))) for s in plan.subjects.values() for lower in lowerings(s.kind)]
    return Effect([], repr(emitted), repr((site.pool, site.nodes)))


def _nested(fields: Fields) -> str:
    out: dict[str, Any] = {}
    for path, value in fields.items():
        *above, last = path.split(".")
        inside = out
        for step in above:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return repr(out).replace("True", "true")


def _findings(world: World) -> Iterator[Diagnostic]:
    doc = world.docs["GPUPool/c/p"]
    return pool_findings(world.pools[0], world.clusters[0], Places(doc, world.layers(doc), locate))


def leaves(struct: Struct, above: str = "") -> Iterator[str]:
    """The fields of a spec, by their paths."""
    for name, field in struct.fields.items():
        if isinstance(field.schema, Struct):
            yield from leaves(field.schema, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_every_field_is_tried() -> None:
    assert set(leaves(KINDS["GPUPool"].struct)) - {"cluster"} == OTHER.keys()


@pytest.mark.parametrize("at", MADE, ids="-".join)
@pytest.mark.parametrize("base", [GPU, CPU, TPU], ids=["gpu", "cpu", "tpu"])
def test_another_value_does_something(at: tuple[str, str], base: Fields) -> None:
    before = effect(at, base)
    assert before.refused == []
    passed_over = [(field, value) for field, value in _tried(base) if not _does_something(at, base, field, value)]
    assert passed_over == []


def _tried(base: Fields) -> Iterator[tuple[str, Any]]:
    """How devices are given out is asked below; and what makes nodes is the test's own parameter."""
    for field, values in OTHER.items():
        if field not in ("allocation", "provisioning"):
            yield from ((field, value) for value in values if value != base.get(field))


def _does_something(at: tuple[str, str], base: Fields, field: str, value: Any) -> bool:
    around = {"capacity": "reserved", "machine.type": "a"} if field == "reservation" else {}
    return effect(at, {**base, **around, field: value}) != effect(at, {**base, **around})


@pytest.mark.parametrize("at", [*MADE, *NEVER], ids="-".join)
@pytest.mark.parametrize("sharing", [{}, {"sharing.mig": "3g.40gb"}, {"sharing.timeSlicing": 2}, {"sharing.mps": 2}])
@pytest.mark.parametrize("device", ["H100:8", "TPU-v6e:4", "MI300X:8", "L4:1"])
def test_devices_are_given_out_as_asked_or_that_is_refused(at: tuple[str, str], sharing: Fields, device: str) -> None:
    """What is refused in `dra` is exactly what no claims can do, by the backend's own account."""
    base = {**GPU, "accelerators": device, **sharing}
    asked = {how: effect(at, {**base, "allocation": how}, DRA) for how in ("dra", "devicePlugin")}
    assert not any("claims cannot" in text for text in asked["devicePlugin"].refused)
    if not asked["dra"].refused:
        assert asked["dra"].emitted != asked["devicePlugin"].emitted


@pytest.mark.parametrize("at", NEVER, ids="-".join)
def test_what_no_object_makes_is_refused(at: tuple[str, str]) -> None:
    assert len(effect(at, GPU).refused) == 1


@pytest.mark.parametrize("at", MADE, ids="-".join)
@pytest.mark.parametrize("minor", ["1.33", "1.34", "1.36"])
@pytest.mark.parametrize("device", ["H100:8", "TPU-v6e:4", "MI300X:8"])
@pytest.mark.parametrize("sharing", ["", "mig: 3g.40gb", "timeSlicing: 2"])
def test_both_ways_of_telling_what_claims_can_do_agree(
    at: tuple[str, str], minor: str, device: str, sharing: str
) -> None:
    pool = (
        f"{{accelerators: {device}, nodes: 2, machine: {{cpu: 9, memory: 9Gi}}, sharing: {{{sharing}}}, provisioning: "
    )
    here = f"{{kubernetes: '{minor}', provider: {at[0]}, environment: dev, components: {{karpenter: 1.14.1}}}}"
    texts = [spec("GPUPool", f"{pool}{at[1]}, allocation: dra}}", "{name: p, cluster: c}")]
    world = World(docs(FLEET, spec("Cluster", here, "{name: c}"), *texts), table())
    plan, found = Plan(world), devices_of(world.pools[0])
    of = accelerator(device.partition(":")[0])
    assert found is not None
    assert of is not None
    site = plan.site(plan.subjects["Cluster"], 0)
    assert (claims(site, world.pools[0], found) is None) == bool(unclaimable(world.pools[0], world.clusters[0], of))

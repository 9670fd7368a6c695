"""Requirements on accelerators: how they are claimed, driven, shared and virtualised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.accelerators import Vendor, accelerators
from fleetc.catalogue.conformance import conformance
from fleetc.check.conformance.facts import Evidence, Found, Here, Pool, Verdict, met, outside, partly, unmet
from fleetc.check.conformance.workloads import DRA, requested
from fleetc.check.rules.access import at, items
from fleetc.tuples import NamedTuple

_CORE_TESTS: Final = 35
"""From this minor on, Kubernetes' own conformance tests cover resource.k8s.io (KAR-0051)."""
_FIRST: Final = 34
_NVIDIA: Final = ("gpu-operator", "nvidia-dra-driver")
COMPONENTS: Final = "the `components` of the Cluster, or of its Platform"
_MIG_CONFIG: Final = "nvidia.com/mig.config"
_GKE_LABELS: Final = ("cloud.google.com/gke-gpu-sharing-strategy", "cloud.google.com/gke-gpu-partition-size")
_PLUGIN: Final = re.compile(r"^sharing:\n +(timeSlicing|mps):", re.MULTILINE)
"""The configuration of NVIDIA's device plugin."""
_PROFILE: Final = re.compile(r"""\.profile\s*==\s*['"]""")
_VIRTUAL: Final = re.compile(r"""\.type\s*==\s*['"]vfio['"]""")
_VIRTUAL_CLASS: Final = "vfio.gpu.nvidia.com"


class Claim(NamedTuple):
    """A DeviceClass that a claim asks for: the class where it is emitted, its name, and where the claim asks."""

    of: Found | None
    name: str
    asked: Evidence


def claims(here: Here) -> Iterator[Claim]:
    """What all claims and templates of claims ask for."""
    classes = {found.name: found for found in here.of(DRA, "DeviceClass")}
    for found in here.of(DRA, "ResourceClaimTemplate", "ResourceClaim"):
        for path, name in requested(found):
            yield Claim(classes.get(name), name, found.evidence(*path))


def expressions(found: Found) -> list[str]:
    """The expressions by which a DeviceClass selects devices."""
    return [str(at(item, "cel").get("expression")) for _, item in items(found.spec, "selectors")]


def of_network(found: Found) -> bool:
    """Whether a DeviceClass is of a driver for networks."""
    drivers = "|".join(map(re.escape, conformance().network_drivers))
    test = re.compile(rf"""device\.driver\s*==\s*['"]({drivers})['"]""")
    return any(test.search(text) for text in expressions(found))


def dra_support(here: Here) -> Verdict:
    """A DeviceClass and a claim of it; the driver; else Kubernetes' own conformance."""
    drivers = {a.driver.device_class for a in accelerators() if a.driver is not None}
    asked = [c for c in claims(here) if (c.of is not None and not of_network(c.of)) or c.name in drivers]
    nvidia = any(p.accelerator.vendor is Vendor.NVIDIA for p in here.pools)
    driver = here.component("nvidia-dra-driver")
    if asked and (driver is not None or not nvidia):
        shown = [e for c in asked for e in (c.of.evidence() if c.of else None, c.asked)]
        return met("pods claim devices of DeviceClasses", *shown, driver)
    if here.minor() >= _CORE_TESTS:
        said = f"Kubernetes' own conformance tests cover resource.k8s.io/v1 from 1.{_CORE_TESTS} on"
        return met(said, here.spec("kubernetes"))
    if asked:
        fix = f"add `nvidia-dra-driver` to {COMPONENTS}"
        note = "devices are claimed, and nothing that publishes them is among the components"
        return partly(note, fix, *(c.asked for c in asked))
    fix = "give out a GPUPool's devices with `allocation: dra`, and place a Model on it"
    if here.minor() < _FIRST:
        fix = f"go to Kubernetes 1.{_FIRST} or later, whose API servers have resource.k8s.io/v1, and {fix}"
    return unmet("nothing claims devices by a DeviceClass", fix)


def driver_runtime_management(here: Here) -> Verdict:
    """The operator that installs drivers, and the DRA driver that publishes their versions."""
    others = [p.accelerator.name for p in here.pools if p.accelerator.vendor is not Vendor.NVIDIA]
    of_others = f"no component that fleetc knows installs the drivers of {', '.join(sorted(set(others)))}"
    names = [name for name in _NVIDIA if name in here.cluster.components]
    shown = [here.component(name) for name in names]
    if len(others) == len(here.pools):
        return unmet("nothing that is known installs drivers, or tells their versions", of_others)
    if not names:
        note = "no component installs drivers, or tells their versions"
        return unmet(note, f"add `{_NVIDIA[0]}` and `{_NVIDIA[1]}` to {COMPONENTS}")
    missing = [name for name in _NVIDIA if name not in names]
    if missing:
        notes = {
            "gpu-operator": "the DRA driver publishes the drivers' versions, and no component installs them",
            "nvidia-dra-driver": "drivers are installed, and DRA does not tell their versions",
        }
        return partly(notes[missing[0]], f"add `{missing[0]}` to {COMPONENTS}", *shown)
    if others:
        return partly("drivers of NVIDIA's devices are installed, and no others", of_others, *shown)
    return met("an operator installs drivers, and the DRA driver publishes their versions", *shown)


def gpu_sharing(here: Here) -> Verdict:
    """What is emitted for pools whose devices are shared."""
    if all(p.accelerator.vendor is Vendor.GOOGLE for p in here.pools):
        return outside("all accelerators are TPUs, which are no GPUs to share", *(_pool(p) for p in here.pools))
    said = [p.evidence("sharing", way) for p in here.pools for way in _ways(p)]
    shown = [found.evidence(*path) for found in here.objects for path in _shared(found)]
    if shown:
        return met("GPUs are given out in parts", *shown, *said)
    fix = "set `sharing` of a GPUPool"
    if said:
        note = "a pool is shared, and nothing is emitted that makes its nodes so"
        return partly(note, "let an autoscaler make its nodes, or give its devices out by DRA", *said)
    return unmet("every GPU is given out whole", fix)


def _pool(pool: Pool) -> Evidence:
    return pool.evidence("accelerators")


def _ways(pool: Pool) -> Iterator[str]:
    """How its devices are shared, by the field that says so."""
    sharing = pool.node.sharing
    ways = {"mig": sharing.mig, "timeSlicing": sharing.time_slicing, "mps": sharing.mps}
    return (name for name, value in ways.items() if value is not None)


def _shared(found: Found) -> Iterator[tuple[str | int, ...]]:
    """Where an object shares devices: what configures nodes or device plugins, and what selects a part of a device."""
    match found.group, found.kind:
        case "", "ConfigMap":
            for name, text in at(found.object, "data").items():
                if _MIG_CONFIG in str(text) or _PLUGIN.search(str(text)):
                    yield "data", name
        case "kueue.x-k8s.io", "ResourceFlavor":
            yield from (("spec", "nodeLabels", n) for n in at(found.spec, "nodeLabels") if n in _GKE_LABELS)
        case "karpenter.sh", "NodePool":
            labels = at(found.spec, "template", "metadata", "labels")
            yield from (("spec", "template", "metadata", "labels", n) for n in labels if n == _MIG_CONFIG)
        case "resource.k8s.io", "DeviceClass":
            for n, _ in items(found.spec, "selectors"):
                if any(_PROFILE.search(text) for text in expressions(found)[n : n + 1]):
                    yield "spec", "selectors", n
        case _:
            return


def virtualized_accelerator(here: Here) -> Verdict:
    """A DeviceClass of devices for virtual machines, and a claim of it."""
    classes = [f for f in here.of(DRA, "DeviceClass") if any(_VIRTUAL.search(text) for text in expressions(f))]
    names = {_VIRTUAL_CLASS, *(f.name for f in classes)}
    asked = [c.asked for c in claims(here) if c.name in names]
    if asked:
        return met("virtual devices are claimed as physical ones are", *asked, *(f.evidence() for f in classes))
    fix = f"write a ResourceClaimTemplate of the DeviceClass `{_VIRTUAL_CLASS}` in a Manifest"
    if all(p.accelerator.vendor is not Vendor.NVIDIA for p in here.pools):
        which = ", ".join(sorted({p.accelerator.name for p in here.pools}))
        fix = f"fleetc knows no virtual devices of {which}: where there are none, say so, and that it does not apply"
    if classes:
        note = "there is a DeviceClass of devices for virtual machines, and nothing claims one"
        return partly(note, fix, *(f.evidence() for f in classes))
    return unmet("no virtual device is claimed", fix)

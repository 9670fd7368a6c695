"""DeviceClasses: one for each accelerator of the cluster, whole or by MIG profile, that pods claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.accelerators import Vendor
from fleetc.emission.site import ClusterSite
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import Devices, claims, devices_of

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import DeviceClass


def device_classes(s: ClusterSite) -> Iterator[DeviceClass]:
    """The DeviceClass of each accelerator that some pool gives by claims. Without pools there are none."""
    found: dict[str, tuple[str, Devices]] = {}
    for pool in s.pools:
        devices = devices_of(pool)
        version = claims(s, pool, devices) if devices is not None else None
        if devices is not None and version is not None:
            found.setdefault(devices.device_class, (version, devices))
    for name, (version, devices) in sorted(found.items()):
        yield {
            "apiVersion": f"resource.k8s.io/{version}",
            "kind": "DeviceClass",
            "metadata": cluster_metadata(s, name),
            "spec": {"selectors": [{"cel": {"expression": _expression(devices)}}]},
        }


def _expression(devices: Devices) -> str:
    """Which devices are meant. One expression, so that what is of another kind is passed over before an attribute that
    it lacks is read, which would be an error.

    NVIDIA's driver (dra-driver-nvidia-gpu 0.4.0) gives type, productName and, of MIG devices, profile. The catalogue
    has products as GPU feature discovery labels nodes, with dashes for spaces; `replace` is of the strings library
    of CEL in Kubernetes (kubernetes.io/docs/reference/using-api/cel). Of other drivers no attribute was verified
    that tells models apart: all devices of the driver.
    """
    driver = devices.accelerator.driver
    assert driver is not None
    tests = [f"device.driver == '{driver.name}'"]
    if devices.accelerator.vendor is Vendor.NVIDIA:
        attributes = f"device.attributes['{driver.name}']"
        tests.append(f"{attributes}.type == '{'gpu' if devices.mig is None else 'mig'}'")
        if devices.mig is not None:
            tests.append(f"{attributes}.profile == '{devices.mig}'")
        products = ", ".join(f"'{product}'" for product in devices.accelerator.labels.gfd)
        if products:
            tests.append(f"{attributes}.productName.replace(' ', '-') in [{products}]")
    return " && ".join(tests)

"""ResourceClaimTemplates: the devices of each pod, where dynamic resource allocation gives them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.accelerators import Vendor
from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.serving.devices import CLAIM, accelerator_of, claimed
from fleetc_kubernetes.serving.names import part_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import DeviceRequest, ResourceClaimTemplate


def claim_templates(s: ModelSite) -> Iterator[ResourceClaimTemplate]:
    """A template for each part whose devices are claimed; a claim lives as long as its pod, and frees them with it."""
    for part in s.serving.parts:
        found = claimed(s, part)
        if found is not None:
            yield {
                "apiVersion": f"resource.k8s.io/{found.version}",
                "kind": "ResourceClaimTemplate",
                "metadata": part_metadata(s, part),
                "spec": {
                    "spec": {"devices": {"requests": [{"name": CLAIM, "exactly": _request(part, found.device_class)}]}},
                },
            }


def _request(part: ServingPart, device: str) -> DeviceRequest:
    """How many devices of the class, which has accelerators of one kind, and of one profile."""
    accelerator = accelerator_of(part)
    if accelerator is not None and accelerator.vendor is Vendor.GOOGLE:
        # The driver gives all chips of a node, and nothing less.
        return {"deviceClassName": device, "allocationMode": "All"}
    return {"deviceClassName": device, "allocationMode": "ExactCount", "count": part.devices}

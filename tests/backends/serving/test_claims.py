"""Devices by dynamic resource allocation, and where the device plugin gives them out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.serving.sites import COMPONENTS, engine, made, of, one, part, site, templates

from fleetc.emission.site import ClusterSite, ModelSite
from fleetc_kubernetes.pools.device_class import device_classes

DRIVER = {**COMPONENTS, "nvidia-dra-driver": "0.4.0"}
MIG = {"accelerator": "A100-80", "profile": "3g.40gb", "devices": 1, "tensor": 1}


def at(own: dict[str, Any] | None = None, pool: dict[str, Any] | None = None, **more: Any) -> ModelSite:
    """A site on 1.35 of an owner's own cluster, where the driver is."""
    here = {"provider": "onprem", "kubernetes": "1.35", **more.pop("here", {})}
    return site(part(**(own or {})), here=here, pools={"h100": pool or {}}, **{"components": DRIVER, **more})


def test_claims() -> None:
    found = made(at())
    template = one(found, "ResourceClaimTemplate")
    assert template["apiVersion"] == "resource.k8s.io/v1"
    assert template["metadata"]["name"] == "llama-h100"
    assert template["spec"]["spec"]["devices"]["requests"] == [
        {
            "name": "devices",
            "exactly": {"deviceClassName": "h100.fleetc.dev", "allocationMode": "ExactCount", "count": 4},
        }
    ]
    pod = templates(one(found, "Deployment"))[0]["spec"]
    assert pod["resourceClaims"] == [{"name": "devices", "resourceClaimTemplateName": "llama-h100"}]
    asked = pod["containers"][0]["resources"]
    assert asked["claims"] == [{"name": "devices"}]
    assert "nvidia.com/gpu" not in asked["limits"]


@pytest.mark.parametrize("own", [{}, MIG], ids=["whole", "mig"])
def test_the_class_that_is_claimed_from_is_the_one_of_the_clusters_pools(own: dict[str, Any]) -> None:
    where = at(own)
    (request,) = one(made(where), "ResourceClaimTemplate")["spec"]["spec"]["devices"]["requests"]
    common = {name: value for name, value in where.__dict__.items() if name not in ("team", "model", "serving")}
    (found,) = device_classes(ClusterSite(**common))
    assert request["exactly"]["deviceClassName"] == found["metadata"]["name"]
    told = [item["cel"]["expression"] for item in found["spec"]["selectors"]]
    # A profile is chosen by its attribute.
    assert any("'3g.40gb'" in text for text in told) == (own == MIG)


@pytest.mark.parametrize(
    "where",
    [
        at(pool={"allocation": "devicePlugin"}),
        at(here={"kubernetes": "1.33"}),
        at(components=COMPONENTS),
        at({"accelerator": "L4", "profile": "timeSlicing", "devices": 1}),
        at(MIG, here={"provider": "gke"}),
        at(pool={"provisioning": "karpenter"}, components={**DRIVER, "karpenter": "1.13.0"}),
    ],
    ids=["asked for", "old", "no driver", "time slicing", "mig on gke", "karpenter"],
)
def test_extended_resources(where: ModelSite) -> None:
    found = made(where)
    assert of(found, "ResourceClaimTemplate") == []
    assert any(name.startswith("nvidia.com/") for name in engine(one(found, "Deployment"))["resources"]["limits"])
    assert "resourceClaims" not in templates(one(found, "Deployment"))[0]["spec"]


def test_a_pool_that_asks_for_them_has_its_driver_from_elsewhere() -> None:
    found = made(at(pool={"allocation": "dra"}, components=COMPONENTS))
    assert len(of(found, "ResourceClaimTemplate")) == 1

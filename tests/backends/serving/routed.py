"""Sites of models that a Gateway routes, with an endpoint picker or without."""

from __future__ import annotations

from typing import Any

from tests.backends.serving.sites import COMPONENTS, emitted, judged, model, part, templates, unrestricted
from tests.emission.nodes import cluster, divisions, fleet, node, team, teams

from fleetc.emission.site import Collection, ModelSite
from fleetc.language.serving import Serving
from fleetc_kubernetes.serving import LOWERINGS

IMAGE = "registry.acme.example/endpoint-picker@sha256:" + "4" * 64
PICKER: dict[str, Any] = {"image": IMAGE, "cpu": "2", "memory": "4Gi", "tls": True}
GATEWAY: dict[str, Any] = {"namespace": "gateway", "name": "models", "selector": {"app": "gateway"}, "picker": PICKER}
DNS: dict[str, Any] = {"namespace": "kube-system", "selector": {"app": "dns"}, "ports": [53]}
API_SERVER: dict[str, Any] = {"addresses": ["10.0.0.2/32"], "ports": [443]}
POOL: dict[str, Any] = {
    "machine": {}, "reserved": {}, "nodes": "0..16", "capacity": "reserved", "provisioning": "static", "sharing": {},
    "allocation": "auto", "maintenance": False, "cluster": "c1",
}  # fmt: skip
ROUTING = {"hostname": "models.acme.example", "path": "/llama"}
WITH_POOLS = {**COMPONENTS, "gateway-api-inference-extension": "1.6.0"}


def routed(**more: Any) -> ModelSite:
    """Model `llama` on a cluster whose Gateway has a picker.

    `gateway` is of the Gateway, `network` of the cluster's network, `components` of the cluster, `spec` of the model,
    `planned` of what was planned.
    """
    planned: dict[str, Any] = {
        "team": "search", "parts": (part(),), "engine": "vllm", "version": "0.21.0", "context": 32768,
        "concurrency": 16, "weights": "fp8", "cache": "bf16", "utilization": 900, "checkpoint": 70 * 10**9,
        **more.get("planned", {}),
    }  # fmt: skip
    serving = Serving(id="Serving/llama", name="llama", labels={}, **planned)
    gateway = {**GATEWAY, **more.get("gateway", {})}
    network = {"cni": "calico", "dns": DNS, "apiServer": API_SERVER, **more.get("network", {})}
    here = cluster(
        priorityClasses={"serving": {}},
        components=more.get("components", WITH_POOLS),
        network={**network, "gateway": {key: value for key, value in gateway.items() if value is not None}},
    )
    own = team()
    pool = node("GPUPool", "c1/h100", POOL)
    return ModelSite(
        fleet=fleet(), cluster=here, teams=teams(own), team=own,
        pools=Collection("GPUPool", ("h100",), {"h100": pool}.__getitem__),
        servings=Collection("Serving", ("llama",), {"llama": serving}.__getitem__),
        divisions=divisions(serving),
        model=model(**{"routing": ROUTING, **more.get("spec", {})}), serving=serving,
    )  # fmt: skip


def made(at: ModelSite) -> dict[tuple[str, str], Any]:
    """All objects by kind and name: each is what an API server takes, and a recording twin makes the same."""
    out: dict[tuple[str, str], Any] = {}
    for item in emitted(LOWERINGS, at):
        key = (item["kind"], item["metadata"]["name"])
        assert key not in out
        out[key] = item
        assert judged(item, at.cluster.kubernetes) == (), item
        if item["kind"] == "Deployment":
            assert [why for pod in templates(item) for why in unrestricted(pod["spec"])] == []
    return out

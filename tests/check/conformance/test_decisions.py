"""Each requirement but that on security, decided on clusters that are made for it."""

from __future__ import annotations

import copy

import pytest
from tests.check.conformance.clusters import clusters, here, of

from fleetc.check.conformance.facts import Status, Verdict

YES, PARTLY, NO, OUTSIDE = Status.IMPLEMENTED, Status.PARTIALLY, Status.NOT, Status.NOT_APPLICABLE
CLASS = """
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: %s}
spec: {selectors: [{cel: {expression: "%s"}}]}
"""
CLAIM = """
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: %s, namespace: search}
spec: {spec: {devices: {requests: [{name: d, exactly: {deviceClassName: %s}}]}}}
"""
GPU = CLASS % ("h200", "device.driver == 'gpu.nvidia.com'") + "---" + CLAIM % ("c", "h200")
NIC = CLASS % ("nic", "device.driver == 'dra.net'")
SERVER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm, namespace: search}
spec:
  template:
    metadata: {labels: {app: llm}}
    spec: {containers: [{name: c, image: a, resources: {limits: {nvidia.com/gpu: 1}}}]}
"""
GROUP = """
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: big, namespace: search}
spec:
  leaderWorkerTemplate:
    size: %d
    workerTemplate:
      metadata: {labels: {llm-d.ai/role: %s}}
      spec: {containers: [{name: c, image: a, resources: {limits: {nvidia.com/gpu: 8}}}]}
"""
QUEUES = """
apiVersion: kueue.x-k8s.io/v1beta2
kind: ClusterQueue
metadata: {name: search}
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata: {name: q, namespace: search}
spec: {clusterQueue: %s}
"""
ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: llm, namespace: search}
spec:
  parentRefs: [{namespace: %s, name: models}]
  rules: [{backendRefs: [{group: inference.networking.k8s.io, kind: InferencePool, name: llm}, {name: old, weight: 1}]}]
"""
POOL = """
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: {name: llm, namespace: search}
spec: {endpointPickerRef: {name: picker}}
"""
PICKER = """
apiVersion: v1
kind: Service
metadata: {name: picker, namespace: search}
spec: {selector: {app: picker}}
"""
SCALER = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: llm, namespace: %s}
spec: {scaleTargetRef: {name: llm}, triggers: [{type: %s}]}
"""
HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: llm, namespace: search}
spec: {scaleTargetRef: {kind: Deployment, name: llm}, metrics: [{type: %s}]}
"""
MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: %s, namespace: search, labels: {team: search}}
spec: {selector: {matchLabels: {app: %s}}}
"""
PROMETHEUS = """
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: p, namespace: monitoring}
spec: {podMonitorSelector: {matchLabels: {team: %s}}, podMonitorNamespaceSelector: {}}
"""
NODES = """
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: n}
spec: {limits: {%s: 8}, template: {spec: {}}}
"""
RAY = """
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: r, namespace: search}
"""


def test_claims() -> None:
    driver = {"nvidia-dra-driver": "0.4.0"}
    old = "1.33"
    assert of(here(GPU, components=driver, kubernetes=old), "dra_support").status is YES
    assert of(here(GPU, kubernetes=old), "dra_support").status is PARTLY
    assert of(here(CLASS % ("h200", "true"), components=driver, kubernetes="1.34"), "dra_support").status is NO
    network = NIC + "---" + CLAIM % ("c", "nic")
    assert of(here(network, components=driver, kubernetes="1.34"), "dra_support").status is NO
    found = of(here(kubernetes=old), "dra_support")
    assert "1.34 or later" in found.fix
    found = of(here(), "dra_support")
    assert (found.status, found.by, [e.what for e in found.evidence]) == (
        YES,
        "provider",
        ["kubernetes of Cluster onprem-fra"],
    )


@pytest.mark.parametrize(
    ("components", "status"),
    [
        ((), NO),
        (("gpu-operator",), PARTLY),
        (("nvidia-dra-driver",), PARTLY),
        (("gpu-operator", "nvidia-dra-driver"), YES),
    ],
)
def test_drivers(components: tuple[str, ...], status: Status) -> None:
    found = of(here(components=dict.fromkeys(components, "1")), "driver_runtime_management")
    assert found.status is status
    assert found.by == ("provider" if components else "nothing")
    missing = {"gpu-operator", "nvidia-dra-driver"} - {*components}
    assert all(f"`{name}`" in found.fix for name in missing)


def test_drivers_of_others() -> None:
    tpus = clusters()["gke-use5-tpu"].here.pools
    both = [*clusters()["onprem-fra"].here.pools, *tpus]
    whole = {"gpu-operator": "1", "nvidia-dra-driver": "1"}
    assert of(here(pools=tpus, components=whole), "driver_runtime_management").status is NO
    found = of(here(pools=both, components=whole), "driver_runtime_management")
    assert found.status is PARTLY
    assert "TPU-v6e" in found.fix


def test_sharing() -> None:
    pools = clusters()["onprem-fra"].here.pools
    alone = [p for p in pools if p.node.name == "h200"]
    assert of(here(pools=alone), "gpu_sharing").status is NO
    assert of(here(), "gpu_sharing").status is PARTLY
    profile = CLASS % ("mig", "device.attributes['gpu.nvidia.com'].profile == '3g.40gb'")
    assert of(here(profile, pools=alone), "gpu_sharing").status is YES
    config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {c: "version: v1\\nsharing:\\n  mps:\\n"}'
    assert of(here(config), "gpu_sharing").status is YES
    prose = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {c: of sharing and mps}"
    assert of(here(prose), "gpu_sharing").status is PARTLY
    assert of(clusters()["gke-use5-tpu"].here, "gpu_sharing").status is OUTSIDE


def test_virtual_devices() -> None:
    vfio = CLASS % ("vm", "device.attributes['gpu.nvidia.com'].type == 'vfio'")
    assert of(here(vfio), "virtualized_accelerator").status is PARTLY
    assert of(here(vfio + "---" + CLAIM % ("c", "vm")), "virtualized_accelerator").status is YES
    assert of(here(CLAIM % ("c", "vfio.gpu.nvidia.com")), "virtualized_accelerator").status is YES
    assert of(here(GPU), "virtualized_accelerator").status is NO


def test_routes() -> None:
    api = {"gateway-api-standard": "1.6.1"}
    assert of(here(ROUTE % "gateway", components=api), "ai_inference").status is YES
    assert "weights" in of(here(ROUTE % "gateway", components=api), "ai_inference").note
    assert of(here(ROUTE % "elsewhere", components=api), "ai_inference").status is PARTLY
    assert of(here(components=api), "ai_inference").status is PARTLY


def test_inference_pools() -> None:
    api = {"gateway-api-inference-extension": "1.6.0"}
    minor = "1.36"
    parts = [ROUTE % "gateway", POOL, PICKER]
    whole = here("---".join(parts), components=api, kubernetes=minor)
    assert of(whole, "advanced_inference_ingress").status is YES
    assert of(here("---".join(parts), kubernetes=minor), "advanced_inference_ingress").status is PARTLY
    for part in (0, 2):
        left = "---".join(p for n, p in enumerate(parts) if n != part)
        assert of(here(left, components=api, kubernetes=minor), "advanced_inference_ingress").status is PARTLY
    assert of(here(parts[0] + "---" + PICKER, kubernetes=minor), "advanced_inference_ingress").status is NO


def fast(text: str) -> Verdict:
    return of(here(text, kubernetes="1.36"), "high_performance_networking")


def test_networks() -> None:
    assert fast(SERVER).status is OUTSIDE
    assert fast(GROUP % (1, "x")).status is OUTSIDE
    assert fast(GROUP % (2, "x")).status is NO
    assert "LeaderWorkerSet search/big" in fast(GROUP % (2, "x")).note
    assert fast(RAY).status is NO
    assert fast(NIC).status is PARTLY
    assert fast(NIC + "---" + CLAIM % ("c", "nic")).status is YES
    assert fast(GPU).status is OUTSIDE


def test_phases() -> None:
    def apart(text: str) -> Status:
        return of(here(text, kubernetes="1.36"), "disaggregated_inference").status

    assert apart(SERVER) is NO
    assert apart(GROUP % (1, "prefill")) is PARTLY
    assert apart(GROUP % (1, "prefill") + "---" + GROUP % (1, "decode")) is YES
    split = (
        "apiVersion: serving.kserve.io/v1alpha2\nkind: LLMInferenceService\nmetadata: {name: l, namespace: s}\nspec: "
    )
    assert apart(f"{split}{{prefill: {{replicas: 1}}}}") is YES
    assert apart(f"{split}{{replicas: 1}}") is NO


def test_gangs() -> None:
    kueue = {"kueue": "0.19.2"}
    assert of(here(QUEUES % "search", components=kueue), "gang_scheduling").status is YES
    assert of(here(QUEUES % "gone", components=kueue), "gang_scheduling").status is PARTLY
    assert of(here(QUEUES % "search"), "gang_scheduling").status is PARTLY
    assert of(here(components=kueue), "gang_scheduling").status is PARTLY
    assert of(here(), "gang_scheduling").status is NO
    volcano = "apiVersion: scheduling.volcano.sh/v1beta1\nkind: Queue\nmetadata: {name: q}"
    assert of(here(volcano, components={"volcano": "1.15.1"}), "gang_scheduling").status is YES


def test_nodes_on_demand() -> None:
    karpenter = {"karpenter": "1.14.1"}
    gpus, cpus = NODES % "nvidia.com/gpu", NODES % "cpu"
    assert of(here(gpus, components=karpenter), "cluster_autoscaling").status is YES
    assert of(here(gpus), "cluster_autoscaling").status is PARTLY
    assert of(here(cpus, components=karpenter), "cluster_autoscaling").status is OUTSIDE
    assert of(here(cpus, provider="gke", kubernetes="1.36"), "cluster_autoscaling").status is NO
    found = of(here(cpus, provider="eks", kubernetes="1.35"), "cluster_autoscaling")
    assert (found.status, found.by, found.fix) == (YES, "provider", "")
    assert "v1.35/eks/PRODUCT.yaml" in found.note
    static = gpus.replace("spec: {", "spec: {replicas: 2, ")
    assert of(here(static, components=karpenter), "cluster_autoscaling").status is OUTSIDE


def scaled(text: str, *components: str) -> Status:
    return of(here(f"{SERVER}---{text}", components=dict.fromkeys(components, "1")), "pod_autoscaling").status


def test_pods_on_demand() -> None:
    assert scaled(SCALER % ("search", "prometheus"), "keda") is YES
    assert scaled(SCALER % ("search", "prometheus")) is PARTLY
    assert scaled(SCALER % ("search", "cpu"), "keda") is PARTLY
    assert scaled(SCALER % ("other", "prometheus"), "keda") is NO
    assert scaled(HPA % "Pods") is YES
    assert scaled(HPA % "Resource") is PARTLY
    idle = SERVER.replace("nvidia.com/gpu", "cpu")
    assert of(here(f"{idle}---{HPA % 'Pods'}"), "pod_autoscaling").status is NO


def measured(text: str, id: str = "ai_service_metrics", *components: str) -> Status:
    return of(here(f"{SERVER}---{text}", components=dict.fromkeys(components, "1")), id).status


def test_what_servers_tell() -> None:
    id, operator = "ai_service_metrics", "prometheus-operator"
    reads, ignores = PROMETHEUS % "search", PROMETHEUS % "other"
    assert measured(f"{MONITOR % ('m', 'llm')}---{reads}", id, operator) is YES
    assert measured(f"{MONITOR % ('m', 'llm')}---{reads}") is PARTLY
    assert measured(f"{MONITOR % ('m', 'llm')}---{ignores}", id, operator) is PARTLY
    assert measured(MONITOR % ("m", "llm"), id, operator) is YES  # the spec names a Prometheus
    unnamed = copy.copy(here().cluster.monitoring)
    unnamed.__dict__["address"] = None
    text = f"{SERVER}---{MONITOR % ('m', 'llm')}"
    assert of(here(text, components={operator: "1"}, monitoring=unnamed), id).status is PARTLY
    assert measured(f"{MONITOR % ('m', 'web')}---{reads}", id, operator) is NO
    near = reads.replace("podMonitorNamespaceSelector: {}", "retention: 1d")
    assert measured(f"{MONITOR % ('m', 'llm')}---{near}", id, operator) is PARTLY
    assert of(here(components={operator: "1"}), id).fix == "place a Model on the cluster"


def test_what_devices_tell() -> None:
    id, operator = "accelerator_metrics", "prometheus-operator"
    reads = PROMETHEUS % "search"
    for monitor in (MONITOR % ("m", "nvidia-dcgm-exporter"), MONITOR % ("dcgm-exporter", "anything")):
        assert measured(f"{monitor}---{reads}", id, operator) is YES
    assert measured(f"{MONITOR % ('m', 'dcgm-exporters')}---{reads}", id, operator) is NO
    tpus = clusters()["gke-use5-tpu"].here.pools
    both = [*clusters()["onprem-fra"].here.pools, *tpus]
    found = of(here(f"{MONITOR % ('m', 'dcgm-exporter')}---{reads}", pools=both, components={operator: "1"}), id)
    assert found.status is PARTLY
    assert "TPU-v6e" in found.note


def test_operators() -> None:
    assert of(here(RAY, components={"kuberay": "1.7.0"}), "robust_controller").status is YES
    assert of(here(components={"kuberay": "1.7.0"}), "robust_controller").status is PARTLY
    assert of(here(RAY), "robust_controller").status is NO
    found = of(here(QUEUES % "search", components={"kueue": "0.19.2"}), "robust_controller")
    assert found.status is PARTLY
    assert "`kuberay`" in found.fix


def test_where_nothing_is_to_be_met() -> None:
    assert of(here(pools=()), "pod_autoscaling").status is OUTSIDE
    assert of(here(pools=()), "gang_scheduling").status is NO
    assert of(here(pools=(), role="manager"), "gang_scheduling").status is OUTSIDE
    assert of(here(role="manager"), "gang_scheduling").status is NO

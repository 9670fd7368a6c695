"""Who makes the nodes of pools, and by which labels and taints they are known."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.kubernetes.sites import ORGANISATION
from tests.backends.pools.sites import KARPENTER, KUEUE, NODES, OPERATOR, cluster, eks, pool, pool_site, taken

from fleetc_kubernetes.pools.compute_class import compute_classes
from fleetc_kubernetes.pools.ec2_node_class import ec2_node_classes
from fleetc_kubernetes.pools.node_pool import node_pools
from fleetc_kubernetes.pools.resource_flavor import resource_flavors
from fleetc_kubernetes.pools.topology import topologies

H200 = pool("accelerators: H200:8, machine: p5en.48xlarge, nodes: 2..4, zones: z-b, capacity: reserved, maxPods: 64")
GPU = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def test_node_pool_of_accelerators() -> None:
    found = taken(node_pools, pool_site(eks(), H200))["p"]
    assert (found["apiVersion"], found["metadata"]["labels"]) == ("karpenter.sh/v1", ORGANISATION)
    assert found["spec"] == {
        "template": {
            "metadata": {"labels": {"fleetc.dev/pool": "p"}},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "p"},
                "requirements": [
                    {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["p5en.48xlarge"]},
                    {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z-b"]},
                    {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["reserved"]},
                ],
                "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
                "expireAfter": "Never",
            },
        },
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": "10m",
            "budgets": [{"nodes": "1"}],
        },
        "limits": {"nvidia.com/gpu": "32"},
        "weight": 100,
    }


def test_node_pool_without_accelerators() -> None:
    text = pool("machine: {cpu: 16, memory: 64Gi}, nodes: 0..3, capacity: spot")
    spec = taken(node_pools, pool_site(eks(fields="network: {cni: cilium}"), text))["p"]["spec"]
    nodes = spec["template"]["spec"]
    assert nodes["requirements"][:2] == [
        {"key": "karpenter.k8s.aws/instance-cpu", "operator": "In", "values": ["16"]},
        {"key": "karpenter.k8s.aws/instance-memory", "operator": "Gt", "values": ["65535"]},
    ]
    assert nodes["requirements"][2]["values"] == ["z-a", "z-b"]
    assert "taints" not in nodes
    assert "expireAfter" not in nodes
    assert [taint["key"] for taint in nodes["startupTaints"]] == ["node.cilium.io/agent-not-ready"]
    assert (spec["limits"], spec["weight"]) == ({"cpu": "48"}, 10)
    assert spec["disruption"]["consolidationPolicy"] == "WhenEmptyOrUnderutilized"


def test_a_machine_by_its_accelerators() -> None:
    text = pool("accelerators: L4:4, machine: {cpu: 48, memory: 192Gi}")
    requirements = taken(node_pools, pool_site(eks(), text))["p"]["spec"]["template"]["spec"]["requirements"]
    # Of several machines with these, the one that the plan counts on, or one with more memory.
    assert [(r["key"], r["values"]) for r in requirements[:4]] == [
        ("karpenter.k8s.aws/instance-gpu-name", ["l4"]),
        ("karpenter.k8s.aws/instance-gpu-count", ["4"]),
        ("karpenter.k8s.aws/instance-cpu", ["48"]),
        ("karpenter.k8s.aws/instance-memory", ["196607"]),
    ]


def test_nothing_is_made_in_maintenance() -> None:
    text = pool("accelerators: H200:8, machine: p5en.48xlarge, maintenance: true")
    assert taken(node_pools, pool_site(eks(), text))["p"]["spec"]["limits"] == {"nvidia.com/gpu": "0"}


@pytest.mark.parametrize(
    ("sharing", "label"),
    [
        ("mig: 1g.18gb", {"nvidia.com/mig.config": "all-1g.18gb"}),
        ("mig: 1g.18gb+me", {"nvidia.com/mig.config": "all-1g.18gb.me"}),
        ("timeSlicing: 4", {"nvidia.com/device-plugin.config": "p"}),
        ("mps: 4", {"nvidia.com/device-plugin.config": "p"}),
    ],
)
def test_nodes_tell_the_operator_how_they_are_shared(sharing: str, label: dict[str, str]) -> None:
    text = pool(f"accelerators: H200:8, machine: p5en.48xlarge, sharing: {{{sharing}}}")

    def labels(components: str) -> Any:
        return taken(node_pools, pool_site(eks(components), text))["p"]["spec"]["template"]["metadata"]["labels"]

    assert labels(f"{KARPENTER}, {OPERATOR}") == {"fleetc.dev/pool": "p", **label}
    assert labels(KARPENTER) == {"fleetc.dev/pool": "p"}


def test_node_class() -> None:
    found = taken(ec2_node_classes, pool_site(eks(), H200))["p"]
    tagged = [{"tags": {"karpenter.sh/discovery": "here"}}]
    assert found["spec"] == {
        "role": "nodes",
        "amiSelectorTerms": [{"alias": "al2023@v20260827"}],
        "subnetSelectorTerms": tagged,
        "securityGroupSelectorTerms": tagged,
        "capacityReservationSelectorTerms": tagged,
        "instanceStorePolicy": "RAID0",
        "kubelet": {"maxPods": 64},
    }
    more = "machine: {cpu: 2, memory: 8Gi}, capacity: reserved, reservation: cr-0a1, disk: 500Gi"
    for image, device in (("al2023@v1", "/dev/xvda"), ("bottlerocket@v1", "/dev/xvdb")):
        at = eks(fields=f"nodes: {{role: nodes, image: {image}, discovery: here}}").replace(NODES + ", ", "")
        named = taken(ec2_node_classes, pool_site(at, pool(more)))["p"]["spec"]
        assert named["capacityReservationSelectorTerms"] == [{"id": "cr-0a1"}]
        assert named["blockDeviceMappings"] == [
            {
                "deviceName": device,
                "rootVolume": True,
                "ebs": {"volumeSize": "500Gi", "volumeType": "gp3", "encrypted": True, "deleteOnTermination": True},
            }
        ]
    plain = taken(ec2_node_classes, pool_site(eks(), pool("machine: {cpu: 2, memory: 8Gi}")))["p"]["spec"]
    optional = {"capacityReservationSelectorTerms", "instanceStorePolicy", "kubelet", "blockDeviceMappings"}
    assert not optional & plain.keys()


@pytest.mark.parametrize(
    ("components", "how"),
    [("", "karpenter"), ("karpenter: 1.14.1", "karpenter"), (KARPENTER, "clusterAutoscaler"), (KARPENTER, "static")],
)
def test_no_karpenter_no_nodes(components: str, how: str) -> None:
    at = pool_site(eks(components), pool(f"machine: {{cpu: 2, memory: 8Gi}}, provisioning: {how}"))
    assert taken(node_pools, at) == {}
    assert taken(ec2_node_classes, at) == {}


def priority(text: str, fields: str = "") -> Any:
    (found,) = taken(compute_classes, pool_site(cluster("", "gke", fields), pool(text))).values()
    (first,) = found["spec"]["priorities"]
    return first


def test_a_compute_class_by_its_size_and_with_what_it_reserves() -> None:
    plain = priority("machine: {cpu: 16, memory: 64Gi}, disk: 250Gi")
    assert plain == {"minCores": 16, "minMemoryGb": 64, "spot": False, "storage": {"bootDiskSize": 250}}
    h100 = "accelerators: H100:8, machine: a3-highgpu-8g, capacity: reserved"
    for name, specific in (
        ("mine", {"name": "mine"}),
        ("projects/of-all/reservations/theirs", {"name": "theirs", "project": "of-all"}),
    ):
        found = priority(f"{h100}, reservation: {name}")
        assert found["reservations"] == {"affinity": "Specific", "specific": [specific]}


def test_compute_class() -> None:
    text = "accelerators: H100:8, machine: a3-highgpu-8g, zones: z-b, capacity: reserved, maxPods: 64"
    found = taken(compute_classes, pool_site(cluster("", "gke"), pool(text)))["p"]
    assert found["spec"] == {
        "priorities": [
            {
                "spot": False,
                "machineType": "a3-highgpu-8g",
                "gpu": {"type": "nvidia-h100-80gb", "count": 8},
                "reservations": {"affinity": "AnyBestEffort"},
                "location": {"zones": ["z-b"]},
                "maxPodsPerNode": 64,
            }
        ],
        "nodePoolAutoCreation": {"enabled": True},
        "autoscalingPolicy": {"consolidationDelayMinutes": 10},
        "whenUnsatisfiable": "DoNotScaleUp",
    }


def test_compute_classes_of_other_machines() -> None:
    assert priority("accelerators: H100:8, machine: a3-megagpu-8g")["gpu"]["type"] == "nvidia-h100-mega-80gb"
    tpu = priority("accelerators: TPU-v6e:8, machine: ct6e-standard-8t, topology: 2x4", "zones: [z-a]")
    assert tpu["tpu"] == {"type": "tpu-v6e-slice", "count": 8, "topology": "2x4"}
    assert tpu["location"] == {"zones": ["z-a"]}
    assert priority("machine: n4-standard-8, capacity: spot") == {"spot": True, "machineType": "n4-standard-8"}
    other = priority("accelerators: H100-94:1, machine: {type: own, cpu: 8, memory: 64Gi}")
    assert other == {"spot": False, "machineType": "own"}


def test_compute_class_in_maintenance() -> None:
    at = pool_site(cluster("", "gke"), pool("machine: n4-standard-8, maintenance: true"))
    assert taken(compute_classes, at)["p"]["spec"]["nodePoolAutoCreation"] == {"enabled": False}


@pytest.mark.parametrize(
    ("provider", "fields", "labels"),
    [
        ("onprem", "accelerators: L4:2", {"fleetc.dev/pool": "p"}),
        ("gke", "accelerators: L4:2", {"cloud.google.com/compute-class": "p"}),
        ("gke", "accelerators: L4:2, provisioning: clusterAutoscaler", {"fleetc.dev/pool": "p"}),
        (
            "gke",
            "accelerators: L4:2, sharing: {timeSlicing: 4}",
            {
                "cloud.google.com/compute-class": "p",
                "cloud.google.com/gke-gpu-sharing-strategy": "time-sharing",
                "cloud.google.com/gke-max-shared-clients-per-gpu": "4",
            },
        ),
        (
            "gke",
            "accelerators: A100-80:2, sharing: {mig: 3g.40gb}",
            {"cloud.google.com/compute-class": "p", "cloud.google.com/gke-gpu-partition-size": "3g.40gb"},
        ),
    ],
)
def test_flavors_select_nodes(provider: str, fields: str, labels: dict[str, str]) -> None:
    text = pool(f"machine: {{cpu: 8, memory: 64Gi}}, {fields}")
    found = taken(resource_flavors, pool_site(cluster(KUEUE, provider), text))["p"]
    assert found["apiVersion"] == "kueue.x-k8s.io/v1beta2"
    assert (found["spec"]["nodeLabels"], found["spec"]["tolerations"]) == (labels, [GPU])
    assert taken(resource_flavors, pool_site(cluster("", provider), text)) == {}


@pytest.mark.parametrize(
    ("fields", "components", "zones", "levels"),
    [
        ("accelerators: L4:2", KUEUE, "zones: [hall]", ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]),
        ("accelerators: L4:2", KUEUE, "", ["kubernetes.io/hostname"]),
        # What is claimed is not counted, what could be made is not seen.
        ("accelerators: L4:2", f"{KUEUE}, nvidia-dra-driver: 0.4.0", "", []),
        ("accelerators: L4:2, provisioning: clusterAutoscaler", KUEUE, "", []),
        ("", KUEUE, "", []),
        ("accelerators: L4:2", "", "", []),
    ],
)
def test_topologies(fields: str, components: str, zones: str, levels: list[str]) -> None:
    at = pool_site(cluster(components, fields=zones), pool(f"machine: {{cpu: 8, memory: 64Gi}}, {fields}"))
    found = taken(topologies, at)
    assert [level["nodeLabel"] for item in found.values() for level in item["spec"]["levels"]] == levels
    for flavor in taken(resource_flavors, at).values():
        assert flavor["spec"].get("topologyName") == ("p" if levels else None)

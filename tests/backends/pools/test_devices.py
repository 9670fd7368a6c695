"""How pods get the devices of pools: classes that they claim, configurations of plugins, and quotas of both."""

from __future__ import annotations

import pytest
import yaml
from tests.backends.pools.sites import DRA, OPERATOR, cluster, cluster_site, pool, taken, team_site

from fleetc_kubernetes.pools.device_class import device_classes
from fleetc_kubernetes.pools.plugin_config import plugin_configs
from fleetc_kubernetes.tenancy.device_quota import device_quotas

MACHINE = "machine: {cpu: 8, memory: 64Gi}"
H200 = pool(f"accelerators: H200:8, {MACHINE}", "h200")
MORE = pool(f"accelerators: H200:4, {MACHINE}", "more")
MIG = pool(f"accelerators: A100:8, {MACHINE}, sharing: {{mig: 3g.40gb}}", "mig")
L4 = pool(f"accelerators: L4:1, {MACHINE}, sharing: {{timeSlicing: 4}}", "l4")
CLASS = ".deviceclass.resource.k8s.io/devices"


def test_a_class_for_each_accelerator() -> None:
    found = taken(device_classes, cluster_site(cluster(DRA), H200, MORE, MIG, L4))
    assert {name: item["apiVersion"] for name, item in found.items()} == {
        "a100-80-3g.40gb.fleetc.dev": "resource.k8s.io/v1",
        "h200.fleetc.dev": "resource.k8s.io/v1",
    }
    (whole,) = found["h200.fleetc.dev"]["spec"]["selectors"]
    assert whole["cel"]["expression"] == (
        "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'gpu' &&"
        " device.attributes['gpu.nvidia.com'].productName.replace(' ', '-') in ['NVIDIA-H200']"
    )
    (slices,) = found["a100-80-3g.40gb.fleetc.dev"]["spec"]["selectors"]
    assert ".type == 'mig' && device.attributes['gpu.nvidia.com'].profile == '3g.40gb'" in slices["cel"]["expression"]


@pytest.mark.parametrize(
    ("components", "fields", "minor", "classes"),
    [
        (DRA, "", "1.34", ["h200.fleetc.dev"]),
        (DRA, "", "1.33", []),
        ("", "", "1.35", []),
        ("", "allocation: dra", "1.35", ["h200.fleetc.dev"]),
        (DRA, "allocation: devicePlugin", "1.35", []),
        (DRA, "sharing: {mps: 2}", "1.35", []),
    ],
)
def test_where_devices_are_claimed(components: str, fields: str, minor: str, classes: list[str]) -> None:
    text = pool(f"accelerators: H200:8, {MACHINE}, {fields}")
    assert [*taken(device_classes, cluster_site(cluster(components, minor=minor), text))] == classes


def test_devices_of_other_vendors() -> None:
    text = pool(f"accelerators: MI300X:8, {MACHINE}, allocation: dra")
    (found,) = taken(device_classes, cluster_site(cluster(), text)).values()
    assert found["spec"]["selectors"] == [{"cel": {"expression": "device.driver == 'gpu.amd.com'"}}]


def test_configurations_of_the_plugin() -> None:
    mps = pool(f"accelerators: L4:1, {MACHINE}, sharing: {{mps: 8}}", "mps")
    found = taken(plugin_configs, cluster_site(cluster(OPERATOR), H200, L4, MIG, mps))
    data = {key: yaml.safe_load(text) for key, text in found["gpu-operator/fleetc-device-plugin"]["data"].items()}
    assert data == {
        "fleetc-exclusive": {"version": "v1"},
        "l4": {"version": "v1", "sharing": {"timeSlicing": {"resources": [{"name": "nvidia.com/gpu", "replicas": 4}]}}},
        "mps": {"version": "v1", "sharing": {"mps": {"resources": [{"name": "nvidia.com/gpu", "replicas": 8}]}}},
    }
    assert taken(plugin_configs, cluster_site(cluster(), L4)) == {}
    assert taken(plugin_configs, cluster_site(cluster(OPERATOR), H200, MIG)) == {}


def quota(devices: str, *texts: str, components: str = "", provider: str = "onprem") -> dict[str, str]:
    at = team_site(cluster(components, provider), *texts, fields=f"quota: {{devices: {{{devices}}}}}")
    found = taken(device_quotas, at)
    hard: dict[str, str] = found["t/team-devices"]["spec"]["hard"] if found else {}
    return hard


def test_quota_of_a_plugin() -> None:
    assert quota("H200: 16, 'A100/3g.40gb': 2", H200, MIG) == {
        "requests.nvidia.com/gpu": "16",
        "requests.nvidia.com/mig-3g.40gb": "2",
    }
    assert quota("H200: 16, 'L4/timeSlicing': 4", H200, L4) == {"requests.nvidia.com/gpu": "20"}
    # One name for both, of which one has no limit.
    assert quota("H200: 16", H200, L4) == {}
    assert quota("L40S: 1", H200) == {}
    assert quota("TPU-v6e: 8", pool(f"accelerators: TPU-v6e:8, topology: 2x4, {MACHINE}"), provider="gke") == {
        "requests.google.com/tpu": "8"
    }


def test_quota_of_claims_closes_the_classes_of_the_driver() -> None:
    closed = {f"gpu.nvidia.com{CLASS}": "0", f"mig.nvidia.com{CLASS}": "0"}
    assert quota("H200: 16", H200, MORE, MIG, components=DRA) == {f"h200.fleetc.dev{CLASS}": "16", **closed}
    # Pods of the plugin may count for the driver's class.
    assert quota("H200: 16, 'L4/timeSlicing': 4", H200, L4, components=DRA) == {
        f"h200.fleetc.dev{CLASS}": "16",
        "requests.nvidia.com/gpu": "4",
    }


def test_quota_is_split_over_namespaces() -> None:
    fields, namespaces = "quota: {devices: {H200: 5}}", "{name: a, share: 3}, {name: b, share: 1}, {name: c, share: 0}"
    found = taken(device_quotas, team_site(cluster(), H200, fields=fields, namespaces=namespaces))
    assert [item["spec"]["hard"]["requests.nvidia.com/gpu"] for item in found.values()] == ["4", "1", "0"]

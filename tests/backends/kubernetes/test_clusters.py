"""What every cluster has for itself, and raw objects."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.kubernetes.sites import ORGANISATION, cluster_site, made, manifest_site, named
from tests.check.fleet.clusters import cluster, team
from tests.language.texts import spec

from fleetc.check.schemas import check_object
from fleetc_kubernetes.apis import API_VERSIONS, api_version
from fleetc_kubernetes.clusters.priority_class import priority_classes
from fleetc_kubernetes.clusters.runtime_class import runtime_classes
from fleetc_kubernetes.clusters.storage_class import storage_classes
from fleetc_kubernetes.manifests.raw import raw_objects


def test_storage_classes() -> None:
    fields = (
        "storage: {classes: {fast: {provisioner: csi.example.com, parameters: {type: ssd}, mountOptions: [discard]},"
        " slow: {provisioner: csi.example.com, default: true, reclaimPolicy: Retain, volumeBindingMode: Immediate,"
        " allowVolumeExpansion: false}}}"
    )
    found = named(made(storage_classes, cluster_site(cluster(fields))))
    assert found["fast"] == {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fast", "labels": ORGANISATION},
        "provisioner": "csi.example.com",
        "parameters": {"type": "ssd"},
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
        "mountOptions": ["discard"],
    }
    assert found["slow"]["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert (found["slow"]["reclaimPolicy"], found["slow"]["volumeBindingMode"]) == ("Retain", "Immediate")
    assert "parameters" not in found["slow"]
    assert "mountOptions" not in found["slow"]
    assert all(check_object(item, "1.35").problems == () for item in found.values())


def test_priority_classes() -> None:
    fields = "priorityClasses: {urgent: {value: -5, preemption: Never, description: Text}}"
    found = named(made(priority_classes, cluster_site(cluster(fields))))
    assert found["urgent"] == {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "urgent", "labels": ORGANISATION},
        "value": -5,
        "preemptionPolicy": "Never",
        "description": "Text",
    }
    assert [name for name, item in found.items() if item.get("globalDefault")] == ["standard"]
    assert all(check_object(item, "1.35").problems == () for item in found.values())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", {}),
        ("overhead: {cpu: 250m, memory: 1024Mi}", {"overhead": {"podFixed": {"cpu": "250m", "memory": "1Gi"}}}),
        ("nodeSelector: {a: b}", {"scheduling": {"nodeSelector": {"a": "b"}}}),
        (
            "tolerations: [{key: a}, {key: b, value: v, effect: NoSchedule}, {key: c, value: ''}]",
            {
                "scheduling": {
                    "tolerations": [
                        {"key": "a", "operator": "Exists"},
                        {"key": "b", "operator": "Equal", "value": "v", "effect": "NoSchedule"},
                        {"key": "c", "operator": "Equal"},
                    ]
                }
            },
        ),
    ],
)
def test_runtime_classes(fields: str, expected: dict[str, Any]) -> None:
    text = f"runtimeClasses: {{kata: {{handler: kata-qemu, {fields}}}}}"
    (found,) = made(runtime_classes, cluster_site(cluster(text)))
    assert found == {
        "apiVersion": "node.k8s.io/v1",
        "kind": "RuntimeClass",
        "metadata": {"name": "kata", "labels": ORGANISATION},
        "handler": "kata-qemu",
        **expected,
    }
    assert check_object(found, "1.35").problems == ()


def raw(labels: str, owner: str = "") -> dict[str, Any]:
    item = f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: x, namespace: t{labels}}}, data: {{a: b}}}}"
    metadata = f"{{name: m, team: {owner}}}" if owner else "{name: m}"
    (found,) = made(raw_objects, manifest_site(team("t"), spec("Manifest", f"{{objects: [{item}]}}", metadata)))
    return found


def test_raw_objects_carry_our_labels() -> None:
    assert raw("")["metadata"]["labels"] == ORGANISATION
    assert raw("", "t")["metadata"]["labels"] == {**ORGANISATION, "fleetc.dev/team": "t"}
    assert raw("")["data"] == {"a": "b"}


def test_labels_of_the_author_stay() -> None:
    found = raw(", labels: {app: x, app.kubernetes.io/managed-by: helm}")
    assert found["metadata"]["labels"] == {**ORGANISATION, "app": "x", "app.kubernetes.io/managed-by": "helm"}


def test_what_is_no_mapping_is_left_for_the_check() -> None:
    assert raw(", labels: [a]")["metadata"]["labels"] == ["a"]


def test_api_versions_by_minor() -> None:
    table = {"Thing": {0: "example.com/v1beta1", 34: "example.com/v1"}}
    for minor, expected in (("1.33", "example.com/v1beta1"), ("1.34", "example.com/v1"), ("1.36", "example.com/v1")):
        assert api_version("Thing", cluster_site(cluster(minor=minor)).cluster, table) == expected


@pytest.mark.parametrize("kind", sorted(API_VERSIONS))
@pytest.mark.parametrize("minor", ["1.33", "1.34", "1.35", "1.36", "1.37"])
def test_every_version_is_served(kind: str, minor: str) -> None:
    from fleetc.check.served import on_by_default, served

    version = api_version(kind, cluster_site(cluster(minor=minor)).cluster)
    assert served(version, kind, minor)
    assert on_by_default(version)

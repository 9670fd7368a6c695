"""What a control plane does: objects refused and taken, CRDs served, pods bound and running, devices allocated."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.driver.fleets import CHECKOUT

from fleetc_rehearsal import Client, Cluster, Device, Node, Refused, Review, Taint, client, control_plane, until

pytestmark = pytest.mark.live
Object = dict[str, Any]
GPU = "gpu.example.com"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with control_plane("1.36", scheduler=True, controllers=True, kwok=True) as started:
        yield started


def config_map(name: str, **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data}


def crd(kind: str, group: str = "example.com") -> Object:
    plural = f"{kind.lower()}s"
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 0}}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }  # fmt: skip


def pod(name: str, spec: Mapping[str, Any] | None = None, **resources: Any) -> Object:
    container = {"name": "main", "image": "example.com/never-pulled:1", "resources": resources}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [container], **(spec or {})},
    }  # fmt: skip


def running_on(cluster: Cluster, name: str) -> str:
    """The node on which a pod came to run."""

    def node() -> str | None:
        cluster.watch()
        got = cluster.client.get("v1", "Pod", name, "default")
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in got["status"].get("conditions") or ())
        return got["spec"]["nodeName"] if got["status"]["phase"] == "Running" and ready else None

    return until(node, f"running pod {name}")


def unschedulable(cluster: Cluster, name: str) -> str:
    """What the scheduler says of a pod that it cannot place."""

    def said() -> str | None:
        conditions = cluster.client.get("v1", "Pod", name, "default")["status"].get("conditions") or ()
        found = [c["message"] for c in conditions if c["type"] == "PodScheduled" and c["status"] == "False"]
        return found[0] if found else None

    return until(said, f"verdict on pod {name}")


def test_apply_get_and_delete(cluster: Cluster) -> None:
    made = cluster.client.apply(config_map("one", a="1"))
    assert made["metadata"]["managedFields"][0]["manager"] == "fleetc"
    assert cluster.client.apply(config_map("one", a="2"))["metadata"]["uid"] == made["metadata"]["uid"]
    assert cluster.client.get("v1", "ConfigMap", "one")["data"] == {"a": "2"}
    cluster.client.delete("v1", "ConfigMap", "one")
    assert cluster.client.look("v1", "ConfigMap", "one") is None
    cluster.client.delete("v1", "ConfigMap", "one", missing_ok=True)
    with pytest.raises(Refused, match='404 NotFound: configmaps "one" not found'):
        cluster.client.delete("v1", "ConfigMap", "one")


def test_a_dry_run_leaves_nothing(cluster: Cluster) -> None:
    assert cluster.client.apply(config_map("dry"), dry_run=True)["metadata"]["uid"]
    assert cluster.client.create(config_map("dry"), dry_run=True)["metadata"]["uid"]
    assert cluster.client.look("v1", "ConfigMap", "dry") is None


def test_an_unknown_field_is_refused(cluster: Cluster) -> None:
    odd = {**config_map("odd"), "dato": {}}
    with pytest.raises(Refused) as refused:
        cluster.client.apply(odd, dry_run=True)
    assert (refused.value.status, refused.value.causes[0].field) == (500, "dato")
    with pytest.raises(Refused) as refused:
        cluster.client.create(odd, dry_run=True)
    assert (refused.value.status, refused.value.causes[0].field) == (400, "dato")


def test_what_is_invalid_is_refused_with_its_causes(cluster: Cluster) -> None:
    broken = pod("broken")
    broken["spec"]["containers"][0]["ports"] = [{"containerPort": 0}, {"containerPort": 70000, "protocol": "TCP"}]
    broken["spec"]["restartPolicy"] = "Sometimes"
    with pytest.raises(Refused) as refused:
        cluster.client.apply(broken, dry_run=True)
    assert (refused.value.status, refused.value.reason) == (422, "Invalid")
    fields = {cause.field for cause in refused.value.causes}
    assert {"spec.restartPolicy", "spec.containers[0].ports[1].containerPort"} <= fields
    assert all(cause.message and cause.reason for cause in refused.value.causes)


def test_a_conflict_and_force(cluster: Cluster) -> None:
    cluster.client.apply(config_map("owned", a="1"), manager="other")
    with pytest.raises(Refused) as refused:
        cluster.client.apply(config_map("owned", a="2"))
    assert (refused.value.status, refused.value.reason) == (409, "Conflict")
    assert [cause.field for cause in refused.value.causes] == [".data.a"]
    assert cluster.client.apply(config_map("owned", a="2"), force=True)["data"] == {"a": "2"}


def test_create(cluster: Cluster) -> None:
    cluster.client.create(config_map("new"))
    with pytest.raises(Refused) as refused:
        cluster.client.create(config_map("new"))
    assert refused.value.reason == "AlreadyExists"


def test_lists_in_pages(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(5):
        made = config_map(f"page-{index}")
        made["metadata"]["labels"] = {"p": "x"}
        cluster.client.apply(made)
    monkeypatch.setattr(client, "_PAGE", 2)
    found = list(cluster.client.every("v1", "ConfigMap", labels="p=x"))
    assert [o["metadata"]["name"] for o in found] == [f"page-{index}" for index in range(5)]
    assert {(o["apiVersion"], o["kind"]) for o in found} == {("v1", "ConfigMap")}
    assert list(cluster.client.every("v1", "ConfigMap", "kube-public", labels="p=x")) == []


def test_what_is_not_served(cluster: Cluster) -> None:
    with pytest.raises(Refused, match="404 NotFound: the server has no Deployment in v1"):
        cluster.client.resource("v1", "Deployment")
    with pytest.raises(Refused, match="404 NotFound"):
        cluster.client.resource("apps/v1beta1", "Deployment")
    assert cluster.client.resource("apps/v1", "Deployment")[:2] == ("deployments", True)
    assert cluster.client.resource("v1", "Node")[:2] == ("nodes", False)


def test_who_may_do_what(cluster: Cluster) -> None:
    account = {"kind": "ServiceAccount", "name": "reader", "namespace": "default"}
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    group = "rbac.authorization.k8s.io"
    meta = {"name": "reader", "namespace": "default"}
    cluster.apply([
        {
            "apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta, "subjects": [account],
            "roleRef": {"apiGroup": group, "kind": "Role", "name": "reader"},
        },
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": [rule]},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
    ])  # fmt: skip
    asked = Review("system:serviceaccount:default:reader", "get", "configmaps", namespace="default")
    until(lambda: cluster.client.allowed(asked), "permission")  # the authorizer learns of it by its watch
    assert not cluster.client.allowed(asked._replace(verb="delete"))
    assert not cluster.client.allowed(asked._replace(namespace="kube-system"))
    assert cluster.client.allowed(Review("anyone", "delete", "nodes", groups=("system:masters",)))


def test_a_token_that_is_wrong(cluster: Cluster) -> None:
    stranger = Client(cluster.client.port, "wrong", cluster.client.certificate)
    with pytest.raises(Refused, match="401 Unauthorized"):
        stranger.get("v1", "Namespace", "default")
    stranger.close()


def test_a_kept_connection_that_is_gone_is_opened_again(cluster: Cluster) -> None:
    another = cluster.another_client()
    another.get("v1", "Namespace", "default")
    connection = getattr(another, "_connection")  # noqa: B009 - it is private
    assert connection.sock is not None
    connection.sock.shutdown(2)
    another.get("v1", "Namespace", "default")
    another.close()
    assert another.get("v1", "Namespace", "default")["kind"] == "Namespace"


def test_clients_of_threads(cluster: Cluster) -> None:
    failed: list[Exception] = []

    def work() -> None:
        mine = cluster.another_client()
        try:
            for _ in range(20):
                mine.get("v1", "Namespace", "default")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_warnings(cluster: Cluster) -> None:
    cluster.client.warnings.clear()
    cluster.client.apply({**pod("odd"), "metadata": {"name": "odd", "annotations": {
        "container.apparmor.security.beta.kubernetes.io/main": "unconfined",
    }}}, dry_run=True)  # fmt: skip
    assert any("apparmor" in warning for warning in cluster.client.warnings)


def test_crds(cluster: Cluster) -> None:
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}}
    with pytest.raises(Refused, match="404 NotFound"):
        cluster.client.apply(widget)
    made = cluster.apply([{**widget, "spec": {"size": 3}}, crd("Widget"), crd("Gadget")])
    assert [o["kind"] for o in made] == ["CustomResourceDefinition", "CustomResourceDefinition", "Widget"]
    with pytest.raises(Refused) as refused:
        cluster.client.apply({**widget, "spec": {"size": -1}})
    assert refused.value.causes[0].field == "spec.size"
    with pytest.raises(Refused, match="colour"):
        cluster.client.apply({**widget, "spec": {"colour": "red"}})
    cluster.client.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", "gadgets.example.com")
    cluster.client.refresh()


def test_a_pod_runs_where_it_fits(cluster: Cluster) -> None:
    cluster.add_node(Node("small", cpu="2", labels={"pool": "a"}))
    gpus = {"nvidia.com/gpu": 8}
    cluster.add_node(Node("large", cpu="64", extended=gpus, labels={"pool": "a"}, taints=[Taint("gpu")]))
    tolerations = {"tolerations": [{"key": "gpu", "operator": "Exists"}], "nodeSelector": {"pool": "a"}}
    cluster.client.create(pod("trains", tolerations, limits={"nvidia.com/gpu": "8"}))
    assert running_on(cluster, "trains") == "large"
    cluster.client.create(pod("serves", {"nodeSelector": {"pool": "a"}}, requests={"cpu": "1"}))
    assert running_on(cluster, "serves") == "small"
    cluster.client.create(pod("waits", tolerations, limits={"nvidia.com/gpu": "1"}))
    assert "Insufficient nvidia.com/gpu" in unschedulable(cluster, "waits")
    for name in ("trains", "serves", "waits"):
        cluster.client.delete("v1", "Pod", name)
    until(lambda: cluster.client.look("v1", "Pod", "trains") is None, "end of the pod")


def test_controllers_make_pods(cluster: Cluster) -> None:
    cluster.add_node(Node("plain", labels={"pool": "b"}))
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "x"}], "nodeSelector": {"pool": "b"}},
    }
    cluster.client.apply({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": template},
    })  # fmt: skip

    def is_ready() -> bool:
        status = cluster.client.get("apps/v1", "Deployment", "web").get("status", {})
        return bool(status.get("readyReplicas") == 3)

    until(is_ready, "ready Deployment")
    cluster.client.delete("apps/v1", "Deployment", "web")


def allocates(cluster: Cluster, version: str) -> None:
    """A claim of a device by its memory is allocated from a simulated slice, and a second one is not."""
    cluster.add_node(Node("gpus", labels={"pool": "c"}))
    devices = [
        Device("gpu-0", {"productName": "H100", "ecc": True}, {"memory": "81559Mi"}),
        Device("gpu-1", {"productName": "L4", "ecc": True}, {"memory": "23034Mi"}),
    ]
    assert cluster.add_devices("gpus", GPU, devices)["apiVersion"] == version
    has_memory = f'device.capacity["{GPU}"].memory.compareTo(quantity("40Gi")) >= 0'
    is_ours = f'device.driver == "{GPU}"'
    asked: Object = {"deviceClassName": GPU, "selectors": [{"cel": {"expression": has_memory}}]}
    request = {"name": "gpu", **({"exactly": asked} if version == "resource.k8s.io/v1" else asked)}
    cluster.client.apply({
        "apiVersion": version, "kind": "DeviceClass", "metadata": {"name": GPU},
        "spec": {"selectors": [{"cel": {"expression": is_ours}}]},
    })  # fmt: skip
    for name in ("first", "second"):
        cluster.client.apply({
            "apiVersion": version, "kind": "ResourceClaim", "metadata": {"name": name},
            "spec": {"devices": {"requests": [request]}},
        })  # fmt: skip
        claims = [{"name": "gpu", "resourceClaimName": name}]
        made = pod(name, {"resourceClaims": claims, "nodeSelector": {"pool": "c"}}, claims=[{"name": "gpu"}])
        cluster.client.create(made)
        if name == "first":
            assert running_on(cluster, name) == "gpus"
    claim = cluster.client.get(version, "ResourceClaim", "first")
    (result,) = claim["status"]["allocation"]["devices"]["results"]
    assert (result["driver"], result["pool"], result["device"]) == (GPU, "gpus", "gpu-0")
    assert claim["status"]["reservedFor"][0]["name"] == "first"
    assert "cannot allocate all claims" in unschedulable(cluster, "second")


def test_a_claim_is_allocated(cluster: Cluster) -> None:
    allocates(cluster, "resource.k8s.io/v1")


def test_a_claim_is_allocated_where_that_has_to_be_asked_for() -> None:
    with control_plane("1.33", scheduler=True, controllers=True, kwok=True, dra=True) as cluster:
        allocates(cluster, "resource.k8s.io/v1beta1")


def test_devices_that_are_not_served() -> None:
    with control_plane("1.33") as cluster, pytest.raises(Refused, match="start it with dra=True"):
        cluster.add_devices("n", GPU, [])


def test_the_page() -> None:
    page = (CHECKOUT / "docs/rehearsal.md").read_text(encoding="utf-8")
    seen: dict[str, Any] = {}
    for part in page.split("```python\n")[1:]:
        exec(part.partition("```")[0], seen)
    assert [made["kind"] for made in seen["made"]] == ["Namespace", "ResourceQuota"]
    assert seen["waiting"] == []
    assert [(member.kind, member.name) for member in seen["status"].members] == [("Namespace", "search")]

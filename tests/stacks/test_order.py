"""What needs what: nothing comes before what it needs, and there is no circle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.check.goldens import ROOT

from fleet.files import read_manifests
from fleet.objects import Identity, identity
from fleet.order import needs, rank
from fleet.resources import keyed

KINDS = (
    *(("v1", kind) for kind in ("Namespace", "Service", "ServiceAccount", "Secret", "ResourceQuota", "Pod")),
    ("apps/v1", "Deployment"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("kueue.x-k8s.io/v1beta2", "LocalQueue"),
    ("example.com/v1", "Thing"),
)
NAMES = st.sampled_from(["a", "b", "c"])


@st.composite
def fleets(draw: st.DrawFn) -> dict[Identity, dict[str, Any]]:
    """Objects that name each other at random."""
    made: list[dict[str, Any]] = []
    for api, kind in draw(st.lists(st.sampled_from(KINDS), max_size=14)):
        meta = {"name": "things.example.com" if kind == "CustomResourceDefinition" else draw(NAMES)}
        if kind not in ("Namespace", "ClusterRole", "CustomResourceDefinition"):
            meta["namespace"] = draw(NAMES)
        spec = {"selector": {"app": draw(NAMES)}, "named": draw(st.lists(NAMES)), "group": "example.com"}
        spec |= {"names": {"kind": "Thing"}, "template": {"metadata": {"labels": {"app": draw(NAMES)}}}}
        made.append({"apiVersion": api, "kind": kind, "metadata": meta, "spec": spec})
    return keyed(made)


@given(fleets())
def test_never_a_circle_and_never_a_gap(objects: dict[Identity, dict[str, Any]]) -> None:
    found = needs(objects)
    assert list(found) == list(objects)
    for key, before in found.items():
        assert len(set(before)) == len(before)
        assert set(before) <= set(objects)
        assert all(rank(other) < rank(key) for other in before)


@given(fleets())
def test_what_always_comes_first(objects: dict[Identity, dict[str, Any]]) -> None:
    found = needs(objects)
    for key, before in found.items():
        for other in objects:
            is_home = (other.kind, other.name) == ("Namespace", key.namespace)
            is_definition = other.kind == "CustomResourceDefinition" and key.kind == "Thing"
            is_quota = (other.kind, other.namespace) == ("ResourceQuota", key.namespace)
            is_late = key.kind in ("Deployment", "Pod", "Thing", "Service")
            if is_home or is_definition or (is_quota and is_late):
                assert other in before


@given(fleets(), st.randoms())
def test_the_order_of_files_does_not_matter(objects: dict[Identity, dict[str, Any]], random: Any) -> None:
    shuffled = list(objects.items())
    random.shuffle(shuffled)
    assert needs(dict(shuffled)) == needs(objects)


@pytest.mark.parametrize("cluster", sorted(path.name for path in (ROOT / "golden").iterdir()))
def test_goldens(cluster: str) -> None:
    objects = read_manifests(ROOT / "golden" / cluster)
    found = needs(objects)
    names = {key.logical for key in objects}
    for key, before in found.items():
        first = {other.logical for other in before}
        if f"Namespace/{key.namespace}" in names:
            assert f"Namespace/{key.namespace}" in first
        if key.kind == "Deployment":
            pod = objects[key]["spec"]["template"]["spec"]
            account = f"ServiceAccount/{key.namespace}/{pod.get('serviceAccountName')}"
            wanted = {account, f"PriorityClass.scheduling.k8s.io/{pod.get('priorityClassName')}"} & names
            wanted |= {name for name in names if name.startswith(f"ResourceQuota/{key.namespace}/")}
            assert wanted <= first


def test_names_lead_to_what_they_name() -> None:
    objects = keyed(
        [
            _object("kueue.x-k8s.io/v1beta2", "ClusterQueue", "gpus", spec={"flavors": [{"name": "h100"}]}),
            _object("kueue.x-k8s.io/v1beta2", "ResourceFlavor", "h100"),
            _object("kueue.x-k8s.io/v1beta2", "LocalQueue", "jobs", "risk", spec={"clusterQueue": "gpus"}),
            _object("batch/v1", "Job", "train", "risk", spec={"queue": "jobs", "claim": "data"}),
            _object("v1", "PersistentVolumeClaim", "data", "risk"),
            _object("v1", "PersistentVolumeClaim", "data", "search"),
        ]
    )
    found = {key.kind: [other.logical for other in before] for key, before in needs(objects).items()}
    assert found["ClusterQueue"] == ["ResourceFlavor.kueue.x-k8s.io/h100"]
    assert found["LocalQueue"] == ["ClusterQueue.kueue.x-k8s.io/gpus"]
    assert found["Job"] == ["PersistentVolumeClaim/risk/data", "LocalQueue.kueue.x-k8s.io/risk/jobs"]


def test_a_webhook_waits_for_those_who_answer_it() -> None:
    labels = {"app": "hook"}
    objects = keyed(
        [
            _object(
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                "hook",
                webhooks=[{"clientConfig": {"service": {"name": "answers", "namespace": "infra"}}}],
            ),
            _object("v1", "Service", "answers", "infra", spec={"selector": labels}),
            _object("apps/v1", "Deployment", "server", "infra", spec={"template": {"metadata": {"labels": labels}}}),
            _object("apps/v1", "Deployment", "other", "infra", spec={"template": {"metadata": {"labels": {}}}}),
        ]
    )
    webhook = next(key for key in objects if key.kind == "ValidatingWebhookConfiguration")
    assert [key.name for key in needs(objects)[webhook]] == ["answers", "server"]


def _object(api: str, kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    meta = {"name": name, **({"namespace": namespace} if namespace else {})}
    made = {"apiVersion": api, "kind": kind, "metadata": meta, **more}
    assert identity(made).name == name
    return made

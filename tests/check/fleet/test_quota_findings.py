"""Rule `quota`: the scopes of quotas, what is not known, and what findings say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.check.fleet.clusters import cluster, ends, hints, manifest, objects, reasons, report, said, team, world
from tests.check.fleet.quotas import CLAIM, CLASS, NAMESPACE, POD, checked, claims, made, pod_spec, quota, scope, used

from fleetc.check.run import Report

CROSSING = (
    "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm:"
    " {topologyKey: h, namespaceSelector: {}}}]}}"
)


@pytest.mark.parametrize(
    ("pod", "wanted", "matches"),
    [
        ("priorityClassName: high", scope("PriorityClass", "In", "high"), True),
        ("priorityClassName: high", scope("PriorityClass", "In", "low"), False),
        ("priorityClassName: high", scope("PriorityClass", "NotIn", "low"), True),
        ("priorityClassName: high", scope("PriorityClass", "NotIn", "high"), False),
        ("priorityClassName: high", scope("PriorityClass"), True),
        ("priorityClassName: high", "scopes: [PriorityClass]", True),
        ("priorityClassName: high", scope("PriorityClass", "DoesNotExist"), False),
        ("", scope("PriorityClass", "In", "high"), False),
        ("", scope("PriorityClass", "NotIn", "high"), True),
        ("", scope("PriorityClass"), False),
        ("", scope("PriorityClass", "DoesNotExist"), True),
        ("activeDeadlineSeconds: 5", "scopes: [Terminating]", True),
        ("activeDeadlineSeconds: 5", "scopes: [NotTerminating]", False),
        ("", "scopes: [NotTerminating]", True),
        ("", "scopes: [BestEffort]", False),
        ("", "scopes: [NotBestEffort]", True),
        ("", "scopes: [NotBestEffort, Terminating]", False),
        (CROSSING, scope("CrossNamespacePodAffinity"), True),
        (CROSSING.replace(", namespaceSelector: {}", ""), scope("CrossNamespacePodAffinity"), False),
    ],
)
def test_scopes(pod: str, wanted: str, matches: bool) -> None:
    assert used(made("Pod", "p", pod_spec(more=pod)), "pods", wanted) == ("1" if matches else "0")


def test_what_asks_for_nothing_is_best_effort() -> None:
    idle = made("Pod", "p", pod_spec("ephemeral-storage: 1Gi"))
    assert used(idle, "pods", "scopes: [BestEffort]") == "1"
    ranged = made("LimitRange", "l", "limits: [{type: Container, defaultRequest: {cpu: 1}}]")
    assert used(idle + ranged, "pods", "scopes: [BestEffort]") == "0"


def test_objects_have_no_scope() -> None:
    assert used(made("Service", "s", "ports: [{port: 1}]"), "services", "scopes: [NotTerminating]") == "0"
    assert used("", "configmaps", "scopes: [NotTerminating]") == "0"


def test_the_default_priority() -> None:
    default = "---\n{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: usual}, value: 1,"
    default += " globalDefault: true}\n"
    wanted = scope("PriorityClass", "In", "usual")
    assert used(POD + default, "pods", wanted) == "1"
    assert used(POD, "pods", wanted) == "0"
    found = checked(POD + quota("pods: 0", wanted), fields="existing: {priorityClasses: [usual]}")
    assert said(found, "quota_exceeded") == []
    assert list(reasons(found, "quota", "partial")) == [
        "whether a PriorityClass of the cluster's `existing` is the default is not known"
    ]


@pytest.mark.parametrize(
    "text",
    [
        claims("exactly: {deviceClassName: h200.fleetc.dev, allocationMode: All}"),
        claims("firstAvailable: [{name: a, deviceClassName: h200.fleetc.dev}]"),
        made(
            "ResourceClaim",
            "c",
            "devices: {requests: [{name: r, exactly: {deviceClassName: h200.fleetc.dev, allocationMode: All}}]}",
            "resource.k8s.io/v1",
        ),
    ],
)
def test_an_unknown_number_of_devices(text: str) -> None:
    found = checked(text + quota(f'"{CLASS}": 0'))
    assert ends(found, "quota") == {"partial": 1}
    assert list(reasons(found, "quota", "partial")) == [
        "how many devices a claim of all, or of the first that there are, takes is not known"
    ]


@pytest.mark.parametrize(
    ("hard", "more", "reason"),
    [
        ("count/events: 1", "", "controllers make some, and how many is not known"),
        ("example.com/odd: 1", "", "what counts for this resource is not known"),
        ("persistentvolumeclaims: 9", scope("VolumeAttributesClass"), "quotas of this scope are not judged"),
    ],
)
def test_what_is_not_known(hard: str, more: str, reason: str) -> None:
    text = made("PersistentVolumeClaim", "c", CLAIM) + made(
        "Pod", "p", pod_spec("example.com/odd: 1", "example.com/odd: 1")
    )
    assert list(reasons(checked(text + quota(hard, more)), "quota", "partial")) == [reason]


def test_each_quota_and_resource_is_a_check() -> None:
    text = POD + quota("pods: 1, requests.cpu: 500m, count/events: 1") + quota("pods: 9").replace("name: q", "name: r")
    assert ends(checked(text), "quota") == {"valid": 2, "invalid": 1, "partial": 1}


def test_other_namespaces_and_other_subjects() -> None:
    rows = {"Manifest/m": NAMESPACE + quota("pods: 1"), "Manifest/n": POD, "Manifest/o": POD.replace(": p,", ": o,")}
    found = report(world(), rows)
    assert said(found, "quota_exceeded") == [
        "ResourceQuota t/q at spec.hard.pods: what is emitted asks for at least 2 of pods, the quota is 1"
    ]
    (finding,) = [f for f in found.findings if f.code.name == "quota_exceeded"]
    assert [(place.subject, said) for place, said in finding.related] == [
        ("Manifest/n", "1 of it: Pod t/p (1 pod)"),
        ("Manifest/o", "1 of it: Pod t/o (1 pod)"),
    ]
    rows["Manifest/o"] = POD.replace("namespace: t", "namespace: default")
    assert said(report(world(), rows), "quota_exceeded") == []


def test_the_largest_askers_come_first() -> None:
    pods = "".join(made("Pod", f"p{n}", pod_spec(f"cpu: {n}")) for n in (1, 4, 2, 3))
    (finding,) = checked(pods + quota("requests.cpu: 1")).findings
    assert [text for _, text in finding.related] == [f"{n} of it: Pod t/p{n} (1 pod)" for n in (4, 3, 2)]


def emitted_by_team(namespaces: str, hard: str, text: str) -> Report:
    fleet = world(cluster(), team("t", namespaces=namespaces), manifest(owner="t"))
    return report(fleet, {"Team/t": NAMESPACE + quota(hard), "Manifest/m": text})


FOUR = made("Pod", "p", pod_spec("cpu: 4, memory: 3000Mi", "nvidia.com/gpu: 4"))


@pytest.mark.parametrize(
    ("namespaces", "hard", "hint"),
    [
        ("t", "requests.cpu: 1", "raise `quota.cpu` of the team to at least 4, or ask for less"),
        (
            "{name: t, share: 2}, {name: u, share: 1}",
            "requests.cpu: 1",
            "raise `quota.cpu` of the team to at least 6, or the namespace's `share`, or ask for less",
        ),
        (
            "{name: t, share: 3}, {name: u, share: 4}",
            "requests.cpu: 1",
            "raise `quota.cpu` of the team to at least 9334m, or the namespace's `share`, or ask for less",
        ),
        (
            "{name: t, share: 2}, {name: u, share: 1}",
            "requests.memory: 1Gi",
            "raise `quota.memory` of the team to at least 4500Mi, or the namespace's `share`, or ask for less",
        ),
        (
            "{name: t, share: 0}, {name: u, share: 1}",
            "requests.cpu: 0",
            "give the namespace a `share`, or ask for less",
        ),
        (
            "{name: t, share: 0}, {name: u, share: 0}",
            "pods: 0",
            "raise `quota.pods` of the team to at least 2, or ask for less",
        ),
        (
            "t",
            "requests.nvidia.com/gpu: 1",
            "raise `quota.devices` of the team until at least 4 are this namespace's, or ask for less",
        ),
        ("t", "limits.cpu: -1", "raise it to at least 0, or ask for less"),
    ],
)
def test_hints_for_teams(namespaces: str, hard: str, hint: str) -> None:
    assert hints(emitted_by_team(namespaces, hard, FOUR), "quota_exceeded") == [hint]


def test_hints_for_others() -> None:
    assert hints(checked(POD + quota("pods: 0")), "quota_exceeded") == ["raise it to at least 1, or ask for less"]
    scoped = POD + quota("pods: 0", scope("PriorityClass", "NotIn", "high"))
    assert hints(checked(scoped), "quota_exceeded") == ["use another PriorityClass, or raise the quota to at least 1"]


@pytest.mark.parametrize("damage", [None, 1, "x", [], {}, ["x"], {"x": None}, [{"x": {}}]])
def test_damaged_objects_end_the_check_as_others_do(damage: Any) -> None:
    """Their schemas say so; here they count for what is left of them."""
    text = claims("exactly: {deviceClassName: h200.fleetc.dev}") + quota(
        "pods: 99", scope("PriorityClass", "NotIn", "h")
    )
    text += made("LimitRange", "l", "limits: [{type: Container, max: {cpu: 1}}]") + made("Service", "s", "ports: []")
    text += made("ScaledObject", "h", "scaleTargetRef: {name: d}", "keda.sh/v1alpha1")
    for n, whole in enumerate(objects(text)):
        for path in paths(whole):
            changed = [json.loads(json.dumps(each)) for each in objects(text)]
            place = changed[n]
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = damage
            report(world(), {"Manifest/m": changed})


def paths(value: Any) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in entries for found in [(key,), *((key, *rest) for rest in paths(item))]]

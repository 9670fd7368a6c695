"""Rule `limits`: what a LimitRange refuses, which the API server tells nobody but the controller of the pods."""

from __future__ import annotations

import pytest
from tests.check.fleet.clusters import cluster, ends, hints, manifest, report, said, team, world
from tests.check.fleet.quotas import JOB, LWS, NAMESPACE, checked, container, deployment, made, pod_spec, template


def ranged(item: str, name: str = "l", kind: str = "Container") -> str:
    return made("LimitRange", name, f"limits: [{{type: {kind}, {item}}}]")


TOO_LITTLE = "it asks for 4Gi of memory and has no limit of it, and gets one that is less"
NINE = pod_spec("cpu: 9")
DAILY = f"schedule: '@daily', jobTemplate: {{spec: {{{template(NINE)}}}}}"
TWO = f"leaderWorkerTemplate: {{size: 2, workerT{template(NINE)[1:]}}}"
STORAGE = "resources: {requests: {storage: 3Gi}}"
EACH = f"serviceName: s, volumeClaimTemplates: [{{metadata: {{name: v}}, spec: {{{STORAGE}}}}}]"
SHORT = f"volumes: [{{name: v, ephemeral: {{volumeClaimTemplate: {{spec: {{{STORAGE}}}}}}}}}]"
WHO = "has a container that LimitRange t/l refuses: "


@pytest.mark.parametrize(
    ("item", "pod", "wanted"),
    [
        # a request beside the limit that the container gets
        (
            "default: {memory: 2Gi}",
            pod_spec("memory: 4Gi"),
            [f"resources.requests.memory: {TOO_LITTLE}"],
        ),
        (
            "max: {memory: 2Gi}",
            pod_spec("memory: 4Gi"),
            [
                "resources.requests.memory: it asks for more than 2Gi of memory",
                f"resources.requests.memory: {TOO_LITTLE}",
            ],
        ),
        ("default: {memory: 4Gi}", pod_spec("memory: 4Gi"), []),
        ("default: {memory: 2Gi}", pod_spec("memory: 4Gi", "memory: 4Gi"), []),
        ("default: {memory: 2Gi}", pod_spec("cpu: 8"), []),
        # least
        ("min: {cpu: 100m}", pod_spec("cpu: 50m"), ["resources.requests.cpu: it asks for less than 100m of cpu"]),
        ("min: {cpu: 100m}", pod_spec("cpu: 100m"), []),
        ("min: {cpu: 100m}", pod_spec(""), []),
        (
            "min: {cpu: 100m}",
            pod_spec("", "cpu: 50m"),
            [
                "resources.requests.cpu: it asks for less than 100m of cpu",
                "resources.limits.cpu: its limit of cpu is below 100m",
            ],
        ),
        # most
        ("max: {cpu: 2}", pod_spec("cpu: 1", "cpu: 3"), ["resources.limits.cpu: its limit of cpu is above 2"]),
        ("max: {cpu: 2}", pod_spec("cpu: 1", "cpu: 2"), []),
        ("max: {cpu: 2}", pod_spec("cpu: 3", "cpu: 3"), ["resources.requests.cpu: it asks for more than 2 of cpu"]),
        # ratio
        (
            "maxLimitRequestRatio: {cpu: 2}",
            pod_spec("cpu: 1", "cpu: 3"),
            ["resources: its limit of cpu is more than 2 times its request"],
        ),
        ("maxLimitRequestRatio: {cpu: 2}", pod_spec("cpu: 1500m", "cpu: 3"), []),
        (
            "maxLimitRequestRatio: {cpu: 2}",
            pod_spec("memory: 1Gi"),
            [": it asks for no cpu, and its limit may be 2 times its request"],
        ),
        (
            "maxLimitRequestRatio: {cpu: 2}",
            pod_spec("cpu: 1"),
            [": it has no limit of cpu, and its limit may be 2 times its request"],
        ),
    ],
)
def test_containers(item: str, pod: str, wanted: list[str]) -> None:
    told = said(checked(made("Pod", "p", pod) + ranged(item)), "refused_pod")
    places = [text.partition(": ")[0].removesuffix(" refuses") for text in wanted]
    texts = [text.partition(": ")[2] for text in wanted]
    at = [f"Pod t/p at spec.containers.0{'.' if place else ''}{place}: {WHO}" for place in places]
    assert sorted(told) == sorted(f"{start}{text}" for start, text in zip(at, texts, strict=True))


def test_the_first_limit_range_gives_the_default() -> None:
    asks = made("Pod", "p", pod_spec("memory: 4Gi"))
    more, less = ranged("default: {memory: 8Gi}", "a"), ranged("default: {memory: 2Gi}", "b")
    assert said(checked(asks + more + less), "refused_pod") == []
    (found,) = said(checked(asks + less + more), "refused_pod")
    assert "LimitRange t/b refuses" in found


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (deployment(NINE, "replicas: 0"), "spec.template.spec.containers.0"),
        (deployment(NINE, "", "DaemonSet"), "spec.template.spec.containers.0"),
        (made("Job", "j", f"suspend: true, {template(pod_spec('cpu: 9', more=JOB))}", "batch/v1"), ".containers.0"),
        (made("CronJob", "j", DAILY, "batch/v1"), "spec.jobTemplate.spec.template.spec.containers.0"),
        (made("LeaderWorkerSet", "l", TWO, LWS), "spec.leaderWorkerTemplate.workerTemplate.spec.containers.0"),
        (made("Pod", "p", f"initContainers: [{container('cpu: 9')}], containers: [{container()}]"), "initContainers.0"),
        (made("Pod", "p", f"containers: [{container()}, {container('cpu: 9')}]"), "spec.containers.1"),
    ],
)  # fmt: skip
def test_every_kind_of_pods(text: str, path: str) -> None:
    found = said(checked(text + ranged("default: {cpu: 4}")), "refused_pod")
    assert found
    assert {f"{path}.resources.requests.cpu: " in one for one in found} == {True}


def test_whole_pods() -> None:
    two = made("Pod", "p", f"containers: [{container('cpu: 2', 'cpu: 2')}, {container('cpu: 3', 'cpu: 3')}]")
    assert said(checked(two + ranged("max: {cpu: 5}", kind="Pod")), "refused_pod") == []
    assert said(checked(two + ranged("max: {cpu: 4}", kind="Pod")), "refused_pod") == [
        "Pod t/p at spec.containers: has pods that LimitRange t/l refuses: it asks for more than 4 of cpu"
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (made("PersistentVolumeClaim", "c", STORAGE), "spec.resources.requests.storage"),
        (deployment(pod_spec(), EACH, "StatefulSet"), "spec.volumeClaimTemplates.0.spec.resources.requests.storage"),
        (
            deployment(pod_spec(more=SHORT)),
            "spec.template.spec.volumes.0.ephemeral.volumeClaimTemplate.spec.resources.requests.storage",
        ),
    ],
)
def test_volume_claims(text: str, path: str) -> None:
    kind = "PersistentVolumeClaim"
    assert said(checked(text + ranged("max: {storage: 3Gi}", kind=kind)), "refused_pod") == []
    (found,) = said(checked(text + ranged("max: {storage: 2Gi}", kind=kind)), "refused_pod")
    assert f"at {path}: claims a volume that LimitRange t/l refuses: it asks for more than 2Gi of storage" in found


def test_another_namespace_and_another_subject() -> None:
    rows = {
        "Manifest/m": NAMESPACE + ranged("max: {cpu: 1}"),
        "Manifest/n": made("Pod", "p", pod_spec("cpu: 2", "cpu: 2")),
    }
    (finding,) = [f for f in report(world(), rows).findings if f.code.name == "refused_pod"]
    assert finding.place.subject == "Manifest/n"
    assert [(place.subject, place.path) for place, _ in finding.related] == [
        ("Manifest/m", ("spec", "limits", 0, "max", "cpu"))
    ]
    rows["Manifest/n"] = rows["Manifest/n"].replace("namespace: t", "namespace: default")
    assert said(report(world(), rows), "refused_pod") == []


def test_counts() -> None:
    two = f"containers: [{container('cpu: 1', 'cpu: 1')}, {container('cpu: 9', 'cpu: 9')}]"
    found = checked(made("Pod", "p", two) + ranged("max: {cpu: 4}") + ranged("max: {cpu: 10}", "pods", "Pod"))
    assert ends(found, "limits") == {"valid": 2, "invalid": 1}


def test_a_team_hears_which_of_its_fields() -> None:
    fleet = world(cluster(), team("t", namespaces="t"), manifest(owner="t"))
    rows = {"Team/t": NAMESPACE + ranged("max: {cpu: 4}"), "Manifest/m": made("Pod", "p", pod_spec("cpu: 2"))}
    assert hints(report(fleet, rows), "refused_pod") == []
    rows["Manifest/m"] = made("Pod", "p", pod_spec("cpu: 8", "cpu: 8"))
    (hint,) = hints(report(fleet, rows), "refused_pod")
    assert hint == "ask for less, or raise what is most; `limits.max` of the team has the bound"

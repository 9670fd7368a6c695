"""Real pods in every team's namespaces: what Pod Security and the quotas let in, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest
from tests.live.clusters import Live

from fleetc_rehearsal import Refused, until

pytestmark = [pytest.mark.live, pytest.mark.kind]

ENFORCE: Final = "pod-security.kubernetes.io/enforce"
SAFE: Final[dict[str, Any]] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
IMAGE: Final = f"registry.acme.example/probe@sha256:{'0' * 64}"
"""As the fleet's policies want it."""
SMALL: Final = {"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "64Mi"}


class Space(NamedTuple):
    """A namespace of a team: the level of Pod Security that its spec asks for, and a priority class that it may use."""

    name: str
    level: str
    priority: str


def pod(space: Space, *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A pod that `restricted` lets in, unless it is told otherwise."""
    safe = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    made = {
        "serviceAccountName": "default", "automountServiceAccountToken": False,
        "securityContext": safe, "priorityClassName": space.priority,
        "containers": [*containers] or [container()], **spec,
    }  # fmt: skip
    metadata = {"generateName": "probe-", "namespace": space.name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": made}


def container(name: str = "main", **more: Any) -> dict[str, Any]:
    """A small container."""
    resources = {"requests": SMALL, "limits": SMALL}
    return {"name": name, "image": IMAGE, "securityContext": SAFE, "resources": resources, **more}


def refusal(running: Live, made: dict[str, Any]) -> str:
    """What the server says against a pod; empty when it lets it in."""
    try:
        running.client.create(made, dry_run=True)
    except Refused as refused:
        return refused.message if refused.status == 403 else f"not by admission: {refused}"
    return ""


def spaces(running: Live) -> Iterator[Space]:
    """The namespaces of teams, once their quotas are counted."""
    classes = [c["metadata"]["name"] for c in running.client.every("scheduling.k8s.io/v1", "PriorityClass")]
    for one in running.emitted:
        if one.object["kind"] == "Namespace" and "/teams/" in one.file:
            name, labels = one.object["metadata"]["name"], one.object["metadata"]["labels"]
            refused = refused_priorities(quotas(running, name))
            yield Space(name, labels[ENFORCE], next(c for c in sorted(classes) if c not in refused))


def quotas(running: Live, namespace: str) -> dict[str, dict[str, Any]]:
    """The quotas of a namespace by name, once their controller has counted."""

    def counted() -> dict[str, dict[str, Any]] | None:
        found = {q["metadata"]["name"]: q for q in running.client.every("v1", "ResourceQuota", namespace)}
        ready = found and all((q.get("status") or {}).get("hard") == q["spec"]["hard"] for q in found.values())
        return found if ready else None

    return until(counted, f"counted quotas in {namespace}")


def refused_priorities(found: dict[str, dict[str, Any]]) -> list[str]:
    """The priority classes of which a namespace's quota lets no pod in."""
    selector = found["refused-priorities"]["spec"]["scopeSelector"]["matchExpressions"]
    values: list[str] = selector[0]["values"]
    return values


def test_every_team_has_its_namespaces(running: Live) -> None:
    teams = {one.file for one in running.emitted if "/teams/" in one.file}
    assert bool(teams) == bool([*spaces(running)])


def test_pod_security(running: Live) -> None:
    for space in spaces(running):
        privileged = pod(space, container(securityContext={"privileged": True}))
        on_host = pod(space, hostNetwork=True, hostPID=True)
        with_host_path = pod(space, volumes=[{"name": "host", "hostPath": {"path": "/"}}])
        assert refusal(running, pod(space)) == "", space
        for bad in (privileged, on_host, with_host_path):
            assert f'violates PodSecurity "{space.level}:' in refusal(running, bad), space
        # Who asked for `baseline` may run as root; who is `restricted` may not.
        as_root = refusal(running, pod(space, container(securityContext={}), securityContext={}))
        assert ('violates PodSecurity "restricted:' in as_root) == (space.level == "restricted"), space
        assert not as_root or space.level == "restricted", as_root


def test_quota(running: Live) -> None:
    for space in spaces(running):
        hard = quotas(running, space.name)["team-quota"]["spec"]["hard"]
        most = most_cpu(running, space.name)
        resources = {"requests": SMALL, "limits": {**SMALL, "cpu": most}}
        fitting = [container(f"c{n}", resources=resources) for n in range(2)]
        assert refusal(running, pod(space, *fitting)) == "", space
        share = {**SMALL, "cpu": most}
        count = milli(hard["requests.cpu"]) // milli(most) + 1
        many = [container(f"c{n}", resources={"requests": share, "limits": share}) for n in range(count)]
        assert "exceeded quota: team-quota" in refusal(running, pod(space, *many)), space
        one_more = {"requests": SMALL, "limits": {**SMALL, "cpu": f"{milli(most) + 1}m"}}
        assert "maximum cpu usage per Container" in refusal(running, pod(space, container(resources=one_more))), space


def test_priorities_that_a_team_may_not_use(running: Live) -> None:
    """Refused by the quota that holds none of them; every other class of the cluster is let in."""
    for space in spaces(running):
        refused = refused_priorities(quotas(running, space.name))
        here = [c["metadata"]["name"] for c in running.client.every("scheduling.k8s.io/v1", "PriorityClass")]
        said = {name: refusal(running, pod(space, priorityClassName=name)) for name in here}
        assert {n for n, why in said.items() if "exceeded quota: refused-priorities" in why} == {*refused} & {*here}
        assert {n for n, why in said.items() if not why} == {*here} - {*refused}


def most_cpu(running: Live, namespace: str) -> str:
    """The most CPU that one container may have."""
    (found,) = running.client.every("v1", "LimitRange", namespace)
    most: str = next(item["max"]["cpu"] for item in found["spec"]["limits"] if item["type"] == "Container")
    return most


def milli(cpu: str) -> int:
    """Thousandths of a CPU."""
    return int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000

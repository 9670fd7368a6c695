"""Every policy before real API servers: the verdict of the build and that of the server agree on all that is emitted,
on all examples, and on mutants.

The result is docs/checks/policies.md. With FLEETC_UPDATE=1 it is written instead of compared.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import pytest
from tests.check.goldens import golden
from tests.check.judged import MINORS, Case, cases, policies, spaces, verdict, workers
from tests.check.policy_page import PAGE, Seen, written
from tests.check.test_mutations import UPDATE

from fleetc.check.policy.examples import made
from fleetc.check.policy.judge import Ready
from fleetc.emission.admission import PARAMETERS_IN, parameters_name
from fleetc_rehearsal import Client, Refused, control_plane, until
from fleetc_rehearsal.manifests import group_of

pytestmark = pytest.mark.live

API: Final = "admissionregistration.k8s.io/v1"
POLICY: Final = "ValidatingAdmissionPolicy"
_SAID: Final = re.compile(r"ValidatingAdmissionPolicy '([^']+)' with binding '[^']+': ([a-z0-9-]+): ")
_FAILED: Final = re.compile(r"ValidatingAdmissionPolicy '([^']+)' with binding '[^']+': expression '(.*)' resulted in")
_GROUPS: Final = {"jobset.x-k8s.io": ("v1alpha2", "JobSet", "jobsets"),
                  "leaderworkerset.x-k8s.io": ("v1", "LeaderWorkerSet", "leaderworkersets")}  # fmt: skip
SERVED: Final = ("", "apps", "batch", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "autoscaling",
                  "storage.k8s.io", "scheduling.k8s.io", *_GROUPS)  # fmt: skip


def test_build_and_server_agree() -> None:
    seen: list[Seen] = []
    for minor in MINORS:
        found = policies(workers(minor)[0])
        with judging(minor, found) as client:
            mine = [case for case in cases(minor, found) if group_of(case.object["apiVersion"]) in SERVED]
            seen += [Seen(minor, c, verdict(minor, found, c.object), said(client, c, found)) for c in mine]
    odd = [one for one in seen if one.server is not None and one.build != one.server]
    assert odd == [], "\n".join(f"{o.case.about}: {sorted(o.build)}, server {sorted(o.server or ())}" for o in odd[:30])
    page = written(seen)
    if UPDATE:
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run it with FLEETC_UPDATE=1"


def test_what_is_refused_and_what_is_spared() -> None:
    """As emitted, a policy refuses: a pod, a container that is added to a running one, and what an exception is not
    for."""
    minor = MINORS[0]
    found = [one for one in policies(workers(minor)[0]) if one.policy.name == "images-are-pinned"]
    with judging(minor, found) as client:
        (one,) = found
        rule, pod = one.rules[0], next(kind for kind in one.kinds if kind.text == "Pod")
        client.patch(API, f"{POLICY}Binding", one.policy.name, {"spec": one.made.binding})
        bad, good = (made(one, rule, change or {}, pod) for change in (rule.failing, rule.passing))
        refused = until(lambda: _refusal(client, bad), "refusal")
        assert "ValidatingAdmissionPolicy 'images-are-pinned'" in refused
        assert rule.message in refused
        assert rule.fix in refused
        client.create(good)
        debug = {"spec": {"ephemeralContainers": [{"name": "debug", "image": "registry.example/debug:latest"}]}}
        with pytest.raises(Refused, match="images-are-pinned"):
            client.patch("v1", "Pod", good["metadata"]["name"], debug, "example", part="ephemeralcontainers")


def _refusal(client: Client, obj: dict[str, Any]) -> str | None:
    try:
        client.create(obj, dry_run=True)
    except Refused as refused:
        return refused.message
    return None


@contextmanager
def judging(minor: str, found: list[Ready]) -> Generator[Client]:
    """A server of a cluster's minor on which the policies only warn: so it tells of every rule, not of the first."""
    with control_plane(minor, crds=[_crd(group) for group in _GROUPS]) as running:
        client = running.client
        for name, space in spaces(minor).items():
            labels = {k: v for k, v in space["metadata"]["labels"].items() if "pod-security" not in k}
            _ensure(client, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        _accounts(client, minor)
        for one in found:
            put(client, one, "Warn")
        for one in found:
            until(partial(_active, client, minor, one), f"policy {one.policy.name} in force")
        yield client


def put(client: Client, one: Ready, action: str) -> None:
    """Create a policy, its parameters and its binding."""
    name = one.policy.name
    if one.made.parameters is not None:
        metadata = {"name": parameters_name(one.policy), "namespace": PARAMETERS_IN}
        client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": one.made.parameters})
    client.create({"apiVersion": API, "kind": POLICY, "metadata": {"name": name}, "spec": one.made.spec})
    spec = {**one.made.binding, "validationActions": [action]}
    client.create({"apiVersion": API, "kind": f"{POLICY}Binding", "metadata": {"name": name}, "spec": spec})


def _active(client: Client, minor: str, one: Ready) -> bool:
    """Whether a server has begun to judge by a policy: of some object that it is to refuse, it says so."""
    for case in cases(minor, [one]):
        if any(rule.startswith(f"{one.policy.name}/") for rule in verdict(minor, [one], case.object)):
            told = said(client, case, [one])
            if told is not None:
                return any(rule.startswith(f"{one.policy.name}/") for rule in told)
    raise AssertionError(f"nothing breaks policy {one.policy.name}")


def said(client: Client, case: Case, found: list[Ready]) -> frozenset[str] | None:
    """The rules that the server says an object does not meet; None where it takes no such object at all."""
    client.warnings.clear()
    metadata: Mapping[str, Any] = case.object["metadata"]
    path = client.path(case.object["apiVersion"], case.object["kind"], metadata.get("namespace") or "")
    try:
        client.request("POST", path, case.object, query={"dryRun": "All"})
    except Refused as refused:
        if refused.reason != "AlreadyExists":
            return None
    texts = [text.replace('\\"', '"').replace("\\\\", "\\") for text in client.warnings]
    return frozenset(name for text in texts for name in _rules(text, found))


def _rules(text: str, found: list[Ready]) -> Iterator[str]:
    """The rule that a warning is of: by its message, or by the expression that could not be evaluated."""
    yield from ("/".join(pair) for pair in _SAID.findall(text))
    failed = _FAILED.search(text)
    for one in found if failed else ():
        for rule, each in zip(one.rules, one.made.spec["validations"], strict=True):
            if failed and failed[1] == one.policy.name and failed[2] == each["expression"]:
                yield f"{one.policy.name}/{rule.name}"


def _ensure(client: Client, obj: dict[str, Any]) -> None:
    metadata = obj["metadata"]
    if client.look(obj["apiVersion"], obj["kind"], metadata["name"], metadata.get("namespace", "")) is None:
        client.create(obj)


def _accounts(client: Client, minor: str) -> None:
    """Without its account no pod is taken, and no controller makes any here."""
    emitted = [s.object for n in workers(minor) for shapes in golden().clusters[n].values() for s in shapes]
    for name in spaces(minor):
        _ensure(
            client, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
        )
    for obj in emitted:
        if obj["kind"] == "ServiceAccount" and obj["metadata"].get("namespace") in spaces(minor):
            _ensure(client, dict(obj))


def _crd(group: str) -> dict[str, Any]:
    """A kind of which the server takes anything: what counts is that it is one that holds pods."""
    version, kind, plural = _GROUPS[group]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            # The server asks for it for groups of Kubernetes' own projects.
            "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in for tests"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }

"""Rules `schema` and `scope`: each object by itself."""

from __future__ import annotations

import pytest
from tests.check.fleet.clusters import report, said, world

from fleetc.check.findings import Counts, total
from fleetc.check.run import Report

SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: t}, spec: {ports: [{port: 80}]}}"
UNKNOWN = "{apiVersion: example.com/v1, kind: Foo, metadata: {name: f, namespace: t}}"
CUSTOM = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c, namespace: t}
spec: {endpointSelector: {}, ingress: []}
"""
POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "true"}]
"""


def counts(found: Report) -> Counts:
    return total(judged.counts for judged in found.judged.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SERVICE, {"valid": {"": 1}}),
        (SERVICE.replace("80", "0"), {"invalid": {"": 1}}),
        (UNKNOWN, {"skipped": {"no schema known for example.com/v1 Foo": 1}}),
        (CUSTOM, {"partial": {"CEL rules of the CRD are not checked offline": 1}}),
        (POLICY, {"valid": {"": 1}}),
        (POLICY.replace('"true"', "objekt.x"), {"invalid": {"": 1}}),
        (f"{SERVICE}\n---\n{UNKNOWN}", {"valid": {"": 1}, "skipped": {"no schema known for example.com/v1 Foo": 1}}),
    ],
)
def test_schema_ends(text: str, expected: dict[str, dict[str, int]]) -> None:
    assert counts(report(world(), {"Manifest/m": text}))["schema"] == expected


def test_schema_findings() -> None:
    wrong = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: t}, spec: {ports: [{port: 0, prot: TCP}]}}"
    assert said(report(world(), {"Manifest/m": wrong}), "invalid_object") == [
        "Service t/s at spec.ports.0.port: spec.ports[0].port: must be at least 1, got 0",
        "Service t/s at spec.ports.0.prot: spec.ports[0].prot: unknown field `prot`; did you mean `port`?",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SERVICE, {"valid": {"": 1}}),
        (SERVICE.replace(", namespace: t", ""), {"invalid": {"": 1}}),
        (POLICY, {"valid": {"": 1}}),
        (POLICY.replace("name: p", "name: p, namespace: t"), {"invalid": {"": 1}}),
        (UNKNOWN, {"skipped": {"the scope of the kind is not known": 1}}),
        (CUSTOM, {"valid": {"": 1}}),
        (CUSTOM.replace(", namespace: t", ""), {"invalid": {"": 1}}),
    ],
)
def test_scope_ends(text: str, expected: dict[str, dict[str, int]]) -> None:
    assert counts(report(world(), {"Manifest/m": text}))["scope"] == expected


def test_scope_findings() -> None:
    found = report(world(), {"Manifest/m": SERVICE.replace(", namespace: t", "")})
    assert said(found) == ["Service s at metadata: lives in a namespace, and names none"]
    found = report(world(), {"Manifest/m": POLICY.replace("name: p", "name: p, namespace: kube-system")})
    assert said(found) == [
        "ValidatingAdmissionPolicy kube-system/p at metadata.namespace: lives in no namespace, and names one"
    ]

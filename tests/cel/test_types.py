"""Types made of schemas: what each place of an object is to an expression."""

from __future__ import annotations

from typing import Any

import pytest

from fleetc.cel import DYN, CompileError, Failure, Value, compile  # noqa: A004 - the name of what it does
from fleetc.cel.names import spellings
from fleetc.check.typed import Declared, object_type, part, schema_type, typed


def of(kind: str, api_version: str = "apps/v1") -> Declared:
    found = object_type(api_version, kind, "1.36")
    assert found is not None
    return found


def output(expression: str, declared: Declared) -> str:
    program = compile(expression, {"object": declared.type}, "1.36", messages=declared.messages)
    return str(program.output)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("object.spec.replicas", "int"),
        ("object.metadata.name", "string"),
        ("object.metadata.labels", "map(string, string)"),
        ("object.metadata.labels['a-b']", "string"),
        ("object.metadata.namespace", "string"),
        ("object.metadata.__namespace__", "string"),
        ("object.metadata.creationTimestamp.getFullYear()", "int"),
        ("object.spec.strategy.rollingUpdate.maxSurge", "dyn"),
        ("object.spec.template.spec.containers.map(c, c.name)", "list(string)"),
        ("object.?spec.?replicas.orValue(1)", "int"),
        ("object.spec.?replicas", "optional_type(int)"),
        ("has(object.spec.paused)", "bool"),
        ("object.spec.template.spec.volumes[0].csi.volumeAttributes", "map(string, string)"),
    ],
)
def test_places_of_a_deployment(expression: str, kind: str) -> None:
    assert output(expression, of("Deployment")) == kind


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        ("object.spec.replica", 12),
        ("has(object.spec.replica)", 4),
        ("object.spec.replicas == '3'", 22),
        ("object.spec.template.spec.containers.all(c, c.img == '')", 46),
        ("object.spec.replicas.startsWith('a')", 32),
        ("object.spec.template.spec.containers.all(c, size(c.name))", 49),
        ("object.metadata.labels.app > 1", 28),
        ("object.?spec.?replica", 13),
    ],
)
def test_what_no_deployment_has(expression: str, column: int) -> None:
    with pytest.raises(CompileError) as caught:
        output(expression, of("Deployment"))
    assert caught.value.problems[0].column == column


def test_parts() -> None:
    container = part(of("Deployment"), ("spec", "template", "spec", "containers", 0))
    assert container is not None
    assert output("object.image.startsWith('a') && object.ports.all(p, p.containerPort > 1)", container) == "bool"
    assert part(of("Deployment"), ("spec", "nothing")) is None
    assert part(of("Deployment"), ("spec", "replicas", "x")) is None
    free = part(of("Deployment"), ("metadata", "labels", "x"))
    assert free is not None
    assert str(free.type) == "string"


def test_the_same_types_are_made_once() -> None:
    assert object_type("apps/v1", "Deployment", "1.36") is object_type("apps/v1", "Deployment", "1.36")
    assert object_type("apps/v1", "Nothing", "1.36") is None


def test_a_schema_that_leads_to_itself() -> None:
    crd = of("CustomResourceDefinition", "apiextensions.k8s.io/v1")
    schema = "object.spec.versions[0].schema.openAPIV3Schema"
    assert output(f"{schema}.not.not.not.type", crd) == "string"


CRD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "every": {"type": "string", "format": "duration"},
                "key": {"type": "string", "format": "byte"},
                "share": {"type": "number"},
                "port": {"x-kubernetes-int-or-string": True},
                "for": {"type": "string"},
                "a-b.c/d__e": {"type": "string"},
                "$ref": {"type": "string"},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "keyed": {
                    **{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
                    "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                },
                "pod": {"type": "object", "x-kubernetes-embedded-resource": True},
            },
        }
    },
}
OBJECT: dict[str, Any] = {
    "apiVersion": "a.example/v1",
    "kind": "Thing",
    "metadata": {"name": "a", "labels": {"a": "b"}},
    "spec": {
        **{"at": "2026-01-31T12:00:00Z", "every": "90s", "key": "YWJj", "share": 1, "port": 80, "for": "x"},
        **{"a-b.c/d__e": "y", "$ref": "z", "free": {"any": 1}, "keyed": [{"name": "k"}]},
        "pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}},
    },
}


def judged(expression: str) -> object:
    declared = schema_type(CRD, root=True)
    program = compile(expression, {"self": declared.type}, "1.36", messages=declared.messages)
    outcome = program.evaluate({"self": typed(CRD, OBJECT)})
    return outcome.value if isinstance(outcome, Value) else outcome


@pytest.mark.parametrize(
    "expression",
    [
        "self.spec.at.getFullYear() == 2026 && self.spec.at < timestamp('2027-01-01T00:00:00Z')",
        "self.spec.every == duration('1m30s')",
        "self.spec.key == b'abc'",
        "self.spec.share == 1.0 && self.spec.share / 2.0 == 0.5",
        "self.spec.port == 80 && type(self.spec.port) == int",
        "self.spec.__for__ == 'x' && self.spec.for == 'x'",
        "self.spec.a__dash__b__dot__c__slash__d__underscores__e == 'y'",
        "self.spec.free.any == 1",
        "self.spec.keyed.exists(k, k.name == 'k')",
        "self.metadata.name == 'a' && self.spec.pod.metadata.name == 'p' && self.spec.pod.kind == 'Pod'",
        "!has(self.spec.keyed) || size(self.spec.keyed) == 1",
    ],
)
def test_values_have_the_types_of_their_schema(expression: str) -> None:
    assert judged(expression) is True


@pytest.mark.parametrize(
    "expression", ["self.metadata.labels.a == 'b'", "self.spec.at == '2026'", "self.spec.share == 1"]
)
def test_what_the_schema_does_not_have(expression: str) -> None:
    with pytest.raises(CompileError):
        judged(expression)


def test_keyed_lists_are_not_compared() -> None:
    assert "keys" in str(judged("self.spec.keyed == self.spec.keyed"))


def test_an_absent_field_is_an_error() -> None:
    program = compile("object.a.b == 1", {"object": DYN}, "1.36")
    assert program.evaluate({"object": {"a": {}}}) == Failure("no such key: b")


def test_spellings() -> None:
    assert spellings("namespace") == ("__namespace__", "namespace")
    assert spellings("in") == ("__in__",)
    assert spellings("a.b") == ("a__dot__b",)
    assert spellings("$ref") == ()

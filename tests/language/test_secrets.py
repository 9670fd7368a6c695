"""No value of a secret passes, wherever an object may be written and however it is wrapped."""

from __future__ import annotations

import base64
import json

import pytest
from tests.language.texts import HEAD, found, problems, spec

KEY = "-----BEGIN {}PRIVATE KEY-----\nMIIEvQIBADANBg"
SECRET = "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: t}, %s}"
MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: t}, data: {a: %s}}"
CUSTOM = "{apiVersion: acme.example/v1, kind: Foo, metadata: {name: x, namespace: t}, spec: %s}"


def manifest(*objects: str) -> str:
    return spec("Manifest", f"{{objects: [{', '.join(objects)}]}}")


def quoted(text: str) -> str:
    return json.dumps(text)


@pytest.mark.parametrize(
    ("item", "where"),
    [
        (SECRET % "data: {a: aHVudGVyMg==}", ["a"]),
        (SECRET % "stringData: {a: hunter2, b: c}", ["a", "b"]),
        (SECRET % "data: {a: b}, stringData: {c: d}", ["a", "c"]),
        (SECRET % "stringData: {a: ''}", ["a"]),
        (SECRET % "data: {}", []),
        (SECRET % "type: kubernetes.io/service-account-token", []),
        (CUSTOM % "{template: {apiVersion: v1, kind: Secret, stringData: {a: b}}}", ["a"]),
        (CUSTOM % "[{deep: [{apiVersion: v1, kind: Secret, data: {a: b}}]}]", ["a"]),
        ("{apiVersion: v1, kind: List, metadata: {name: l}, items: [" + SECRET % "data: {a: b}" + "]}", ["a"]),
        ("{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: x}, data: {a: b}}", []),
        ("{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: x}, spec: {encryptedData: {}}}", []),
    ],
)  # fmt: skip
def test_values_of_secrets(item: str, where: list[str]) -> None:
    assert found(manifest(item)) == [f"secret_value {key}" for key in where]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "SSH2 ENCRYPTED "])
def test_private_keys(kind: str) -> None:
    text = KEY.format(kind)
    packed = base64.b64encode(text.encode()).decode()
    wrapped = "\n".join(packed[n : n + 16] for n in range(0, len(packed), 16))
    for written in (text, f"# mine\n{text}", packed, wrapped, f"key: {packed}"):
        assert found(manifest(MAP % quoted(written)))[0].startswith("secret_value ")


def test_private_key_of_pgp() -> None:
    assert found(manifest(MAP % '"-----BEGIN PGP PRIVATE KEY BLOCK-----"')) == [
        'secret_value "-----BEGIN PGP PRIVATE KEY BLOCK-----"'
    ]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PUBLIC KEY-----\nMIIB",
        "-----BEGIN CERTIFICATE-----\nMIIB",
        base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB").decode(),
        "LS0tLS1CRUdJTi",
        "private key",
        '{"kind": "Secret"',
        '{"kind": "Secret", "apiVersion": "v1"}',
        "{" * 5000 + '"Secret"',
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert found(manifest(MAP % quoted(text))) == []


def test_private_keys_in_a_secret_beside_its_values() -> None:
    text = SECRET.replace("name: s", 'name: s, annotations: {k: "-----BEGIN PRIVATE KEY-----"}') % "data: {a: b}"
    assert sorted(found(manifest(text))) == ['secret_value "-----BEGIN PRIVATE KEY-----"', "secret_value a"]


def test_a_secret_as_text_of_an_annotation() -> None:
    applied = json.dumps({"apiVersion": "v1", "kind": "Secret", "data": {"a": "aHVudGVyMg=="}})
    item = CUSTOM.replace("name: x", f"name: x, annotations: {{last-applied: '{applied}'}}") % "{}"
    assert found(manifest(item)) == [f"secret_value '{applied}'"]


@pytest.mark.parametrize("body", [SECRET % "stringData: {a: b}", MAP % '"-----BEGIN PRIVATE KEY-----"'])
def test_everywhere_where_objects_may_stand(body: str) -> None:
    plain = MAP % "b"
    texts = [
        manifest(plain.replace("name: x", "name: y"), body),
        spec("Manifest", f"{{objects: [{plain}], overrides: [{{match: {{}}, set: {{objects: [{body}]}}}}]}}"),
        spec("Fleet", f"{{defaults: {{manifest: {{objects: [{body}]}}}}}}"),
        spec("Team", f"{{defaults: {{manifest: {{objects: [{body}]}}}}}}"),
    ]
    for text in texts:
        (problem,) = problems(text)
        assert problem.code.name == "secret_value"
    (problem,) = problems(spec("Manifest", "{files: [s.yaml]}"), {"specs/s.yaml": f"# first\n{body}\n"})
    assert (problem.code.name, problem.source) == ("secret_value", 1)


def test_where_no_objects_stand() -> None:
    text = spec("Team", '{namespaces: {a: {annotations: {k: "-----BEGIN PRIVATE KEY-----"}}}}')
    assert found(text) == ['secret_value "-----BEGIN PRIVATE KEY-----"']


def test_in_the_second_document_of_a_file() -> None:
    text = f"{MAP % 'b'}\n---\n{SECRET % 'data: {a: b}'}\n"
    (problem,) = problems(spec("Manifest", "{files: [s.yaml]}"), {"specs/s.yaml": text})
    assert (problem.path, problem.source) == (("data", "a"), 2)


def test_a_broken_document_is_looked_through_as_well() -> None:
    text = f"{HEAD}kind: Manifest\nmetadata: {{name: x}}\nspec: {{odd: 1, objects: [{SECRET % 'data: {a: b}'}]}}\n"
    assert sorted(found(text)) == ["secret_value a", "unknown_field odd"]

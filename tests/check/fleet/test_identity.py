"""Rules `identity` and `path`: nothing is emitted twice."""

from __future__ import annotations

from tests.check.fleet.clusters import ends, report, said, world


def config(name: str, namespace: str = "default", group: str = "v1", kind: str = "ConfigMap") -> str:
    return f"{{apiVersion: {group}, kind: {kind}, metadata: {{name: {name}, namespace: {namespace}}}}}\n---\n"


def test_distinct_objects() -> None:
    text = config("a") + config("b") + config("a", "kube-system") + config("a", kind="ServiceAccount")
    found = report(world(), {"Manifest/m": text, "Manifest/n": config("c")})
    assert ends(found, "identity") == {"valid": 5}
    assert ends(found, "path") == {"valid": 2}


def test_versions_of_one_group_are_one_object() -> None:
    text = config("a", group="example.com/v1", kind="Foo") + config("a", group="example.com/v2", kind="Foo")
    assert ends(report(world(), {"Manifest/m": text}), "identity") == {"invalid": 2}


def test_groups_are_told_apart() -> None:
    text = config("a", group="example.com/v1", kind="Foo") + config("a", group="example.org/v1", kind="Foo")
    assert ends(report(world(), {"Manifest/m": text}), "identity") == {"valid": 2}


def test_twice_in_one_subject_and_in_two() -> None:
    found = report(world(), {"Manifest/m": config("a") + config("a"), "Manifest/n": config("a") + config("b")})
    assert ends(found, "identity") == {"invalid": 3, "valid": 1}
    assert said(found, "duplicate_object") == [
        f"ConfigMap default/a at metadata.name: emitted twice: by Manifest/m and by Manifest/{other}"
        for other in ("m", "n")
    ]
    assert [f.related[0][0].subject for f in found.findings] == ["Manifest/m", "Manifest/m"]
    assert [f.related[0][0].object for f in found.findings] == [0, 0]


def test_paths() -> None:
    rows = {"Manifest/m": config("a"), "Manifest/M": config("b"), "Manifest/n": config("c")}
    found = report(world(), rows, {"Manifest/m": "manifests/m.yaml", "Manifest/M": "manifests/M.yaml"})
    assert ends(found, "path") == {"invalid": 2, "valid": 1}
    assert said(found, "duplicate_path") == [
        "manifests/M.yaml at metadata.name: written twice: by Manifest/m and by Manifest/M"
    ]

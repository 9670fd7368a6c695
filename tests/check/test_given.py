"""The structure of CRDs that are given: judged as that of packed ones, wherever it comes from."""

from __future__ import annotations

import hashlib
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.check.goldens import golden
from tests.check.mutations import mutate
from tests.driver.fleets import inside

from fleetc.check import schemas, store
from fleetc.check.crds import Crd, Given
from fleetc.check.states import State, Verdict
from fleetc.diagnostics import Failure
from fleetc.driver.crds import read_crds

NAMES = {"type": "array", "items": {"type": "string"}}
SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["size", "mode"],
    "properties": {
        "size": {"type": "integer", "format": "int32", "minimum": 1},
        "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "word": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "closed": {"type": "object"},
        "maybe": {"type": "string", "nullable": True},
        "until": {"type": "string", "format": "date-time"},
        "every": {"type": "string", "format": "duration", "pattern": "^[0-9]+[hm]$|x"},
        "mail": {"type": "string", "format": "email"},
        "secret": {"type": "string", "format": "password"},
        "names": {**NAMES, "x-kubernetes-list-type": "set"},
        "ports": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "protocol"],
            "items": {
                "type": "object",
                "required": ["port"],
                "properties": {"port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}},
            },
        },
    },
}


def crd(schema: Any = None, **changes: Any) -> Crd:
    spec = {
        "group": "tests.example",
        "names": {"kind": "Thing"},
        "scope": "Namespaced",
        "versions": [
            {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema or whole(SPEC)}},
            {"name": "v2", "served": False},
        ],
    }
    data = yaml.safe_dump({"kind": "CustomResourceDefinition", "spec": spec}).encode()
    return Crd("thing", "v1.0.0", "tests.example", "Thing", hashlib.sha256(data).hexdigest(), data)._replace(**changes)


def whole(spec: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"spec": spec, "metadata": {"type": "object"}}}


def thing(spec: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "b"}
    return {"apiVersion": f"tests.example/{version}", "kind": "Thing", "metadata": metadata, "spec": spec}


def judged(obj: dict[str, Any], given: Crd | None = None) -> Verdict:
    return Given([given or crd()]).judge(obj, "1.35", ())


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"size": 1}, None),
        ({"size": 1, "mode": "b", "word": "abc", "port": 80, "open": {"x": [1]}, "maybe": None}, None),
        ({"size": 1, "port": "http", "until": "2026-01-31T12:00:00Z", "every": "5m", "names": ["a", "b"]}, None),
        ({"size": 1, "ports": [{"port": 1}, {"port": 1, "protocol": "UDP"}], "secret": "s", "mode": None}, None),
        ({}, ("spec",)),
        ({"size": 0}, ("spec", "size")),
        ({"size": 2**31}, ("spec", "size")),
        ({"size": "1"}, ("spec", "size")),
        ({"size": 1, "mode": "c"}, ("spec", "mode")),
        ({"size": 1, "word": "ABC"}, ("spec", "word")),
        ({"size": 1, "word": "abcdef"}, ("spec", "word")),
        ({"size": 1, "word": None}, ("spec", "word")),
        ({"size": 1, "port": 1.5}, ("spec", "port")),
        ({"size": 1, "surprise": 1}, ("spec", "surprise")),
        ({"size": 1, "closed": {"a": 1}}, ("spec", "closed", "a")),
        ({"size": 1, "until": "tomorrow"}, ("spec", "until")),
        ({"size": 1, "every": "x"}, ("spec", "every")),
        ({"size": 1, "every": "5s"}, ("spec", "every")),
        ({"size": 1, "names": ["a", "a"]}, ("spec", "names")),
        ({"size": 1, "ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]}, ("spec", "ports", 1)),
    ],
)
def test_the_structure_is_that_of_the_file(spec: dict[str, Any], path: tuple[str | int, ...] | None) -> None:
    verdict = judged(thing(spec))
    assert verdict.state is (State.VALID if path is None else State.INVALID), verdict
    assert path is None or path in [problem.path for problem in verdict.problems], verdict


def test_a_format_that_is_not_looked_at_is_partial() -> None:
    verdict = judged(thing({"size": 1, "mail": "a@b.example"}))
    assert verdict == (State.PARTIAL, (), "a rule of Thing is not run: the format `email` is not looked at")
    nested = whole({"type": "object", "properties": {"a": {"type": "string", "anyOf": [{"format": "uri"}]}}})
    assert judged(thing({"a": "b"}), crd(nested)).state is State.PARTIAL


def test_a_version_that_is_not_served() -> None:
    (problem,) = judged(thing({"size": 1}, "v2")).problems
    assert problem.message == "thing v1.0.0 does not serve v2 of Thing"


@pytest.mark.parametrize(
    "schema",
    [
        whole({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}),
        whole({"type": "object", "properties": {"a": {"type": "no type"}}}),
        whole({"type": "object", "properties": {"a": "no schema"}}),
        whole({"type": "object", "properties": ["a"]}),
        whole({"type": "object", "required": [1, "a"]}),
        whole({"type": "array", "x-kubernetes-list-type": "map"}),
    ],
)
def test_a_crd_that_no_server_takes_is_never_valid(schema: Any) -> None:
    verdict = judged(thing({}), crd(schema))
    assert verdict.state is State.PARTIAL
    assert "is none that can be read" in verdict.reason


@pytest.mark.parametrize("data", [b"", b"[", b"a: [b", b"kind: CustomResourceDefinition\nspec: 1\n", b"\xff"])
def test_a_file_that_is_no_crd_is_never_valid(data: bytes) -> None:
    assert judged(thing({}), crd(data=data)).state in (State.PARTIAL, State.INVALID)


def test_scope_and_kind_that_no_pack_knows(tmp_path: Path) -> None:
    """A kind that no pack has is checked whole where its CRD is given; without, it is told as not checked."""
    root = fleet(tmp_path)
    assert inside(root, "check", "--crds", "none", "--strict").status == 1
    ran = inside(root, "check", "--strict", "--output", "json")
    assert ran.status == 0, ran.err
    assert ran.data()["crds"] == ["crds"]
    (root / "crds/thing.yaml").write_bytes(crd().data.replace(b"scope: Namespaced", b"scope: Cluster"))
    ran = inside(root, "check")
    assert ran.status == 1
    assert "Thing b/a: lives in no namespace, and names one" in ran.err


def fleet(root: Path) -> Path:
    """One cluster with one custom object, and its CRD in the folder of the root."""
    for name, doc in {
        "fleet": {"kind": "Fleet", "spec": {"organisation": "tests", "environments": ["dev"]}},
        "cluster": {"kind": "Cluster", "spec": {"kubernetes": "1.35", "provider": "kind", "environment": "dev"}},
        "manifest": {"kind": "Manifest", "spec": {"objects": [namespace(), thing({"size": 1})]}},
    }.items():
        path = root / f"specs/{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump({"apiVersion": "fleetc/v1alpha1", "metadata": {"name": "one"}, **doc}))
    (root / "crds").mkdir()
    (root / "crds/thing.yaml").write_bytes(crd().data)
    return root


def namespace() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b"}}


def test_what_is_taken_is_told(tmp_path: Path) -> None:
    root = fleet(tmp_path)
    assert "crds  crds\n" in inside(root, "check").out
    assert "crds  none; crds is left out\n" in inside(root, "check", "--crds", "none").out
    other = tmp_path / "other"
    other.mkdir()
    assert "crds  other\n" in inside(root, "check", "--crds", str(other)).out
    ran = inside(root, "check", "--crds", "none", "--crds", str(other))
    assert (ran.status, "stands beside another" in ran.err) == (2, True)
    ran = inside(root, "check", "--crds", "gone", "--crds", "lost")
    assert (ran.status, ran.err.count("FLT902")) == (2, 2)


def test_all_that_is_wrong_with_a_folder_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: CustomResourceDefinition\nspec: 1\n")
    (tmp_path / "b.yaml").write_text("[")
    with pytest.raises(Failure) as failure:
        read_crds([str(tmp_path)])
    assert len(failure.value.diagnostics) == 2
    line = "a\tv1\ta.yaml\tg\tk\t" + "0" * 64
    (tmp_path / "INDEX.tsv").write_text(
        f"project\tversion\tfile\tgroup\tkind\tsha256\n{line}\nb\tv1\tgone.yaml\tg\tk\t0\nc\n"
    )
    with pytest.raises(Failure) as failure:
        read_crds([str(tmp_path)])
    assert [d.message.partition(" ")[2][:18] for d in failure.value.diagnostics] == [
        "does not have the ", "cannot be read: No", "lacks the columns ", "is not a CRD that ",
    ]  # fmt: skip


def test_files_that_an_index_does_not_name_are_taken_too(tmp_path: Path) -> None:
    (tmp_path / "INDEX.tsv").write_text("project\tversion\tfile\tgroup\tkind\tsha256\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thing.yaml").write_bytes(crd().data)
    given = read_crds([str(tmp_path)])
    assert given is not None
    assert len(given.of("tests.example", "Thing")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1, 2]\n" + "".join(f"{n}: &{n} [*{p}, *{p}, *{p}, *{p}]\n" for p, n in pairwise("abcdefghijklmnop")),
        "a: &a [*a]\n",
        "[" * 5000,
    ],
)
def test_files_that_expand_without_end_are_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_text(text)
    with pytest.raises(Failure) as failure:
        read_crds([str(tmp_path)])
    assert "is not a CRD that can be read" in failure.value.diagnostics[0].message


def test_the_first_folder_wins(tmp_path: Path) -> None:
    for name, text in (("a", "one"), ("b", "two")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_bytes(crd().data + f"# {text}\n".encode())
    for order in (["a", "b"], ["b", "a"]):
        given = read_crds([str(tmp_path / name) for name in order])
        assert given is not None
        chosen = given.choose("tests.example", "Thing", ())
        assert isinstance(chosen, Crd)
        assert chosen.data == (tmp_path / order[0] / "x.yaml").read_bytes()


@pytest.mark.skipif(
    not os.path.isdir(os.environ.get("FLEETC_CRDS", "")),
    reason="CRDs of others are no part of the project: FLEETC_CRDS names them",
)
def test_given_and_packed_agree_on_every_golden_object() -> None:
    given = read_crds([os.environ["FLEETC_CRDS"]])
    assert given is not None
    shapes = {shape.key: shape for there in golden().clusters for made in there.values() for shape in made}
    groups, seen = store.builtin_groups(), 0
    for obj in (dict(shape.object) for shape in shapes.values()):
        if obj["apiVersion"].rpartition("/")[0] in groups:
            continue
        has = _components(given, obj)
        for name, damaged in [("right", obj), *mutate(obj)]:
            seen += 1
            packed, found = schemas.check_object(damaged, "1.35"), given.judge(damaged, "1.35", has)
            if packed.state is State.INVALID:
                assert found.problems == packed.problems or _unserved(found), (name, damaged)
            else:
                assert found.state in (State.VALID, State.INVALID, State.SKIPPED), (name, damaged, found)
    assert seen > 500


def _unserved(verdict: Verdict) -> bool:
    return any("serve" in problem.message for problem in verdict.problems)


def _components(given: Given, obj: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    group, kind = obj["apiVersion"].rpartition("/")[0], obj["kind"]
    return tuple(sorted({crd.project: crd.version for crd in given.of(group, kind)}.items()))

"""The packs: current, complete, and read the same by another validator."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.check.mutations import mutate
from tests.check.objects import OBJECTS
from tools import pack_schemas

from fleetc.check import maplists, schemas, served, store, structural

MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")
PACKS = pack_schemas.PACKS


def test_packs_are_current() -> None:
    crds = os.environ.get("FLEETC_CRDS")
    assert pack_schemas.main(["--check", *(["--crds", crds] if crds else [])]) == 0


def test_a_stale_pack_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_schemas, "PACKS", tmp_path)
    monkeypatch.setattr(pack_schemas, "outputs", lambda _: {"kubernetes.bin": b"packed"})
    assert pack_schemas.main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert pack_schemas.main([]) == 0
    assert pack_schemas.main(["--check"]) == 0
    assert (tmp_path / "kubernetes.bin").read_bytes() == b"packed"


def test_the_manifest_matches_the_pack() -> None:
    with (PACKS / "crds.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    listed: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for row in rows:
        for version in filter(None, row["served"].split(",")):
            key = (f"{row['group']} {row['kind']}", version)
            assert key not in listed
            listed[key] = (f"{row['project']}@{row['version']}", row["scope"][0], version in row["cel"].split(","))
    pack = store.crds()
    packed = {
        (kind, version): (pack.projects[blob - 1], scope, bool(cel))
        for kind, versions in pack.kinds.items()
        for version, (blob, scope, cel) in versions.items()
    }
    assert packed == listed
    assert len(rows) > 250
    assert all(len(row["sha256"]) == 64 for row in rows)


@pytest.mark.parametrize("minor", MINORS)
def test_every_builtin_kind_loads(minor: str) -> None:
    kinds = store.builtin(minor)["kinds"]
    assert len(kinds) > 80
    for key in kinds:
        api_version, kind = key.split(" ")
        obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}, "surprise": 1}
        assert ("surprise",) in [problem.path for problem in schemas.check_object(obj, minor).problems]
        assert served.scope_of(api_version, kind, minor) in ("Namespaced", "Cluster")


def test_every_custom_kind_loads() -> None:
    for key, versions in store.crds().kinds.items():
        group, _, kind = key.partition(" ")
        for version in versions:
            api_version = f"{group}/{version}"
            obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "surprise": 1}}
            found = schemas.check_object(obj, "1.35").problems
            assert ("metadata", "surprise") in [problem.path for problem in found], key
            assert served.scope_of(api_version, kind, "1.35") is not None


def _other_validator(obj: dict[str, Any]) -> jsonschema.Draft202012Validator | None:
    try:
        found = store.definitions(str(obj.get("apiVersion")), str(obj.get("kind")), "1.35")
    except ValueError:
        return None
    return None if found is None else jsonschema.Draft202012Validator(json.loads(found.schema_text()))


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: str(obj["kind"]))
def test_another_validator_agrees(obj: dict[str, Any]) -> None:
    """jsonschema, the reference implementation in Python, accepts and refuses the same objects by schema alone."""
    for name, damaged in [("right", obj), *mutate(obj)]:
        other = _other_validator(damaged)
        if other is None:
            continue
        ours = schemas.compiled(str(damaged["apiVersion"]), str(damaged["kind"]), "1.35")
        assert ours is not None
        assert ours.validator.is_valid(damaged) == other.is_valid(damaged), (name, damaged)


def test_keyed_lists_of_custom_kinds() -> None:
    found = store.definitions("gateway.networking.k8s.io/v1", "Gateway", "1.35")
    assert found is not None
    lists = maplists.build(found)
    assert lists is not None
    twice = {"spec": {"listeners": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}}
    assert [problem.path for problem in maplists.duplicates(lists, twice)] == [("spec", "listeners", 2)]


def _gateway(addresses: list[Any]) -> dict[str, Any]:
    listener = {"name": "a", "port": 80, "protocol": "HTTP"}
    spec = {"gatewayClassName": "x", "listeners": [listener], "addresses": addresses}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "g"}, "spec": spec}


def _rules(groups: Any) -> dict[str, Any]:
    metadata = {"name": "r", "namespace": "t"}
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata, "spec": groups}


@pytest.mark.parametrize(
    ("obj", "problem"),
    [
        # defaults are filled in before values are judged: `type` is IPAddress where it is left out, or null
        (_gateway([{"value": "10.0.0.1"}]), ""),
        (_gateway([{"type": None, "value": "10.0.0.1"}]), ""),
        (_gateway([{"type": "Hostname", "value": "a.example"}]), ""),
        (_gateway([{"value": "a.example"}]), "spec.addresses.0: matches none of the allowed forms"),
        # a null elsewhere is refused
        (_rules({"groups": None}), "spec.groups: expected list, got null"),
        (_rules({"groups": [{"name": "a", "rules": [{"expr": "x", "for": None}]}]}), "for: expected string, got null"),
        # numbers beyond 64 bits are no integers
        (_rules({"groups": [{"name": "a", "rules": [{"expr": 2**63}]}]}), "expr: must be at most 9223372036854775807"),
        (_rules({"groups": [{"name": "a", "rules": [{"expr": 1}]}]}), ""),
        # no bytes are no base64, in custom kinds
        (
            {
                "apiVersion": "acme.cert-manager.io/v1",
                "kind": "Order",
                "metadata": {"name": "o", "namespace": "t"},
                "spec": {"issuerRef": {"name": "a"}, "request": ""},
            },
            "spec.request: must not be empty",
        ),
        # an object without fields names the field that it does not know
        (
            {
                "apiVersion": "generators.external-secrets.io/v1alpha1",
                "kind": "UUID",
                "metadata": {"name": "u", "namespace": "t"},
                "spec": {"x": 1},
            },
            "spec.x: unknown field `x`",
        ),
    ],
)
def test_custom_objects_are_judged_as_the_server_does(obj: dict[str, Any], problem: str) -> None:
    found = [f"{'.'.join(map(str, p.path))}: {p.message}" for p in schemas.check_object(obj, "1.36").problems]
    assert any(problem in text for text in found) if problem else found == [], found


def test_claims_of_stateful_sets_need_no_type() -> None:
    claim = {
        "metadata": {"name": "d"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": 1}}},
    }
    spec = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
        "volumeClaimTemplates": [claim],
    }
    obj = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "s", "namespace": "t"}, "spec": spec}
    assert schemas.check_object(obj, "1.35").problems == ()
    alone = schemas.check_object({**claim, "apiVersion": "v1"}, "1.35").problems
    assert [problem.path for problem in alone] == [("kind",)]


@pytest.mark.parametrize(("minor", "right"), [("1.33", False), ("1.35", False), ("1.36", True), ("1.37", True)])
def test_rules_may_hold_from_a_minor_on(minor: str, right: bool) -> None:
    """Names of Services may start with a digit from 1.36 on (RelaxedServiceNameValidation)."""
    obj = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "7up", "namespace": "t"},
        "spec": {"ports": [{"port": 1}]},
    }
    assert (schemas.check_object(obj, minor).problems == ()) is right


def test_names_of_custom_objects_are_those_of_built_in_ones() -> None:
    overlay = yaml.safe_load((Path(pack_schemas.__file__).parent / "schema_overlay.yaml").read_text())
    fragment = overlay["fragments"]["subdomain"]
    assert {key: fragment[key] for key in ("maxLength", "pattern")} == structural.SUBDOMAIN
    assert fragment["pattern"] in store.kubernetes().words

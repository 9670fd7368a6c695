"""With policies, too, only what changed is compiled; and that it was enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import inside
from tests.driver.test_scopes import Builds, builds, clusters, edit, settled, subjects
from tests.driver.tree.trees import put

from fleetc.driver import memory
from fleetc.driver.scope import WHOLE

__all__ = ["builds"]

FLEET = """
kind: Fleet
metadata: {name: small}
spec: {organisation: small, environments: [dev, prod]}
"""
CLUSTER = """
kind: Cluster
metadata: {name: NAME, labels: {tier: one}}
spec: {kubernetes: "1.35", provider: onprem, environment: prod, storage: {classes: {fast: {provisioner: a.example}}}}
"""
TEAM = """
kind: Team
metadata: {name: NAME}
spec: {contact: NAME@example.com, namespaces: {NAME: {}}, quota: {pods: 10}}
"""
MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME, namespace: TEAM}, data: {secret: VALUE, mode: a}}"
OBJECTS = """
kind: Manifest
metadata: {name: NAME, team: TEAM}
spec: {objects: [OBJECT], placement: {clusters: CLUSTERS}}
"""
POLICY = """
kind: Policy
metadata: {name: maps}
spec:
  match: {kinds: ConfigMap}
  enforce: build
  rules:
    secret:
      on: object
      expression: object.?data[?"secret"].orValue("no") == "no"
      message: no secret belongs there
      fix: remove it
      pass: {data: {a: b}}
      fail: {data: {secret: "yes"}}
    mode:
      on: object
      expression: object.?data[?"mode"].orValue("a") != "b"
      message: mode b is gone
      fix: set mode a
      pass: {data: {mode: a}}
      fail: {data: {mode: b}}
  exceptions:
    old: {owner: a@example.com, reason: it is old, expires: "2099-01-01", rules: [secret], match: {names: [excepted]}}
"""
OTHER = """
apiVersion: fleetc/v1alpha1
kind: Policy
metadata: {name: plain}
spec:
  match: {kinds: ConfigMap, namespaces: two}
  enforce: build
  rules:
    mode:
      on: object
      expression: object.?data[?"mode"].orValue("a") != "b"
      message: mode b is gone
      fix: set mode a
      pass: {data: {mode: a}}
      fail: {data: {mode: b}}
"""


def object_of(name: str, team: str, value: str) -> str:
    return MAP.replace("NAME", name).replace("TEAM", team).replace("VALUE", value)


def objects(name: str, team: str, value: str, at: str = "[a, b]") -> bytes:
    text = OBJECTS.replace("OBJECT", object_of(name, team, value)).replace("CLUSTERS", at)
    return f"apiVersion: fleetc/v1alpha1{text.replace('NAME', name).replace('TEAM', team)}".encode()


def spec(text: str, name: str) -> bytes:
    return f"apiVersion: fleetc/v1alpha1{text.replace('NAME', name)}".encode()


@pytest.fixture
def root(tmp_path: Path, builds: Builds) -> Path:
    """Of two teams on two clusters, a ConfigMap of one needs an exception, and that of the other none."""
    at = tmp_path / "fleet"
    for name, text in (("fleet", FLEET), ("policy", POLICY)):
        put(at, f"specs/{name}.yaml", spec(text, ""))
    for name in ("a", "b"):
        put(at, f"specs/cluster-{name}.yaml", spec(CLUSTER, name))
    for name in ("one", "two"):
        put(at, f"specs/team-{name}.yaml", spec(TEAM, name))
    put(at, "specs/excepted.yaml", objects("excepted", "one", '"yes"'))
    put(at, "specs/plain.yaml", objects("plain", "two", '"no"'))
    return settled(at)


def test_what_policies_say_nothing_of(root: Path, builds: Builds) -> None:
    edit(root, "specs/team-one.yaml", "contact: one@", "contact: other@")
    (scope,) = builds(root)
    assert scope.subjects is not None
    assert "Team/one" in scope.subjects
    assert inside(root, "check").status == 0


def test_one_object(root: Path, builds: Builds) -> None:
    edit(root, "specs/plain.yaml", "mode: a", "mode: c")
    assert builds(root) == [subjects("Manifest/plain")]


def test_one_cluster(root: Path, builds: Builds) -> None:
    edit(root, "specs/cluster-a.yaml", "tier: one", "tier: two")
    assert builds(root) == [clusters("a")]


def test_an_object_breaks_a_rule(root: Path, builds: Builds) -> None:
    edit(root, "specs/plain.yaml", "mode: a", "mode: b")
    assert builds(root) == [subjects("Manifest/plain"), WHOLE]
    assert "mode b is gone" in inside(root, "check").err


def test_nothing_needs_an_exception_any_more(root: Path, builds: Builds) -> None:
    edit(root, "specs/excepted.yaml", 'secret: "yes"', 'secret: "no"')
    assert builds(root) == [subjects("Manifest/excepted"), WHOLE]
    assert "exception old excepts nothing" in inside(root, "check").err


def test_another_object_needs_the_exception_still(root: Path, builds: Builds) -> None:
    put(root, "specs/plain.yaml", objects("excepted", "two", '"yes"').replace(b"name: excepted,", b"name: plain,", 1))
    settled(root)
    edit(root, "specs/excepted.yaml", 'secret: "yes"', 'secret: "no"')
    assert builds(root) == [subjects("Manifest/excepted")]


def test_what_could_break_a_rule_changes(root: Path, builds: Builds) -> None:
    """Of rule `mode`, which nothing breaks, it is remembered what could; another object of the same can, too."""
    found = memory.load(str(root / ".fleetc"), "this")
    assert found is not None
    witness = found.body.witnesses["maps", "mode"]
    assert witness == ("Manifest/excepted", "a")
    assert ("maps", "secret") not in found.body.witnesses
    edit(root, "specs/excepted.yaml", "mode: a", "mode: c")
    assert builds(root) == [subjects("Manifest/excepted")]


def test_nothing_could_break_a_rule_any_more(root: Path, builds: Builds) -> None:
    """A rule on Namespaces that only one of a team's own could break: it goes."""
    put(root, "specs/other.yaml", OTHER.encode())
    settled(root)
    edit(root, "specs/plain.yaml", "kind: ConfigMap", "kind: LimitRange")
    edit(root, "specs/plain.yaml", 'data: {secret: "no", mode: a}', "spec: {limits: []}")
    assert builds(root) == [subjects("Manifest/plain"), WHOLE]
    assert "can be broken by nothing" in inside(root, "check").err

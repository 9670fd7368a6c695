"""Builds of fleets with Rollouts: what is wrong is told however little of the fleet is compiled again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside, scopes_taken
from tests.driver.tree.trees import put

from fleetc.driver import memory

FILE = "specs/rollout.yaml"
ROLLOUT = """\
apiVersion: fleetc/v1alpha1
kind: Rollout
metadata: {name: all}
spec:
  waves:
    zulu:
      match: {clusters: kind-dev}
    alpha:
      match: {regions: europe-west4}
    rest: {}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")
    root = acme(tmp_path)
    put(root, FILE, ROLLOUT.encode())
    assert inside(root, "build").status == 0
    return root


def codes(root: Path) -> list[str]:
    return [d["code"] for d in inside(root, "build", "--output", "json").data()["diagnostics"]]


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    put(root, file, text.replace(old, new).encode())


def test_an_edit_of_a_rollout_is_seen(root: Path) -> None:
    edit(root, FILE, "rest: {}", "rest: {gates: {a: {max: 1}}}")
    assert codes(root) == []
    edit(root, FILE, "kind-dev", "[kind-dev]")
    edit(root, FILE, "{max: 1}", "{}")
    assert codes(root) == ["FLT324"]


def test_a_cluster_that_leaves_its_wave_empty(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only one cluster is compiled, all of them are in their waves all the same."""
    scopes = scopes_taken(monkeypatch)
    name = "specs/clusters/kind-dev.yaml"
    edit(root, name, "size: laptop", "size: desk")
    assert codes(root) == []
    assert [scope.clusters for scope in scopes] == [frozenset({"kind-dev"})]
    edit(root, FILE, "clusters: kind-dev", "labels: {acme.example/size: desk}")
    assert codes(root) == []
    edit(root, name, "size: desk", "size: laptop")
    assert codes(root) == ["FLT321"]


def test_order_is_kept_by_what_is_remembered(root: Path) -> None:
    """`rest` would have all clusters if it were the first by name of those that remain."""
    put(root, "specs/teams/note.yaml", b"# nothing\n")
    assert codes(root) == []
    edit(root, FILE, "    zulu:\n      match: {clusters: kind-dev}\n", "")
    edit(root, FILE, "    rest: {}\n", "    rest: {}\n    zulu:\n      match: {clusters: kind-dev}\n")
    assert codes(root) == ["FLT321"]


def test_unknown_names_in_a_match(root: Path) -> None:
    edit(root, FILE, "clusters: kind-dev", "clusters: kind-dve")
    assert codes(root) == ["FLT201"]

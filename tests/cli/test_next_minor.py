"""`fleetc check --next-minor`: what it tells is what happens when the minors are really edited."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.driver.fleets import acme, inside, output, synthetic
from tests.driver.tree.trees import put

from fleetc.check.store import kubernetes
from fleetc.emission.compare import leaves

MINORS = kubernetes().minors
NEXT = dict(pairwise(MINORS))
Leaves = dict[tuple[Any, ...], Any]
GOING = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: going}
spec:
  placement: {clusters: [hub]}
  objects:
  - apiVersion: storage.k8s.io/v1beta1
    kind: VolumeAttributesClass
    metadata: {name: fast}
    driverName: disk.csi.example
    parameters: {iops: "1000"}
"""


def onward(root: Path) -> None:
    """Every minor in specs of clusters and platforms, really edited."""
    for path in sorted((root / "specs").rglob("*.yaml")):
        text = path.read_text()
        if "kind: Cluster" in text:
            text = re.sub(r'kubernetes: "([\d.]+)"', lambda m: f'kubernetes: "{NEXT[m[1]]}"', text)
        if "kind: Platform" in text:
            text = re.sub(r"kubernetes: \[.*\]", lambda _: f"kubernetes: {[*MINORS]}", text)
        put(root, str(path.relative_to(root)), text.encode())


def emitted(root: Path) -> Leaves:
    """Every leaf of the outputs, by cluster, kind, name and path."""
    out: Leaves = {}
    for path, data in (one for one in output(root).items() if one[0].startswith("golden/")):
        for made in yaml.safe_load_all(data):
            meta = made["metadata"]
            name = f"{meta['namespace']}/{meta['name']}" if "namespace" in meta else meta["name"]
            at = (path.split("/")[1], made["kind"], name)
            out |= {(*at, *path): value for path, value in leaves(made)}
    return out


def applied(before: Leaves, changes: list[dict[str, Any]]) -> Leaves:
    """The leaves, with what is told done to them. A whole object that comes is not told value by value."""
    out = dict(before)
    for change in changes:
        assert change["path"], "no object comes or goes in these fleets"
        at = (change["cluster"], change["kind"], change["name"], *change["path"])
        assert out.get(at) == change["before"]
        if change["how"] == "removed":
            del out[at]
        else:
            out[at] = change["after"]
    return out


@pytest.mark.parametrize("fleet", [acme, synthetic])
def test_what_is_told_is_what_happens(tmp_path: Path, fleet: Callable[[Path], Path]) -> None:
    root = fleet(tmp_path / "fleet")
    assert inside(root, "build").status == 0
    before = emitted(root)
    told = inside(root, "check", "--next-minor", "--output", "json").data()
    assert told["compared"]
    assert [s["next"] for s in told["clusters"]] == [NEXT[s["minor"]] for s in told["clusters"]]
    assert emitted(root) == before  # Nothing was written.
    onward(root)
    assert inside(root, "build").status == 0
    after = emitted(root)
    assert after != before
    assert applied(before, told["changes"]) == after


def test_a_kind_that_goes(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    put(root, "specs/manifests/going.yaml", GOING.encode())
    assert inside(root, "check").status == 0
    got = inside(root, "check", "--next-minor")
    assert got.status == 1
    assert "storage.k8s.io/v1beta1 VolumeAttributesClass is not served by Kubernetes 1.37" in got.err
    assert "specs/manifests/going.yaml:7:" in got.err
    assert "platform serving-2026-11 is for 1.35, 1.36" in got.err  # And all else, in the same run.


@pytest.mark.parametrize(("old", "new"), [("v1beta1", "v1alpha1"), ("clusters:", "clustres:")])
def test_what_is_wrong_today_comes_first(tmp_path: Path, old: str, new: str) -> None:
    root = acme(tmp_path / "fleet")
    put(root, "specs/manifests/going.yaml", GOING.replace(old, new).encode())
    today = inside(root, "check")
    assert today.status == 1
    assert inside(root, "check", "--next-minor") == (1, "", today.err)


@pytest.mark.parametrize(("words", "status"), [((), 0), (("--strict",), 1)])
def test_no_later_minor(tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    root = synthetic(tmp_path / "fleet", clusters=2)
    for path in (root / "specs/clusters").iterdir():
        text = re.sub(r'kubernetes: "[\d.]+"', f'kubernetes: "{MINORS[-1]}"', path.read_text())
        put(root, str(path.relative_to(root)), text.encode())
    assert inside(root, "check").status == 0
    got = inside(root, "check", "--next-minor", *words)
    assert (got.status, got.err) == (status, "")
    assert f"{MINORS[-1]}  c0000, c0001: skipped, no schemas of a later minor here\n" in got.out

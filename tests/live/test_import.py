"""Upstream manifests, as projects ship them in the modules of the tools, become specs and come back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.driver.fleets import inside
from tests.driver.importing.test_import import NEW, bare, objects

from fleetc.driver.importing.sift import strip
from fleetc_rehearsal.finder import crds, data

pytestmark = pytest.mark.live

PROJECTS = (
    *("cilium", "gateway-api", "gateway-api-inference-extension", "karpenter-provider-aws"),
    *("keda", "mcs-api", "prometheus-operator"),
)
OPERATORS = ("kueue", "lws")


def shipped() -> Iterator[tuple[str, Path]]:
    """The files by project: those that stand for themselves, not the patches and webhooks of an operator."""
    yield from ((project, path) for project in PROJECTS for path in crds(project))
    for project in OPERATORS:
        whole = [path for path in data(project) if "\nkind: CustomResourceDefinition" in path.read_text()]
        yield from ((project, path) for path in whole if not path.name.startswith("webhook_in_"))


def test_building_gives_upstream_objects_back(tmp_path: Path) -> None:
    for project, path in shipped():
        (tmp_path / "in" / project).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "in" / project / path.name)
    root = tmp_path / "root"
    root.mkdir()
    got = inside(root, "import", str(tmp_path / "in"), *NEW)
    assert (got.status, got.err) == (0, "")
    assert inside(root, "build").status == 0
    before, after = objects(tmp_path / "in"), objects(root / "golden")
    assert len(before) >= 25
    assert {at: bare(strip(value)[0]) for at, value in before.items()} == {at: bare(after[at]) for at in before}

"""The synthetic fleet of the benchmarks is as large as it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import diff, policies
from benchmarks.fleet import write_fleet
from benchmarks.models import write_models
from tests.driver.fleets import inside, slow


@pytest.mark.parametrize("objects", [slow(60), 77, slow(100)])
def test_objects_of_each_cluster(tmp_path: Path, objects: int) -> None:
    write_fleet(tmp_path, 4, objects)
    got = inside(tmp_path, "build", "--strict=all")
    assert got.status == 0, got.err
    for cluster in (tmp_path / "golden").iterdir():
        found = sum(page.read_text().count("\nkind: ") for page in cluster.rglob("*.yaml"))
        assert abs(found - objects) <= 1


def test_a_share_is_of_one_cluster(tmp_path: Path) -> None:
    write_fleet(tmp_path, 5, 100, specific=0.1)
    assert inside(tmp_path, "build").status == 0
    page = "teams/team0/manifests/specific.yaml"
    texts = {(cluster / page).read_text() for cluster in (tmp_path / "golden").iterdir()}
    assert len(texts) == 5
    assert all(text.count("\nkind: ConfigMap") == 10 for text in texts)


def test_models_of_the_benchmark_are_served(tmp_path: Path) -> None:
    write_fleet(tmp_path, 4, 60, platform="serving")
    write_models(tmp_path, 4, 6)
    assert inside(tmp_path, "build").status == 0
    assert len(list(tmp_path.glob("golden/c*/teams/*/models/*.yaml"))) == 4 * 6
    assert len(list(tmp_path.glob("golden/c*/platform/pools/*.yaml"))) == 4 * 2


def test_edits_of_the_benchmark_of_diffs_change_something(tmp_path: Path) -> None:
    diff.write_repository(tmp_path, 4, 60)
    for name in ("one cluster", "one team's network"):
        found = diff.edited(tmp_path, name, lambda: diff.measured(tmp_path, 1))
        assert 0 < found.best <= found.median
        assert "diff" in found.stages


@pytest.mark.parametrize("kind", policies.KINDS)
def test_the_example_fleet_with_other_policies(tmp_path: Path, kind: str) -> None:
    policies.write_fleet(tmp_path, kind)
    got = policies.checked(tmp_path)
    # What the packs ask beyond acme's own is not met: that costs time, too.
    assert (got.errors > 0) == (kind == "packs, whole")
    assert got.cpu > 0


@pytest.mark.parametrize("delivery", ["argocd", "pulumi"])
def test_the_fleet_is_delivered(tmp_path: Path, delivery: str) -> None:
    write_fleet(tmp_path, 9, 60, delivery=delivery)
    got = inside(tmp_path, "build", "--strict")
    assert got.status == 0, got.err
    assert len(list((tmp_path / "stacks/generated").iterdir())) == 9
    assert (tmp_path / "golden/c0000/argocd").exists() == (delivery == "argocd")

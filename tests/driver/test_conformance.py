"""`fleetc conformance` on whole fleets: the files that it writes, and what it refuses."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.driver.fleets import CHECKOUT, acme, environment, inside, program
from tests.driver.tree.trees import put

OUT = "conformance"
NAMES = {"eks-use1-prod", "gke-euw4-prod", "gke-use5-tpu", "hub", "kind-dev", "onprem-fra"}
KEYS = ["id", "description", "level", "status", "evidence", "notes"]
STATUSES = {"Implemented", "Partially Implemented", "Not Implemented", "N/A"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return acme(tmp_path / "fleet")


def added(root: Path, name: str, minor: str) -> None:
    """A cluster that nothing refers to."""
    spec = f'{{kubernetes: "{minor}", provider: kind, environment: dev, role: manager, delivery: pulumi}}'
    text = f"apiVersion: fleetc/v1alpha1\nkind: Cluster\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    put(root, f"specs/clusters/{name}.yaml", text.encode())


def files(root: Path, folder: str = OUT) -> dict[str, bytes]:
    return {p.relative_to(root / folder).as_posix(): p.read_bytes() for p in sorted((root / folder).rglob("*.yaml"))}


def product(root: Path, name: str) -> Any:
    return yaml.safe_load((root / OUT / f"{name}.yaml").read_bytes())


def test_what_is_committed_is_current(root: Path) -> None:
    assert inside(root, "conformance", "--out", OUT).status == 0
    assert files(root) == files(CHECKOUT)


def test_the_form_is_upstream_s(root: Path) -> None:
    assert inside(root, "conformance", "--out", OUT).status == 0
    for name in NAMES:
        made = product(root, name)
        assert [*made] == ["metadata", "spec"]
        version = made["metadata"].pop("kubernetesVersion")
        assert version.startswith("v1.3")
        # Upstream's checks take what is in brackets for what nobody has filled in.
        assert all(value[0] + value[-1] == "[]" for value in made["metadata"].values())
        found = [one for group in made["spec"].values() for one in group]
        assert all([*one] == KEYS for one in found)
        assert {one["status"] for one in found} <= STATUSES
        assert all(one["notes"] for one in found)
        assert all(isinstance(line, str) for one in found for line in one["evidence"])
        assert not [one["id"] for one in found if one["status"] == "Implemented" and not one["evidence"]]


def test_a_second_run_writes_nothing(root: Path) -> None:
    assert "6 written" in inside(root, "conformance", "--out", OUT).out
    got = inside(root, "conformance", "--out", f"./{OUT}/")
    assert (got.status, got.out.splitlines()[-1]) == (0, f"files   ./{OUT}/ is up to date")
    assert inside(root, "conformance", "--out", OUT, "--check").status == 0


def test_bytes_depend_on_nothing_else(root: Path, tmp_path: Path) -> None:
    assert inside(root, "conformance", "--out", OUT).status == 0
    other = acme(tmp_path / "elsewhere")
    env = environment(PYTHONHASHSEED="7", LC_ALL="C", TZ="Asia/Tokyo")
    assert program("conformance", "--root", str(other), "--out", OUT, cwd=tmp_path, env=env).status == 0
    assert files(root) == files(other)


def test_a_cluster_that_goes_takes_its_file_along(root: Path) -> None:
    added(root, "extra", "1.36")
    assert "7 written" in inside(root, "conformance", "--out", OUT).out
    put(root, f"{OUT}/notes.yaml", b"mine: true\n")
    put(root, f"{OUT}/more/hub.yaml", b"mine: true\n")
    (root / "specs/clusters/extra.yaml").unlink()
    stale = inside(root, "conformance", "--out", OUT, "--check")
    assert (stale.status, stale.err.count("[FLT620")) == (1, 1)
    assert f"{OUT}/extra.yaml: no spec makes it any more" in stale.err
    assert "fleetc conformance --out conformance" in stale.err
    got = inside(root, "conformance", "--out", OUT)
    assert "0 written, 1 deleted" in got.out
    assert files(root).keys() == {f"{n}.yaml" for n in NAMES} | {"notes.yaml", "more/hub.yaml"}


def test_of_some_clusters_the_others_files_stay(root: Path) -> None:
    assert inside(root, "conformance", "--out", OUT).status == 0
    put(root, f"{OUT}/onprem-fra.yaml", (root / OUT / "onprem-fra.yaml").read_bytes() + b"# edited\n")
    got = inside(root, "conformance", "hub", "kind-dev", "--out", OUT)
    assert (got.status, got.err) == (0, "")
    assert len(files(root)) == 6


def test_hand_edits_are_refused(root: Path) -> None:
    assert inside(root, "conformance", "--out", OUT).status == 0
    put(root, f"{OUT}/hub.yaml", (root / OUT / "hub.yaml").read_bytes().replace(b"N/A", b"Implemented", 1))
    before = files(root)
    put(root, "specs/clusters/hub.yaml", (root / "specs/clusters/hub.yaml").read_bytes() + b"\n# more\n")
    got = inside(root, "conformance", "--out", OUT)
    assert got.status == 2
    assert "FLT601" in got.err
    assert files(root) == before
    assert "FLT601" in inside(root, "conformance", "--out", OUT, "--check").err


def test_foreign_files_are_not_touched(root: Path) -> None:
    put(root, f"{OUT}/hub.yaml", b"mine: true\n")
    got = inside(root, "conformance", "--out", OUT)
    assert (got.status, files(root)) == (2, {"hub.yaml": b"mine: true\n"})
    assert "FLT603" in got.err


@pytest.mark.parametrize(
    "folder", [".", "specs", "specs/x", "golden", "golden/hub", "stacks", "stacks/generated/x", ".fleetc",
               "expectations", "a/../golden"],
)  # fmt: skip
def test_folders_of_others(root: Path, folder: str) -> None:
    assert inside(root, "build").status == 0
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and ".fleetc" not in p.parts}
    got = inside(root, "conformance", "--out", folder)
    assert (got.status, "FLT903" in got.err) == (2, True)
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and ".fleetc" not in p.parts} == before


@pytest.mark.parametrize("folder", ["..", "../x", "/tmp/conformance-x", "specs/../../x"])
def test_folders_outside(root: Path, folder: str) -> None:
    got = inside(root, "conformance", "--out", folder)
    assert (got.status, "FLT607" in got.err) == (2, True)


def test_a_build_leaves_the_folder_alone(root: Path) -> None:
    assert inside(root, "build").status == 0
    assert inside(root, "conformance", "--out", OUT).status == 0
    before = files(root)
    assert "up to date" in inside(root, "build").out
    assert re.search(r"\b[1-9][0-9]* files: current\n", inside(root, "test").out)
    assert files(root) == before


def test_all_names_that_are_not_known_are_told(root: Path) -> None:
    got = inside(root, "conformance", "hubb", "nowhere", "hub")
    assert got.status == 2
    assert "there is no cluster `hubb`" in got.err
    assert "did you mean `hub`?" in got.err
    assert "there is no cluster `nowhere`" in got.err


def test_check_needs_a_folder(root: Path) -> None:
    assert "--out DIR --check" in inside(root, "conformance", "--check").err


def test_a_minor_without_a_list(root: Path) -> None:
    """Its cluster has no file, and no status."""
    added(root, "next", "1.37")
    got = inside(root, "conformance", "next")
    assert got.status == 0
    assert "no list of requirements" in got.out
    assert inside(root, "conformance", "--out", OUT).status == 0
    assert "next.yaml" not in files(root)
    data = inside(root, "conformance", "next", "--require", "must", "--output", "json")
    assert data.status == 1
    assert [d["code"] for d in data.data()["diagnostics"]] == ["FLT461"]
    assert data.data()["clusters"][0]["listed"] is False


def test_levels_that_are_required(root: Path) -> None:
    def required(level: str, *clusters: str) -> list[str]:
        data = inside(root, "conformance", *clusters, "--require", level, "--output", "json").data()
        assert {d["severity"] for d in data["diagnostics"]} <= {"error"}
        return [d["message"].split()[2] for d in data["diagnostics"]]

    assert required("must", "hub", "eks-use1-prod") == []
    assert required("must", "onprem-fra") == ["ai_inference", "robust_controller"]
    assert required("should", "onprem-fra") == ["ai_inference", "robust_controller", "virtualized_accelerator"]
    assert inside(root, "conformance").status == 0


def test_what_a_change_of_specs_does(root: Path) -> None:
    """Without the Policy, clusters that rely on it meet one requirement less."""
    policy = root / "specs/policies/packs.yaml"
    text = policy.read_text(encoding="utf-8").replace(
        "spec: {pack: ai-conformance}", "spec: {pack: ai-conformance, action: warn}"
    )
    policy.write_text(text, encoding="utf-8")
    data = inside(root, "conformance", "onprem-fra", "--output", "json").data()
    one = next(r for r in data["clusters"][0]["requirements"] if r["id"] == "secure_accelerator_access")
    assert one["status"] == "Partially Implemented"
    assert "no-device-variables" in one["note"]
    shutil.rmtree(root / "specs/policies")
    data = inside(root, "conformance", "onprem-fra", "--output", "json").data()
    one = next(r for r in data["clusters"][0]["requirements"] if r["id"] == "secure_accelerator_access")
    assert (one["status"], one["by"], one["evidence"]) == ("Not Implemented", "nothing", [])

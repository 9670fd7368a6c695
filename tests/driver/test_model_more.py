"""A model more changes nothing else: every file that was there stands as it was, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside

MORE = """
apiVersion: fleetc/v1alpha1
kind: Model
metadata: {name: more-minilm, team: research}
spec:
  source: s3://acme-models/all-minilm-l6-v2@2026-09-14
  cache: {type: local, loader: "registry.acme.example/rclone:1.71.0@sha256:%s"}
  architecture: all-minilm-l6-v2
  resources: cpu
  engine: {image: "registry.acme.example/vllm-cpu:v0.21.0@sha256:%s"}
  pod: {cpu: 250m, memory: 512Mi}
  placement: {clusters: [kind-dev]}
"""


def files(root: Path) -> dict[str, bytes]:
    found = [*(root / "golden").rglob("*.yaml"), *(root / "specs").rglob("*.lock")]
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


@pytest.mark.parametrize("cold", [False, True])
def test_an_unrelated_model_changes_nothing(tmp_path: Path, cold: bool) -> None:
    acme(tmp_path)
    assert inside(tmp_path, "build").status == 0
    before = files(tmp_path)
    (tmp_path / "specs/models/more.yaml").write_text(MORE % ("1" * 64, "2" * 64), encoding="utf-8")
    run = inside(tmp_path, "build", *(["--cold"] if cold else []))
    assert run.status == 0, run.err
    after = files(tmp_path)
    assert {path: after.get(path) for path in before} == before
    new = {"golden/kind-dev/teams/research/models/more-minilm.yaml", "specs/models/more-minilm.model.lock"}
    assert after.keys() - before.keys() == new

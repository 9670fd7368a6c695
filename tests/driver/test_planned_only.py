"""Models, pools and platforms: what an edit of one has to do again, and what explain says of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import inside
from tests.driver.test_scopes import Builds, builds, clusters, edit, edit_first, example, subjects
from tests.driver.tree.trees import put

from fleetc.driver.scope import WHOLE

__all__ = ["builds", "example"]

OBJECTIVES = ("Objective/llama-available", "Objective/llama-first-token")
DASHBOARDS = ("Dashboard/llama", "Dashboard/search")
TEAM = "specs/teams/search.yaml"
SEARCH = "specs/models/search.yaml"
NEW = b"""\
apiVersion: fleetc/v1alpha1
kind: Model
metadata: {name: new, team: search}
spec: {source: "hf://Qwen/Qwen3-8B@6f6073b423013f6a7d4d9f39144961bfbfbc386b"}
"""


def test_edits(example: Path, builds: Builds) -> None:
    edit(example, SEARCH, "context: 32Ki", "context: 16Ki")
    # What is planned of it is read by its team, for the queue, and by its clusters, for the Cohort.
    assert builds(example) == [subjects("Model/llama-3-3-70b", *OBJECTIVES, *DASHBOARDS, "Team/search", "Cluster")]
    edit(example, "specs/pools/onprem-fra.yaml", "nodes: 3", "nodes: 4")
    assert builds(example) == [clusters("onprem-fra")]
    put(example, "specs/models/new.yaml", NEW)
    assert builds(example) == [WHOLE]
    (example / "specs/models/new.yaml").unlink()
    assert builds(example) == [WHOLE]


def test_a_platform_may_give_defaults_to_clusters(example: Path, builds: Builds) -> None:
    gives = "lws: 0.10.0}\n  defaults: {cluster: {residency: x}}"
    edit_first(example, "specs/platforms/laptop.yaml", "lws: 0.10.0}", gives)
    assert builds(example) == [WHOLE]


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (SEARCH, "@sha256:0f3c", "@0f3c", "FLT132"),
        (SEARCH, "H100:16", "H1000:16", "FLT203"),
        ("specs/pools/gke-use5-tpu.yaml", "nodes: 1..4", "nodes: 4..1", "FLT123"),
        ("specs/pools/gke-use5-tpu.yaml", "us-east5-a", "us-east5-c", "FLT123"),
        ("specs/clusters/gke-use5-tpu.yaml", "zones: [us-east5-a, us-east5-b]", "zones: us-east5-b", "FLT123"),
        ("specs/clusters/hub.yaml", "argo-cd: 3.5.1", "argo-cd: 3.5.0", "FLT203"),
        (TEAM, "    manifest:\n", "    model: {source: none}\n    manifest:\n", "FLT123"),
        (
            "specs/teams/search.yaml",
            "    manifest:\n",
            "    model: {engine: {version: 0.1.0}}\n    manifest:\n",
            "FLT203",
        ),
    ],
)
def test_mistakes_are_found_in_what_an_edit_reaches(
    example: Path, builds: Builds, path: str, old: str, new: str, said: str
) -> None:
    edit(example, path, old, new)
    builds(example)  # It compares with a clean build.
    got = inside(example, "check", "--output", "json")
    assert said in {found["code"] for found in got.data()["diagnostics"]}


def test_one_cluster(example: Path, builds: Builds) -> None:
    edit(example, "specs/clusters/gke-use5-tpu.yaml", "zones: [us-east5-a, us-east5-b]", "zones: [us-east5-a]")
    assert builds(example) == [clusters("gke-use5-tpu")]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("models/search.yaml:9", "value  golden/eks-use1-prod/teams/search/models/llama-3-3-70b.yaml"),
        ("pools/kind-dev.yaml:6", "value  golden/kind-dev/teams/research/team.yaml"),
        ("pools/kind-dev.yaml:4", "presence  golden/kind-dev/platform/pools/cpu.yaml"),
        ("platforms/serving.yaml:6", "moves nothing: no other valid value changes what is emitted"),
    ],
)
def test_explain(example: Path, place: str, said: str) -> None:
    got = inside(example, "explain", f"specs/{place}")
    assert got.status == 0
    assert said in got.out

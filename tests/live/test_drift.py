"""Drift of a real cluster: none after applying, an edit at its spec line, and none again once it is adopted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import Run, acme, inside
from tests.live.clusters import Live, Serve, live

from fleetc.driver.live.kubeconfig import load
from fleetc_rehearsal import Refused

pytestmark = [pytest.mark.live, pytest.mark.kind]
CLUSTER = "kind-dev"
SPEC = "specs/teams/search.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = acme(tmp_path_factory.mktemp("drift") / "acme")
    assert inside(made, "build").status == 0
    return made


@pytest.fixture(scope="module")
def cluster(root: Path, serve: Serve) -> Iterator[Live]:
    with live(CLUSTER, root, serve=serve) as made:
        yield made


def ask(root: Path, cluster: Live, command: str, *words: str) -> Run:
    config = str(cluster.cluster.kubeconfig)
    context = f"{CLUSTER}={load(config).current}"
    return inside(root, command, "--live", "--kubeconfig", config, "--context", context, *words)


def drifted(got: Run) -> list[dict[str, Any]]:
    (one,) = got.data()["live"]
    return [found for found in one["drifts"] if not found["controller"]]


def test_what_is_applied_has_not_drifted(root: Path, cluster: Live) -> None:
    assert not [answer for answer in cluster.answers if isinstance(answer, Refused)]
    got = ask(root, cluster, "diff", "--output", "json")
    assert (got.status, got.err, drifted(got)) == (0, "", [])


def test_an_edit_is_found_adopted_and_gone(root: Path, cluster: Live) -> None:
    change = {"metadata": {"labels": {"fleetc.dev/cost-center": "cc-9", "acme.example/beside": "x"}}}
    for name in ("search", "search-batch"):
        cluster.client.patch("v1", "Namespace", name, change)
    found = drifted(ask(root, cluster, "diff", "--output", "json"))
    line = 1 + (root / SPEC).read_text(encoding="utf-8").splitlines().index("  costCenter: cc-4711")
    assert [(one["name"], one["live"], one["spec"]["file"], one["spec"]["line"]) for one in found] == [
        (name, "cc-9", SPEC, line) for name in ("search", "search-batch")
    ]
    assert all(one["changed"]["operation"] == "Update" and one["changed"]["time"] for one in found)
    got = ask(root, cluster, "adopt", "--only-here")
    assert (got.status, got.err) == (0, "")
    assert inside(root, "build").status == 0
    assert ask(root, cluster, "diff").status == 0


def test_what_is_deleted_and_what_no_spec_makes(root: Path, cluster: Live) -> None:
    cluster.client.delete("v1", "ServiceAccount", "indexer", "search")
    labels = {"app.kubernetes.io/managed-by": "fleetc", "app.kubernetes.io/part-of": "acme"}
    metadata = {"name": "left-over", "namespace": "search", "labels": labels}
    cluster.client.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    found = drifted(ask(root, cluster, "diff", "--output", "json"))
    assert {(one["how"], one["name"]) for one in found} == {("missing", "indexer"), ("extra", "left-over")}

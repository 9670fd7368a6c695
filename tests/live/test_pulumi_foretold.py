"""An edited spec, delivered by `pulumi up`: it changes exactly the objects that `fleetc diff` foretold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml
from tests.check.goldens import ROOT
from tests.driver.diff.repositories import commit
from tests.driver.fleets import inside
from tests.driver.tree.trees import git
from tests.live.clusters import crds_of, emitted_by
from tests.live.pulumi_stack import Project

from fleetc_rehearsal import Client, control_plane

pytestmark = pytest.mark.live

NAME: Final = "kind-dev"
Identity = tuple[str, str, str]
"""Kind, namespace and name."""


class Delivered(NamedTuple):
    """Acme as a repository, its stack brought up once, and the cluster."""

    project: Project
    client: Client

    @property
    def root(self) -> Path:
        """The repository."""
        return self.project.folder

    def foretold(self) -> set[Identity]:
        """What `fleetc diff` says will change on the cluster."""
        told = json.loads(inside(self.root, "diff", "--output", "json").out)
        return {
            (change["kind"], change.get("namespace") or "", change["name"])
            for change in told["changes"]
            if NAME in change["files"]
        }

    def previewed(self) -> set[Identity]:
        """What `pulumi preview` says."""
        ran = self.project.run("preview", "--stack", NAME, "--json", "--non-interactive")
        told, _ = json.JSONDecoder().raw_decode(ran.text)  # what goes to the standard error follows
        steps = [step for step in told["steps"] if step["op"] not in ("same", "read") and "kubernetes:" in step["urn"]]
        return {identity(step) for step in steps if not step["urn"].split("::")[-2].startswith("pulumi:")}


def identity(step: dict[str, Any]) -> Identity:
    state = step.get("newState") or step["oldState"]
    obj = state["inputs"]
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    folder = tmp_path_factory.mktemp("foretold") / "fleet"
    with control_plane("1.33", crds=crds_of(emitted_by(ROOT, "golden", NAME)), controllers=True) as cluster:
        project = Project(folder, cluster.kubeconfig)
        for name in ("specs", "golden", "stacks/generated"):
            shutil.copytree(ROOT / name, folder / name)
        (folder / ".gitignore").write_text("/state/\n/home/\n/bin/\n/.fleetc/\n")
        git(folder, "init", "--quiet")
        commit(folder)
        for namespace in existing():
            cluster.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        project.run("stack", "init", NAME, "--secrets-provider", "passphrase")
        project.up(NAME)
        yield Delivered(project, cluster.client)


def existing() -> list[str]:
    """What the example fleet takes for granted on every cluster."""
    spec = yaml.safe_load((ROOT / "specs/fleet.yaml").read_bytes())["spec"]
    found = spec["defaults"]["cluster"]["existing"]["namespaces"]
    return [found] if isinstance(found, str) else found


EDITS: Final = [
    ("specs/manifests/search-api.yaml", "--sample-index", "--full-index"),
    ("specs/teams/search.yaml", "costCenter: cc-4711", "costCenter: cc-4712"),
    ("specs/clusters/kind-dev.yaml", "maxVolume: 5Gi", "maxVolume: 6Gi"),
]


@pytest.mark.parametrize(("file", "old", "new"), EDITS)
def test_what_was_foretold_changes(delivered: Delivered, file: str, old: str, new: str) -> None:
    path = delivered.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    foretold = delivered.foretold()
    assert foretold
    assert inside(delivered.root, "build").status == 0
    assert delivered.previewed() == foretold
    summary = delivered.project.up(NAME).summary
    assert summary.get("updated", 0) == len(foretold)
    assert summary.keys() == {"updated", "unchanged"}
    assert delivered.previewed() == set()
    commit(delivered.root)

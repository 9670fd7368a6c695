"""The stack data that fleetc emits for the example fleet are what the program reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.check.goldens import ROOT
from tests.stacks.mocked import run

from fleet.argocd import namespace, project, root
from fleet.data import Hub, Manifests, read_stack
from fleet.files import read_manifests
from fleet.objects import identity
from fleet.program import run as program

GENERATED = ROOT / "stacks/generated"
STACKS = sorted(path.stem for path in GENERATED.glob("*.yaml"))


@pytest.mark.parametrize("name", STACKS)
def test_every_stack_runs(name: str, tmp_path: Path) -> None:
    stack = read_stack(GENERATED / f"{name}.yaml", name)
    (tmp_path / "install.yaml").write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n")
    config = {"fleet:hubContext": "hub", "fleet:argocdManifest": str(tmp_path / "install.yaml")}
    made = run(program, name, config, {"fleet:repository": "secret"})
    if isinstance(stack, Manifests):
        assert len(made.names) == len(read_manifests(stack.folder))
    assert made.names


def test_what_a_hub_gets_before_argo_cd_is_in_no_manifest() -> None:
    """What Pulumi owns and what Argo CD syncs are apart."""
    (hub,) = [s for s in (read_stack(GENERATED / f"{n}.yaml", n) for n in STACKS) if isinstance(s, Hub)]
    owned = {identity(obj) for obj in (namespace(hub.install.namespace), project(hub), root(hub))}
    assert owned.isdisjoint(read_manifests(ROOT / "golden/hub"))

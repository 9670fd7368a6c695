"""`explain`, forwards, against real edits of real files: nothing moves that it does not predict, and all moves that it
predicts."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.driver.fleets import acme, inside
from tests.driver.spec_edits import Moved, Pipeline, Refused, at_mark, strongest

from fleetc.driver.edits import REMOVED, Target
from fleetc.driver.explain import explainer
from fleetc.driver.forward import Forward
from fleetc.emission.compare import APPEARS
from fleetc.source.span import render_path

HELD_OUT: tuple[Any, ...] = (
    *("held-out", "heldout.example", "*.held.example", "172.16.0.0/12", "5000", "5000/UDP", "6000-6010"),
    *("3Gi", "17", "250m", "1.34", "1.37", "eks", "onprem", "kind", "cilium", "kindnet", "dataplane-v2"),
    *("both", "manager", "worker", "dev", "staging", "prod", "privileged", "baseline", "Retain", "Never", "NoExecute"),
    *("team/search", "team/research:443", "team/risk:9000", "namespace/other:1234", "risk", "research"),
    *("hub", "kind-dev", "onprem-fra", "us", "de", "tpu", "serving", "a/b", "true", "Held out, as a text"),
)
"""Values that are no alternatives of ours, or only by chance."""
SHARES = 12
"""How many tests share the scalars: what went wrong shows early, and which are left."""
PARTS = 12
PART = os.environ.get("FLEETC_PART")
"""CI takes one of so many parts of the shares, another one for each commit; unset, all of them are taken."""
UNCHANGEABLE = {
    *(("apiVersion",), ("kind",), ("metadata", "name"), ("spec", "environments")),
    *(("spec", "residency"), ("spec", "placement", "residency"), ("spec", "placement", "environments")),
    ("spec", "files"),
    # Pools name machines and zones of their cluster, and models have room on few.
    *(
        ("spec", "zones"),
        ("spec", "provider"),
        ("spec", "environment"),
        ("spec", "kubernetes"),
        ("spec", "accelerators"),
    ),
    *(("metadata", "cluster"), ("metadata", "team"), ("spec", "machine"), ("spec", "platform")),
    *(("spec", "architecture"), ("spec", "resources"), ("spec", "sharing")),
    # An indicator is of a model or of a queue, and most need a threshold.
    ("spec", "indicator"),
    # The catalogue has one version of them.
    ("spec", "components", "gateway-api-inference-extension"),
    ("spec", "components", "prometheus-operator"),
    ("spec", "components", "argo-cd"),
    ("spec", "components", "kueue"),
    ("spec", "components", "lws"),
    # Nodes of earlier versions are not known.
    ("spec", "components", "karpenter-provider-aws"),
    # What a stack delivers has no address for an Argo CD, and the hub, on GKE, is nobody for EKS.
    *(("spec", "delivery"), ("spec", "argocd", "login")),
    # By it Telemetry and what is measured find their clusters.
    ("metadata", "labels", "acme.example/accelerators"),
    # There is one hub, and one team of which all that its Dashboard shows is measured.
    *(("spec", "defaults", "cluster", "argocd", "hub"), ("spec", "for", "team")),
    # Only some enforce what networks of teams and models ask for.
    ("spec", "network", "cni"),
}
"""Where scalars stand of which some have no other valid value: the start of their path. The test says of each why."""

REFUSED_LATER = {("specs/policies/own.yaml", ("spec", "match", "kinds"))}
"""Where most other values would be emitted, as is predicted, but for examples of the policy that no longer are as its
rules say: what is predicted is not all moved by some edit."""


def held_out(value: Any) -> Iterator[Any]:
    """Values to try besides our alternatives."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 3, value * 10 + 7, 2)
    else:
        yield from HELD_OUT


class Scene(NamedTuple):
    """A fleet twice: as `explain` sees it, and as files that are really changed."""

    forward: Forward
    pipeline: Pipeline
    scalars: list[Target]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    root = acme(tmp_path_factory.mktemp("forward"))
    gc.disable()  # As in the program: all its data is acyclic.
    forward, pipeline = Forward(explainer(root)), Pipeline(root)
    front = forward.explainer.front
    every = [t for file in sorted({*front.files, *front.included}) for t in forward.editor.everything(file)]
    scalars = [t for t in every if not isinstance(t.value, dict | list)]
    gc.freeze()
    yield Scene(forward, pipeline, scalars)
    gc.unfreeze()
    gc.enable()


def predicted(scene: Scene, target: Target) -> Moved:
    """What `explain` says of a value, as real edits are told."""
    out: Moved = {}
    for move in scene.forward.moves(target).values():
        if move.file not in scene.pipeline.base.texts:
            out[scene.pipeline.new(move.file), (APPEARS,)] = "value"
        elif scene.pipeline.counts(move.file, move.path):
            out[move.file, move.path] = move.how
    return out


def really(scene: Scene, target: Target, most: int | None) -> list[Moved | Refused]:
    """What our own alternatives move when they are really written."""
    made = list(scene.forward.editor.edits(target))[:most]
    return [scene.pipeline.edited(target.file, scene.pipeline.text(target, edit)) for edit in made]


def others(scene: Scene, target: Target, values: list[Any]) -> dict[str, Moved | Refused]:
    """What values move that are no alternatives of ours."""
    ours = {repr(e.value) for e in scene.forward.editor.edits(target)} | {repr(target.value)}
    text = (scene.pipeline.root / target.file).read_text(encoding="utf-8")
    return {
        repr(v): scene.pipeline.edited(target.file, at_mark(text, target, v)) for v in values if repr(v) not in ours
    }


def check(scene: Scene, targets: list[Target], fewer: int = 1) -> Counter[str]:
    """Hold predictions against real edits; with `fewer`, against some of those only."""
    tally: Counter[str] = Counter()
    wrong: list[str] = []
    for n, target in enumerate(targets):
        gc.collect()  # It is off, and a thousand compiled fleets do not fit into memory.
        what = f"{target.file} {render_path(target.at)} = {target.value!r}"
        expected = predicted(scene, target)
        ours = really(scene, target, None if fewer == 1 else 3)
        moved = strongest(found for found in ours if isinstance(found, dict))
        # Each is moved by some edit, in this very way, and no edit of ours moves anything else.
        part = fewer > 1 or (target.file, target.at[:3]) in REFUSED_LATER
        if not moved.keys() <= expected.keys() if part else moved != expected:
            wrong.append(f"{what}: {len(moved)} moved, {len(expected)} were predicted")
        unseen = others(scene, target, list(held_out(target.value))[n % fewer :: fewer])
        for value, more in unseen.items():
            if isinstance(more, dict) and more.keys() - expected.keys():
                wrong.append(f"{what}: {value} moves {[*(more.keys() - expected.keys())][:3]}")
        tried = (*ours, *unseen.values())
        if fewer == 1 and all(isinstance(found, Refused) for found in tried):
            why = sorted({name for found in tried if isinstance(found, Refused) for name in found.names})
            sys.stdout.write(f"no other valid value: {what}: {', '.join(why)}\n")
            tally["unchangeable"] += 1
            if not any(target.at[: len(start)] == start for start in UNCHANGEABLE):
                wrong.append(f"nothing else can stand at {what}")
        tally += Counter(scalars=1, predicted=len(expected), edits=len(ours), quiet=not expected)
        tally["refused"] += sum(isinstance(found, Refused) for found in tried)
        tally["held out"] += sum(isinstance(found, dict) for found in unseen.values())
    assert wrong == []
    return tally


def test_some_scalars_of_the_example_fleet(scene: Scene) -> None:
    step = len(scene.scalars) // 40
    tally = check(scene, scene.scalars[step // 2 :: step], fewer=20)
    sys.stdout.write(f"{dict(tally)}\n")
    assert tally["scalars"] >= 25
    assert tally["held out"] > 25


@pytest.mark.exhaustive
@pytest.mark.parametrize("share", range(int(PART or 0), SHARES, PARTS if PART else 1))
def test_every_scalar_of_the_example_fleet(scene: Scene, share: int) -> None:
    mine = scene.scalars[share::SHARES]
    tally = check(scene, mine)
    sys.stdout.write(f"{share + 1} of {SHARES}: {dict(tally)}\n")
    assert tally["scalars"] == len(mine)


def target(scene: Scene, file: str, *at: Any) -> Target:
    return next(t for t in scene.forward.editor.everything(f"specs/{file}.yaml") if t.at == at)


def kinds(scene: Scene, moved: Moved) -> set[str]:
    """The kinds of the objects in which something moves."""
    objects = scene.pipeline.base.objects
    return {str(objects[file][int(path[0])]["kind"]) for file, path in moved if file in objects and path != (APPEARS,)}


def test_a_rename_takes_the_file_away_and_makes_another(scene: Scene) -> None:
    moved = predicted(scene, target(scene, "teams/risk", "metadata", "name"))
    # While search names risk as a peer, no other name of it makes a valid fleet.
    assert moved == {}
    moved = predicted(scene, target(scene, "manifests/deny-external-ips", "metadata", "name"))
    assert ("golden/hub/platform/manifests", (APPEARS,)) in moved
    assert {how for (file, _), how in moved.items() if file.endswith("deny-external-ips.yaml")} == {"presence"}


def test_the_name_of_the_fleet_is_nowhere_in_what_is_emitted(scene: Scene) -> None:
    assert predicted(scene, target(scene, "fleet", "metadata", "name")) == {}


def test_another_output_folder_moves_every_file(scene: Scene) -> None:
    moved = predicted(scene, target(scene, "fleet", "spec", "outputs", "manifests"))
    there = {key: how for key, how in moved.items() if key[1] != (APPEARS,)}
    # What a hub has to know of the others is not where their files are.
    workers = {f"stacks/generated/{name}.yaml" for name in ("eks-use1-prod", "gke-euw4-prod", "onprem-fra")}
    assert {file for file, _ in there} == scene.pipeline.base.texts.keys() - workers
    stacks = {key: how for key, how in there.items() if key[0].startswith("stacks/")}
    assert {how for key, how in there.items() if key not in stacks} == {"presence"}
    assert {(file, how) for (file, _), how in stacks.items()} == {
        ("stacks/generated/hub.yaml", "value"),
        ("stacks/generated/gke-use5-tpu.yaml", "value"),
        ("stacks/generated/kind-dev.yaml", "value"),
    }


def test_where_a_team_is_follows_from_its_placement_and_from_the_clusters(scene: Scene) -> None:
    moved = predicted(scene, target(scene, "teams/research", "spec", "placement", "environments", 0))
    assert {file for file, _ in moved} >= {
        "golden/kind-dev/teams/research/team.yaml",
        "golden/gke-euw4-prod/teams",
    }
    # Its model is nowhere without the cluster of the other environment.
    assert predicted(scene, target(scene, "teams/research", "spec", "placement", "environments", 1)) == {}
    moved = predicted(scene, target(scene, "clusters/gke-use5-tpu", "spec", "environment"))
    assert {how for (file, _), how in moved.items() if file.endswith("research.yaml")} <= {"presence", "value"}


def test_an_included_file_is_explained_too(scene: Scene) -> None:
    at = (1, "spec", "validationActions", 0)
    moved = predicted(scene, next(t for t in scene.scalars if (t.number, *t.at) == at and "deny" in t.file))
    assert len(moved) == 6
    assert kinds(scene, moved) == {"ValidatingAdmissionPolicyBinding"}


def test_what_an_override_is_compared_with_moves_what_it_sets(scene: Scene) -> None:
    at = ("spec", "overrides", 1, "match", "labels", "acme.example/accelerators")
    moved = predicted(scene, target(scene, "teams/research", *at))
    assert kinds(scene, moved) == {"ResourceQuota", "NetworkPolicy", "ClusterQueue", "Cohort"}
    here = "golden/gke-use5-tpu"
    assert {file for file, _ in moved} == {f"{here}/teams/research/team.yaml", f"{here}/platform/cluster.yaml"}


def text(scene: Scene, file: str, line: int, *more: str) -> str:
    run = inside(scene.forward.explainer.root, "explain", f"{file}:{line}", *more)
    assert (run.status, run.err) == (0, "")
    return run.out


def line_of(scene: Scene, file: str, start: str) -> int:
    lines = (scene.pipeline.root / file).read_text(encoding="utf-8").splitlines()
    return 1 + next(n for n, line in enumerate(lines) if line.strip().startswith(start))


def test_the_text_shows_leaves_folded_over_clusters_and_lines(scene: Scene) -> None:
    file = "specs/teams/search.yaml"
    shown = text(scene, file, line_of(scene, file, "costCenter:")).splitlines()
    assert shown[:2] == ['Team/search spec.costCenter = "cc-4711"', "  moves something in 4 files"]
    (row,) = shown[2:]
    assert row.endswith("Namespace metadata.labels['fleetc.dev/cost-center']  and 7 more, on 4 clusters")
    block = text(scene, "specs/clusters/kind-dev.yaml", line_of(scene, "specs/clusters/kind-dev.yaml", "limits:"))
    assert len(block.splitlines()) < 20


def test_the_data_is_complete(scene: Scene) -> None:
    file = "specs/teams/search.yaml"
    (found,) = json.loads(text(scene, file, line_of(scene, file, "costCenter:"), "--output", "json"))
    assert {key: found[key] for key in ("spec", "file", "path", "value")} == {
        "spec": "Team/search", "file": file, "path": "spec.costCenter", "value": "cc-4711",
    }  # fmt: skip
    assert len(found["moves"]) == 8
    assert all(m.keys() == {"file", "line", "path", "how", "edit"} and m["how"] == "value" for m in found["moves"])
    golden = scene.pipeline.base.texts
    for move in found["moves"]:
        body = "---\n".join(golden[move["file"]])
        assert "cc-4711" in body.splitlines()[move["line"] - 2]  # Without the header.


def test_a_line_without_a_value_stands_for_what_is_around_it(scene: Scene) -> None:
    file = "specs/fleet.yaml"
    comment = line_of(scene, file, "# Beside the built-in classes")
    assert text(scene, file, comment).startswith("Fleet/acme spec.defaults.cluster = ")


def test_what_no_edit_moves_is_said(scene: Scene) -> None:
    file = "specs/teams/search.yaml"
    assert text(scene, file, line_of(scene, file, "kind: Team")) == (
        'Team/search kind = "Team"\n  moves nothing: no other valid value changes what is emitted\n'
    )


def test_edits_of_a_container_are_less_of_it_and_other_scalars_in_it(scene: Scene) -> None:
    quota = target(scene, "teams/research", "spec", "quota")
    made = list(scene.forward.editor.edits(quota))
    each = [("spec", "quota", key) for key in quota.value]
    assert [e.at for e in made if e.value is REMOVED] == [("spec", "quota"), *each]
    assert list(dict.fromkeys(e.at for e in made if e.value is not REMOVED)) == each


def test_the_root_is_left_as_it_is(tmp_path: Path) -> None:
    assert inside(acme(tmp_path), "explain", "specs/fleet.yaml:5").status == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["specs"]


def test_a_pool_is_told_from_other_pools(scene: Scene) -> None:
    moved = predicted(scene, target(scene, "dashboards/platform", "spec", "for", "pool"))
    assert any(file.endswith("h200-pool.yaml") for file, _ in moved)


def test_what_dashboards_show_of_objectives_moves_with_them(scene: Scene) -> None:
    moved = predicted(scene, target(scene, "objectives/search", "spec", "indicator"))
    assert any("dashboards" in file for file, _ in moved)

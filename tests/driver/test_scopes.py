"""How much is compiled: one cluster, the subjects that follow from what changed, or all; and that it was enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import acme, clean, inside, output, synthetic
from tests.driver.tree.trees import put

from fleetc.driver import memory, rebuild
from fleetc.driver.compile import Compiled, compile_fleet
from fleetc.driver.scope import WHOLE, Scope
from fleetc.driver.tree.model import RACY_NS

Builds = Callable[[Path], list[Scope]]


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """Build, compare with a clean build, and give the scopes that were compiled."""
    taken: list[Scope] = []

    def spy(*words: Any, **named: Any) -> Compiled:
        taken.append(words[2] if len(words) > 2 else WHOLE)
        return compile_fleet(*words, **named)

    def build(root: Path) -> list[Scope]:
        taken.clear()
        got = inside(root, "build", "--output", "json")
        scopes = list(taken)
        at = tmp_path / f"clean{time.monotonic_ns()}"
        wanted = clean(root, at, "--output", "json")
        assert got.data()["diagnostics"] == wanted.data()["diagnostics"]
        assert got.data()["summary"] == wanted.data()["summary"]
        if wanted.status == 0:
            assert output(root) == output(at)
        return scopes

    monkeypatch.setattr(rebuild, "compile_fleet", spy)
    monkeypatch.setattr(memory, "tool_digest", lambda: "this")
    return build


def settled(root: Path) -> Path:
    """Built, and all of it remembered."""
    for _ in range(2):
        assert inside(root, "build").status == 0
        time.sleep(2 * RACY_NS / 1e9)
    return root


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert text.count(old) == 1
    put(root, path, text.replace(old, new).encode())


def clusters(*names: str) -> Scope:
    return Scope(clusters=frozenset(names))


def subjects(*ids: str) -> Scope:
    return Scope(subjects=frozenset(ids))


def test_nothing_changed(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    assert builds(root) == []


@pytest.mark.parametrize("how", ["comment", "touched", "renewed", "moved in the file"])
def test_nothing_that_counts_changed(tmp_path: Path, builds: Builds, how: str) -> None:
    root = settled(acme(tmp_path / "fleet"))
    path = root / "specs/teams/risk.yaml"
    text = path.read_text()
    match how:
        case "comment":
            path.write_text(text + "# said\n")
        case "touched":
            path.touch()
        case "renewed":
            path.unlink()
            path.write_text(text)
        case _:
            path.write_text("# above\n\n" + text)
    assert builds(root) == [clusters()]
    time.sleep(2 * RACY_NS / 1e9)
    assert builds(root) in ([], [clusters()])  # It changed too shortly before the first build to be remembered.
    assert builds(root) == []


def test_one_cluster(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/clusters/kind-dev.yaml", "maxVolume: 5Gi", "maxVolume: 6Gi")
    assert builds(root) == [clusters("kind-dev")]


def test_one_cluster_and_a_lost_output_of_another(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/clusters/kind-dev.yaml", "maxVolume: 5Gi", "maxVolume: 6Gi")
    (root / "golden/hub/cluster.yaml").unlink()
    assert builds(root) == [clusters("hub", "kind-dev")]


def test_a_cluster_moves_to_another_environment(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/clusters/kind-dev.yaml", "environment: dev", "environment: staging")
    assert builds(root) == [clusters("kind-dev")]
    assert not (root / "golden/kind-dev/teams/search.yaml").exists()


def test_the_contact_of_a_team(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/teams/search.yaml", "search-oncall@", "search-duty@")
    # risk declares traffic to search, so it has read search's namespaces.
    found = ("Team/search", "Team/risk", "Manifest/search-api", "Manifest/search-monitoring")
    assert builds(root) == [subjects(*found)]


def test_the_label_of_a_team_that_another_one_reads(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/teams/risk.yaml", "{share: 2, labels:", "{share: 3, labels:")
    scope, *fallback = builds(root)
    assert not fallback
    assert scope.subjects is not None
    assert {"Team/risk", "Team/search"} <= scope.subjects  # search lets risk in, so it reads its namespaces.


def test_a_raw_object(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/manifests/search-api.yaml", "replicas: 6", "replicas: 7")
    assert builds(root) == [subjects("Manifest/search-api")]


def test_an_included_file(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/manifests/files/deny-external-ips.yaml", "or the gateway", "or a gateway")
    assert builds(root) == [subjects("Manifest/deny-external-ips")]


EQUAL = (("flag: 1,", "flag: true,"), ("ratio: 1.0", "ratio: 1"), ("b: 1, a: 2", "a: 2, b: 1"))


@pytest.mark.parametrize(("old", "new"), EQUAL)
def test_what_python_takes_for_equal(tmp_path: Path, builds: Builds, old: str, new: str) -> None:
    root = settled(synthetic(tmp_path / "fleet"))
    before = output(root)
    edit(root, "specs/manifests/odd.yaml", old, new)
    assert builds(root) == [subjects("Manifest/odd")]
    assert output(root) != before


INLINE = "  metadata: {{name: {}, namespace: team0}}\n    spec: {{flag: 1"
SEEN = (
    ("specs/teams/team1.yaml", "10.1.0.0/16:443", "10.1.0.0/16:444"),
    ("specs/teams/team0.yaml", "namespaces:\n  - team0", "namespaces:\n  - team0\n  - team0-more"),
    ("specs/manifests/odd.yaml", INLINE.format("inline"), INLINE.format("other")),
    (
        "specs/manifests/odd.yaml",
        "selector: {app.kubernetes.io/name: app0-4",
        "selector: {app.kubernetes.io/name: app0-6",
    ),
)


@pytest.mark.parametrize(("path", "old", "new"), SEEN)
def test_what_other_objects_can_see_falls_back_to_the_whole(
    tmp_path: Path, builds: Builds, path: str, old: str, new: str
) -> None:
    root = settled(synthetic(tmp_path / "fleet"))
    edit(root, path, old, new)
    first, *rest = builds(root)
    assert first.subjects
    assert rest == [WHOLE]


def test_a_placement_falls_back_to_the_whole(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/teams/research.yaml", "environments: [dev, staging]", "environments: [staging]")
    first, *rest = builds(root)
    assert first.subjects
    assert rest == [WHOLE]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("specs/fleet.yaml", "secrets: 200", "secrets: 201"),
        ("specs/clusters/hub.yaml", "name: hub", "name: hub2"),
        ("specs/teams/risk.yaml", "name: risk\n", "name: risks\n"),
    ],
)
def test_the_whole_at_once(tmp_path: Path, builds: Builds, path: str, old: str, new: str) -> None:
    root = settled(acme(tmp_path / "fleet"))
    if path.endswith("risk.yaml"):
        edit(root, "specs/teams/search.yaml", "team/risk:", "team/risks:")
    edit(root, path, old, new)
    assert builds(root) == [WHOLE]


def test_a_cluster_and_a_team_at_once(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    edit(root, "specs/clusters/kind-dev.yaml", "maxVolume: 5Gi", "maxVolume: 6Gi")
    edit(root, "specs/teams/search.yaml", "search-oncall@", "search-duty@")
    assert builds(root) == [WHOLE]


def test_the_output_goes_elsewhere_and_comes_back(tmp_path: Path, builds: Builds) -> None:
    root = settled(acme(tmp_path / "fleet"))
    old = output(root)
    edit(root, "specs/fleet.yaml", "manifests: golden", "manifests: out/of")
    assert inside(root, "build").status == 0
    assert {p.removeprefix("out/of/") for p in output(root, "out/of")} == {p.removeprefix("golden/") for p in old}
    edit(root, "specs/fleet.yaml", "manifests: out/of", "manifests: golden")
    assert builds(root) == [WHOLE]
    assert output(root) == old


ONLY_THERE = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: only-there}
spec:
  objects: []
  overrides:
  - match: {clusters: [kind-dev]}
    set: {objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: there, namespace: default}}]}
"""


def test_what_emits_on_another_cluster_emits_something(tmp_path: Path, builds: Builds) -> None:
    root = acme(tmp_path / "fleet")
    put(root, "specs/manifests/only-there.yaml", ONLY_THERE.encode())
    settled(root)
    edit(root, "specs/clusters/hub.yaml", "region: europe-west1", "region: europe-west2")
    assert builds(root) == [clusters("hub")]


def test_what_emits_on_no_cluster_any_more_emits_nothing(tmp_path: Path, builds: Builds) -> None:
    root = acme(tmp_path / "fleet")
    text = ONLY_THERE.replace("{clusters: [kind-dev]}", "{labels: {acme.example/size: laptop}}")
    put(root, "specs/manifests/only-there.yaml", text.encode())
    settled(root)
    edit(root, "specs/clusters/kind-dev.yaml", "size: laptop", "size: big")
    builds(root)
    assert "FLT501" in inside(root, "check").err


def test_the_only_cluster_where_something_is_emitted_is_left(tmp_path: Path, builds: Builds) -> None:
    root = acme(tmp_path / "fleet")
    text = ONLY_THERE.replace("spec:\n", "spec:\n  placement: {environments: [dev, staging]}\n", 1)
    put(root, "specs/manifests/only-there.yaml", text.encode())
    settled(root)
    edit(root, "specs/clusters/kind-dev.yaml", "environment: dev", "environment: prod")
    builds(root)
    assert "FLT501" in inside(root, "check").err

"""How much is compiled: one cluster, the subjects that follow from what changed, or all; and that it was enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.driver.fleets import acme, clean, inside, output, scopes_taken, slow, synthetic
from tests.driver.tree.trees import put

from fleetc.driver import build as build_run
from fleetc.driver import memory
from fleetc.driver.scope import WHOLE, Scope
from fleetc.driver.tree.model import RACY_NS

Builds = Callable[[Path], list[Scope]]


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """Build, compare with a clean build, and give the scopes that were compiled."""
    taken = scopes_taken(monkeypatch)

    def build(root: Path) -> list[Scope]:
        taken.clear()
        got = inside(root, "build", "--output", "json")
        scopes = list(taken)
        at = tmp_path / f"clean{len(list(tmp_path.iterdir()))}"
        wanted = clean(root, at, "--output", "json")
        assert got.data()["diagnostics"] == wanted.data()["diagnostics"]
        assert got.data()["summary"] == wanted.data()["summary"]
        if wanted.status == 0:
            assert output(root) == output(at)
        return scopes

    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")
    monkeypatch.setattr(build_run, "MANY", 0)  # What stands there is always looked at by a child.
    return build


def settled(root: Path) -> Path:
    """Built, and all of it remembered."""
    for _ in range(2):
        assert inside(root, "build").status == 0
        time.sleep(2 * RACY_NS / 1e9)
    return root


@pytest.fixture
def root(tmp_path: Path, builds: Builds) -> Path:
    """Three teams on four clusters, the first of which is the only one of environment `dev`.

    (`builds` is asked for because it fixes the digest of the program, without which nothing would be remembered.)
    """
    return settled(synthetic(tmp_path / "fleet", clusters=4))


@pytest.fixture
def example(tmp_path: Path, builds: Builds) -> Path:
    """The example fleet, in the same way."""
    return settled(acme(tmp_path / "fleet"))


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert text.count(old) == 1
    put(root, path, text.replace(old, new).encode())


def edit_first(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    put(root, path, text.replace(old, new, 1).encode())


def edit_cluster(root: Path) -> None:
    edit(root, "specs/clusters/c0003.yaml", "name: fast", "name: faster")


def edit_contact(root: Path) -> None:
    edit(root, "specs/teams/team1.yaml", "team1@bench", "other@bench")


def clusters(*names: str) -> Scope:
    return Scope(clusters=frozenset(names))


def subjects(*ids: str) -> Scope:
    return Scope(subjects=frozenset(ids))


def test_nothing_changed(root: Path, builds: Builds) -> None:
    assert builds(root) == []


@pytest.mark.parametrize("how", ["comment", slow("touched"), slow("renewed"), "moved in the file"])
def test_nothing_that_counts_changed(root: Path, builds: Builds, how: str) -> None:
    path = root / "specs/teams/team1.yaml"
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


def test_one_cluster(root: Path, builds: Builds) -> None:
    edit_cluster(root)
    assert builds(root) == [clusters("c0003")]


def test_one_cluster_and_a_lost_output_of_another(root: Path, builds: Builds) -> None:
    edit_cluster(root)
    (root / "golden/c0001/platform/cluster.yaml").unlink()
    assert builds(root) == [clusters("c0001", "c0003")]


def test_a_cluster_moves_to_another_environment(example: Path, builds: Builds) -> None:
    # A model that is only there would have nowhere to be.
    kept = (example / "specs/models/search.yaml").read_text().rpartition("---\n")[0]
    put(example, "specs/models/search.yaml", kept.encode())
    builds(example)
    edit(example, "specs/clusters/kind-dev.yaml", "environment: dev", "environment: staging")
    # An exception of a policy that was needed there may not be needed anywhere now.
    assert builds(example) == [clusters("kind-dev"), WHOLE]
    assert not (example / "golden/kind-dev/teams/search/team.yaml").exists()


def test_the_contact_of_a_team(root: Path, builds: Builds) -> None:
    edit_contact(root)
    manifests = {f"Manifest/{p.stem}" for p in (root / "specs/manifests").iterdir() if "team: team1" in p.read_text()}
    assert manifests
    assert builds(root) == [subjects("Team/team1", *manifests)]


def test_the_contact_of_a_team_that_another_one_reads(example: Path, builds: Builds) -> None:
    edit(example, "specs/teams/search.yaml", "search-oncall@", "search-duty@")
    # The Cohort has what quotas leave, so the clusters have read them.
    found = ("Cluster", "Team/search", "Team/risk", "Manifest/search-api", "Manifest/search-monitoring")
    models = ("Model/all-minilm-l6-v2", "Model/deepseek-r1", "Model/llama-3-3-70b", "Model/qwen3-32b")
    names = ("llama-available", "llama-first-token", "search-batch-wait")
    more = [*(f"Objective/{name}" for name in names), "Dashboard/llama", "Dashboard/search"]
    # risk declares traffic to search, so it has read search's namespaces.
    assert builds(example) == [subjects(*found, *models, *more)]


def of_team1(root: Path) -> Scope:
    manifests = {f"Manifest/{p.stem}" for p in (root / "specs/manifests").iterdir() if "team: team1" in p.read_text()}
    return subjects("Team/team1", *manifests)


def test_the_network_of_a_team(root: Path, builds: Builds) -> None:
    """The other subjects are not compiled: what reachability reads of them is remembered."""
    edit(root, "specs/teams/team1.yaml", "10.1.0.0/16:443", "10.1.0.0/16:444")
    assert builds(root) == [of_team1(root)]
    time.sleep(2 * RACY_NS / 1e9)
    edit_contact(root)
    assert builds(root) == [of_team1(root)]


@pytest.mark.accept
def test_egress_to_a_team_that_does_not_let_it_in(root: Path, builds: Builds) -> None:
    """Planning refuses it, so nothing is compiled, and what was remembered stays as it was."""
    edit(root, "specs/teams/team1.yaml", "10.1.0.0/16:443", "team/team2:443")
    assert builds(root) == []
    time.sleep(2 * RACY_NS / 1e9)
    edit_contact(root)
    assert builds(root) == []
    edit(root, "specs/teams/team1.yaml", "team/team2:443", "10.1.0.0/16:444")
    assert builds(root) == [of_team1(root)]


OPEN = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: open, team: team0}
spec:
  objects:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: open, namespace: team0}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress: [{to: [{ipBlock: {cidr: 10.0.1.0/24}}], ports: [{port: 443}]}]
"""
"""Lets pass a part of what team0 declares."""


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("specs/manifests/open.yaml", "port: 443", "port: 444"),
        slow("specs/teams/team0.yaml", "10.0.0.0/16:443", "10.0.0.0/24:443"),
    ],
)
def test_traffic_that_is_not_declared_any_more(root: Path, builds: Builds, path: str, old: str, new: str) -> None:
    """One side of it changes, while the other is only remembered: the whole tells where it is wrong."""
    put(root, "specs/manifests/open.yaml", OPEN.encode())
    settled(root)
    edit(root, path, old, new)
    first, *rest = builds(root)
    assert first.subjects
    assert rest == [WHOLE]
    assert inside(root, "build").status == 1


BINDING = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: binding, team: team0}
spec:
  objects:
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r, namespace: team0}, rules: []}
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: b, namespace: team0}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
    subjects:
    - {kind: ServiceAccount, name: default, namespace: team0}
"""


def test_a_binding_that_reaches_too_far(root: Path, builds: Builds) -> None:
    """What a RoleBinding gives to whom is judged with its team's spec, and refers to nothing emitted."""
    put(root, "specs/manifests/binding.yaml", BINDING.encode())
    settled(root)
    more = "    - {kind: Group, name: everybody, apiGroup: rbac.authorization.k8s.io}\n"
    put(root, "specs/manifests/binding.yaml", (BINDING + more).encode())
    builds(root)
    assert inside(root, "build").status == 1


def test_a_raw_object(root: Path, builds: Builds) -> None:
    edit_first(root, "specs/manifests/app0.yaml", "level: info", "level: debug")
    assert builds(root) == [subjects("Manifest/app0")]


def test_one_object_of_one_cluster(root: Path, builds: Builds) -> None:
    edit_first(root, "specs/manifests/specific.yaml", "https://c0002.bench", "https://c0002.other")
    assert builds(root) == [subjects("Manifest/specific")]


def test_an_included_file(root: Path, builds: Builds) -> None:
    edit(root, "extra/odd.txt", "[false, 0, 0.0]", "[0, false, 0.0]")
    assert builds(root) == [subjects("Manifest/odd")]


EQUAL = (("flag: 1,", "flag: true,"), slow("ratio: 1.0", "ratio: 1"), ("b: 1, a: 2", "a: 2, b: 1"))


@pytest.mark.parametrize(("old", "new"), EQUAL)
def test_what_python_takes_for_equal(root: Path, builds: Builds, old: str, new: str) -> None:
    before = output(root)
    edit(root, "specs/manifests/odd.yaml", old, new)
    assert builds(root) == [subjects("Manifest/odd")]
    assert output(root) != before


SELECTOR = "selector: {{app.kubernetes.io/name: app0-{}"
SEEN = (
    slow("specs/teams/team1.yaml", "egress:", "ingress:"),
    slow("specs/teams/team1.yaml", '  network:\n    egress:\n    - "10.1.0.0/16:443"\n', ""),
    ("specs/teams/team0.yaml", "namespaces:\n  - team0", "namespaces:\n  - team0\n  - team0-more"),
    ("extra/odd.txt", "name: included", "name: renamed"),
    ("specs/manifests/app0.yaml", "priorityClassName: standard", "priorityClassName: serving"),
    slow("specs/manifests/app0.yaml", "priorityClassName: standard", "priorityClassName: nowhere"),
    ("specs/manifests/odd.yaml", SELECTOR.format(4), SELECTOR.format(6)),
)


@pytest.mark.parametrize(("path", "old", "new"), SEEN)
def test_what_other_objects_can_see_falls_back_to_the_whole(
    root: Path, builds: Builds, path: str, old: str, new: str
) -> None:
    edit_first(root, path, old, new)
    first, *rest = builds(root)
    assert first.subjects
    assert rest == [WHOLE]


WATCH = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: watch, team: team0}
spec:
  objects:
  - apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: watch, namespace: team0}
    spec: {maxUnavailable: 1, selector: {matchLabels: {tier: serving}}}
"""


@pytest.mark.parametrize("what", ["label", "port"])
def test_pods_that_other_objects_count_on(root: Path, builds: Builds, what: str) -> None:
    """A PodDisruptionBudget selects a label, and a Service a port by its name, of pods of another Manifest."""
    path = "specs/manifests/app0.yaml"
    doc = yaml.safe_load((root / path).read_text())
    app = next(o for o in doc["spec"]["objects"] if o["kind"] == "Deployment" and o["metadata"]["name"] == "app0-4")
    pod = app["spec"]["template"]
    pod["metadata"] = {"labels": {**pod["metadata"]["labels"], "tier": "serving"}}
    put(root, path, yaml.safe_dump(doc).encode())
    put(root, "specs/manifests/watch.yaml", WATCH.encode())
    settled(root)
    if what == "label":
        pod["metadata"]["labels"]["tier"] = "other"
    else:
        pod["spec"]["containers"][0]["ports"][0]["name"] = "other"
    put(root, path, yaml.safe_dump(doc).encode())
    assert builds(root) == [subjects("Manifest/app0"), WHOLE]


def test_a_placement_falls_back_to_the_whole(example: Path, builds: Builds) -> None:
    edit(example, "specs/teams/research.yaml", "environments: [dev, staging]", "environments: [staging]")
    first, *rest = builds(example)
    assert first.subjects
    assert rest == [WHOLE]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("specs/fleet.yaml", "organisation: bench", "organisation: other"),
        slow("specs/clusters/c0001.yaml", "name: c0001\n", "name: c0004\n"),
        ("specs/manifests/odd.yaml", "name: odd}", "name: odder}"),
    ],
)
def test_the_whole_at_once(root: Path, builds: Builds, path: str, old: str, new: str) -> None:
    if path.startswith("specs/clusters"):
        edit_first(root, "specs/manifests/specific.yaml", "- c0001", "- c0004")
    edit(root, path, old, new)
    assert builds(root) == [WHOLE]


@pytest.mark.parametrize(
    ("path", "old", "new", "missing"),
    [
        ("specs/fleet.yaml", "[dev, staging, prod]", "[dev, staging]", "there is no environment `prod`"),
        ("specs/platforms/serving.yaml", "name: serving-2026-11", "name: other", "no platform `serving-2026-11`"),
        ("specs/clusters/hub.yaml", "{name: hub}", "{name: centre}", "there is no cluster `hub`"),
        ("specs/clusters/gke-use5-tpu.yaml", "name: gke-use5-tpu", "name: other", "no cluster `gke-use5-tpu`"),
        ("specs/clusters/hub.yaml", "environment: prod", "environment: production", "no environment `production`"),
    ],
)
def test_a_name_that_documents_refer_to_goes(
    example: Path, builds: Builds, path: str, old: str, new: str, missing: str
) -> None:
    """Documents that did not change are found wrong, too: all of them, as by a build that remembers nothing."""
    edit_first(example, path, old, new)
    builds(example)
    assert missing in inside(example, "check").err


@pytest.mark.parametrize("where", ["in its spec", "by a cluster's defaults"])
def test_a_priority_class_that_a_team_names_goes(root: Path, builds: Builds, where: str) -> None:
    classes, named = "  priorityClasses: {own: {value: 7}}\n", "priorityClasses: [standard, own]"
    put(root, "specs/clusters/c0003.yaml", (root / "specs/clusters/c0003.yaml").read_bytes() + classes.encode())
    if where == "in its spec":
        edit_first(root, "specs/teams/team1.yaml", "spec:\n", f"spec:\n  {named}\n")
    else:
        edit_first(root, "specs/clusters/c0002.yaml", "spec:\n", f"spec:\n  defaults: {{team: {{{named}}}}}\n")
    settled(root)
    edit(root, "specs/clusters/c0003.yaml", classes, "")
    builds(root)
    assert "there is no priority class `own`" in inside(root, "check").err


def test_a_spec_file_goes_and_comes_back(root: Path, builds: Builds) -> None:
    path, before = root / "specs/manifests/odd.yaml", output(root)
    text = path.read_text()
    path.unlink()
    assert builds(root) == [WHOLE]
    assert "golden/c0000/platform/manifests/odd.yaml" not in output(root)
    path.write_text(text)
    assert builds(root) == [WHOLE]
    assert output(root) == before


def test_a_spec_file_is_renamed(root: Path, builds: Builds) -> None:
    (root / "specs/manifests/odd.yaml").rename(root / "specs/manifests/odder.yaml")
    assert builds(root) == [subjects("Manifest/odd")]
    assert b"from specs/manifests/odder.yaml;" in output(root)["golden/c0000/platform/manifests/odd.yaml"]


def test_an_included_file_goes_and_comes_back(root: Path, builds: Builds) -> None:
    path, before = root / "extra/odd.txt", output(root)
    text = path.read_text()
    path.unlink()
    builds(root)
    assert "FLT902" in inside(root, "check").err
    assert output(root) == before
    path.write_text(text)
    assert builds(root) == [clusters()]


def test_a_cluster_and_a_team_at_once(root: Path, builds: Builds) -> None:
    edit_cluster(root)
    edit_contact(root)
    assert builds(root) == [WHOLE]


def test_the_output_goes_elsewhere_and_comes_back(example: Path, builds: Builds) -> None:
    old = output(example)
    edit(example, "specs/fleet.yaml", "manifests: golden", "manifests: out/of")
    assert inside(example, "build").status == 0
    assert {p.removeprefix("out/of/") for p in output(example, "out/of")} == {p.removeprefix("golden/") for p in old}
    edit(example, "specs/fleet.yaml", "manifests: out/of", "manifests: golden")
    assert builds(example) == [WHOLE]
    assert output(example) == old


ONLY_THERE = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: only-there}
spec:
  objects: []
  overrides:
  - match: {clusters: [c0000]}
    set: {objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: there, namespace: default}}]}
"""


def with_only_there(root: Path, old: str = "", new: str = "") -> None:
    """A Manifest that emits something on one of its clusters only."""
    put(root, "specs/manifests/only-there.yaml", ONLY_THERE.replace(old, new, 1).encode())
    settled(root)


def test_what_emits_on_another_cluster_emits_something(root: Path, builds: Builds) -> None:
    with_only_there(root)
    edit_cluster(root)
    assert builds(root) == [clusters("c0003")]


def test_what_emits_on_no_cluster_any_more_emits_nothing(root: Path, builds: Builds) -> None:
    with_only_there(root, "{clusters: [c0000]}", "{environments: [dev]}")
    edit(root, "specs/clusters/c0000.yaml", "environment: dev", "environment: prod")
    assert builds(root) == [clusters("c0000")]
    assert "FLT501" in inside(root, "check").err


def test_the_only_cluster_where_something_is_emitted_is_left(root: Path, builds: Builds) -> None:
    edit(root, "specs/clusters/c0001.yaml", "environment: staging", "environment: staging\n  role: both")
    with_only_there(root, "spec:\n", "spec:\n  placement: {environments: [dev, staging]}\n")
    edit(root, "specs/clusters/c0000.yaml", "environment: dev", "environment: prod")
    assert builds(root) == [clusters("c0000")]
    assert "FLT501" in inside(root, "check").err

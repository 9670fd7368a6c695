"""`fleetc adopt` on the example fleet: what a hand edited is in the specs, and a build leaves it as edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_schemas import told
from tests.driver.fleets import Run, acme, inside
from tests.driver.live.servers import Fake, serving, write_kubeconfig

from fleetc.driver.explain import explainer
from fleetc.driver.layout import comments_of
from fleetc.driver.live.drift import emitted_on

TEAM = "specs/teams/search.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = acme(tmp_path / "fleet")
    assert inside(made, "build").status == 0
    return made


def output(root: Path, cluster: str, text: str) -> Path:
    """The first emitted file of a cluster with a text in it."""
    return next(p for p in sorted((root / "golden" / cluster).rglob("*.yaml")) if text in p.read_text(encoding="utf-8"))


def sed(file: Path, *pairs: tuple[str, str]) -> str:
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return text


def specs(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted((root / "specs").rglob("*")) if p.is_file()}


def adopt(root: Path, file: Path, *words: str) -> tuple[Run, Any]:
    got = inside(root, "adopt", str(file), "--output", "json", *words)
    return got, told("adopt", got)


def stays(root: Path, file: Path, edited: str) -> None:
    """A build leaves a file as it was edited, but for its header."""
    assert inside(root, "build").status == 0
    assert file.read_text(encoding="utf-8").partition("\n")[2] == edited.partition("\n")[2]


def test_a_value_for_one_cluster_alone(root: Path) -> None:
    file = output(root, "kind-dev", "cc-4711")
    edited = sed(file, ("cost-center: cc-4711", "cost-center: cc-9"))
    before = specs(root)
    got, data = adopt(root, file)
    assert (got.status, data["written"], specs(root)) == (1, False, before)
    assert {d["code"] for d in data["diagnostics"]} == {"FLT626"}
    assert all("would move with it" in d["message"] for d in data["diagnostics"])
    got, data = adopt(root, file, "--only-here")
    assert (got.status, data["changed"], data["diagnostics"]) == (0, [TEAM], [])
    text = (root / TEAM).read_text(encoding="utf-8")
    assert text.endswith("  - match: {clusters: kind-dev}\n    set: {costCenter: cc-9}\n")
    assert comments_of(text) == comments_of(before[TEAM].decode())
    stays(root, file, edited)


def test_other_values_may_move(root: Path) -> None:
    file = output(root, "kind-dev", "cc-4711")
    edited = sed(file, ("cost-center: cc-4711", "cost-center: cc-9"))
    got, data = adopt(root, file, "--allow-more")
    assert got.status == 0
    clusters = {one["file"].split("/")[1] for one in data["moved"]}
    assert clusters
    assert "kind-dev" not in clusters
    assert "  costCenter: cc-9\n" in (root / TEAM).read_text(encoding="utf-8")
    stays(root, file, edited)


def test_a_share_of_a_sum(root: Path) -> None:
    """The quota of two namespaces is one value of the spec, divided."""
    file = output(root, "kind-dev", 'requests.cpu: "3"')
    edited = sed(file, ('requests.cpu: "3"', 'requests.cpu: "6"'), ('requests.cpu: "1"', 'requests.cpu: "2"'))
    got, data = adopt(root, file)
    assert (got.status, data["moved"]) == (0, [])
    assert {(one["spec"]["before"], one["spec"]["after"]) for one in data["adopted"]} == {("4", "8")}
    stays(root, file, edited)


def test_what_is_refused_leaves_the_specs(root: Path) -> None:
    file = output(root, "kind-dev", "kind: ResourceQuota")
    before = specs(root)
    sed(file, ("kind: ResourceQuota", "kind: LimitRange"))
    got, data = adopt(root, file)
    assert (got.status, specs(root)) == (1, before)
    assert {d["code"] for d in data["diagnostics"]} == {"FLT626"}


def test_a_constant_is_refused(root: Path) -> None:
    file = output(root, "kind-dev", "app.kubernetes.io/managed-by: fleetc")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("managed-by: fleetc", "managed-by: me", 1), encoding="utf-8")
    before = specs(root)
    got, data = adopt(root, file)
    assert (got.status, specs(root)) == (1, before)
    (one,) = data["diagnostics"]
    assert "it is a constant of the lowering" in one["message"]


def test_a_dry_run_writes_nothing(root: Path) -> None:
    file = output(root, "kind-dev", 'requests.cpu: "3"')
    sed(file, ('requests.cpu: "3"', 'requests.cpu: "6"'), ('requests.cpu: "1"', 'requests.cpu: "2"'))
    before = specs(root)
    got = inside(root, "adopt", str(file), "--dry-run")
    assert (got.status, specs(root)) == (0, before)
    assert [line for line in got.out.splitlines() if line[:1] in "+-"][2:] == [
        '-      quota: {cpu: "4", memory: 8Gi, ephemeralStorage: 20Gi, storage: 20Gi, pods: 40}',
        '+      quota: {cpu: "8", memory: 8Gi, ephemeralStorage: 20Gi, storage: 20Gi, pods: 40}',
    ]


def test_what_is_as_it_should_be(root: Path) -> None:
    got = inside(root, "adopt", str(output(root, "kind-dev", "cc-4711")))
    assert (got.status, got.out) == (0, "nothing to adopt\n")
    assert inside(root, "adopt").status == 2
    assert inside(root, "adopt", "golden/none.yaml").status == 2


def test_live_drift_is_adopted_without_what_controllers_own(root: Path, tmp_path: Path) -> None:
    fake = Fake(one.object for one in emitted_on(explainer(root), "kind-dev"))
    for name in ("search", "search-batch"):
        fake.find("Namespace", name)["metadata"]["labels"]["fleetc.dev/cost-center"] = "cc-9"
    owned = fake.find("ServiceAccount", "indexer", "search")["metadata"]
    owned["labels"]["fleetc.dev/team"] = "other"
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {"f:fleetc.dev/team": {}}}}
    owned["managedFields"] = [{"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": fields}]
    with serving(fake):
        config = str(write_kubeconfig(tmp_path / "kubeconfig", {"kind-dev": fake.url}))
        got = inside(root, "adopt", "--live", "kind-dev", "--kubeconfig", config, "--only-here")
        assert (got.status, got.err) == (0, "")
        assert inside(root, "build").status == 0
        assert inside(root, "diff", "--live", "kind-dev", "--kubeconfig", config).status == 0
    assert "set: {costCenter: cc-9}" in (root / TEAM).read_text(encoding="utf-8")

"""`fleetc diff --live` against a server that has what is emitted, and then something else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_schemas import told
from tests.driver.fleets import Run, acme, inside
from tests.driver.live.servers import TOKEN, Fake, serving, write_kubeconfig

from fleetc.check.rules.quantity import parse
from fleetc.driver.explain import Explainer, explainer
from fleetc.driver.live.drift import emitted_on

CLUSTER = "kind-dev"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Explainer:
    root = acme(tmp_path_factory.mktemp("live") / "fleet")
    assert inside(root, "build").status == 0
    return explainer(root)


@pytest.fixture
def fake(fleet: Explainer) -> Iterator[Fake]:
    with serving(Fake(one.object for one in emitted_on(fleet, CLUSTER))) as made:
        yield made


@pytest.fixture
def config(fake: Fake, tmp_path: Path) -> Path:
    return write_kubeconfig(tmp_path / "kubeconfig", {CLUSTER: fake.url})


def live(fleet: Explainer, config: Path, *words: str) -> Run:
    return inside(fleet.root, "diff", "--live", "--kubeconfig", str(config), "--output", "json", *words)


def drifts(got: Run) -> list[dict[str, Any]]:
    (cluster,) = told("diff", got)["live"]
    found: list[dict[str, Any]] = cluster["drifts"]
    return found


def line_of(fleet: Explainer, spec: dict[str, Any]) -> str:
    line: int = spec["line"]
    return (fleet.sources.text(spec["file"]) or "").splitlines()[line - 1]


def test_what_is_applied_has_not_drifted(fleet: Explainer, fake: Fake, config: Path) -> None:
    got = live(fleet, config)
    assert (got.status, drifts(got)) == (0, [])
    assert {verb for verb, _ in fake.asked} == {"GET"}


def test_what_the_server_adds_is_no_drift(fleet: Explainer, fake: Fake, config: Path) -> None:
    for obj in fake.objects:
        obj["metadata"]["uid"] = "1"
        obj["metadata"]["annotations"] = {**obj["metadata"].get("annotations", {}), "more": "x"}
        obj["status"] = {"phase": "Active"}
    quota = next(o for o in fake.objects if "requests.memory" in o.get("spec", {}).get("hard", ()))
    amount = parse(quota["spec"]["hard"]["requests.memory"])
    assert amount is not None
    quota["spec"]["hard"]["requests.memory"] = str(int(amount))
    assert drifts(live(fleet, config)) == []


def test_a_changed_value_is_at_its_spec_line_and_says_who(fleet: Explainer, fake: Fake, config: Path) -> None:
    namespace = fake.find("Namespace", "search")
    namespace["metadata"]["labels"]["fleetc.dev/cost-center"] = "cc-1"
    namespace["metadata"]["managedFields"] = [
        _fields("argocd-controller", "Apply", "2026-11-01T00:00:00Z", {"f:labels": {"f:fleetc.dev/team": {}}}),
        _fields("kubectl-edit", "Update", "2026-11-02T00:00:00Z", {"f:labels": {"f:fleetc.dev/cost-center": {}}}),
    ]
    got = live(fleet, config)
    assert got.status == 1
    (one,) = drifts(got)
    assert (one["how"], one["path"]) == ("changed", ["metadata", "labels", "fleetc.dev/cost-center"])
    assert (one["wanted"], one["live"]) == ("cc-4711", "cc-1")
    assert one["spec"]["file"] == "specs/teams/search.yaml"
    assert line_of(fleet, one["spec"]) == "  costCenter: cc-4711"
    assert (one["changed"]["name"], one["changed"]["time"]) == ("kubectl-edit", "2026-11-02T00:00:00Z")


def test_what_is_missing_and_what_is_to_be_pruned(fleet: Explainer, fake: Fake, config: Path) -> None:
    gone = fake.find("Namespace", "search")
    fake.objects.remove(gone)
    made = json.loads(json.dumps(gone))
    made["metadata"]["name"] = "old-search"
    owned = json.loads(json.dumps(made))
    owned["metadata"] |= {"name": "owned", "ownerReferences": [{"kind": "X"}]}
    fake.objects += [made, owned]
    found = {(one["how"], one["name"]) for one in drifts(live(fleet, config))}
    assert ("missing", "search") in found
    assert ("extra", "old-search") in found
    assert len([one for one in found if one[0] == "extra"]) == 1


def test_labels_that_were_taken_off(fleet: Explainer, fake: Fake, config: Path) -> None:
    del fake.find("Namespace", "search")["metadata"]["labels"]["app.kubernetes.io/managed-by"]
    (one,) = drifts(live(fleet, config))
    assert (one["how"], one["path"][-1]) == ("missing", "app.kubernetes.io/managed-by")


def test_what_controllers_own_is_no_drift(fleet: Explainer, fake: Fake, config: Path) -> None:
    namespace = fake.find("Namespace", "search")
    namespace["metadata"]["managedFields"] = [
        _fields("kube-controller-manager", "Update", "2026-11-02T00:00:00Z", {"f:labels": {"f:fleetc.dev/team": {}}})
    ]
    namespace["metadata"]["labels"]["fleetc.dev/team"] = "other"
    got = live(fleet, config)
    assert got.status == 0
    assert [one["controller"] for one in drifts(got)] == ["kube-controller-manager"]


def test_a_kind_that_is_not_served(fleet: Explainer, fake: Fake, config: Path) -> None:
    fake.unserved.add("networking.k8s.io/v1")
    got = live(fleet, config)
    assert got.status == 1
    assert got.data()["live"][0]["unserved"] == ["networking.k8s.io/v1 NetworkPolicy"]


def test_the_context_is_never_guessed(fleet: Explainer, fake: Fake, tmp_path: Path) -> None:
    config = write_kubeconfig(tmp_path / "kubeconfig", {"kind-kind": fake.url})
    for words in ([], [CLUSTER], ["nobody"], ["--context", CLUSTER], ["--context", f"{CLUSTER}=none"]):
        got = live(fleet, config, *words)
        assert got.status == 2
        assert {d["code"] for d in got.data()["diagnostics"]} <= {"FLT903", "FLT920"}
    assert live(fleet, config, "--context", f"{CLUSTER}=kind-kind").status == 0
    assert live(fleet, config, CLUSTER, "--context", f"{CLUSTER}=kind-kind").status == 0


def test_what_is_forbidden_is_said(fleet: Explainer, fake: Fake, config: Path) -> None:
    fake.forbidden = {"namespaces", "networkpolicies"}
    got = live(fleet, config)
    assert got.status == 2
    found = got.data()["diagnostics"]
    assert {d["code"] for d in found} == {"FLT922"}
    kinds = ("namespaces", "networkpolicies.networking.k8s.io")
    assert {d["message"] for d in found} == {f"context {CLUSTER}: `list` of {what} is forbidden" for what in kinds}


def test_nobody_answers(fleet: Explainer, tmp_path: Path) -> None:
    got = live(fleet, write_kubeconfig(tmp_path / "kubeconfig", {CLUSTER: "http://127.0.0.1:1"}))
    assert got.status == 2
    assert [d["code"] for d in got.data()["diagnostics"]] == ["FLT921"]


def test_a_busy_server_is_asked_again(fleet: Explainer, fake: Fake, config: Path) -> None:
    fake.busy = 2
    assert live(fleet, config).status == 0


def test_a_plugin_gives_the_token(fleet: Explainer, fake: Fake, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    told = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": TOKEN}}
    plugin.write_text(
        f"#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO $1 $MORE\" > {tmp_path}/asked\necho '{json.dumps(told)}'\n",
        encoding="utf-8",
    )
    plugin.chmod(0o755)
    spec = {"apiVersion": told["apiVersion"], "command": "./plugin", "args": ["token"], "provideClusterInfo": True,
            "env": [{"name": "MORE", "value": "a"}], "interactiveMode": "Never"}  # fmt: skip
    config = write_kubeconfig(tmp_path / "kubeconfig", {CLUSTER: fake.url}, {"exec": spec})
    assert live(fleet, config).status == 0
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked.endswith("token a\n")
    assert json.loads(asked.removesuffix(" token a\n"))["spec"] == {
        "interactive": False,
        "cluster": {"server": fake.url},
    }


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo denied >&2; exit 3", "fails with status 3: denied"),
        ("echo {}", "answers no ExecCredential"),
        ("echo '{\"status\": {}}'", "gives neither a token nor a certificate"),
    ],
)
def test_a_plugin_that_fails(fleet: Explainer, fake: Fake, tmp_path: Path, script: str, said: str) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    plugin.chmod(0o755)
    spec = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": str(plugin)}
    got = live(fleet, write_kubeconfig(tmp_path / "kubeconfig", {CLUSTER: fake.url}, {"exec": spec}))
    assert got.status == 2
    (one,) = got.data()["diagnostics"]
    assert one["code"] == "FLT921"
    assert said in one["message"]


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ({"token": "wrong"}, "FLT922"),
        ({"auth-provider": {"name": "gcp"}}, "FLT920"),
        ({"tokenFile": "none"}, "FLT920"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v2", "command": "x"}}, "FLT920"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "none-such"}}, "FLT921"),
    ],
)
def test_who_asks(fleet: Explainer, fake: Fake, tmp_path: Path, user: dict[str, Any], code: str) -> None:
    got = live(fleet, write_kubeconfig(tmp_path / "kubeconfig", {CLUSTER: fake.url}, user))
    assert (got.status, [d["code"] for d in got.data()["diagnostics"]]) == (2, [code])


def test_several_files(fleet: Explainer, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = write_kubeconfig(tmp_path / "one", {"other": "http://127.0.0.1:1"})
    two = write_kubeconfig(tmp_path / "two", {CLUSTER: fake.url})
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, (tmp_path / "none", one, two))))
    assert inside(fleet.root, "diff", "--live", CLUSTER).status == 0
    assert inside(fleet.root, "diff", "--live").status == 2  # the current context is the first file's


def test_as_text_and_markdown(fleet: Explainer, fake: Fake, config: Path) -> None:
    fake.find("Namespace", "search")["metadata"]["labels"]["fleetc.dev/cost-center"] = "a|b"
    got = inside(fleet.root, "diff", "--live", "--kubeconfig", str(config))
    assert got.out.startswith("kind-dev: 1 value drifted in 1 of ")
    assert "specs/teams/search.yaml:8:15" in got.out
    got = inside(fleet.root, "diff", "--live", "--kubeconfig", str(config), "--output", "markdown")
    assert "| Namespace search | " in got.out
    assert "a\\|b" in got.out


def _fields(manager: str, operation: str, time: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "time": time, "fieldsV1": {"f:metadata": metadata}}

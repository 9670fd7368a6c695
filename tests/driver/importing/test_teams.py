"""Teams among imported objects: taken for what they are where building them gives the same, and else left alone."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.cli.test_output import fits
from tests.driver.fleets import CHECKOUT, Run, acme, inside
from tests.driver.importing.random_teams import OTHERS, teams, write
from tests.driver.importing.test_import import NEW, SCHEMA, bare, objects, run
from tests.driver.tree.trees import put

from fleetc.driver.importing.verify import emitted

Objects = dict[tuple[str, ...], dict[str, Any]]

TWO: dict[str, dict[str, Any]] = {
    "search": {
        "contact": "oncall@acme.example",
        "namespaces": [{"name": "search", "share": 3}, {"name": "search-batch"}],
        "members": {"admins": ["leads"], "viewers": ["sre"]},
        "serviceAccounts": ["indexer"],
        "quota": {"cpu": "10", "pods": 21},
        "network": {"ingress": ["team/risk:8080"], "egress": ["10.0.0.0/8", "api.bank.example:443"]},
    },
    "risk": {"namespaces": ["risk"], "network": {"egress": ["team/search:8080"]}},
}


def built(root: Path) -> Objects:
    assert inside(root, "build").status == 0
    return objects(root / "golden")


def imported(at: Path, wanted: Objects, *words: str) -> tuple[dict[str, Any], Objects]:
    """What an import of objects into a new root tells, and what its specs emit."""
    text = "---\n".join(json.dumps(value) + "\n" for value in wanted.values())
    put(at, "in/all.yaml", text.encode())
    data = fits(run(at / "new", str(at / "in"), *(words or NEW), "--output", "json").data(), SCHEMA)
    # Not built: checks may find fault with what people have, and it is imported all the same.
    new = emitted(str(at / "new")).clusters["prod"].values()
    return data, {key_of(value): value for value in new}


def key_of(value: dict[str, Any]) -> tuple[str, ...]:
    metadata = value["metadata"]
    return value["apiVersion"], value["kind"], metadata.get("namespace", ""), metadata["name"]


def accepted(data: dict[str, Any]) -> set[str]:
    return {team["name"] for team in data["teams"] if not team["why"]}


@pytest.fixture(name="two")
def two_teams(tmp_path: Path) -> Objects:
    return built(write(tmp_path / "old", TWO))


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(teams())
def test_what_is_built_of_teams_is_read_as_these_teams(specs: dict[str, dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        old = built(write(Path(folder) / "old", specs))
        data, new = imported(Path(folder), old)
        assert accepted(data) == {*specs}, data["teams"]
        assert new == old
        assert data["more"] == 0
        assert data["diagnostics"] == []
        assert built(Path(folder) / "new") == old


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(teams(), st.data())
def test_nothing_is_lost_of_damaged_teams(specs: dict[str, dict[str, Any]], dice: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        old = built(write(Path(folder) / "old", specs))
        key = dice.draw(st.sampled_from([k for k in old if k[1] != "PriorityClass"]))
        inside_of = ("spec", "rules", "subjects", "roleRef")
        places = [*leaves({field: value for field, value in old[key].items() if field in inside_of})]
        place = dice.draw(st.sampled_from([None, *places]))
        if place is None:
            del old[key]
        else:
            damage(old[key], place)
        data, new = imported(Path(folder), old)
        assert {k: bare(new[k]) for k in old} == {k: bare(v) for k, v in old.items()}
        for team in data["teams"]:
            assert team["why"] or team["objects"]


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path


def damage(value: Any, path: tuple[str | int, ...]) -> None:
    *above, last = path
    for step in above:
        value = value[step]
    value[last] = value[last] + 1 if isinstance(value[last], int) else f"{value[last]}0"


def drop_rule(value: dict[str, Any]) -> None:
    del value["rules"][-1]


def other_port(value: dict[str, Any]) -> None:
    value["spec"]["egress"][0]["ports"][0]["port"] = 5353


def more_pods(value: dict[str, Any]) -> None:
    value["spec"]["hard"]["pods"] = "1000"


def named_port(value: dict[str, Any]) -> None:
    value["spec"]["ingress"][0]["ports"][0]["port"] = "http"


def label(value: dict[str, Any]) -> None:
    value["metadata"]["labels"]["app"] = "x"


def except_one(value: dict[str, Any]) -> None:
    value["spec"]["egress"][0]["to"][0]["ipBlock"]["except"] = ["10.1.0.0/16"]


def unenforced(value: dict[str, Any]) -> None:
    del value["metadata"]["labels"]["pod-security.kubernetes.io/warn"]


EXCEPT = "spec.egress[0].to[0].ipBlock.except"
WARN = "metadata.labels.pod-security.kubernetes.io/warn"
DAMAGE: list[tuple[str, Callable[[dict[str, Any]], None], str, str]] = [
    ("Role search-batch/team-admin", drop_rule, "Role search-batch/team-admin", "rules"),
    ("NetworkPolicy search/allow-dns", other_port, "NetworkPolicy search/allow-dns", "spec.egress[0].ports[0].port"),
    # No weights split both amounts so, and the first object that says it is another one.
    ("ResourceQuota search-batch/team-quota", more_pods, "ResourceQuota search/team-quota", "spec.hard.requests.cpu"),
    ("LimitRange search/team-limits", label, "LimitRange search/team-limits", "metadata.labels.app"),
    ("NetworkPolicy search/allow-egress", except_one, "NetworkPolicy search/allow-egress", EXCEPT),
    ("NetworkPolicy search/allow-ingress", named_port, "", "`http` is not a port from 1 to 65535"),
    ("Namespace search-batch", unenforced, "Namespace search-batch", WARN),
]


@pytest.mark.parametrize(("which", "how", "first", "field"), DAMAGE)
def test_a_damaged_object_is_the_reason(
    which: str, how: Callable[[dict[str, Any]], None], first: str, field: str, two: Objects, tmp_path: Path
) -> None:
    how(next(value for key, value in two.items() if which == _words(key)))
    data, new = imported(tmp_path, two)
    why = {team["name"]: team["why"] for team in data["teams"]}
    assert why["search"].endswith(f"{first}` would have another `{field}`" if first else field)
    assert {key: bare(value) for key, value in new.items()} == {key: bare(value) for key, value in two.items()}


def _words(key: tuple[str, ...]) -> str:
    return f"{key[1]} {key[2]}/{key[3]}" if key[2] else f"{key[1]} {key[3]}"


@pytest.mark.parametrize("lacking", ["NetworkPolicy search/default-deny", "ServiceAccount search-batch/default"])
def test_a_missing_object_is_the_reason(lacking: str, two: Objects, tmp_path: Path) -> None:
    del two[next(key for key in two if _words(key) == lacking)]
    data, _ = imported(tmp_path, two)
    why = {team["name"]: team["why"] for team in data["teams"]}
    assert why["search"].endswith(f"{lacking}`, which is not there")
    # Its peer reaches two namespaces that are no team's, which no spec can say.
    assert "NetworkPolicy risk/allow-egress" in why["risk"]


def test_labels_of_fleetc_are_not_needed(two: Objects, tmp_path: Path) -> None:
    """A team that somebody wrote by hand is bound by its policies, and named by its namespaces."""
    plain = {key: bare(copy.deepcopy(value)) for key, value in two.items()}
    for value in plain.values():
        if "labels" in value["metadata"]:
            value["metadata"]["labels"].pop("fleetc.dev/team", None)
            if not value["metadata"]["labels"]:
                del value["metadata"]["labels"]
    data, new = imported(tmp_path, plain)
    assert accepted(data) == {"search", "risk"}
    assert new == two


def test_the_servers_label_of_a_namespace_is_the_servers(two: Objects, tmp_path: Path) -> None:
    live = copy.deepcopy(two)
    for key, value in live.items():
        if key[1] == "Namespace" and key[3] not in OTHERS:
            value["metadata"]["labels"]["kubernetes.io/metadata.name"] = key[3]
    data, new = imported(tmp_path, live)
    assert accepted(data) == {"search", "risk"}
    assert new == two


def test_what_binds_namespaces_without_a_policy(tmp_path: Path) -> None:
    """One line tells of a team, not one for each of its namespaces; namespaces alone are nothing to tell of."""
    docs: list[dict[str, Any]] = [_object("v1", "Namespace", name) for name in ("a", "a-x", "b", "kube-node-lease")]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "devs"}]
    deny = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name in ("a", "a-x"):
        binding = _object("rbac.authorization.k8s.io/v1", "RoleBinding", "devs", name)
        docs += [{**binding, "roleRef": role, "subjects": subjects}]
    docs.append(_object("networking.k8s.io/v1", "NetworkPolicy", "default-deny", "a-x") | {"spec": deny})
    put(tmp_path, "in/all.yaml", "\n---\n".join(map(json.dumps, docs)).encode())
    got = run(tmp_path / "new", str(tmp_path / "in"), *NEW)
    lines = [line for line in got.out.splitlines() if "no team" in line]
    lacking = "`networking.k8s.io/v1 NetworkPolicy a/default-deny`"
    assert lines == [f"   no team  a: it would emit {lacking}, which is not there"]


def _object(version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def test_a_team_is_on_every_cluster_that_its_objects_are_for(two: Objects, tmp_path: Path) -> None:
    more = (*NEW, "--cluster", "other")
    data, _ = imported(tmp_path, two, *more)
    assert accepted(data) == {"search", "risk"}
    built(tmp_path / "new")
    for name in ("prod", "other"):
        assert objects(tmp_path / "new/golden" / name) == two


def emptied(root: Path) -> Path:
    """The example fleet without its teams, and what is theirs."""
    acme(root)
    for folder in ("teams", "models", "objectives", "dashboards"):
        shutil.rmtree(root / "specs" / folder)
    for name in ("search-api", "search-monitoring"):
        (root / f"specs/manifests/{name}.yaml").unlink()
    return root


def test_a_team_with_devices_into_a_fleet_with_pools(tmp_path: Path) -> None:
    acme(tmp_path / "old")
    for folder in ("models", "objectives", "dashboards"):
        shutil.rmtree(tmp_path / "old/specs" / folder)
    assert inside(tmp_path / "old", "build").status == 0
    root = emptied(tmp_path / "new")
    for cluster, names in (("onprem-fra", {"search", "risk"}), ("eks-use1-prod", {"search"})):
        source = tmp_path / "found" / cluster
        for path in (tmp_path / "old/golden" / cluster / "teams").glob("*/team.yaml"):
            put(source, f"{path.parent.name}.yaml", path.read_bytes())
        got = run(root, str(source), "--cluster", cluster, "--dry-run", "--output", "json").data()
        assert accepted(got) == names, got["teams"]
        assert got["objects"] == sum(team["objects"] for team in got["teams"])
    source = tmp_path / "found/onprem-fra"
    run(root, str(source), "--cluster", "onprem-fra")
    inside(root, "build")
    assert objects(root / "golden/onprem-fra/teams") == objects(source)
    spec = yaml.safe_load((root / "specs/teams/risk.yaml").read_text(encoding="utf-8"))["spec"]
    assert spec["quota"]["devices"] == {"H200": 8, "A100-80/3g.40gb": 8}
    # The Fleet's defaults say these.
    assert "limits" not in spec
    assert "pods" not in spec["quota"]
    assert spec["network"] == {"egress": ["team/search:8080", "api.bank.example:443"]}


def test_a_file_that_is_copied_is_no_generated_one_any_more(tmp_path: Path) -> None:
    source = CHECKOUT / "golden/hub/platform/manifests/deny-external-ips.yaml"
    put(tmp_path, "in/deny.yaml", source.read_bytes())
    run(tmp_path / "new", str(tmp_path / "in"), *NEW)
    copied = (tmp_path / "new/specs/manifests/files/in/deny.yaml").read_text(encoding="utf-8")
    assert copied.startswith("apiVersion: ")


def test_where_teams_are_not(tmp_path: Path) -> None:
    """Objects for all clusters are for the hub, too, where no Team is."""
    root = emptied(tmp_path / "new")
    source = CHECKOUT / "golden/onprem-fra/teams/risk/team.yaml"
    put(tmp_path, "in/risk.yaml", source.read_bytes())
    got: Run = run(root, str(tmp_path / "in"), "--dry-run", "--output", "json")
    assert "risk" not in accepted(got.data())

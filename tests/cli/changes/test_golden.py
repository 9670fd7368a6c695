"""`fleetc diff` as people and programs read it: text, JSON and Markdown, beside this file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from jsonschema import Draft202012Validator
from tests.driver.diff.repositories import REPOSITORY, acme_fleet, base_fleet, build, commit, edit
from tests.pages import UPDATE

from fleetc.cli.main import main

HERE = Path(__file__).parent
CHECK = Draft202012Validator(json.loads((REPOSITORY / "docs/schemas/diff.json").read_text(encoding="utf-8")))
_COMMIT = re.compile("[0-9a-f]{40}")
SEARCH = "specs/teams/search.yaml"


class Case(NamedTuple):
    """A fleet, and what is done to it after it was committed."""

    fleet: Callable[[Path], Path]
    edits: Callable[[Path], None]


def _several(folder: Path) -> None:
    edit(folder, SEARCH, "[acme-sre, acme-support]", "[acme-sre, acme-audit]")
    edit(folder, SEARCH, "memory: 1536Gi", "memory: 1400Gi")
    edit(folder, "specs/models/search.yaml", "concurrency: 16", "concurrency: 12")
    edit(folder, "specs/models/risk.yaml", "replicas: 2\n", "replicas: 3\n")
    edit(folder, "specs/manifests/search-api.yaml", 'requests: {cpu: "2",', "requests: {cpu: 2000m,")
    edit(folder, "specs/fleet.yaml", "      delivery: argocd\n      argocd: {hub: hub}\n", "")
    (folder / "specs/clusters/hub.yaml").unlink()


def _odd(folder: Path) -> None:
    """Texts that Markdown and terminals would take for something else."""
    maps = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: search}, data: {x: "%s"}}'
    head = "apiVersion: fleetc/v1alpha1\nkind: Manifest\nmetadata: {name: odd, team: search}\nspec:\n  objects:\n"
    (folder / "specs/odd.yaml").write_text(head + f"  - {maps % 'before'}\n", encoding="utf-8")
    build(folder)
    commit(folder)
    text = r"| <b>@team</b> ``` \\e[31m \u202e \x07 # *x*\n```\n"
    (folder / "specs/odd.yaml").write_text(head + f"  - {maps % text}\n", encoding="utf-8")
    edit(folder, "golden/eks-dev/teams/search/team.yaml", "search-leads", "by-hand")


def _outlier(folder: Path) -> None:
    edit(folder, "specs/fleet.yaml", 'max: {cpu: "64", memory: 512Gi}', 'max: {cpu: "72", memory: 512Gi}')
    override = '  overrides:\n  - match: {clusters: onprem-fra}\n    set: {limits: {max: {cpu: "16"}}}\n'
    edit(folder, SEARCH, "  overrides:\n", override)


def _line(folder: Path) -> None:
    """Two places of one line, each of which some object follows from: one edit all the same."""
    edit(folder, "specs/teams/risk.yaml", "api.bank.example:443]", '"0.0.0.0/0:443"]')


def _stacks(folder: Path) -> None:
    """What stacks are told to do: another way of delivery, another address, and two edits of the hub's."""
    other = "argocd: {server: https://10.1.1.1, login: serviceAccount}"
    edit(folder, "specs/clusters/kind-dev.yaml", "delivery: pulumi", other)
    edit(folder, "specs/clusters/onprem-fra.yaml", "10.40.0.16:6443", "10.40.0.17:6443")
    edit(folder, "specs/fleet.yaml", "credential: repository", "credential: deploy-key, revision: stable")


CASES = {
    "line": Case(acme_fleet, _line),
    "nothing": Case(base_fleet, lambda _: None),
    "several": Case(acme_fleet, _several),
    "odd": Case(base_fleet, _odd),
    "outlier": Case(acme_fleet, _outlier),
    "stacks": Case(acme_fleet, _stacks),
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    name: str = request.param
    folder = CASES[name].fleet(tmp_path_factory.mktemp("golden") / "acme")
    CASES[name].edits(folder)
    return name, folder


@pytest.mark.parametrize(("output", "ending"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_golden(case: tuple[str, Path], output: str, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, folder = case
    assert main(["diff", "--root", str(folder), "--output", output]) == 0
    ran = capsys.readouterr()
    assert ran.err == ""
    shown = _COMMIT.sub("0" * 40, ran.out)
    golden = HERE / f"{name}.{ending}"
    if UPDATE:
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    if output == "json":
        CHECK.validate(json.loads(shown))


def test_verbose_tells_all(case: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    _, folder = case
    main(["diff", "--root", str(folder), "--verbose"])
    assert "--verbose" not in capsys.readouterr().out


def test_errors_come_as_they_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = base_fleet(tmp_path / "acme")
    assert main(["diff", "nowhere", "--root", str(folder), "--output", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["diagnostics"][0]["code"] == "FLT611"
    edit(folder, SEARCH, "kind: Team", "kind: Teem")
    for output in ("text", "markdown"):
        assert main(["diff", "--root", str(folder), "--output", output]) == 1
        ran = capsys.readouterr()
        assert ran.out == ""
        assert "FLT120" in ran.err
    assert main(["diff", "--root", str(folder), "--output", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["diagnostics"][0]["code"] == "FLT120"


@pytest.mark.parametrize(
    "words",
    [["--allow", "delete:namespace/x"], ["--base", "HEAD", "--next-minor"], ["--base", "HEAD", "--allow", "delete:*"]],
)
def test_options_that_do_not_go_together(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = base_fleet(tmp_path / "acme")
    assert main(["check", "--root", str(folder), *words]) == 2
    assert "FLT903" in capsys.readouterr().err


def test_the_guard_beside_other_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = base_fleet(tmp_path / "acme")
    assert main(["check", "--root", str(folder), "--base", "HEAD", "--strict", "--locked"]) == 0
    edit(folder, SEARCH, "[search]", "[other]")
    capsys.readouterr()
    assert main(["check", "--root", str(folder), "--base", "HEAD", "--output", "json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    # Who names the team lets its new namespace in, too.
    assert {d["code"] for d in shown["diagnostics"]} == {"FLT612", "FLT616"}
    assert shown["summary"] is not None

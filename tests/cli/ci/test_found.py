"""`--output sarif` and `--output github` of real runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli.ci.readers import commands, path_of, sarif
from tests.driver.fleets import acme, inside
from tests.driver.tree.trees import put
from tests.pages import Page, blocks_of

from fleetc.cli.described import program
from fleetc.cli.grammar import FOR_CI
from fleetc.cli.main import main
from fleetc.diagnostics import CODES

PAGES = Path(__file__).parents[3] / "docs/diagnostics"
BROKEN = "specs/clusters/hub.yaml"


def takers() -> list[str]:
    """The commands that print for CI systems."""
    choices = {
        c.name: {choice for a in c.arguments if "--output" in a.names for choice in a.choices}
        for c in program().commands
    }
    return [name for name, known in choices.items() if known.issuperset(FOR_CI)]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """The example fleet in a folder of a repository, with an error in a line that has two UTF-16 units for a
    character."""
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")  # as in a worktree
    root = acme(tmp_path / "platform/my fleet")
    put(root, BROKEN, (root / BROKEN).read_bytes() + '  labels: {"\N{BOMB}": yes}\n'.encode())
    return root


def test_commands_that_compile_print_for_ci() -> None:
    assert {"build", "check", "plan"} <= {*takers()}


@pytest.mark.parametrize("name", takers())
def test_sarif_of_findings(fleet: Path, name: str) -> None:
    plain = inside(fleet, name, "--output", "json").data()["diagnostics"]
    got = inside(fleet, name, "--output", "sarif")
    assert (got.status, got.err) == (1, "")
    run = sarif(got.out)
    assert run["automationDetails"]["id"] == f"fleetc/{name}/platform/my fleet/"
    assert run["invocations"][0] == {
        "executionSuccessful": True, "exitCode": 1, "exitCodeDescription": "findings", "toolExecutionNotifications": [],
    }  # fmt: skip
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [*CODES]
    assert [r["ruleId"] for r in run["results"]] == [d["code"] for d in plain]
    for result, diagnostic in zip(run["results"], plain, strict=True):
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == f"platform/my%20fleet/{diagnostic['file']}"
        assert path_of(location, run["originalUriBaseIds"]) == fleet / diagnostic["file"]
        assert result["message"]["text"].startswith(diagnostic["message"])
        assert diagnostic["hint"] in result["message"]["text"]
        assert len(result.get("relatedLocations", ())) == len(diagnostic["related"])
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    for code in {d["code"] for d in plain}:
        assert rules[code]["help"]["markdown"] == (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert "help" not in rules["FLT604"]


def test_columns_are_utf16_code_units(fleet: Path) -> None:
    found = sarif(inside(fleet, "check", "--output", "sarif").out)["results"]
    (result,) = (result for result in found if result["ruleId"] == "FLT103")
    line = (fleet / BROKEN).read_text(encoding="utf-8").splitlines()[-1]
    region = result["locations"][0]["physicalLocation"]["region"]
    units = line.encode("utf-16-le")
    shown = units[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le")
    assert shown == "yes"
    told = commands(inside(fleet, "check", "--output", "github").out)
    (command,) = (command for command in told if command.properties["title"].startswith("FLT103"))
    assert command.properties["endColumn"] == str(region["endColumn"])


@pytest.mark.parametrize("name", takers())
def test_github_of_findings(fleet: Path, name: str) -> None:
    plain = inside(fleet, name, "--output", "json").data()["diagnostics"]
    got = inside(fleet, name, "--output", "github")
    assert (got.status, got.err) == (1, "")
    told = commands(got.out)
    assert len(told) == len(plain) > 0
    for command, diagnostic in zip(told, plain, strict=True):
        assert command.name == diagnostic["severity"]
        assert command.properties["file"] == f"platform/my fleet/{diagnostic['file']}"
        assert command.properties["line"] == command.properties["endLine"] == str(diagnostic["line"])
        assert command.properties["title"] == f"{diagnostic['code']} {diagnostic['name']}"
        assert command.message.split("\n")[0] == diagnostic["message"].split("\n")[0]


@pytest.mark.parametrize("name", takers())
def test_nothing_found(tmp_path: Path, name: str) -> None:
    root = acme(tmp_path)
    assert inside(root, name, "--output", "github") == (0, "", "")
    got = inside(root, name, "--output", "sarif")
    assert (got.status, got.err) == (0, "")
    run = sarif(got.out)
    assert (run["results"], run["invocations"][0]["exitCode"]) == ([], 0)
    assert run["automationDetails"]["id"] == f"fleetc/{name}/"


@pytest.mark.parametrize("name", takers())
def test_it_could_not_run(tmp_path: Path, name: str) -> None:
    got = inside(tmp_path, name, "--output", "sarif")
    assert (got.status, got.err) == (2, "")
    run = sarif(got.out)
    (invocation,) = run["invocations"]
    assert (run["results"], invocation["executionSuccessful"], invocation["exitCode"]) == ([], False, 2)
    (notice,) = invocation["toolExecutionNotifications"]
    assert (notice["descriptor"]["id"], notice["level"]) == ("FLT901", "error")
    told = inside(tmp_path, name, "--output", "github")
    assert (told.status, told.err) == (2, "")
    (command,) = commands(told.out)
    assert command.properties == {"title": "FLT901 no_root"}


@pytest.mark.parametrize("words", [("--bogus",), ("--color", "red")])
@pytest.mark.parametrize("name", takers())
def test_bad_usage(name: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    for output in ("--output=sarif", "--output=github", "--outp=json"):
        assert main([name, output, *words]) == 2
        got = capsys.readouterr()
        assert got.err == ""
        match output.partition("=")[2]:
            case "sarif":
                notices = sarif(got.out)["invocations"][0]["toolExecutionNotifications"]
                assert [n["descriptor"]["id"] for n in notices] == ["FLT903"]
            case "github":
                assert [c.properties["title"] for c in commands(got.out)] == ["FLT903 bad_usage"]
            case _:
                assert [d["code"] for d in json.loads(got.out)["diagnostics"]] == ["FLT903"]


def test_not_strict_enough(tmp_path: Path) -> None:
    root = acme(tmp_path)
    got = inside(root, "check", "--strict", "--output", "sarif")
    (notice,) = sarif(got.out)["invocations"][0]["toolExecutionNotifications"]
    assert got.status == 1
    assert re.fullmatch(r"not strict enough: \d+ partial, 1 skipped", notice["message"]["text"])
    (command,) = commands(inside(root, "check", "--strict", "--output", "github").out)
    assert command == ("error", {"title": "fleetc check"}, notice["message"]["text"])


def test_the_next_minor(tmp_path: Path) -> None:
    root = acme(tmp_path)
    assert inside(root, "build").status == 0
    got = inside(root, "check", "--next-minor", "--output", "sarif")
    run = sarif(got.out)
    assert got.status == 1
    assert run["automationDetails"]["id"] == "fleetc/check/next-minor/"
    assert {r["ruleId"] for r in run["results"]} == {"FLT123"}
    assert all(r["relatedLocations"][0]["message"]["text"] == "its minors" for r in run["results"])
    assert len(commands(inside(root, "check", "--next-minor", "--output", "github").out)) == len(run["results"])


def test_a_plan_without_room(tmp_path: Path) -> None:
    root = acme(tmp_path)
    model = root / "specs/models/risk.yaml"
    text = model.read_text()
    assert "replicas: 2" in text
    model.write_text(text.replace("replicas: 2", "replicas: 999", 1))
    assert inside(root, "plan").status == 1
    got = inside(root, "plan", "--output", "sarif")
    assert got.status == 1
    assert {r["ruleId"] for r in sarif(got.out)["results"]} <= {"FLT304", "FLT305"} != set()
    for words in (["mistral-7b"], ["--lose", "hub"], ["--drain", "hub"]):
        got = inside(root, "plan", *words, "--output", "sarif")
        assert got.status == 2
        notices = sarif(got.out)["invocations"][0]["toolExecutionNotifications"]
        assert [n["descriptor"]["id"] for n in notices] == ["FLT903"]


def test_a_secret_is_not_told(tmp_path: Path) -> None:
    """Neither itself nor its length."""
    page = Page(PAGES / "FLT131.md", tmp_path / "acme")
    files = [block for block in blocks_of(page.text) if block.heading == "Bad" and not block.is_output]
    for block in files:
        put(page.root, block.words[1], block.text.encode())
    run = sarif(inside(page.root, "check", "--output", "sarif").out)
    secrets = [r for r in run["results"] if r["ruleId"] == "FLT131"]
    assert secrets
    assert all("endColumn" not in r["locations"][0]["physicalLocation"]["region"] for r in secrets)


def test_fingerprints_outlive_lines_above(fleet: Path) -> None:
    def prints() -> list[Any]:
        return [r["partialFingerprints"] for r in sarif(inside(fleet, "check", "--output", "sarif").out)["results"]]

    before = prints()
    put(fleet, BROKEN, b"# one line more\n" + (fleet / BROKEN).read_bytes())
    assert prints() == before != []

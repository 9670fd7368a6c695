"""What each command prints as JSON, real outputs and failures alike, against docs/schemas."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from tests.driver.fleets import CHECKOUT, Run, acme, inside
from tests.driver.tree.trees import git, put

from fleetc.cli.described import program
from fleetc.cli.main import main
from fleetc.diagnostics import CODES

SCHEMAS: Final = CHECKOUT / "docs/schemas"
COMMANDS: Final = {
    one.name: {name for argument in one.arguments for name in argument.names}
    for one in program().commands
    if any("--output" in argument.names and "json" in argument.choices for argument in one.arguments)
}
OF_A_FLEET: Final = [name for name, options in COMMANDS.items() if "--root" in options]
COMPILE: Final = ("adopt", "build", "check", "conformance", "explain", "plan", "report")
"""Commands that tell the errors of specs."""
MOST_OF_EXPLAIN: Final = (
    "golden/kind-dev/platform/cluster.yaml:1",
    "golden/kind-dev/teams/search/team.yaml:299",
    "--all=golden/hub",
    "specs/teams/risk.yaml:14",
    "specs/models/risk.yaml:11",
    "specs/models/mistral-7b.model.lock:6",
    "FLT121",
    "unknown_field",
)
CASES: Final[dict[str, list[list[str]]]] = {
    "build": [[], ["--cold", "--strict"]],
    "check": [[], ["--strict=all"], ["--next-minor"]],
    "explain": [[word] for word in MOST_OF_EXPLAIN],
    "plan": [[], ["--verbose"], ["mistral-7b"], ["--lose", "kind-dev"], ["--drain", "onprem-fra"]],
    "conformance": [
        [],
        ["hub", "kind-dev", "--require=should"],
        ["--out", "evidence"],
        ["--out", "evidence", "--check"],
    ],
    "report": [[], ["--cold", "--date", "2029-01-01"], ["--out", "{tmp}/report.html"]],
    "diff": [["HEAD"]],
    "adopt": [["golden/kind-dev/platform/cluster.yaml"]],
    "fmt": [[], ["--check"], ["--diff"]],
    "import": [["{root}/apps", "--dry-run"]],
    "init": [["{tmp}/new", "--ci=both"]],
    "schema": [
        ["print"],
        ["print", "Team"],
        ["print", "--all", "{tmp}/made"],
        ["print", "--all", "{tmp}/made", "--check"],
        ["print", "--modeline"],
    ],
    "promote": [["--dry-run"], ["--wave", "canary"], ["--wave", "canary"]],
    "test": [[], ["--update"]],
    "completions": [["bash"], ["--names", "loss"]],
    "doctor": [[]],
}
"""What each command is run with, on the example fleet."""
NEEDS_NO_FLEET: Final = ("completions", "schema")
"""Of the commands that take a root, those that the first of their cases needs no fleet for."""


ROLLOUT: Final = "apiVersion: fleetc/v1alpha1\nkind: Rollout\nmetadata: {{name: all}}\nspec:\n  waves: {}\n"


@cache
def schema_of(name: str) -> Draft202012Validator:
    path = SCHEMAS / f"{name}.json"
    assert path.is_file(), f"write docs/schemas/{name}.json: what `fleetc {name} --output json` prints"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def told(name: str, got: Run) -> Any:
    """The output as data, once it is known to be of the schema, and all that is printed."""
    assert got.err == ""
    data = got.data()
    schema_of(name).validate(data)
    return data


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = acme(tmp_path_factory.mktemp("schemas") / "fleet")
    assert inside(root, "build").status == 0
    waves = "{canary: {match: {clusters: kind-dev}}, rest: {gates: {smoke: {equals: true}}}}"
    put(root, "specs/rollout.yaml", ROLLOUT.format(waves).encode())
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")
    put(
        root,
        "apps/web.yaml",
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: default}\ndata: {a: b}\n",
    )
    return root


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_schema_and_cases(name: str) -> None:
    assert schema_of(name)
    assert CASES.get(name), f"add what to run `fleetc {name}` with to CASES"


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, cases in CASES.items() for words in cases])
def test_real_outputs(
    fleet: Path, name: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(root=fleet, tmp=tmp_path) for word in words]
    if name not in OF_A_FLEET:
        status = main([name, "--output", "json", *words])
        printed = capsys.readouterr()
        got = Run(status, printed.out, printed.err)
    else:
        got = inside(fleet, name, "--output", "json", *words)
    assert got.status in (0, 1)
    data = told(name, got)
    assert not isinstance(data, dict) or data.keys() != {"diagnostics"}


@pytest.mark.parametrize("name", COMPILE)
def test_specs_with_errors(tmp_path: Path, name: str) -> None:
    root = acme(tmp_path)
    put(root, "specs/teams/risk.yaml", (root / "specs/teams/risk.yaml").read_bytes().replace(b"quota:", b"qouta:"))
    cases = {
        "explain": [["specs/fleet.yaml:4"], ["golden/hub/platform/cluster.yaml:9"]],
        "adopt": CASES["adopt"],
        "check": [[], ["--next-minor"]],
    }
    for words in cases.get(name, [[]]):
        got = inside(root, name, "--output", "json", *words)
        assert got.status == 1
        assert {d["code"] for d in told(name, got)["diagnostics"]} == {"FLT121"}


@pytest.mark.parametrize("name", OF_A_FLEET)
def test_no_fleet(tmp_path: Path, name: str) -> None:
    words = [word.format(root=tmp_path, tmp=tmp_path) for word in CASES.get(name, [[]])[0]]
    got = inside(tmp_path, name, "--output", "json", *words)
    assert got.status == (0 if name in NEEDS_NO_FLEET else 2)
    data = told(name, got)
    told_of = ["FLT903"] if name == "import" else ["FLT901"]  # it could make a fleet, if it knew more
    assert got.status == 0 or [d["code"] for d in data["diagnostics"]] == told_of


@pytest.mark.parametrize("name", COMMANDS)
def test_bad_usage(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["--output=json", "--bogus"],
        ["--bogus", "--output", "json"],
        ["--output", "json", "--color", "red"],
    ):
        assert main([name, *words]) == 2
        printed = capsys.readouterr()
        (one,) = told(name, Run(2, printed.out, printed.err))["diagnostics"]
        assert one["code"] == "FLT903"


@pytest.mark.parametrize(
    "words",
    [["explain", "FLT1"], ["explain", "specs/none.yaml:1"], ["explain"], ["plan", "nobody"], ["conformance", "nobody"]],
)
def test_what_is_not_there(fleet: Path, words: list[str]) -> None:
    got = inside(fleet, *words, "--output", "json")
    assert got.status == 2
    assert told(words[0], got)["diagnostics"]


def diagnostic(code: str, severity: str = "error") -> dict[str, Any]:
    place = {"file": "a", "line": 1, "column": 1}
    texts = {"name": CODES[code].name, "severity": severity, "message": "", "hint": "", "path": ""}
    return {"code": code, **texts, **place, "related": []}


@pytest.mark.parametrize("name", COMMANDS)
def test_schemas_refuse(name: str) -> None:
    """They would not take just anything."""
    check, known = schema_of(name), diagnostic("FLT121")
    assert check.is_valid({"diagnostics": [known]})
    found: list[list[dict[str, Any]]] = [[], [{**known, "more": 1}], [diagnostic("FLT121", "fatal")], [{}]]
    refused: list[Any] = [{}, [], None, {"command": name}, {"diagnostics": [known], "other": 1}]
    for bad in [*refused, *({"diagnostics": one} for one in found)]:
        assert not check.is_valid(bad), bad


def test_what_schemas_share_is_the_same() -> None:
    schemas = {name: json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))["$defs"] for name in COMMANDS}
    for part in ("diagnostic", "diagnostics", "failure"):
        first, *others = (defs[part] for defs in schemas.values())
        assert all(other == first for other in others), part
    for code in CODES.values():
        assert schema_of("check").is_valid({"diagnostics": [diagnostic(code.code, str(code.severity))]})


def test_a_diff(tmp_path: Path) -> None:
    root = acme(tmp_path)
    assert inside(root, "build").status == 0
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")
    for file, old, new in (
        ("teams/risk", b"podSecurity: restricted", b"podSecurity: baseline"),
        ("models/risk", b"replicas: 2", b"replicas: 3"),
    ):
        put(root, f"specs/{file}.yaml", (root / f"specs/{file}.yaml").read_bytes().replace(old, new))
    data = told("diff", inside(root, "diff", "--output", "json"))
    assert data["changes"]
    assert data["plan"]
    (root / "specs/fleet.yaml").unlink()
    assert told("diff", inside(root, "diff", "--output", "json")).keys() == {"diagnostics"}

"""What the program prints: text, colours, JSON; and what it does when nobody can or wants to read that."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.driver.fleets import Run, acme, command, environment, inside, output, program, wide
from tests.driver.tree.trees import put

from fleetc.cli import build
from fleetc.cli.main import main
from fleetc.diagnostics import CODES

ESCAPE = "\033["
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
PLACE: dict[str, Any] = {
    "file": {"type": ["string", "null"]},
    "line": {"type": ["integer", "null"]},
    "column": {"type": ["integer", "null"]},
}


def record(**properties: Any) -> dict[str, Any]:
    """The schema of an object with exactly these properties."""
    return {"type": "object", "properties": properties, "required": sorted(properties), "additionalProperties": False}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


TEXT: dict[str, Any] = {"type": "string"}
DIAGNOSTICS = listed(
    record(
        code={"enum": sorted(CODES)}, name=TEXT, severity={"enum": ["error", "warning"]}, message=TEXT, **PLACE,
        path=TEXT, hint=TEXT, related=listed(record(message=TEXT, **PLACE)),
    )
)  # fmt: skip
SUMMARY = record(
    clusters=COUNT, teams=COUNT, manifests=COUNT, models=COUNT, pools=COUNT, objects=COUNT, shapes=COUNT, files=COUNT,
    checks={"type": "object", "additionalProperties": {"type": "object", "additionalProperties": COUNT}},
    notes=listed({"type": "array", "prefixItems": [TEXT, TEXT, TEXT, COUNT], "minItems": 4, "maxItems": 4}),
)  # fmt: skip
BUILD = record(
    command={"enum": ["build", "check"]}, crds=listed(TEXT), diagnostics=DIAGNOSTICS,
    summary={"anyOf": [SUMMARY, {"type": "null"}]},
    written=listed(TEXT), deleted=listed(TEXT), patch={"type": ["string", "null"]},
    strict={"type": "object", "additionalProperties": COUNT},
)  # fmt: skip
ROLES = ["value", "beaten", "unmatched", "selector", "placement", "unset"]
ORIGINS = listed(
    record(file=TEXT, line=COUNT, column=COUNT, via=TEXT, how=TEXT, role={"enum": ROLES}, path=TEXT),
)
PAGE: dict[str, Any] = {
    "file": TEXT,
    "line": COUNT,
    "origins": ORIGINS,
    "placed": ORIGINS,
    "exact": {"type": "boolean"},
}
ENTRY: dict[str, Any] = {"anyOf": [
    record(**PAGE),
    record(**PAGE, path=TEXT, value={}),
    record(**PAGE, path=TEXT, value={}, constant=TEXT),
]}  # fmt: skip
MOVE = record(file=TEXT, line=COUNT, path=TEXT, how=TEXT, edit=record(path=TEXT, value={}))
PARTS: dict[str, Any] = {"anyOf": [listed(record(pool=TEXT, resources=TEXT, replicas=COUNT)), {"type": "null"}]}
CONSEQUENCE = record(workload=TEXT, edit=record(path=TEXT, value={}), before=PARTS, after=PARTS)
MOVES = record(spec=TEXT, file=TEXT, path=TEXT, value={}, moves=listed(MOVE), plan=listed(CONSEQUENCE))
DECIDER = record(
    file=TEXT, line=COUNT, column=COUNT, path=TEXT, value={}, edit={},
    instead={"type": "object", "additionalProperties": PARTS},
)  # fmt: skip
PLANNED = record(
    file=TEXT, of=TEXT, placements=listed(record(line=COUNT, pool=TEXT, resources=TEXT, replicas=COUNT)),
    decided=listed(DECIDER),
    workloads=listed(
        record(id=TEXT, parts=PARTS, anew=PARTS, beat=listed(record(pool=TEXT, resources=TEXT, why=TEXT)))
    ),
)  # fmt: skip
STATS = record(
    seconds={"type": "number"}, stages={"type": "object", "additionalProperties": {"type": "number"}},
    peak_bytes=COUNT, clusters=COUNT, objects=COUNT, shapes=COUNT, files=COUNT,
)  # fmt: skip


def fits(value: Any, schema: dict[str, Any]) -> Any:
    Draft202012Validator(schema).validate(value)
    return value


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example fleet, built; tests of this module leave it as it is."""
    root = acme(tmp_path_factory.mktemp("cli") / "fleet")
    assert inside(root, "build").status == 0
    return root


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet with an error that shows two places, and one in a line that is no ASCII."""
    root = acme(tmp_path_factory.mktemp("cli") / "broken")
    path = "specs/clusters/hub.yaml"
    put(root, path, (root / path).read_bytes() + "  role: both # büro\n".encode())
    return root


@pytest.mark.parametrize("name", ["build", "check"])
def test_json_of_a_clean_run(fleet: Path, name: str) -> None:
    got = inside(fleet, name, "--output", "json")
    assert (got.status, got.err) == (0, "")
    data = fits(got.data(), BUILD)
    assert (data["command"], data["diagnostics"], data["written"]) == (name, [], [])
    assert data["summary"]["files"] == len(output(fleet))


def test_json_of_findings(broken: Path) -> None:
    got = inside(broken, "check", "--output", "json")
    assert (got.status, got.err) == (1, "")
    data = fits(got.data(), BUILD)
    assert data["summary"] is None
    assert {d["code"] for d in data["diagnostics"]} == {"FLT102"}
    assert data["diagnostics"][0]["related"]


def test_json_when_it_cannot_run(tmp_path: Path) -> None:
    got = inside(tmp_path, "build", "--output", "json")
    assert (got.status, got.err) == (2, "")
    assert [d["code"] for d in fits(got.data(), record(diagnostics=DIAGNOSTICS))["diagnostics"]] == ["FLT901"]


def test_json_of_explain(tmp_path: Path) -> None:
    root = wide(tmp_path / "fleet", clusters=2)
    assert inside(root, "build").status == 0
    for words in (
        ["golden/c0000/platform/cluster.yaml:1"],
        ["golden/c0000/platform/cluster.yaml:5"],
        ["--all", "golden/c0001"],
    ):
        fits(inside(root, "explain", *words, "--output", "json").data(), listed(ENTRY))
    assert fits(inside(root, "explain", "specs/clusters/c0000.yaml:4", "--output", "json").data(), listed(MOVES))


def test_json_of_a_planned_value(tmp_path: Path) -> None:
    root = acme(tmp_path)
    for target in ("specs/models/risk.yaml:11", "specs/pools/onprem-fra.yaml:10"):
        found = fits(inside(root, "explain", target, "--output", "json").data(), listed(MOVES))
        assert any(target["plan"] for target in found), target
    got = inside(root, "explain", "specs/models/mistral-7b.model.lock:6", "--output", "json")
    found = fits(got.data(), PLANNED)
    assert {one["path"] for one in found["decided"]} >= {"spec.resources", "spec.replicas", "spec.nodes"}


def test_stats(fleet: Path) -> None:
    got = inside(fleet, "build", "--stats", "json", "--cold")
    stats = fits(json.loads(got.err), STATS)
    assert {"look", "load", "resolve", "plan", "lower", "check", "seal", "compare", "write"} <= stats["stages"].keys()
    idle = fits(json.loads(inside(fleet, "build", "--stats", "json").err), STATS)
    assert idle["stages"].keys() == {"remember", "look"}
    assert idle["objects"] == stats["objects"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(root: Path, *words: str) -> str:
    out, err = Terminal(), Terminal()
    with redirect_stdout(out), redirect_stderr(err):
        main(["check", "--root", str(root), *words])
    return out.getvalue() + err.getvalue()


def test_colours(fleet: Path, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for root in (fleet, broken):
        assert ESCAPE in shown(root)
        assert ESCAPE not in shown(root, "--color", "never")
        plain, coloured = inside(root, "check"), inside(root, "check", "--color=always")
        assert ESCAPE not in plain.out + plain.err
        assert ESCAPE in coloured.out + coloured.err
    monkeypatch.setenv("NO_COLOR", "1")
    assert ESCAPE not in shown(fleet)
    assert ESCAPE in shown(fleet, "--color=always")
    assert ESCAPE not in shown(fleet, "--output", "json")


def test_only_the_status_is_silent_on_findings(broken: Path) -> None:
    got = inside(broken, "check")
    assert got.out == ""
    assert got.err.count("error[FLT102 duplicate_key]") == 1
    assert "role: both # büro" in got.err
    assert got.err.endswith("1 error; `fleetc explain CODE` tells more\n")


def shell(script: str, cwd: Path, **changes: str | None) -> Run:
    """A script of bash, in which `"$@"` is the program."""
    words = ["bash", "-c", script, "bash", *command()]
    done = subprocess.run(words, cwd=cwd, env=environment(**changes), capture_output=True, check=False)
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_reader_that_goes_away(fleet: Path) -> None:
    got = shell('set -o pipefail; "$@" build --output json | head -1', fleet)
    assert got == Run(0, "{\n", "")
    assert shell('"$@" --help | true; echo ${PIPESTATUS[0]}', fleet) == Run(0, "0\n", "")
    assert shell('"$@" build | true; echo ${PIPESTATUS[0]}', fleet) == Run(0, "0\n", "")


def test_streams_that_are_closed(fleet: Path, broken: Path) -> None:
    assert shell('"$@" build >&-', fleet) == Run(0, "", "")
    assert shell('"$@" check 2>&-', broken) == Run(1, "", "")
    assert shell('"$@" check <&- >&- 2>&-', broken) == Run(1, "", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("words", ["build", "build --output json", "build --root / --output json", "explain FLT121"])
def test_what_is_printed_has_no_place(fleet: Path, words: str) -> None:
    got = shell(f'"$@" {words} >/dev/full', fleet)
    assert got.status == 2
    assert "error[FLT604 cannot_write]: what fleetc prints cannot be written: No space left on device" in got.err
    assert "FLT999" not in got.err
    assert "Traceback" not in got.err
    assert shell(f'"$@" {words} >/dev/full 2>/dev/full', fleet) == Run(2, "", "")


def test_text_that_the_terminal_cannot_show(broken: Path) -> None:
    narrow = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    got = program("check", "--root", str(broken), env=environment(**narrow))
    assert got.status == 1
    assert "role: both # b\\xfcro" in got.err


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    root = wide(tmp_path / "fleet", clusters=2)
    folder = os.fsencode(root / "specs/manifests")
    os.rename(folder + b"/page0.yaml", folder + b"/caf\xe9.yaml")
    got = program("build", "--root", str(root))
    assert (got.status, got.err) == (0, "")
    explained = program("explain", "golden/c0000/platform/manifests/page0.yaml:5", "--root", str(root))
    assert (explained.status, explained.err) == (0, "")
    assert "specs/manifests/caf\\udce9.yaml:" in explained.out


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_bug_is_reported(fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(build, "run", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    got = inside(fleet, "build", "--output", output)
    assert got.status == 2
    said = (
        got.err if output == "text" else got.data()["diagnostics"][0]["message"] + got.data()["diagnostics"][0]["hint"]
    )
    assert "a bug in fleetc: ZeroDivisionError: a bug of ours" in said
    assert "Traceback" not in got.out + got.err
    (report,) = tmp_path.iterdir()
    assert str(report) in said
    text = report.read_text()
    assert "Traceback (most recent call last)" in text
    assert text.startswith("fleetc ")
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in text


def test_a_bug_with_no_place_for_the_report(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(build, "run", fail)
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    got = inside(fleet, "build")
    assert got.status == 2
    assert "error[FLT999 internal_error]: a bug in fleetc: ZeroDivisionError" in got.err
    assert "the report could not be written" in got.err

"""What a cue says, read and told at the lines of specs: recorded answers, and no cue."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from tests.pages import BASE

from fleetc.driver.build import Options, Outcome, run
from fleetc.driver.constraints.errors import At, Complaint, complaints
from fleetc.driver.constraints.program import NO_CUE, NO_PYCUE, program

RULE = 'package fleet\n\nfleet: teams: [_]: spec: podSecurity: "x"\nemitted: Namespace: _\n'


def test_errors_are_read() -> None:
    said = (
        'fleet.teams."a.b".spec.s: 2 errors in empty disjunction:\n'
        'fleet.teams."a.b".spec.s: conflicting values "a" and "c":\n    ./c.cue:4:31\n    ../d.json:1:56\n'
        'fleet.teams."a.b".spec.s: conflicting values "b" and "c":\n    ./c.cue:4:37\n    ../d.json:1:56\n'
        "undefined field: x:\n    ./c.cue:2:1\n"
        "own: two\nlines:\n    sub/c.cue:7:9\n"
        "no place\n"
    )
    found = complaints(said, "/r/specs")
    assert found[0].path == ("fleet", "teams", "a.b", "spec", "s")
    assert found[0].reasons == ('conflicting values "a" and "c"', 'conflicting values "b" and "c"')
    assert found[0].places == (At("/r/specs/c.cue", 4, 31), At("/r/d.json", 1, 56), At("/r/specs/c.cue", 4, 37))
    assert found[1] == Complaint((), ("undefined field: x",), (At("/r/specs/c.cue", 2, 1),))
    assert found[2] == Complaint(("own",), ("two lines",), (At("/r/specs/sub/c.cue", 7, 9),))
    assert found[3] == Complaint((), ("no place",), ())


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "acme")
    (tmp_path / "acme/specs/rule.cue").write_text(RULE, encoding="utf-8")
    return tmp_path / "acme"


def answered(fleet: Path, monkeypatch: pytest.MonkeyPatch, said: str, status: int = 1) -> Outcome:
    """A run with a program in place of cue that gives this answer."""
    program = fleet.parent / "answers"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}END\nexit {status}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CUE_EXE", str(program))
    return run(Options(str(fleet), write=False))


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("fleet.teams.risk.spec.podSecurity", "specs/teams/risk.yaml"),
        ("fleet.teams.risk.spec.nothing.of.this", "specs/teams/risk.yaml"),
        ("fleet.teams.risk.metadata.labels.x", "specs/teams/risk.yaml"),
        ("fleet.teams.risk.clusters.0", "specs/teams/risk.yaml"),
        ("fleet.teams.nobody.spec", "specs/rule.cue"),
        ("fleet.teams", "specs/rule.cue"),
        ("fleet", "specs/rule.cue"),
        ("emitted", "specs/rule.cue"),
        ("emitted.Namespace", "specs/rule.cue"),
        ("emitted.Namespace.risk", "specs/teams/risk.yaml"),
        ("emitted.Namespace.risk.0.object.metadata.labels.x", "specs/teams/risk.yaml"),
        ("emitted.Namespace.risk.0.clusters.7", "specs/teams/risk.yaml"),
        ("emitted.Namespace.risk.99.object", "specs/rule.cue"),
        ("own.field", "specs/rule.cue"),
    ],
)
def test_places(fleet: Path, monkeypatch: pytest.MonkeyPatch, path: str, file: str) -> None:
    outcome = answered(fleet, monkeypatch, f"{path}: conflicting values 1 and 2:\n    ./rule.cue:3:39\n")
    (found,) = outcome.diagnostics
    assert found.code.code == "FLT440"
    assert found.span is not None
    assert found.span.file == file
    assert "conflicting values 1 and 2" in found.message
    assert outcome.summary is None


@pytest.mark.parametrize(
    "said", ["", "what\nis: this?\n", "    ./rule.cue:99:99\n", "x: y:\n    ./rule.cue:99:99\n", "::\n"]
)
def test_odd_answers_are_findings(fleet: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    outcome = answered(fleet, monkeypatch, said)
    assert outcome.diagnostics != []
    assert outcome.summary is None


def test_a_program_that_cannot_be_run(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fleet.parent / "nothing"
    program.write_bytes(b"\x7fELF and no more")
    program.chmod(0o755)
    monkeypatch.setenv("CUE_EXE", str(program))
    (found,) = run(Options(str(fleet), write=False)).diagnostics
    assert found.code.code == "FLT441"
    assert "cue cannot be run" in found.message


def test_what_holds_is_counted(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = answered(fleet, monkeypatch, "", status=0)
    assert outcome.summary is not None
    assert outcome.summary.checks["constraint"] == {"valid": 1}


def test_without_cue_they_are_skipped(fleet: Path) -> None:
    outcome = run(Options(str(fleet)))
    assert outcome.summary is not None
    assert outcome.summary.checks["constraint"] == {"skipped": 1}
    assert ("constraint", "skipped", NO_CUE, 1) in outcome.summary.notes
    again = run(Options(str(fleet)))
    assert again.summary == outcome.summary
    (fleet / "specs/rule.cue").unlink()
    last = run(Options(str(fleet)))
    assert last.summary is not None
    assert "constraint" not in last.summary.checks


def test_a_cue_that_appears_is_taken(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(Options(str(fleet))).summary is not None
    assert answered(fleet, monkeypatch, "fleet: not well:\n    ./rule.cue:1:1\n").diagnostics != []


def test_which_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("FLEETC_TOOLS", raising=False)
    assert program().reason == NO_CUE
    monkeypatch.setenv("CUE_EXE", "nowhere")
    assert program().reason == "CUE_EXE names nowhere, which is no program"
    monkeypatch.delenv("CUE_EXE")
    assert program().reason == NO_CUE
    for place, version in (
        ("cue", ""),
        ("cache/fleetc/tools/1/cue", "v0.9.0"),
        ("cache/fleetc/tools/2/cue", "v0.17.1"),
    ):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
        if version:
            path.with_name("VERSION").write_text(version, encoding="utf-8")
        assert program().path == str(path)
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "tools"))
    assert program().path.endswith("/2/cue")
    (tmp_path / "tools/cue").mkdir(parents=True)
    shutil.copy2(tmp_path / "cue", tmp_path / "tools/cue/cue")
    assert program().path == str(tmp_path / "tools/cue/cue")


def test_without_pycue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert program().reason == NO_PYCUE

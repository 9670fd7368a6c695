"""Constraints held against fleets by a real cue."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.pages import BASE, Page

from fleetc.cli.main import main
from fleetc.driver.build import Options, Outcome, run
from fleetc.driver.constraints import run as constraints
from fleetc.driver.constraints.vet import Limits, Said, vet
from fleetc_rehearsal.finder import binary

pytestmark = pytest.mark.live
ROOT = Path(__file__).parents[2]
MODULE = 'module: "acme.example/specs"\nlanguage: version: "v0.15.0"\n'


@pytest.fixture(autouse=True)
def _cue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUE_EXE", str(binary("cue")))


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "acme")
    return tmp_path / "acme"


def impatient(program: str, folder: str, files: Sequence[str], data: bytes, limits: Limits) -> Said:
    return vet(program, folder, files, data, limits._replace(seconds=3))


def state(root: Path, **files: str) -> dict[str, dict[str, int]]:
    """Write files below specs/ (`__` for a slash), and say how constraints end."""
    outcome: Outcome = told(root, **files)
    assert outcome.diagnostics == []
    assert outcome.summary is not None
    return outcome.summary.checks


def told(root: Path, **files: str) -> Outcome:
    for name, text in files.items():
        path = root / "specs" / f"{name.replace('__', '/')}.cue"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return run(Options(str(root), write=False))


def short(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(d.code.code, str(d.span), d.message) for d in outcome.diagnostics]


@pytest.mark.parametrize("name", ["docs/cue.md", *(f"docs/diagnostics/FLT44{n}.md" for n in (0, 1, 2))])
def test_the_pages(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constraints, "vet", impatient)
    page = Page(ROOT / name, tmp_path / "acme")
    page.execute()
    ran = page.run("fleetc check --strict")
    assert (ran.status, ran.stderr) == (0, "")


def test_the_example_fleet_meets_its_constraints(tmp_path: Path) -> None:
    for folder in ("specs", "golden", "stacks/generated"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    assert state(tmp_path)["constraint"] == {"valid": 1}
    rules = tmp_path / "specs/fleet.cue"
    rules.write_text(rules.read_text(encoding="utf-8").replace("oci://models", "oci://other"), encoding="utf-8")
    found = short(told(tmp_path))
    assert {code for code, _, _ in found} == {"FLT440"}
    assert "specs/models/search.yaml:6:11" in {span for _, span, _ in found}


def test_where_values_come_from(fleet: Path) -> None:
    rule = 'package fleet\nfleet: teams: risk: spec: podSecurity: "privileged"\n'
    emitted = 'package fleet\nemitted: Namespace: risk: [...{object: metadata: labels: "fleetc.dev/team": "other"}]\n'
    found = short(told(fleet, rule=rule, below__emitted=emitted))
    assert [code for code, _, _ in found] == ["FLT440", "FLT440"]
    assert {span.rpartition(":")[0].rpartition(":")[0] for _, span, _ in found} == {"specs/teams/risk.yaml"}
    assert "`fleet.teams.risk.spec.podSecurity`: conflicting values" in " ".join(message for *_, message in found)


def test_all_that_is_wrong_is_told_at_once(fleet: Path) -> None:
    rule = 'fleet: teams: [_]: spec: podSecurity: "x"\nfleet: clusters: [_]: spec: provider: "aks"\nown: 1 & 2\n'
    found = short(told(fleet, rule=rule))
    assert len(found) == 5
    assert ("FLT440", "specs/rule.cue:3:6", "a constraint is not met: `own`: conflicting values 2 and 1") in found


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("package fleet\nx: {\n", "2:5", "expected '}'"),
        ("package fleet\nx: nowhere.y\n", "2:4", 'reference "nowhere" not found'),
        ("x: fleet.teams.nobody.spec\nfor n, m in x {y: n}\n", "1:", "undefined field: nobody"),
        ('package fleet\nimport "example.com/far@v1"\nx: far.y\n', "2:8", "import failed"),
        ("package fleet\nx: string\n", "2:4", "there is no value, and it wants string"),
        ('package fleet\nif fleet.teams.risk.spec.nope == "x" {y: 1}\n', "2:26", "undefined field: nope"),
    ],
)
def test_what_is_wrong_with_a_file(fleet: Path, text: str, place: str, words: str) -> None:
    found = short(told(fleet, broken=text))
    assert [code for code, _, _ in found] == ["FLT441"], found
    assert found[0][1].startswith(f"specs/broken.cue:{place}")
    assert words in found[0][2]


def test_a_column_is_counted_in_characters(fleet: Path) -> None:
    found = short(told(fleet, broken='x: "äöü" & nowhere\n'))
    assert found[0][1] == "specs/broken.cue:1:12"


def test_a_library_of_the_module(fleet: Path) -> None:
    library = 'package lib\n\n#Owner: !=""\n'
    rule = 'package fleet\nimport "acme.example/specs/lib"\nfleet: teams: [_]: metadata: name: lib.#Owner\n'
    module: dict[str, str] = {"cue.mod__module": MODULE}
    found = state(fleet, **module, lib__owner=library, rule=rule, alone__x="package alone\n", y_tool="package fleet\n")
    assert found["constraint"] == {"valid": 1, "skipped": 2}


def test_limits_of_time_and_memory(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = 'import "list"\nx: list.Range(0, 100000000, 1)\n'
    cut = [
        vet(str(binary("cue")), str(_written(fleet, endless)), ["big.cue"], b"{}", limits).cut
        for limits in (Limits(2), Limits(300, 2**30))
    ]
    assert cut == ["time", "memory"]
    monkeypatch.setattr(constraints, "vet", impatient)
    found = short(told(fleet, rule=endless))
    assert [(code, span) for code, span, _ in found] == [("FLT442", "specs/rule.cue:1:1")]


def _written(fleet: Path, text: str) -> Path:
    (fleet / "big.cue").write_text(text, encoding="utf-8")
    return fleet


def test_a_build_writes_nothing_while_a_constraint_is_not_met(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = fleet / "specs/rule.cue"
    rules.write_text('fleet: teams: risk: spec: podSecurity: "privileged"\n', encoding="utf-8")
    assert main(["build", "--root", str(fleet)]) == 1
    assert not (fleet / "golden").exists()
    rules.write_text('fleet: teams: risk: spec: podSecurity: !="privileged"\n', encoding="utf-8")
    assert main(["build", "--root", str(fleet)]) == 0
    assert main(["check", "--root", str(fleet), "--strict"]) == 0
    # What is remembered does not outlive a change of the constraints, of a spec, or their end.
    rules.write_text('fleet: teams: risk: spec: podSecurity: "privileged"\n', encoding="utf-8")
    assert main(["check", "--root", str(fleet)]) == 1
    rules.unlink()
    capsys.readouterr()
    assert main(["check", "--root", str(fleet)]) == 0
    assert "constraint" not in capsys.readouterr().out

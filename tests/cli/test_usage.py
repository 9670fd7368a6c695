"""Help, usage, where a fleet is looked for, and exit statuses."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.driver.fleets import CHECKOUT, Run, acme, command, environment, inside, program, synthetic, wide
from tests.driver.tree.trees import content, put

from fleetc import __version__
from fleetc.cli.main import main
from fleetc.driver.files import spec_files

COMMANDS = ("build", "check", "plan", "explain", "fmt", "import")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example fleet, built; tests of this module leave it as it is."""
    root = acme(tmp_path_factory.mktemp("cli") / "fleet")
    assert inside(root, "build").status == 0
    return root


def usage(capsys: pytest.CaptureFixture[str], *words: str) -> Run:
    """What argparse prints before it ends the program."""
    with pytest.raises(SystemExit) as stop:
        main([*words])
    captured = capsys.readouterr()
    assert isinstance(stop.value.code, int)
    return Run(stop.value.code, captured.out, captured.err)


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    got = usage(capsys, "--help")
    assert (got.status, got.err) == (0, "")
    assert all(f"\n    {name} " in got.out for name in COMMANDS)
    assert "exit status: 0 clean, 1 findings, 2 could not run" in got.out


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command(capsys: pytest.CaptureFixture[str], name: str) -> None:
    got = usage(capsys, name, "--help")
    assert (got.status, got.err) == (0, "")
    assert got.out.startswith(f"usage: fleetc {name}")
    options = {line.split()[0].rstrip(",") for line in got.out.splitlines() if line.startswith("  --")}
    assert {"--root", "--output", "--color"} <= options
    assert ("--jobs" in options) == ("--discard-edits" in options) == (name == "build")
    assert ("--strict" in options) == ("--cold" in options) == (name in {"build", "check"})


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert usage(capsys, "--version") == Run(0, f"fleetc {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("biuld",), "invalid choice: 'biuld'"),
        (("build", "--bogus"), "unrecognized arguments: --bogus"),
        (("build", "--jobs", "0"), "argument --jobs: a number from 1 on, not `0`"),
        (("build", "--jobs", "many"), "argument --jobs: a number from 1 on, not `many`"),
        (("check", "--strict=most"), "invalid choice: 'most'"),
        (("check", "--output", "xml"), "invalid choice: 'xml'"),
        (("check", "--jobs", "2"), "unrecognized arguments: --jobs 2"),
        (("explain", "a", "b"), "unrecognized arguments: b"),
    ],
)
def test_bad_usage(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    got = usage(capsys, *words)
    assert (got.status, got.out) == (2, "")
    assert got.err.startswith("usage: fleetc")
    assert said in got.err.splitlines()[-1]


def test_from_a_folder_below(fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "specs/empty/deep").mkdir(parents=True, exist_ok=True)
    for folder in ("specs/empty/deep", "golden/hub", "."):
        monkeypatch.chdir(fleet / folder)
        assert main(["check"]) == 0
        assert "up to date" in capsys.readouterr().out


def test_a_root_from_outside(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for root in (str(fleet), os.path.relpath(fleet), f"{fleet}/specs/teams", f"{fleet}/"):
        assert main(["check", "--root", root]) == 0
        assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS[:-1])  # import makes one
def test_no_fleet(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([name, *(["specs/fleet.yaml:1"] if name == "explain" else [])]) == 2
    got = capsys.readouterr()
    assert got.out == ""
    assert got.err.startswith("error[FLT901 no_root]")
    assert list(tmp_path.iterdir()) == []


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'rmdir "$PWD"; exec "$@"'
    words = ["sh", "-c", script, "sh", *command("check")]
    done = subprocess.run(words, cwd=gone, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error[FLT901 no_root]: the folder to start from cannot be found")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    root = wide(tmp_path / "fleet", clusters=1)
    os.mkfifo(root / "specs/pipe.yaml")
    assert "specs/pipe.yaml" not in spec_files(root)
    assert inside(root, "check").status == 0


def test_check_writes_nothing(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    before = [(str(p), p.lstat().st_mtime_ns) for p in sorted([tmp_path, *tmp_path.rglob("*")])]
    got = program("check", "--root", str(root))
    assert got.status == 0
    files = [file for folder in ("golden", "stacks/generated") for file in (CHECKOUT / folder).rglob("*.yaml")]
    assert f"files  {len(files)} would be written" in got.out
    assert [(str(p), p.lstat().st_mtime_ns) for p in sorted([tmp_path, *tmp_path.rglob("*")])] == before


def test_strict(fleet: Path) -> None:
    got = inside(fleet, "check", "--output", "json")
    assert (got.status, got.data()["strict"]) == (0, {})
    states: Counter[str] = sum((Counter(found) for found in got.data()["summary"]["checks"].values()), Counter())
    assert states.keys() == {"valid", "referenced", "partial", "skipped"}  # there is no cue
    strict = inside(fleet, "check", "--strict")
    said = f"not strict enough: {states['partial']} partial, 1 skipped; run it without --strict to see why\n"
    assert (strict.status, strict.err) == (1, said)
    everything = inside(fleet, "check", "--strict=all", "--output", "json")
    assert everything.status == 1
    assert everything.data()["strict"] == {name: states[name] for name in ("partial", "referenced", "skipped")}


def test_strict_is_content_with_what_is_valid(tmp_path: Path) -> None:
    root = synthetic(tmp_path / "fleet")
    assert inside(root, "check", "--strict").status == 1  # The kinds of odd.yaml are not known.
    (root / "specs/manifests/odd.yaml").unlink()
    assert inside(root, "check", "--strict").status == 0
    assert inside(root, "check", "--strict=all").status == 0


def test_findings_exit_1_and_write_nothing(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    put(root, "specs/fleet.yaml", (root / "specs/fleet.yaml").read_bytes() + b"  bogus: 1\n")
    for name in ("build", "check"):
        got = inside(root, name)
        assert (got.status, got.out) == (1, "")
        assert "error[FLT121 unknown_field]" in got.err
        assert "specs/fleet.yaml:" in got.err
    assert not any(path.startswith("golden/") for path in content(root))

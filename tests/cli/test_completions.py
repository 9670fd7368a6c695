"""Completions, in the shells themselves where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.driver.fleets import acme, environment, inside
from tests.driver.tree.trees import put

from fleetc.cli.completions import FILE, FOLDER, NOTHING, PLACE, meaning, script
from fleetc.cli.described import program
from fleetc.cli.grammar import NAMES
from fleetc.diagnostics import CODES

GRAMMAR = program()
SHELLS = ("bash", "zsh", "fish")
ASK = """
eval "$SCRIPT"
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE}
    _fleetc
    printf '%s\\t' "${COMPREPLY[@]}"
    echo
done
"""
ASK_FISH = r"""
echo $SCRIPT | source
for line in $argv
    complete -C$line | string replace -r '\t.*' '' | string join \t
end
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example fleet, with `fleetc` on PATH beside it."""
    root = acme(tmp_path_factory.mktemp("shells") / "fleet")
    (root / "bin").mkdir()
    program = root / "bin/fleetc"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m fleetc "$@"\n')
    program.chmod(0o755)
    return root


def told(fleet: Path, shell: str, words: Sequence[str], **changes: str) -> subprocess.CompletedProcess[str]:
    path = f"{fleet}/bin{os.pathsep}{os.environ['PATH']}"
    env: Mapping[str, str] = environment(PATH=path, SCRIPT=script(shell, GRAMMAR), HOME=str(fleet), **changes)
    given = "".join(f"{word}\n" for word in words)
    arguments = {"bash": ["bash", "--norc", "-c", ASK], "fish": ["fish", "-N", "-c", ASK_FISH, *words]}[shell]
    return subprocess.run(arguments, cwd=fleet, env=env, input=given, capture_output=True, text=True, check=True)


def completed(fleet: Path, *lines: str) -> list[set[str]]:
    """What bash puts in for the last words of lines."""
    done = told(fleet, "bash", lines)
    assert done.stderr == ""
    return [{word for word in line.split("\t") if word} for line in done.stdout.splitlines()]


def test_every_command_and_option(fleet: Path) -> None:
    """Whatever the grammar has, bash completes: what is added there needs nothing here."""
    every = GRAMMAR.commands
    got = completed(fleet, "fleetc ", "fleetc -", *(f"fleetc {one.name} -" for one in every))
    long = [{n for a in one.arguments for n in a.names if n.startswith("--")} for one in (GRAMMAR.itself, *every)]
    assert got == [{one.name for one in every}, *long]


def test_every_choice(fleet: Path) -> None:
    cases: list[tuple[str, set[str]]] = []
    for one in GRAMMAR.commands:
        for argument in one.arguments:
            if argument.choices:
                line = f"fleetc {one.name} {argument.names[-1]}=" if argument.names else f"fleetc {one.name} "
                cases.append((line, set(argument.choices)))
                if argument.names and not argument.optional:
                    cases.append((f"{line[:-1]} {argument.choices[0]}", {argument.choices[0]}))
    assert len(cases) > 2 * len(GRAMMAR.commands)
    assert completed(fleet, *(line for line, _ in cases)) == [wanted for _, wanted in cases]


def test_names_of_the_fleet(fleet: Path) -> None:
    got = completed(
        fleet, "fleetc plan ll", "fleetc plan --drain g", "fleetc plan --lose=onprem-fra/",
        "fleetc plan --lose zone:us-", "fleetc explain FLT10", "fleetc explain spe", "fleetc check --crds sp",
        "fleetc build --jobs ", "fleetc check --strict ", "fleetc plan mistral-7b qw",
    )  # fmt: skip
    assert got == [
        {"llama-3-1-8b", "llama-3-3-70b"}, {"gke-euw4-prod", "gke-use5-tpu"},
        {"onprem-fra/a100-mig", "onprem-fra/h200"},
        {"us-east-1a", "us-east-1b", "us-east5-a", "us-east5-b"},  # bash puts in what follows the colon
        {code for code in CODES if code.startswith("FLT10")}, {"specs"}, {"specs"}, set(), set(), {"qwen3-32b"},
    ]  # fmt: skip


def test_names_as_data(fleet: Path) -> None:
    for kind in NAMES:
        plain = inside(fleet, "completions", "--names", kind)
        assert (plain.status, plain.err) == (0, "")
        assert inside(fleet, "completions", "--names", kind, "--output", "json").data()["names"] == plain.out.split()
    assert inside(fleet, "completions", "--names", "code").out.split() == [*CODES]


def test_no_fleet_has_no_names(tmp_path: Path) -> None:
    assert inside(tmp_path, "completions", "--names", "model") == (0, "", "")
    (tmp_path / "specs").mkdir()
    put(tmp_path, "specs/broken.yaml", b"kind: Model\n\t: [")
    put(tmp_path, "specs/odd.yaml", b"- kind: Model\n---\nkind: Model\nmetadata: [name]\n---\nkind: GPUPool\n")
    assert inside(tmp_path, "completions", "--names", "loss") == (0, "", "")


@pytest.mark.parametrize("name", ["$(touch {0})", "`touch {0}`", "a;touch {0}", "a\\nb", "a b", "-x", "*", "a\\e[31m"])
def test_a_name_runs_nothing(tmp_path: Path, fleet: Path, name: str) -> None:
    """Specs may be of anybody, and completing must not run what stands in them."""
    root, touched = acme(tmp_path / "fleet"), tmp_path / "touched"
    text = f'kind: Model\nmetadata: {{name: "{name.format(touched)}"}}\n'
    put(root, "specs/models/evil.yaml", text.encode())
    (root / "bin").symlink_to(fleet / "bin")
    (words,) = completed(root, "fleetc plan ")
    assert words == {"all-minilm-l6-v2", "deepseek-r1", "llama-3-1-8b", "llama-3-3-70b", "mistral-7b", "qwen3-32b"}
    assert not touched.exists()


def test_words_that_hold_wildcards(fleet: Path) -> None:
    assert completed(fleet, "fleetc plan *", "fleetc check --out*", "fleetc check --crds $(touch x)") == [set()] * 3
    assert not (fleet / "x").exists()


def test_meanings() -> None:
    """What the grammar names is completed as what it is."""
    means = {
        (one.name, a.names[-1] if a.names else a.value): meaning(a) for one in GRAMMAR.commands for a in one.arguments
    }
    assert means["plan", "--drain"] == "cluster"
    assert means["plan", "MODEL"] == "model"
    assert means["build", "--root"] == FOLDER
    assert means["explain", "FILE:LINE|CODE"] == PLACE
    assert means["fmt", "PATH"] == FILE
    assert {*means.values()} <= {NOTHING, FOLDER, FILE, PLACE, *NAMES}


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts(fleet: Path, shell: str) -> None:
    got = inside(fleet, "completions", shell)
    assert (got.status, got.err, got.out) == (0, "", script(shell, GRAMMAR))
    data = inside(fleet, "completions", shell, "--output", "json").data()
    schema = {
        "properties": {"command": {"const": "completions"}, "shell": {"const": shell}, "script": {"const": got.out}}
    }
    Draft202012Validator(schema | {"required": ["command", "shell", "script"]}).validate(data)
    assert got.out.endswith("\n")
    assert not got.out.endswith("\n\n")
    assert all(one.name in got.out for one in GRAMMAR.commands)


@pytest.mark.parametrize("words", [[], ["bash", "--names", "code"]])
def test_usage(fleet: Path, words: list[str]) -> None:
    got = inside(fleet, "completions", *words)
    assert got.status == 2
    assert "error[FLT903 bad_usage]: completions takes either a shell or --names" in got.err


def test_syntax_of_bash() -> None:
    """That of zsh has nothing that bash reads otherwise, so bash looks at both."""
    for shell in ("bash", "zsh"):
        done = subprocess.run(["bash", "-n"], input=script(shell, GRAMMAR), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is no package of Python: bash reads the syntax of its script")
def test_syntax_of_zsh() -> None:
    done = subprocess.run(["zsh", "-n"], input=script("zsh", GRAMMAR), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(
    not shutil.which("fish"), reason="fish is no package of Python, and no other shell reads its scripts"
)
def test_fish(fleet: Path) -> None:
    lines = [
        "fleetc ",
        "fleetc check --output ",
        "fleetc plan ll",
        "fleetc check --strict=",
        "fleetc plan --lose zone:us-",
    ]
    got = [set(line.split("\t")) for line in told(fleet, "fish", lines).stdout.splitlines()]
    assert got[0] == {one.name for one in GRAMMAR.commands}
    assert got[1] == {"text", "json", "sarif", "github"}
    assert got[2] == {"llama-3-1-8b", "llama-3-3-70b"}
    assert got[3] == {"--strict=all", "--strict=referenced"}
    assert got[4] == {"zone:us-east-1a", "zone:us-east-1b", "zone:us-east5-a", "zone:us-east5-b"}

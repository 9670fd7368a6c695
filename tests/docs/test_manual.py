"""The page of the manual: all of the grammar is in it, and formatters have nothing to complain of."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tools.manual import DOCS, ENVIRONMENT, STATUSES, manual

from fleetc.cli import main
from fleetc.cli.described import Argument, Command, Program, program

PAGE = DOCS / "fleetc.1"
GRAMMAR = program()
SOURCES = [p for folder in ("compiler", "backends") for p in (DOCS.parent / folder).rglob("*.py")]
HOSTILE = "'.br' \\fIx\\fP -- .TH `a` ^ ~ \"q\" %"


def sections(text: str) -> dict[str, str]:
    """The text of each section, as it is read by people: escapes undone."""
    parts = re.split(r"(?m)^\.SH (.*)$", text)
    return {name: plain(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def plain(text: str) -> str:
    signs = {
        "\\-": "-",
        "\\(ga": "`",
        "\\(aq": "'",
        "\\(ha": "^",
        "\\e": "\\",
        "\\&": "",
        "\\fB": "",
        "\\fI": "",
        "\\fR": "",
    }
    return re.sub(r"\\(?:\(..|f.|.)", lambda found: signs[found[0]], text)


def test_sections() -> None:
    found = sections(PAGE.read_text(encoding="utf-8"))
    assert [*found] == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "COMMANDS",
        "EXIT STATUS",
        "ENVIRONMENT",
        "FILES",
        "EXAMPLES",
        "SEE ALSO",
    ]
    for one in GRAMMAR.commands:
        part = found["COMMANDS"].partition(f".SS fleetc {one.name}\n")[2].partition("\n.SS")[0]
        assert all(argument.help[1:] in part for argument in one.arguments)
        assert all(name in part for argument in one.arguments for name in argument.names)
        assert all(word in found["SYNOPSIS"] for word in one.synopsis)
    examples = GRAMMAR.epilog.partition("examples:\n")[2].splitlines()
    assert found["EXAMPLES"].count(".TP") == len(examples) > 3


def test_exit_statuses_are_those_of_the_program() -> None:
    known = {value for name, value in vars(main).items() if name.startswith("EXIT_")}
    assert {int(status) for status, _ in STATUSES} == known


def test_environment_is_what_the_program_reads() -> None:
    """Each variable that a source asks for by name."""
    asked: set[str] = set()
    texts: set[str] = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and "environ" in ast.unparse(n.func)]
        asked |= {
            a.value for n in calls for a in n.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
        }
    told = {name for name, _ in ENVIRONMENT}
    assert asked <= told
    assert told <= texts


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is no package of Python: the other tests read the page")
def test_groff_has_nothing_to_complain_of() -> None:
    words = ["groff", "-t", "-man", "-Tutf8", "-ww", str(PAGE)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    shown = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)
    assert all(re.search(rf"(?m)^ +fleetc {one.name}$", shown) for one in GRAMMAR.commands)
    assert "--discard-edits" in shown


@pytest.mark.skipif(
    not shutil.which("mandoc"), reason="mandoc is no package of Python: groff and the other tests read the page"
)
def test_mandoc_has_nothing_to_complain_of() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "error", str(PAGE)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is no package of Python: the other tests read the page")
def test_texts_are_never_requests(tmp_path: Path) -> None:
    hostile = Argument(("--x",), "", (), HOSTILE, False, False, 0)
    page = manual(
        Program(
            "'so /etc/passwd",
            "examples:\n  fleetc x  .nothing\n",
            Command("", "", ()),
            (Command("x", ".so", (hostile,)),),
        )
    )
    path = tmp_path / "fleetc.1"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", str(path)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    shown = " ".join(re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout).split())
    assert HOSTILE in shown
    assert "'so /etc/passwd" in shown

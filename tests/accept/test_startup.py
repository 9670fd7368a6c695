"""What `--help` and a build with nothing to do import: each module is there for a reason that is written down here."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.driver.fleets import acme, environment, inside

from fleetc.driver.tree.model import RACY_NS

OURS_FOR_HELP = {
    "fleetc": "the version",
    "fleetc.cli": "the package of the command line",
    "fleetc.cli.main": "the command",
    "fleetc.cli.grammar": "the grammar of the command line",
}
OURS_FOR_NOTHING = {
    **OURS_FOR_HELP,
    "fleetc.cli.build": "the command",
    "fleetc.cli.printing": "prints the summary",
    "fleetc.cli.style": "colours it",
    "fleetc.diagnostics": "what goes wrong is a diagnostic: no root, another run in progress",
    "fleetc.diagnostics.codes": "their codes",
    "fleetc.diagnostics.model": "their type",
    "fleetc.source": "the package of spans",
    "fleetc.source.span": "where a diagnostic points to",
    "fleetc.driver": "the package of the driver",
    "fleetc.driver.build": "one run",
    "fleetc.driver.constraints": "the package of constraints, which the example fleet has",
    "fleetc.driver.constraints.program": "whether the cue that they were held with is still there",
    "fleetc.driver.files": "finds the root, and looks at the specs",
    "fleetc.driver.folders": "which folders of CRDs a run takes",
    "fleetc.driver.memory": "what the last run remembered",
    "fleetc.driver.outputs": "where outputs are",
    "fleetc.driver.summary": "the numbers, which are printed again",
    "fleetc.tuples": "the classes of most values",
    "fleetc.driver.delta": "what changed since it was written whole",
    "fleetc.driver.tree": "the package of the output tree",
    "fleetc.driver.tree.lock": "one run at a time",
    "fleetc.driver.tree.journal": "finishes what a killed run left",
    "fleetc.driver.tree.look": "reads files for that",
    "fleetc.driver.tree.header": "tells whose they are",
    "fleetc.driver.tree.messages": "what the lock and the journal say",
    "fleetc.driver.tree.model": "places and signatures of files",
    "fleetc.driver.tree.survey": "looks at the output folder",
}
THEIRS_FOR_HELP = {
    "__future__": "annotations that cost nothing",
    "argparse": "the grammar of the command line",
    "textwrap": "argparse fills lines with it",
    "gettext": "argparse translates with it",
    "locale": "and that looks for the language",
    "warnings": "that, too",
    "errno": "and this, when it finds none",
    "contextlib": "closes and suppresses",
    "gc": "is turned off",
    "os": "ends the process",
    "typing": "types",
}
THEIRS_FOR_NOTHING = {
    **THEIRS_FOR_HELP,
    "enum": "severities and states",
    "fcntl": "the lock",
    "binascii": "the seal of the memory",
    "importlib.util": "where this program lies, to see whether it is the one that remembered",
    "marshal": "the memory",
    "functools": "the memory's second half is read when it is asked for",
    "stat": "kinds of files",
    "time": "how long it took",
}
SPY = """
import os, sys
leave = os._exit
def spy(status):
    print(*sys.modules, file=sys.stderr, flush=True)
    leave(status)
os._exit = spy
sys.argv[0] = "fleetc"
from fleetc.cli.main import entry
entry()
"""


def modules(code: str, *words: str) -> set[str]:
    """The modules that code has imported when it ends, and that a bare Python has not; the last line it writes."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, env=environment()
    )
    return {*done.stderr.splitlines()[-1].split()}


def imported_by(*names: str) -> set[str]:
    """A bare Python, and these modules with all that they import in turn."""
    return modules(f"import sys, {', '.join(names)}; print(*sys.modules, file=sys.stderr)")


def check(got: set[str], ours: dict[str, str], theirs: dict[str, str]) -> None:
    assert {name for name in got if name.partition(".")[0].startswith("fleetc")} == ours.keys()
    assert got - imported_by("sys", *theirs) - ours.keys() == set()
    assert not {"yaml", "jsonschema_rs", "pydantic", "difflib", "tempfile", "subprocess", "importlib.resources"} & got
    assert not {"dataclasses", "hashlib", "inspect", "json", "pathlib", "shutil"} & got


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = acme(tmp_path_factory.mktemp("startup") / "fleet")
    for _ in range(2):
        assert inside(root, "build").status == 0
        time.sleep(2 * RACY_NS / 1e9)
    return root


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("build", "--help"), ("explain", "--help")])
def test_help(words: tuple[str, ...]) -> None:
    check(modules(SPY, *words), OURS_FOR_HELP, THEIRS_FOR_HELP)


@pytest.mark.parametrize("name", ["build", "check"])
def test_nothing_to_do(fleet: Path, name: str) -> None:
    check(modules(SPY, name, "--root", str(fleet)), OURS_FOR_NOTHING, THEIRS_FOR_NOTHING)


def test_something_to_do_never_imports_pydantic(fleet: Path) -> None:
    got = modules(SPY, "check", "--cold", "--root", str(fleet))
    assert {"yaml", "jsonschema_rs"} <= got
    assert not {"pydantic", "jsonschema", "ruamel", "hypothesis", "kubernetes_validate"} & got

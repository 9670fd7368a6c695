"""`fleetc doctor`: what is there, what is not, and what the exit status says of it."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.driver.fleets import CHECKOUT, environment, program

from fleetc import __version__
from fleetc.cli.main import main
from fleetc_rehearsal.packages import PACKAGES
from fleetc_rehearsal.recipes import NAMES, recipe_of

TEXT: dict[str, Any] = {"type": "string"}
FOUND: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": TEXT, "version": {"type": ["string", "null"]}, "needed": {"type": "boolean"},
        "use": TEXT, "detail": TEXT,
    },
    "required": ["detail", "name", "needed", "use", "version"],
    "additionalProperties": False,
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "command": {"const": "doctor"}, "fleetc": TEXT, "complete": {"type": "boolean"},
        "found": {"type": "array", "items": FOUND},
    },
    "required": ["command", "complete", "fleetc", "found"],
    "additionalProperties": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any of the programs; returns the folder on its PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("FLEETC_TOOLS", raising=False)
    monkeypatch.chdir(tmp_path)  # no fleet is needed
    return tmp_path / "bin"


def put(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    data = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(data)
    return {found["name"]: found for found in data["found"]}


def test_a_machine_that_can_only_compile(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--output", "json"]) == 0
    found = told(capsys)
    needed = {name: f["version"] for name, f in found.items() if f["needed"]}
    assert needed == {
        "python": platform.python_version(),
        "libyaml": found["libyaml"]["version"],
        "jsonschema-rs": importlib.metadata.version("jsonschema-rs"),
    }
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["libyaml"]["version"])
    optional = {name: f["version"] for name, f in found.items() if not f["needed"]}
    assert optional == dict.fromkeys(["git", "go", *NAMES, *PACKAGES])
    reason = "only Go can tell which build is the right one, and there is no `go` on PATH"
    assert {found[name]["detail"] for name in NAMES} == {reason}


def test_text(capsys: pytest.CaptureFixture[str], bare: Path) -> None:
    put(bare, "git", "echo git version 2.99.1")
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"fleetc {__version__} on {platform.system()} {platform.machine()}"
    assert lines[2] == "To compile and check"
    assert lines[3].split()[:2] == ["python", platform.python_version()]
    words = [line.split() for line in lines]
    assert ["git", "2.99.1", f"{bare}/git"] in words
    # In columns.
    starts = {line.index(word) for line, word in zip(lines, (w[1] if len(w) > 1 else "" for w in words), strict=True)
              if line.startswith("  ") and line[2] != " " and word}  # fmt: skip
    assert len(starts) == 1
    missing = words.index(["go", "missing", "not", "on", "PATH"])
    assert lines[missing + 1].strip() == "without it: no building the servers below (`make tools`)"


def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str], bare: Path) -> None:
    """Its example, but for versions and places."""
    put(bare, "git", "echo git version 2.99.1")
    put(bare, "go", "[ $1 = version ] && echo go version go1.99.1 || printf 'go1.99.1\\nlinux\\namd64\\n'")
    for name in ("etcd", "kubernetes-1.36", "kwok", "prometheus-operator"):
        recipe_of(name).home.mkdir(parents=True)
    assert main(["doctor"]) == 0
    page = (CHECKOUT / "docs/commands/doctor.md").read_text(encoding="utf-8")
    shown = page.partition("```text\n")[2].partition("```")[0]

    def general(text: str) -> list[str]:
        text = re.sub(r"(?<=\s)(/|~)\S+|fleetc 0\S+ on .*", "(here)", text)
        text = re.sub(r"\bv?\d+\.\d+\.\d+(?= )", "(version)", text)
        return [re.sub(r" +", " ", line) for line in text.splitlines()]

    assert general(shown) == general(capsys.readouterr().out)


def test_a_checkout_with_some_tools(capsys: pytest.CaptureFixture[str], bare: Path) -> None:
    put(bare, "go", "[ $1 = version ] && echo go version go1.99.1 plan9/mips || printf 'go1.99.1\\nplan9\\nmips\\n'")
    recipe_of("kubernetes-1.36").home.mkdir(parents=True)
    assert main(["doctor", "--output", "json"]) == 0
    found = told(capsys)
    assert found["go"]["version"] == "1.99.1"
    assert found["kubernetes-1.36"]["version"] == "v1.36.3"
    assert found["kubernetes-1.36"]["detail"] == str(recipe_of("kubernetes-1.36").home / "kube-apiserver")
    assert (found["kwok"]["version"], found["kwok"]["detail"]) == (None, "it is not built")


def test_nothing_is_fetched(capsys: pytest.CaptureFixture[str], bare: Path) -> None:
    put(bare, "go", f'echo "$GOPROXY" >> {bare}/proxies; printf "go1.99.1\\nplan9\\nmips\\n"')
    assert main(["doctor", "--output", "json"]) == 0
    told(capsys)
    asked = (bare / "proxies").read_text(encoding="utf-8").split()
    assert asked.count("off") == len(NAMES)  # what asks about a recipe; `go version` looks at none


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$"])
def test_a_program_that_does_not_work(capsys: pytest.CaptureFixture[str], bare: Path, script: str) -> None:
    put(bare, "git", script)
    assert main(["doctor", "--output", "json"]) == 0
    found = told(capsys)["git"]
    assert found["version"] is None
    assert found["detail"].startswith(f"{bare}/git does not work: ")


def test_without_jsonschema(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"jsonschema-rs +missing +import of jsonschema_rs halted.*: install jsonschema-rs", out)
    assert "without it: no checking objects against schemas" in out


def test_without_libyaml(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert main(["doctor", "--output", "json"]) == 1
    found = told(capsys)["libyaml"]
    assert found["version"] is None
    assert found["detail"].endswith("was built without it: install a wheel of PyYAML")
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert main(["doctor", "--output", "json"]) == 1
    assert told(capsys)["libyaml"]["detail"].endswith(": install PyYAML")


def test_help_and_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["doctor", "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert {"--output", "--color"} == set(re.findall(r"^  (--\w+)", out, re.MULTILINE))


def test_colours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--color", "always"]) == 0
    assert "\033[" in capsys.readouterr().out
    assert main(["doctor"]) == 0
    assert "\033[" not in capsys.readouterr().out


def test_outside() -> None:
    got = program("doctor", "--output", "json", env={**environment()})
    assert (got.status, got.err) == (0, "")

"""`fleetc fmt` as a program: the standard input, JSON, and usage."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_output import COUNT, DIAGNOSTICS, TEXT, fits, listed, record
from tests.driver.fleets import command, environment, inside
from tests.driver.fmt.test_files import TIDY, UNTIDY
from tests.driver.tree.trees import put

from fleetc.cli.main import main

PLAIN: dict[str, Any] = {
    "command": {"const": "fmt"}, "diagnostics": DIAGNOSTICS, "changed": listed(TEXT), "unchanged": COUNT,
    "written": {"type": "boolean"},
}  # fmt: skip
SCHEMA: dict[str, Any] = {"anyOf": [record(**PLAIN), record(**PLAIN, diff=TEXT)]}


class Stdin:
    """A standard input that holds bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def filtered(data: bytes, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", Stdin(data))
    return main(["fmt", *words, "-"])


@pytest.mark.parametrize("data", [UNTIDY, TIDY])
def test_from_stdin(data: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert filtered(data, monkeypatch) == 0
    got = capsys.readouterr()
    assert (got.out, got.err) == (TIDY.decode(), "")


def test_stdin_that_is_broken_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert filtered(b"a: 1\na: 2\n", monkeypatch) == 1
    got = capsys.readouterr()
    assert got.out == ""
    assert got.err.splitlines()[:3] == [
        "error[FLT102 duplicate_key]: the key `a` stands here twice", " --> <stdin>:2:1", "2 | a: 2",
    ]  # fmt: skip


@pytest.mark.parametrize(("data", "status"), [(UNTIDY, 1), (TIDY, 0)])
def test_stdin_is_checked(
    data: bytes, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert filtered(data, monkeypatch, "--check") == status
    assert capsys.readouterr().err.startswith("error[FLT134 not_formatted]: <stdin>") == bool(status)
    assert filtered(data, monkeypatch, "--diff") == 0
    assert capsys.readouterr().out.startswith("--- a/<stdin>") == bool(status)
    assert filtered(data, monkeypatch, "--output", "json") == 0
    made = fits(json.loads(capsys.readouterr().out), SCHEMA)
    assert (made["changed"], made["written"]) == (["<stdin>"] * status, False)


def test_stdin_is_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert filtered(TIDY, monkeypatch, "x.yaml") == 2
    assert "FLT903 bad_usage" in capsys.readouterr().err


def test_bytes_pass_through_a_pipe() -> None:
    """Whatever the locale: what is printed is UTF-8."""
    import subprocess

    text = "a: ü # ö\n".encode()
    for locale in ("C", "C.UTF-8"):
        done = subprocess.run(
            command("fmt", "-"), input=text, capture_output=True, check=False, env=environment(LC_ALL=locale)
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "a: ü  # ö\n".encode(), b"")


def test_json(tmp_path: Path) -> None:
    put(tmp_path, "specs/search.yaml", UNTIDY)
    put(tmp_path, "specs/tidy.yaml", TIDY)
    got = inside(tmp_path, "fmt", "--check", "--output", "json")
    data = fits(got.data(), SCHEMA)
    assert got.status == 1
    assert [(d["code"], d["file"], d["line"]) for d in data["diagnostics"]] == [("FLT134", "specs/search.yaml", 1)]
    got = inside(tmp_path, "fmt", "--diff", "--output", "json")
    assert fits(got.data(), SCHEMA)["diff"].startswith("--- a/specs/search.yaml\n")
    got = inside(tmp_path, "fmt", "--output", "json")
    data = fits(got.data(), SCHEMA)
    assert (data["changed"], data["unchanged"], data["written"]) == (["specs/search.yaml"], 1, True)

"""A memory that is damaged, old, or of another program is no memory; losing it never changes what comes out."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from tests.driver.fleets import LEFT, STATE, inside, output, state, wide

from fleetc.driver import memory


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small fleet, built; its specs have changed since."""
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")
    made = wide(tmp_path / "fleet", "old", clusters=3)
    assert inside(made, "build").status == 0
    wide(made, "new", clusters=3)
    return made


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    made = wide(tmp_path_factory.mktemp("wanted"), "new", clusters=3)
    assert inside(made, "build").status == 0
    return output(made)


def damaged(data: bytes) -> dict[str, bytes]:
    cuts = {f"cut at {n}": data[:n] for n in (0, 1, 31, 32, 63, 64, 71, 72, len(data) // 2, len(data) - 1)}
    flips = {f"bit {n}": data[:n] + bytes([data[n] ^ 64]) + data[n + 1 :] for n in (0, 33, 65, 73, len(data) // 2, -2)}
    return {**cuts, **flips, "more": data + b"\0", "text": b"not a memory\n" * 9}


def test_a_damaged_memory(root: Path, wanted: dict[str, bytes], tmp_path: Path) -> None:
    path = root / STATE / "memory"
    for what, data in damaged(path.read_bytes()).items():
        path.write_bytes(data)
        found = memory.load(str(root / STATE), "this")
        assert found is None or not found.whole(), what
        shutil.copytree(root, tmp_path / what)
        got = inside(tmp_path / what, "build")
        assert (got.status, got.err) == (0, ""), what
        assert output(tmp_path / what) == wanted, what
    assert inside(root, "build").status == 0
    mended = memory.load(str(root / STATE), "this")
    assert mended is not None
    assert mended.whole()


def test_what_makes_another_program() -> None:
    """This program's files, and those of what parses and checks; new versions of these may come to other results."""
    told = memory.tool_digest().splitlines()
    for package in ("fleetc", "fleetc_kubernetes", "yaml", "jsonschema_rs"):
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert any(line.startswith(f"{spec.origin} ") for line in told)


def test_a_memory_of_another_program(root: Path, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.load(str(root / STATE), "that") is None
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "that")
    assert inside(root, "build").status == 0
    assert output(root) == wanted


def test_the_memory_of_an_earlier_time(root: Path, wanted: dict[str, bytes]) -> None:
    old = (root / STATE / "memory").read_bytes()
    assert inside(root, "build").status == 0
    (root / STATE / "memory").write_bytes(old)
    assert inside(root, "build").status == 0
    assert output(root) == wanted


def test_a_memory_that_came_with_a_copy_of_the_fleet(root: Path, tmp_path: Path, wanted: dict[str, bytes]) -> None:
    """The copy's files are other files, though their bytes and times are the same."""
    shutil.copytree(root, tmp_path / "copy", copy_function=shutil.copy2)
    assert inside(tmp_path / "copy", "build").status == 0
    assert output(tmp_path / "copy") == wanted


def test_something_else_stands_where_the_memory_goes(root: Path, wanted: dict[str, bytes]) -> None:
    (root / STATE / "memory").unlink()
    (root / STATE / "memory").mkdir()
    for _ in range(2):
        assert inside(root, "build").status == 0
    assert output(root) == wanted
    assert state(root) == LEFT


def test_cold_forgets(root: Path, wanted: dict[str, bytes]) -> None:
    assert inside(root, "build", "--cold").status == 0
    assert output(root) == wanted
    (root / "golden/c0000/platform/cluster.yaml").unlink()
    assert inside(root, "build", "--cold").status == 0
    assert output(root) == wanted

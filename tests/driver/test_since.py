"""What changed since the memory was written whole is written alone while it is little; without it, the whole is what an
earlier run knew."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from tests.driver.fleets import STATE, clean, inside, output, wide

from fleetc.driver import memory
from fleetc.driver.memory import FILE, SINCE
from fleetc.driver.tree.model import RACY_NS


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet, built, and one cluster of it edited and built again."""
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")
    made = wide(tmp_path / "fleet", clusters=60)
    for _ in range(2):
        assert inside(made, "build").status == 0
        time.sleep(2 * RACY_NS / 1e9)  # Now no file is too young to be known by its times.
    assert not (made / STATE / SINCE).exists()
    edit(made, 3, "1.35", "1.34")
    assert inside(made, "build").status == 0
    return made


def edit(root: Path, cluster: int, old: str, new: str) -> None:
    path = root / f"specs/clusters/c{cluster:04}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def check(root: Path, at: Path) -> None:
    """A build comes to what the specs alone give."""
    assert clean(root, at).status == 0
    got = inside(root, "build")
    assert (got.status, got.err) == (0, "")
    assert output(root) == output(at)


def minors(root: Path) -> set[tuple[str, str]]:
    """The clusters that are remembered with another minor than most."""
    found = memory.load(str(root / STATE), "this")
    assert found is not None
    return {(name, cluster.minor) for name, cluster in found.body.clusters.items() if cluster.minor != "1.35"}


def test_an_edit_writes_what_changed(root: Path) -> None:
    state = root / STATE
    whole = (state / FILE).read_bytes()
    assert 8 * (state / SINCE).stat().st_size < len(whole)
    assert minors(root) == {("c0003", "1.34")}
    edit(root, 4, "1.35", "1.33")
    assert inside(root, "build").status == 0
    edit(root, 3, "1.34", "1.35")
    assert inside(root, "build").status == 0
    assert minors(root) == {("c0004", "1.33")}
    assert (state / FILE).read_bytes() == whole


def test_when_much_changed_all_is_written(root: Path, tmp_path: Path) -> None:
    state = root / STATE
    whole = (state / FILE).read_bytes()
    edited = 1
    while (state / FILE).read_bytes() == whole:
        edit(root, 4 + edited, "1.35", "1.34")
        assert inside(root, "build").status == 0
        edited += 1
    assert 2 < edited < 30
    assert not (state / SINCE).exists()
    assert len(minors(root)) == edited
    check(root, tmp_path / "clean")


def test_what_is_damaged(root: Path, tmp_path: Path) -> None:
    path = root / STATE / SINCE
    data = path.read_bytes()
    cuts = {f"cut at {n}": data[:n] for n in (0, 1, 8, 15, 16, 23, 24, len(data) // 2, len(data) - 1)}
    flips = {f"bit {n}": data[:n] + bytes([data[n] ^ 64]) + data[n + 1 :] for n in range(0, len(data), 97)}
    edit(root, 4, "1.35", "1.34")
    for n, (what, harmed) in enumerate({**cuts, **flips, "more": data + b"\0", "text": b"no memory\n" * 9}.items()):
        path.write_bytes(harmed)
        copy = tmp_path / f"copy{n}"
        shutil.copytree(root, copy, copy_function=shutil.copy2)
        found = memory.load(str(copy / STATE), "this")
        # The whole alone, or nothing.
        assert found is None or not found.whole() or minors(copy) == set(), what
        check(copy, tmp_path / f"clean{n}")
        shutil.rmtree(copy)
        shutil.rmtree(tmp_path / f"clean{n}")


@pytest.mark.parametrize("name", [FILE, SINCE])
def test_one_of_them_is_of_another_time(root: Path, name: str, tmp_path: Path) -> None:
    state = root / STATE
    old = (state / name).read_bytes()
    if name == FILE:
        # The same fleet, built from nothing: what changed since the other whole says nothing of this one.
        assert inside(root, "build", "--cold").status == 0
        assert not (state / SINCE).exists()
    edit(root, 9, "1.35", "1.34")
    assert inside(root, "build").status == 0
    (state / name).write_bytes(old)
    edit(root, 10, "1.35", "1.33")
    check(root, tmp_path / "clean")


def test_what_belongs_to_another_whole(root: Path, tmp_path: Path) -> None:
    state = root / STATE
    since = (state / SINCE).read_bytes()
    edit(root, 3, "1.34", "1.33")
    assert inside(root, "build", "--cold").status == 0
    (state / SINCE).write_bytes(since)
    assert minors(root) == {("c0003", "1.33")}
    check(root, tmp_path / "clean")


@pytest.mark.parametrize("name", [FILE, SINCE])
def test_one_of_them_is_gone(root: Path, name: str, tmp_path: Path) -> None:
    (root / STATE / name).unlink()
    edit(root, 9, "1.35", "1.34")
    check(root, tmp_path / "clean")


def test_something_else_stands_in_its_place(root: Path, tmp_path: Path) -> None:
    (root / STATE / SINCE).unlink()
    (root / STATE / SINCE).mkdir()
    for cluster in (9, 10):
        edit(root, cluster, "1.35", "1.34")
        assert inside(root, "build").status == 0
    check(root, tmp_path / "clean")
    assert sorted(p.name for p in (root / STATE).iterdir()) == [".gitignore", "lock", FILE, SINCE]


def test_check_remembers_nothing(root: Path) -> None:
    before = {name: (root / STATE / name).read_bytes() for name in (FILE, SINCE)}
    edit(root, 9, "1.35", "1.34")
    assert inside(root, "check").status == 0
    assert {name: (root / STATE / name).read_bytes() for name in before} == before

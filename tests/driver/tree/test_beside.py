"""A survey in a child says what one in this process says, or this process looks itself; and no child is left."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path

import pytest
from tests.driver.tree.trees import own, place, put

from fleetc.driver.tree import beside
from fleetc.driver.tree.beside import Beside
from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place
from fleetc.driver.tree.survey import Tree, survey


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for n in range(30):
        put(tmp_path, f"golden/c{n % 4}/{n}.yaml", own(f"n: {n}\n"))
    (tmp_path / "golden/empty").mkdir()
    (tmp_path / "golden/link").symlink_to("c0")
    return tmp_path


def no_child() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def change(root: Path, how: str) -> None:
    page = root / "golden/c0/0.yaml"
    match how:
        case "edited":
            page.write_text("else")
        case "deleted":
            page.unlink()
        case "added":
            page.with_name("more.yaml").write_text("more")
        case "replaced":
            page.unlink()
            page.symlink_to("4.yaml")
        case "gone":
            (root / "golden").rename(root / "elsewhere")
        case _:
            assert how == "nothing"


@pytest.mark.parametrize("how", ["nothing", "edited", "deleted", "added", "replaced", "gone"])
def test_it_tells_what_a_survey_tells(root: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    expected = dict(survey(place(root)).files)
    change(root, how)
    here: list[Place] = []

    def noted(at: Place) -> Tree:
        here.append(at)
        return survey(at)

    monkeypatch.setattr(beside, "survey", noted)
    looking = Beside(place(root), expected, None)
    assert vars(looking.tree()) == vars(survey(place(root)))
    assert not here  # All of it was the child's word.
    looking.close()
    assert no_child()


def test_a_child_that_is_killed(root: Path) -> None:
    expected = dict(survey(place(root)).files)
    looking = Beside(place(root), expected, None)
    os.kill(getattr(looking, "_child"), signal.SIGKILL)  # noqa: B009 - it is private
    assert vars(looking.tree()) == vars(survey(place(root)))
    looking.close()
    assert no_child()


def test_a_child_that_nobody_asks(root: Path) -> None:
    looking = Beside(place(root), {}, None)
    looking.close()
    looking.close()
    assert no_child()


def test_the_lock_is_the_parents_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that outlives a killed parent does not keep the next run waiting."""
    reading, writing = os.pipe()

    def slow(at: object) -> object:
        os.write(writing, b"started")
        signal.pause()
        return at

    with locked(place(root)) as lock:
        monkeypatch.setattr(beside, "survey", slow)
        looking = Beside(place(root), {}, lock)
        assert os.read(reading, 7) == b"started"
    with open(root / ".fleetc/lock", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    looking.close()
    os.close(reading)
    os.close(writing)

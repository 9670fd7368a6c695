"""All or nothing: refusals of the system, runs at once, and what a run does when it is stopped at any step."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
from tests.driver.tree.trees import build, content, own, place, put, shown, state_files, want

from fleetc.diagnostics import Failure
from fleetc.driver.tree.api import Place, Wanted, apply, locked, plan_writes

A, B = "golden/c/a.yaml", "golden/c/b.yaml"
OLD = {
    "golden/x/1": own("1"),
    "golden/x/2": own("2"),
    "golden/y/3": own("3"),
    "golden/z": own("z"),
    "golden/v/w": own("w"),
}
NEW = {"golden/x/1": own("one"), "golden/n/m/4": own("4"), "golden/z/9": own("9"), "golden/v": own("v")}
CALLS = ("rename", "link", "mkdir", "rmdir", "unlink", "open")
MANY = {f"golden/c{i % 7}/{i}.yaml": own(f"n: {i % 90}\n") for i in range(500)}
MAY_WRITE = "see to it that the user who runs fleetc may write there"


def refused(root: Path, files: Mapping[str, bytes], jobs: int = 1) -> list[str]:
    """The diagnostics of a build that must fail and change nothing."""
    before = content(root)
    with pytest.raises(Failure) as caught:
        build(root, files, jobs)
    assert content(root) == before
    return [shown(d) for d in caught.value.diagnostics]


class Steps:
    """Counts the calls that change a file system, and acts before the one with number `at`."""

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self.left = at
        self.act = act

    def patch(self, patched: pytest.MonkeyPatch) -> None:
        for name in CALLS:
            patched.setattr(os, name, self.wrap(getattr(os, name)))

    def wrap(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == -1:
                self.act()
            return real(*words, **named)

        return call

    @property
    def over(self) -> bool:
        return self.left >= 0


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
def test_bytes_do_not_depend_on_jobs(tmp_path: Path, jobs: int) -> None:
    done = build(tmp_path, MANY, jobs)
    assert len(done.written) == 500
    assert content(tmp_path) == MANY
    assert state_files(tmp_path) == ["lock"]


def test_contents_may_be_made_late(tmp_path: Path) -> None:
    files = {path: Wanted(w.digest, partial(bytes, MANY[path])) for path, w in want(MANY).items()}
    with locked(place(tmp_path)) as lock:
        apply(plan_writes(place(tmp_path), files, {}), lock, 2)
    assert content(tmp_path) == MANY


ERRORS = {
    errno.ENOSPC: "FLT605",
    errno.EDQUOT: "FLT605",
    errno.EXDEV: "FLT606",
    errno.EACCES: "FLT604",
    errno.EROFS: "FLT604",
    errno.ENAMETOOLONG: "FLT604",
}


@pytest.mark.parametrize("number", ERRORS)
def test_a_refusal_at_any_step_leaves_the_tree_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse() -> NoReturn:
        raise OSError(number, os.strerror(number), "somewhere")

    failures = 0
    for at in range(1000):
        build(tmp_path, OLD)
        plan = plan_writes(place(tmp_path), want(NEW), {})
        steps = Steps(at, refuse)
        codes: list[str] = []
        with locked(place(tmp_path)) as lock, monkeypatch.context() as patched:
            steps.patch(patched)
            try:
                apply(plan, lock)
            except Failure as failure:
                codes = [d.code.code for d in failure.diagnostics]
        if codes:
            failures += 1
            # A folder that cannot be dropped is no matter by itself, but then no file can take its place.
            assert codes in ([ERRORS[number]], ["FLT604"])
            assert sorted(p.name for p in (tmp_path / "golden").iterdir()) == ["v", "x", "y", "z"]
            assert state_files(tmp_path) == ["lock"]
        assert content(tmp_path) == (OLD if codes else NEW)
        if steps.over:
            assert failures > 20
            return
    pytest.fail("it never finished")


@pytest.mark.parametrize("doomed", [False, True])
def test_killed_at_any_step_and_again_while_recovering(tmp_path: Path, doomed: bool) -> None:
    """`doomed`: a file that cannot be replaced makes the run undo itself, and the kill hits that too."""
    seen: set[bool] = set()
    for at in range(1000):
        put(tmp_path, "golden/mine", b"mine")
        build(tmp_path, OLD)
        over = _killed(tmp_path, at, doomed)
        for again in range(at % 7):
            _killed(tmp_path, again, False, recover_only=True)
        with locked(place(tmp_path)):
            assert state_files(tmp_path) == ["lock"]
        found = content(tmp_path)
        assert found.pop("golden/mine") == b"mine"
        assert found in (OLD, NEW)
        seen.add(found == NEW)
        if over:
            assert found == (OLD if doomed else NEW)
            assert seen == {False, True}
            return
    pytest.fail("it never finished")


def _killed(root: Path, at: int, doomed: bool, *, recover_only: bool = False) -> bool:
    """Run in a child that is killed before its step `at`; True when it ended before."""
    pid = os.fork()
    if not pid:
        try:
            with pytest.MonkeyPatch.context() as patched:
                plan = plan_writes(place(root), want(NEW), {})
                steps = Steps(at, lambda: os.kill(os.getpid(), signal.SIGKILL))
                if doomed:
                    real = os.rename
                    patched.setattr(os, "rename", lambda a, b: real(a, f"{b}/no/no" if b.endswith("golden/z/9") else b))
                steps.patch(patched)
                with locked(place(root)) as lock:
                    if not recover_only:
                        apply(plan, lock)
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def test_recovery_leaves_what_the_user_changed_meanwhile(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    for at in range(1000):
        if _killed(tmp_path, at, doomed=False):
            break
        if (tmp_path / ".fleetc/journal").exists() and (tmp_path / "golden/x/1").read_bytes() == own("1"):
            put(tmp_path, "golden/x/1", b"edited")
            put(tmp_path, "golden/n/m/4", b"edited too")
            with locked(place(tmp_path)):
                assert state_files(tmp_path) == ["lock"]
            assert content(tmp_path) == {**NEW, "golden/x/1": b"edited", "golden/n/m/4": b"edited too"}
            return
    pytest.fail("the journal was never seen")


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    name = f"{tmp_path}/.fleetc/journal"
    hint = f"delete {name} and build again; files that the killed run did not reach are found as usual"
    for text, why in (
        ("{", "it is damaged"),
        ('{"format":2,"writes":[],"deletes":[],"make":[],"drop":[]}', "it is of another version of fleetc"),
    ):
        Path(name).write_text(text)
        assert refused(tmp_path, NEW) == [
            f"FLT609 - {name}: the journal of a killed run cannot be read: {why} ({hint})"
        ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failing_content_changes_nothing_and_leaves_no_child(tmp_path: Path, jobs: int) -> None:
    def fail() -> bytes:
        raise ValueError("a bug")

    files = {**want(MANY), "golden/z": Wanted("0" * 64, fail)}
    with locked(place(tmp_path)) as lock, pytest.raises((ValueError, RuntimeError), match="a bug"):
        apply(plan_writes(place(tmp_path), files, {}), lock, jobs)
    assert content(tmp_path) == {}
    assert state_files(tmp_path) == ["lock"]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_children_end_with_their_parent(tmp_path: Path, sign: signal.Signals) -> None:
    """A child that sleeps in a content must not keep the lock or go on writing when its parent is gone."""

    def slow() -> bytes:
        time.sleep(60)
        return b""

    files = {**want(MANY), "golden/c0/0.yaml": Wanted("0" * 64, slow)}
    pid = os.fork()
    if not pid:
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            with locked(place(tmp_path)) as lock:
                apply(plan_writes(place(tmp_path), files, {}), lock, 2)
        finally:
            os._exit(0)
    stage = tmp_path / ".fleetc/stage/1"
    while not stage.exists() or len(list(stage.iterdir())) < 250:
        time.sleep(0.01)
    os.kill(pid, sign)
    started = time.monotonic()
    os.waitpid(pid, 0)
    with locked(place(tmp_path)):
        assert state_files(tmp_path) == ["lock"]
    assert time.monotonic() - started < 10
    assert build(tmp_path, MANY, 2).written == tuple(sorted(MANY))


def test_what_changes_between_plan_and_apply_is_not_overwritten(tmp_path: Path) -> None:
    build(tmp_path, {A: own("1"), B: own("1")})
    plan = plan_writes(place(tmp_path), want({A: own("2"), "golden/n": own("1")}), {})
    put(tmp_path, A, b"edited")
    put(tmp_path, "golden/n", b"new")
    with locked(place(tmp_path)) as lock, pytest.raises(Failure) as caught:
        apply(plan, lock)
    assert [shown(d) for d in caught.value.diagnostics] == [
        f"FLT601 {p}:1:1 {p}: changed while fleetc was running; nothing was written (run fleetc again)"
        for p in (A, "golden/n")
    ]
    assert content(tmp_path) == {A: b"edited", B: own("1"), "golden/n": b"new"}


def test_two_runs_at_once(tmp_path: Path) -> None:
    code = f"""
import sys, time
from fleetc.driver.tree.api import Place, locked
with locked(Place({str(tmp_path)!r}, "golden", {str(tmp_path / ".fleetc")!r})):
    print("held", flush=True)
    time.sleep(60)
"""
    paths = os.pathsep.join(p for p in sys.path if p)
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        hint = "wait until it ends; the lock goes with the process, however that ends"
        assert refused(tmp_path, NEW) == [f"FLT602 - another fleetc run is in progress (process {other.pid}) ({hint})"]
        other.kill()
        other.wait()
    build(tmp_path, NEW)


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 400 kB."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "none", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk(tmpfs: Path, jobs: int) -> None:
    build(tmpfs, OLD)
    many = {f"golden/{i}": own("x" * 2000 + str(i)) for i in range(300)}
    hint = "make room, then run fleetc again"
    assert refused(tmpfs, many, jobs) == [f"FLT605 - the disk is full; nothing was changed ({hint})"]
    assert state_files(tmpfs) == ["lock"]


def test_a_read_only_file_system(tmpfs: Path) -> None:
    build(tmpfs, OLD)
    subprocess.run(["mount", "-o", "remount,ro", tmpfs], check=True)
    words = f"cannot be written: Read-only file system (EROFS) ({MAY_WRITE})"
    plan = plan_writes(place(tmpfs), want({**OLD, "golden/x/1": own("one")}), {})
    assert [shown(d) for d in plan.diagnostics] == [f"FLT604 golden/x:1:1 golden/x: {words}"]
    assert refused(tmpfs, NEW) == [f"FLT604 {tmpfs}/.fleetc/lock:1:1 {tmpfs}/.fleetc/lock: {words}"]


def test_another_file_system(tmpfs: Path, tmp_path: Path) -> None:
    state = str(tmp_path / ".fleetc")
    plan = plan_writes(Place(str(tmp_path), "mounted", state), want({"mounted/a": own("a")}), {})
    words = f"lies on another file system than the state folder {state}, so files cannot be renamed into place"
    hint = "keep the state folder and the output on one file system"
    assert [shown(d) for d in plan.diagnostics] == [f"FLT606 mounted:1:1 mounted: {words} ({hint})"]


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root, to become somebody else")
    build(tmp_path, OLD)
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o11)
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setuid(65534)
            os.write(writing, "\n".join(diagnose_new(tmp_path)).encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 10000).decode().split("\n") == [
        f"FLT604 {p}:1:1 {p}: cannot be written: Permission denied (EACCES) ({MAY_WRITE})"
        for p in ("golden", "golden/v", "golden/x", "golden/y")
    ]


def diagnose_new(root: Path) -> list[str]:
    return [shown(d) for d in plan_writes(place(root), want(NEW), {}).diagnostics]

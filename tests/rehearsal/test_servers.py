"""Starting, watching and ending servers, with programs of the system in their place."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.driver.fleets import CHECKOUT
from tests.rehearsal import processes

from fleetc_rehearsal import ServerFailed, scratch
from fleetc_rehearsal.interrupts import Ended, deferred, unwinding
from fleetc_rehearsal.servers import Servers

SLEEP = ["/bin/sleep", "600"]
OWNER = f"""
import sys, time
from fleetc_rehearsal.interrupts import deferred, unwinding
from fleetc_rehearsal.servers import Servers
with unwinding():
    try:
        with deferred():
            servers = Servers()
        servers.start("sleep", lambda _: {SLEEP}, lambda _: True)
        {{body}}
        print(servers.folder, flush=True)
        time.sleep(600)
    finally:
        servers.end()
"""
"""A program with a server; it prints its folder."""
NOBODY = 65534 if os.geteuid() == 0 else os.geteuid()
"""A user for whom permissions count: root needs none."""


pytestmark = pytest.mark.usefixtures("temporary")


def nothing_left(folder: Path) -> bool:
    return not processes.of(folder) and not any(folder.iterdir())


def soon(check: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return False


def owner(body: str = "") -> tuple[subprocess.Popen[str], Path]:
    """A program with a server, and the server's folder."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "compiler")}
    words = [sys.executable, "-c", OWNER.format(body=body)]
    started = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert started.stdout is not None
    return started, Path(started.stdout.readline().strip())


def test_start_and_end(temporary: Path) -> None:
    servers = Servers()
    servers.start("sleep", lambda _: SLEEP, lambda _: True)
    assert servers.folder.parent == temporary
    assert servers.folder.stat().st_mode & 0o777 == 0o700
    assert soon(lambda: len(processes.of(servers.folder)) == 2)  # the guard and the server
    servers.watch()
    servers.end()
    assert nothing_left(temporary)


def test_a_server_that_ends_by_itself(temporary: Path) -> None:
    servers = Servers()
    talk = "for i in $(seq 40); do echo line $i; done; exit 3"
    with pytest.raises(ServerFailed, match="talker ended with exit status 3; its log says:\nline 1\n") as failed:
        servers.start("talker", lambda _: ["/bin/sh", "-c", talk], lambda _: False)
    lines = failed.value.log.splitlines()
    assert (lines[4:7], lines[-1]) == (["line 5", "...", "line 21"], "line 40")
    servers.end()
    assert nothing_left(temporary)


def test_a_program_that_is_not_there() -> None:
    servers = Servers()
    with pytest.raises(ServerFailed, match="status 127; its log says:\n/no/such: No such file or directory"):
        servers.start("none", lambda _: ["/no/such"], lambda _: False)
    servers.end()


def test_a_port_that_was_taken_costs_another_try(temporary: Path) -> None:
    tried: list[int] = []

    def command(ports: list[int]) -> list[str]:
        tried.extend(ports)
        return SLEEP if len(tried) == 3 else ["/bin/sh", "-c", "echo bind: address already in use; exit 1"]

    servers = Servers()
    assert servers.start("server", command, lambda _: len(tried) == 3) == tried[-1:]
    servers.end()
    assert nothing_left(temporary)


def test_nothing_of_the_environment_has_a_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/elsewhere")
    servers = Servers()
    command = ["/bin/sh", "-c", "env; exec sleep 600"]
    servers.start("env", lambda _: command, lambda _: "PWD" in servers.log("env"), env={"OURS": "1"})
    names = {line.partition("=")[0] for line in servers.log("env").splitlines()}
    folder = servers.folder
    assert f"HOME={folder}" in servers.log("env")
    servers.end()
    assert "OURS" in names
    assert names <= {"PATH", "HOME", "TMPDIR", "OURS", "PWD", "SHLVL", "_", "OLDPWD", "LC_CTYPE"}


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGHUP)],
)
def test_an_owner_that_is_interrupted(number: signal.Signals, status: int, temporary: Path) -> None:
    program, _ = owner()
    program.send_signal(number)
    program.communicate(timeout=30)
    assert program.returncode == status
    assert nothing_left(temporary)


def test_an_owner_that_is_killed(temporary: Path) -> None:
    program, folder = owner()
    assert scratch.sweep() == []  # it lives
    program.kill()
    program.communicate()
    assert soon(lambda: not processes.of(temporary))
    assert folder.exists()
    assert soon(lambda: scratch.sweep() == [folder])  # as soon as all that was open is closed
    assert nothing_left(temporary)


def test_an_owner_that_is_killed_and_leaves_a_copy_of_itself(temporary: Path) -> None:
    program, folder = owner("import os; os.fork() or time.sleep(3) or os._exit(0)")
    program.kill()
    program.wait()
    assert soon(lambda: not processes.of(folder))  # though the copy holds the pipe open,
    assert scratch.sweep() == []  # and the lock,
    assert soon(lambda: scratch.sweep() == [folder])  # until it ends.
    program.communicate()


def test_a_guard_that_is_killed_takes_its_server_along(temporary: Path) -> None:
    servers = Servers()
    servers.start("sleep", lambda _: SLEEP, lambda _: True)
    servers.running["sleep"].kill()
    assert soon(lambda: not processes.of(servers.folder))
    with pytest.raises(ServerFailed, match="sleep ended with exit status -9"):
        servers.watch()
    servers.end()
    assert nothing_left(temporary)


def test_a_sweep_leaves_alone_what_is_not_its_own(temporary: Path) -> None:
    (temporary / "other").mkdir()
    (temporary / f"{scratch.PREFIX}file").touch()
    (temporary / f"{scratch.PREFIX}link").symlink_to(temporary / "other")
    (temporary / f"{scratch.PREFIX}dead").mkdir()
    (temporary / f"{scratch.PREFIX}dead/data").touch()
    living = scratch.claim()
    assert scratch.sweep() == [temporary / f"{scratch.PREFIX}dead"]
    assert living.path.exists()
    scratch.release(living)
    assert sorted(p.name for p in temporary.iterdir()) == [f"{scratch.PREFIX}file", f"{scratch.PREFIX}link", "other"]


def test_a_folder_that_is_closed_to_its_own_user_goes_too(temporary: Path) -> None:
    made = temporary / "made"
    (made / "closed/below").mkdir(parents=True)
    (made / "closed/below/data").touch()
    (made / "link").symlink_to(temporary)
    for path in (temporary, made, made / "closed", made / "closed/below"):
        os.chown(path, NOBODY, -1)
    for path in (made / "closed/below", made / "closed"):
        path.chmod(0o300)
    child = os.fork()
    if child == 0:
        os.chdir(temporary)  # what is above is closed to others
        os.setuid(NOBODY)
        scratch.remove(Path("made"))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert list(temporary.iterdir()) == []


def test_folders_are_claimed_while_others_sweep(temporary: Path) -> None:
    stop = threading.Event()

    def sweeping() -> None:
        while not stop.is_set():
            scratch.sweep()

    thread = threading.Thread(target=sweeping)
    thread.start()
    for _ in range(200):
        claimed = scratch.claim()
        (claimed.path / "data").touch()
        assert claimed.path.exists()
        scratch.release(claimed)
    stop.set()
    thread.join()
    assert nothing_left(temporary)


def test_signals_wait_for_what_must_be_whole() -> None:
    seen: list[str] = []
    with pytest.raises(Ended) as ended, unwinding(), deferred(), deferred():  # noqa: PT012 - this is the point
        signal.raise_signal(signal.SIGTERM)
        seen.append("whole")
    assert seen == ["whole"]
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_program_that_handles_signals_itself_keeps_its_handler() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        with unwinding():
            signal.raise_signal(signal.SIGTERM)
        assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_other_threads_start_servers_too(temporary: Path) -> None:
    def work() -> None:
        with unwinding():
            servers = Servers()
            servers.start("sleep", lambda _: SLEEP, lambda _: True)
            ends.append(servers.end)

    ends: list[Callable[[], None]] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    time.sleep(0.5)
    assert len(processes.of(temporary)) == 2  # a thread that ended takes nothing along
    ends[0]()
    assert nothing_left(temporary)


def test_a_port_is_free(temporary: Path) -> None:
    servers = Servers()
    (port,) = servers.start("sleep", lambda _: SLEEP, lambda _: True)
    with socket.socket() as one:
        one.bind(("127.0.0.1", port))
    servers.end()

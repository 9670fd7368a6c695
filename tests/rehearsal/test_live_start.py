"""Control planes up and down, and what is left of them whatever happens."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.driver.fleets import CHECKOUT
from tests.rehearsal import processes

from fleetc_rehearsal import Node, ServerFailed, control_plane, finder, scratch, servers

pytestmark = pytest.mark.live
MINORS = ("1.33", "1.35", "1.36")
ALL = {"etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "kwok"}
API_ONLY = {"etcd", "kube-apiserver"}


@pytest.fixture(autouse=True)
def empty_afterwards(temporary: Path) -> Iterator[None]:
    """Every test here leaves no process and no file."""
    yield
    assert processes.of(temporary) == []
    assert list(temporary.iterdir()) == []


def soon(check: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.05)
    return False


def program() -> subprocess.Popen[str]:
    """A program that runs a control plane until it is told to end."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "compiler")}
    words = [sys.executable, "-m", "fleetc_rehearsal", "1.36", "--api-only"]
    return subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def programs(count: int) -> Generator[list[subprocess.Popen[str]]]:
    """Some at once, ended at the end."""
    running = [program() for _ in range(count)]
    try:
        yield running
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.communicate()


def kubeconfig(running: subprocess.Popen[str]) -> Path:
    """What it prints when it is ready."""
    assert running.stdout is not None
    line = running.stdout.readline()
    assert line.startswith("export KUBECONFIG="), running.communicate()
    return Path(line.strip().partition("=")[2])


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """The lock of a folder, as soon as nobody has it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("minor", MINORS)
def test_up_and_down(minor: str, temporary: Path) -> None:
    with control_plane(minor, scheduler=True, controllers=True, kwok=True) as cluster:
        assert cluster.client.request("GET", "/version")["gitVersion"].startswith(f"v{minor}.")
        assert cluster.processes.keys() == ALL
        assert len(processes.of(cluster.folder)) == 2 * len(ALL)
        assert cluster.folder.parent == temporary
        assert cluster.folder.stat().st_mode & 0o777 == 0o700
        cluster.add_node(Node("n"))
        names = [node["metadata"]["name"] for node in cluster.client.every("v1", "Node")]
        assert names == ["n"]
        cluster.watch()


def test_kubectl_takes_the_kubeconfig() -> None:
    with control_plane("1.36") as cluster:
        words = [str(finder.binary("kubernetes-1.36", "kubectl")), "get", "namespace", "default", "--output=json"]
        env = {"KUBECONFIG": str(cluster.kubeconfig), "HOME": str(cluster.folder)}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["metadata"]["name"] == "default"
        cluster.add_node(Node("n"))  # ready without kwok, too


def test_two_in_one_process() -> None:
    with control_plane("1.36") as one, control_plane("1.35") as other:
        assert one.client.port != other.client.port
        one.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "of-one"}})
        assert one.client.look("v1", "Namespace", "of-one") is not None
        assert other.client.look("v1", "Namespace", "of-one") is None


def test_two_at_once() -> None:
    with programs(2) as (first, second):
        assert kubeconfig(first) != kubeconfig(second)
        first.terminate()
        assert first.wait(60) == 128 + signal.SIGTERM
        assert second.poll() is None


def test_in_another_thread() -> None:
    seen: list[str] = []

    def work() -> None:
        with control_plane("1.36") as cluster:
            seen.append(cluster.client.get("v1", "Namespace", "default")["kind"])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == ["Namespace"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGHUP)],
)
@pytest.mark.parametrize("when", ["starting", "ready"])
def test_interrupted(number: signal.Signals, status: int, when: str, temporary: Path) -> None:
    with programs(1) as (running,):
        if when == "ready":
            kubeconfig(running)
            assert len(processes.of(temporary)) == 2 * len(API_ONLY)
        else:
            assert soon(lambda: any("kube-apiserver" in words for words in processes.of(temporary)))
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
        assert (running.returncode, out, err) == (status, "", "")


def test_killed(temporary: Path) -> None:
    """The servers die with it, the next start removes its folder, and not that of one that lives."""
    with programs(2) as (living, killed):
        kept, dead = kubeconfig(living).parent, kubeconfig(killed).parent
        killed.kill()
        killed.communicate()
        assert soon(lambda: not processes.of(dead), seconds=10)
        with locked(dead):  # until the system has closed all that the servers had open
            assert dead.exists()
        with control_plane("1.36") as cluster:
            assert {p for p in temporary.iterdir() if p.name.startswith(scratch.PREFIX)} == {kept, cluster.folder}
            assert len(processes.of(kept)) == 2 * len(API_ONLY)


def test_ports_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between finding and binding, for each server once."""
    found = servers.free_ports
    calls: list[int] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        def ports(count: int) -> list[int]:
            calls.append(count)
            return found(count) if len(calls) % 2 == 0 else [taken.getsockname()[1]] * count

        monkeypatch.setattr(servers, "free_ports", ports)
        with control_plane("1.36", scheduler=True, controllers=True, kwok=True) as cluster:
            cluster.add_node(Node("n"))
    assert calls == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]


def test_a_server_that_is_killed() -> None:
    with pytest.raises(ZeroDivisionError) as failed, control_plane("1.36") as cluster:  # noqa: PT012 - it is under way
        os.kill(cluster.processes["etcd"], signal.SIGKILL)
        assert soon(lambda: not any("etcd --name" in words for words in processes.of(cluster.folder)))
        with pytest.raises(ServerFailed, match="etcd ended with exit status -9"):
            cluster.watch()
        raise ZeroDivisionError
    (note,) = failed.value.__notes__
    assert note.startswith("etcd ended with exit status -9; its log says:")


def test_an_exception() -> None:
    with pytest.raises(ZeroDivisionError) as failed, control_plane("1.36"):
        raise ZeroDivisionError
    assert not hasattr(failed.value, "__notes__")


@pytest.mark.parametrize("server", ["kube-apiserver", "kube-scheduler", "kube-controller-manager", "kwok", "etcd"])
def test_a_bad_flag(server: str) -> None:
    flags = {server: ["--no-such-flag"]}
    with (
        pytest.raises(ServerFailed) as failed,
        control_plane("1.36", scheduler=True, controllers=True, kwok=True, flags=flags),
    ):
        pytest.fail("it started")
    assert failed.value.server == server
    assert "no-such-flag" in str(failed.value)

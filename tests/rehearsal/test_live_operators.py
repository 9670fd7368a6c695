"""Operators up and down: taken ports, sudden ends, and nothing left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.driver.fleets import CHECKOUT
from tests.rehearsal import processes
from tests.rehearsal.test_live_start import locked, soon

from fleetc_rehearsal import KUEUE, LWS, ServerFailed, control_plane, operators, servers

pytestmark = pytest.mark.live
PROGRAM = """
import time
from fleetc_rehearsal import LWS, control_plane
with control_plane("1.36", operators=[LWS]) as cluster:
    print(cluster.folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def empty_afterwards(temporary: Path) -> Iterator[None]:
    """Every test here leaves no process and no file."""
    yield
    assert processes.of(temporary) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("minor", ["1.33", "1.35"])
def test_on_older_servers(minor: str) -> None:
    with control_plane(minor, operators=[LWS, KUEUE]) as cluster:
        assert {"lws", "kueue"} < cluster.processes.keys()
        flavor = {
            "apiVersion": "kueue.x-k8s.io/v1beta1",
            "kind": "ResourceFlavor",
            "metadata": {"name": "f"},
            "spec": {},
        }
        cluster.client.create(flavor)
        queue = {"apiVersion": "kueue.x-k8s.io/v1beta1", "kind": "LocalQueue", "metadata": {"name": "q"}}
        cluster.client.create({**queue, "spec": {"clusterQueue": "c"}})
        # Between its versions the operator converts.
        assert cluster.client.get("kueue.x-k8s.io/v1beta2", "LocalQueue", "q")["spec"]["clusterQueue"] == "c"


def test_ports_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found, calls = servers.free_ports, list[int]()
    with socket.socket() as taken, control_plane("1.36") as cluster:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        def ports(count: int) -> list[int]:
            calls.append(count)
            first, *rest = found(count)
            return [first if len(calls) > 1 else taken.getsockname()[1], *rest]

        monkeypatch.setattr(servers, "free_ports", ports)
        operators.start(LWS, cluster)
    assert calls == [2, 2]


def test_an_operator_that_is_killed() -> None:
    with control_plane("1.36", operators=[LWS]) as cluster:
        os.kill(cluster.processes["lws"], signal.SIGKILL)
        assert soon(lambda: not any("/lws --config" in words for words in processes.of(cluster.folder)))
        with pytest.raises(ServerFailed, match="lws ended with exit status -9"):
            cluster.watch()


def test_killed(temporary: Path) -> None:
    """It dies with the program that started it."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "compiler")}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        folder = Path(running.stdout.readline().strip())
        assert sum("/lws --config" in words for words in processes.of(folder)) == 2  # and its guard
        running.kill()
    assert soon(lambda: not processes.of(folder), seconds=10)
    with locked(folder):  # until the system has closed all that the servers had open
        assert folder.exists()
    with control_plane("1.36") as cluster:  # removes what is left
        assert [path for path in temporary.iterdir() if path.is_dir()] == [cluster.folder]

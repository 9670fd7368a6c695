"""Argo CD up and down, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.driver.fleets import CHECKOUT
from tests.rehearsal import processes
from tests.rehearsal.test_live_start import locked, soon

from fleetc_rehearsal import ServerFailed, argocd, control_plane

pytestmark = pytest.mark.live
SERVERS = {"argocd-application-controller", "argocd-redis", "argocd-repo-server"}
PROGRAM = """
import time
from fleetc_rehearsal import argocd, control_plane
with control_plane("1.36") as cluster:
    argocd.start(cluster)
    print(cluster.folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def empty_afterwards(temporary: Path) -> Iterator[None]:
    """Every test here leaves no process and no file."""
    yield
    assert processes.of(temporary) == []
    assert list(temporary.iterdir()) == []


def test_a_server_of_it_that_is_killed() -> None:
    with control_plane("1.36") as cluster:
        argo = argocd.start(cluster)
        assert {name for name in cluster.processes if name.startswith("argocd")} == SERVERS
        os.kill(cluster.processes["argocd-repo-server"], signal.SIGKILL)
        assert soon(lambda: not any("/argocd-repo-server" in words for words in processes.of(cluster.folder)))
        with pytest.raises(ServerFailed, match="argocd-repo-server ended with exit status -9"):
            argo.wait_for("any")


def test_killed(temporary: Path) -> None:
    """It dies with the program that started it."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "compiler")}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        folder = Path(running.stdout.readline().strip())
        words = "\n".join(processes.of(folder))
        assert all(f"/{name} " in words for name in SERVERS)
        running.kill()
    assert soon(lambda: not processes.of(folder), seconds=10)
    with locked(folder):  # until the system has closed all that the servers had open
        assert folder.exists()
    with control_plane("1.36") as cluster:  # removes what is left
        assert [path for path in temporary.iterdir() if path.is_dir()] == [cluster.folder]

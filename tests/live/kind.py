"""kind-dev as it is on a laptop: a cluster of kind's own, in Docker, behind the same interface as a rehearsal.

`python -m tests.live.kind` tells whether Docker is there: `make e2e-kind` asks before it builds anything.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from fleetc.driver.live.credentials import pem
from fleetc.driver.live.kubeconfig import load
from fleetc_rehearsal import Client, Cluster, RehearsalError, finder
from fleetc_rehearsal.interrupts import unwinding
from fleetc_rehearsal.servers import Servers

IMAGES: Final = {"1.33": "kindest/node:v1.33.7@sha256:d26ef333bdb2cbe9862a0f7c3803ecc7b4303d8cea8e814b481b09949d353040"}
"""By minor, the node image that belongs to the pinned release of kind (v0.31.0): another release needs others."""
_PATIENCE: Final = 60
_WAIT: Final = "180s"


def missing_docker() -> str:
    """Why no cluster of kind can be made here; empty where one can."""
    program = shutil.which("docker")
    if program is None:
        return "e2e-kind makes its cluster in Docker, and there is no `docker` on PATH"
    words = [program, "info", "--format", "{{.ServerVersion}}"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"e2e-kind makes its cluster in Docker, and `docker info` does not work: {error}"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return f"e2e-kind makes its cluster in Docker, and its daemon does not answer: {last}"
    return ""


@contextmanager
def kind_cluster(minor: str, crds: Iterable[Mapping[str, Any]] = ()) -> Generator[Cluster]:
    """A cluster of kind of one minor, with its CRDs; afterwards there is no container and no file of it.

    Raises RehearsalError.
    """
    if minor not in IMAGES:
        raise RehearsalError(f"no node image of kind is pinned for {minor}, only for {', '.join(IMAGES)}")
    why = missing_docker()
    if why:
        raise RehearsalError(why)
    kind, name = str(finder.binary("kind")), f"fleetc-{secrets.token_hex(4)}"
    with unwinding():
        servers = Servers()  # none of ours: a folder that only this user can read, and that goes
        config = servers.folder / "kubeconfig"
        try:
            _run(kind, "create", "cluster", f"--name={name}", f"--image={IMAGES[minor]}", f"--wait={_WAIT}", to=config)
            cluster = Cluster(minor, _client(config), config, servers)
            cluster.apply(crds)
            yield cluster
        finally:
            try:
                _run(kind, "delete", "cluster", f"--name={name}", to=config)
            finally:
                servers.end()


def _run(*words: str, to: Path) -> None:
    """One command of kind, in Docker and no other engine that kind may find; the user's kubeconfig stays as it is."""
    env = {**os.environ, "KIND_EXPERIMENTAL_PROVIDER": "docker"}
    words = (*words, f"--kubeconfig={to}")
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RehearsalError(f"`{' '.join(('kind', *words[1:]))}` failed:\n{done.stderr.strip()}")


def _client(config: Path) -> Client:
    """The admin's, who has a certificate and no token."""
    found = load(str(config))
    context = found.context(found.current)
    authority, chain = config.with_name("authority.pem"), config.with_name("admin.pem")
    authority.write_bytes(pem(context.cluster, "certificate-authority"))
    chain.write_bytes(pem(context.user, "client-certificate") + b"\n" + pem(context.user, "client-key"))
    port = urlsplit(context.server).port
    if port is None:
        raise RehearsalError(f"the server {context.server} has no port")
    return Client(port, "", authority, chain)


def main() -> int:
    """0 where a cluster can be made, else 2 and why not."""
    why = missing_docker()
    if why:
        sys.stderr.write(
            f"{why}\nWithout Docker, `make live` runs the same tests on control planes on loopback "
            "(docs/rehearsal.md).\n"
        )
    return 2 if why else 0


if __name__ == "__main__":
    sys.exit(main())

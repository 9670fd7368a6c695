"""The example fleet delivered for real: a copy of it in git, and the hub's Argo CD, which syncs it to two clusters."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.check.goldens import golden
from tests.driver.fleets import acme, program
from tests.live.clusters import WITHOUT, Emitted, crds_of, emitted_by, operators_of
from tests.live.pools import node_pools

from fleet.argocd import PROJECT, project, root
from fleet.data import Hub, read_stack
from fleetc_rehearsal import Client, Cluster, NodePool, TimedOut, argocd, control_plane, until
from fleetc_rehearsal.applications import API, Status, status_of
from fleetc_rehearsal.manifests import group_of

HUB: Final = "hub"
WORKER: Final = "onprem-fra"
ROOT: Final = PROJECT
"""The Application of all Applications, which a stack calls as its project."""
_NODES: Final = NodePool("general", 3, cpu="16", memory="64Gi")
"""For what no pool of GPUs is for."""
_SYNC_SECONDS: Final = 420
"""Many times what a quiet machine needs: other control planes run beside these two."""
_OPERATED: Final = ("kueue.x-k8s.io", "leaderworkerset.x-k8s.io")
_URL: Final = "https://git.acme.example/platform.git"


class Copy:
    """A working copy of the fleet's repository. Argo CD reads what is committed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = acme(folder)
        self._git("init", "--quiet", "--initial-branch=main")
        self.edit("specs/fleet.yaml", _URL, folder.as_uri())
        (folder / ".gitignore").write_text("/.fleetc/\n", encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file in one place."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} has {text.count(old)} times: {old}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def fleetc(self, *words: str) -> str:
        """Run the program on it; what it prints."""
        done = program(words[0], "--root", str(self.folder), *words[1:])
        assert done.status == 0, done.out + done.err
        return done.out

    def commit(self, *, build: bool = True) -> str:
        """Build, and commit all that is there; the revision."""
        if build:
            self.fleetc("build")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message=rehearsal")
        return self.revision()

    def revision(self) -> str:
        """What is committed."""
        return self._git("rev-parse", "HEAD")

    def emitted(self, cluster: str) -> list[Emitted]:
        """What stands in the folder of a cluster."""
        return emitted_by(self.folder, "golden", cluster)

    def golden(self, cluster: str, path: str) -> Path:
        """A file that is emitted for a cluster."""
        return self.folder / "golden" / cluster / path

    def hub(self) -> Hub:
        """The data of the hub's stack."""
        stack = read_stack(self.folder / "stacks/generated" / f"{HUB}.yaml", HUB)
        assert isinstance(stack, Hub)
        return stack

    def _git(self, *words: str) -> str:
        who = {f"GIT_{role}_{key}": "rehearsal" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env={**os.environ, **own, **who},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


class Delivered(NamedTuple):
    """What runs, and the copy that is delivered."""

    argo: argocd.ArgoCD
    clusters: Mapping[str, Cluster]
    copy: Copy

    def client(self, cluster: str) -> Client:
        """The admin's."""
        return self.clusters[cluster].client

    def names(self) -> list[str]:
        """The Applications of the clusters that run, as they are emitted; those of charts have a third part in their
        names, and are not among them."""
        files = (self.copy.folder / "golden" / HUB / "argocd/applications").glob("*.yaml")
        return sorted(f.stem for f in files if f.stem.count(".") == 1 and f.stem.partition(".")[0] in self.clusters)

    def settle(self, revision: str, *names: str, root: bool = True) -> None:
        """Wait until Applications (all of the clusters that run) are synced to a revision, with nothing under way."""
        expected = dict.fromkeys(names or self.names(), revision) | ({ROOT: self.copy.revision()} if root else {})

        def open_ones() -> dict[str, Status]:
            for cluster in self.clusters.values():
                cluster.watch()
            found = {name: self.look(name) for name in expected}
            return {name: one for name, one in found.items() if not _settled(one, expected[name])}

        try:
            until(lambda: not open_ones(), f"sync of {', '.join(expected)} to {revision}", _SYNC_SECONDS)
        except TimedOut as error:
            error.add_note("\n".join(f"{name}: {one}" for name, one in open_ones().items()))
            raise

    def told(self, name: str, text: str, seconds: float = 90) -> Status:
        """What is said of an Application, once that has a text in it."""
        try:
            return until(lambda: one if text in str(one := self.look(name)) else None, f"{text!r} of {name}", seconds)
        except TimedOut as error:
            error.add_note(str(self.look(name)))
            raise

    def look(self, name: str) -> Status:
        """What is said of an Application, which may not be there yet."""
        return status_of(self.client(HUB).look(API, "Application", name, argocd.NAMESPACE) or {})

    def sick(self) -> set[tuple[str, str, str]]:
        """What is not Healthy: Application, kind and name; without a kind and a name where no object is to blame."""
        out: set[tuple[str, str, str]] = set()
        for name in [ROOT, *self.names()]:
            status = self.look(name)
            members = {(name, m.kind, m.name) for m in status.members if m.health not in ("", "Healthy")}
            out |= members or ({(name, "", "")} if status.health != "Healthy" else set())
        return out

    def identities(self, cluster: str, emitted: Iterable[Emitted]) -> dict[str, Identity]:
        """Of each of these objects that is in the cluster, by what people call it."""
        found = {one.about: self.client(cluster).look(*address(one.object)) for one in emitted}
        return {about: _identity(obj) for about, obj in found.items() if obj is not None}


Identity = tuple[str, str]
"""The uid, and the version of what is not a status."""


def address(obj: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Where an object is read."""
    meta = obj["metadata"]
    return obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace", "")


def _identity(obj: Mapping[str, Any]) -> Identity:
    # A controller may report a status at any time, and then the version of the object moves.
    meta = obj["metadata"]
    version = meta["resourceVersion"] if "status" not in obj else json.dumps(obj.get("spec"), sort_keys=True)
    return meta["uid"], version


def _settled(status: Status, revision: str) -> bool:
    return (status.sync, status.revision, status.phase) == ("Synced", revision, "Succeeded")


@contextmanager
def delivered(folder: Path) -> Generator[Delivered]:
    """The hub and the worker, with Argo CD on the hub as a stack sets it up: its root Application is there."""
    copy = Copy(folder)
    copy.commit()
    with ExitStack() as stack:
        clusters = {name: stack.enter_context(_cluster(name, copy)) for name in (HUB, WORKER)}
        argo = argocd.start(clusters[HUB], settings={"cluster.inClusterEnabled": "true"})
        for name, cluster in clusters.items():
            argo.register(name, cluster, inside=name == HUB)
        clusters[HUB].apply([project(copy.hub()), root(copy.hub())])
        yield Delivered(argo, clusters, copy)


@contextmanager
def _cluster(name: str, copy: Copy) -> Generator[Cluster]:
    """A cluster with its nodes and without what is emitted."""
    spec = golden().world.clusters[golden().world.index[name]]
    emitted = [one for one in copy.emitted(name) if group_of(one.object["apiVersion"]) not in WITHOUT]
    theirs = [one for one in emitted if group_of(one.object["apiVersion"]) not in _OPERATED]
    with control_plane(
        spec.kubernetes,
        crds=crds_of(theirs),
        scheduler=True,
        controllers=True,
        kwok=True,
        operators=operators_of(emitted),
    ) as cluster:
        for existing in spec.existing.namespaces:
            if cluster.client.look("v1", "Namespace", existing) is None:
                cluster.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": existing}})
        for pool in [_NODES, *node_pools(golden().world, name)]:
            cluster.add_pool(pool)
        yield cluster

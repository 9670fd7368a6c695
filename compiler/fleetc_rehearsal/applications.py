"""Applications of an Argo CD that runs: what it says of them, and what people ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from fleetc_rehearsal.client import Object, until
from fleetc_rehearsal.cluster import Cluster
from fleetc_rehearsal.errors import TimedOut

API: Final = "argoproj.io/v1alpha1"
_REFRESH: Final = "argocd.argoproj.io/refresh"
_APPROVED: Final = "argocd.argoproj.io/deletion-approved"


class Member(NamedTuple):
    """One object of an Application."""

    kind: str
    name: str
    namespace: str
    """Empty for what has none."""
    sync: str
    """Synced, OutOfSync or Unknown."""
    health: str
    """Empty where Argo CD has no opinion of a kind."""
    told: str
    """Why it is not healthy, where that is known."""
    group: str = ""


class Status(NamedTuple):
    """What Argo CD says of an Application; all texts are empty while it says nothing."""

    sync: str
    """Synced, OutOfSync or Unknown."""
    health: str
    """Healthy, Progressing, Degraded, Suspended, Missing or Unknown."""
    revision: str
    """To which the cluster was compared."""
    phase: str
    """Of the last operation: Running, also where it failed and is tried again, Succeeded, Failed, Error or
    Terminating."""
    message: str
    """Of the last operation."""
    conditions: Mapping[str, str]
    """Messages by types such as ComparisonError."""
    members: tuple[Member, ...]

    def __str__(self) -> str:
        """For people: all that is not as it should be."""
        lines = [f"{self.sync or 'not compared'}, {self.health or 'no health'}, operation {self.phase or 'none'}"]
        lines += [f"operation: {self.message}"] if self.message else []
        lines += [f"{kind}: {message}" for kind, message in self.conditions.items()]
        odd = [m for m in self.members if m.sync != "Synced" or m.health not in ("", "Healthy")]
        lines += [f"{m.kind} {m.namespace}/{m.name}: {m.sync}, {m.health or 'no health'} {m.told}" for m in odd]
        return "\n".join(line.rstrip() for line in lines)


class Applications:
    """The Applications in one namespace of a hub. Names are those of Applications."""

    def __init__(self, hub: Cluster, namespace: str) -> None:
        self.hub = hub
        self.namespace = namespace

    def get(self, name: str) -> Object:
        """The Application; Refused with status 404 where there is none."""
        return self.hub.client.get(API, "Application", name, self.namespace)

    def status(self, name: str) -> Status:
        """What is said of it now, which may be of a commit or a state of the cluster before the last one."""
        return status_of(self.get(name))

    def wait_for(
        self, name: str, *, sync: str = "Synced", health: str = "Healthy", revision: str = "", seconds: float = 120.0
    ) -> Status:
        """Wait until an Application is that, at a revision where one is named, with no operation under way.

        Raises TimedOut with what is said of it instead, Refused with status 404 where there is none, and ServerFailed.
        """

        def arrived() -> Status | None:
            self.hub.watch()
            found = self.status(name)
            there = (found.sync, found.health) == (sync, health) and revision in ("", found.revision)
            return found if there and found.phase != "Running" else None

        try:
            return until(arrived, f"Application {name} that is {sync} and {health}", seconds)
        except TimedOut as error:
            raise TimedOut(f"{error}; it is\n{self.status(name)}") from None

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Have it compared now; `hard` forgets what was rendered before."""
        self._patch(name, {"metadata": {"annotations": {_REFRESH: "hard" if hard else "normal"}}})

    def approve(self, name: str) -> None:
        """Approve what waits for it: the pruning or the deletion of what asks for a confirmation."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._patch(name, {"metadata": {"annotations": {_APPROVED: now}}})

    def sync(self, name: str, *, revision: str = "", prune: bool = False) -> None:
        """Start an operation by hand, with the options of the Application, as the user interface does."""
        policy = self.get(name)["spec"].get("syncPolicy", {})
        asked: dict[str, Any] = {"prune": prune, "syncOptions": policy.get("syncOptions", [])}
        if revision:
            asked["revision"] = revision
        self._patch(name, {"operation": {"initiatedBy": {"username": "rehearsal"}, "sync": asked}})

    def terminate(self, name: str) -> None:
        """End the operation that is under way, as one is that failed and is to be tried again."""
        self._patch(name, {"status": {"operationState": {"phase": "Terminating"}}})

    def delete(self, name: str) -> None:
        """Ask for its end, which comes after that of its operation; with a finalizer, what it made goes first."""
        self.hub.client.delete(API, "Application", name, self.namespace)

    def wait_until_gone(self, name: str, seconds: float = 120.0) -> None:
        """Wait until there is no such Application. Raises TimedOut, and ServerFailed."""

        def gone() -> bool:
            self.hub.watch()
            return self.hub.client.look(API, "Application", name, self.namespace) is None

        until(gone, f"end of Application {name}", seconds)

    def _patch(self, name: str, change: Mapping[str, Any]) -> None:
        self.hub.client.patch(API, "Application", name, change, self.namespace)


def status_of(application: Mapping[str, Any]) -> Status:
    """What an Application says of itself."""
    said = application.get("status") or {}
    operation = said.get("operationState") or {}
    compared = said.get("sync") or {}
    return Status(
        compared.get("status", ""),
        (said.get("health") or {}).get("status", ""),
        compared.get("revision", ""),
        operation.get("phase", ""),
        operation.get("message", ""),
        {c["type"]: c.get("message", "") for c in said.get("conditions") or ()},
        tuple(_member(each) for each in said.get("resources") or ()),
    )


def _member(said: Mapping[str, Any]) -> Member:
    health = said.get("health") or {}
    return Member(
        said["kind"],
        said["name"],
        said.get("namespace", ""),
        said.get("status", ""),
        health.get("status", ""),
        health.get("message", ""),
        said.get("group", ""),
    )

"""The containers that serve a model, or fetch its weights."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.quantity import Quantity, write
from fleetc_kubernetes.serving import drain, weights
from fleetc_kubernetes.serving.arguments import command
from fleetc_kubernetes.serving.devices import CLAIM, claimed, extended_resource
from fleetc_kubernetes.serving.names import HTTP, release_of

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Quantities
    from fleetc_kubernetes.pod_objects import Container, ContainerSecurity, Environment, Probe, Resources, Volume

ENGINE: Final = "engine"
HOME: Final = "/home/engine"
_SCRATCH: Final = "10Gi"
"""Local storage for logs, /tmp and what engines compile: caches of kernels and graphs, below the home folder."""
_MOST_SHM: Final = 15 * 2**30

_MINUTE: Final = 60
_START: Final = 60 * _MINUTE
"""Until an engine answers: 400 GB at 200 MB/s take 34 minutes, then kernels are compiled and graphs captured."""


def engine(s: ModelSite, part: ServingPart, *, leader: bool) -> Container:
    """The engine. Only the first node of a group answers requests, so only that one is asked how it is."""
    release = release_of(s)
    made: Container = {
        "name": ENGINE,
        "image": s.model.engine.image or "",
        "imagePullPolicy": "IfNotPresent",
        "command": command(s, part, leader=leader),
        "env": [*environment(), *_alone()],
        "resources": _with_devices(s, part),
        "volumeMounts": [
            weights.mount(s),
            {"name": "home", "mountPath": HOME},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
            {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - the pod's own
        ],
        "lifecycle": {"preStop": {"exec": {"command": drain.wait(release, leader=leader)}}},
        "securityContext": security(),
    }
    if leader:
        made["ports"] = [{"name": HTTP, "containerPort": release.port, "protocol": "TCP"}]
        made["startupProbe"] = _probe(release.health, 10, _START // 10)
        # A server that is overloaded is not restarted, only given fewer requests.
        made["readinessProbe"] = _probe(release.readiness, 10, 3)
        made["livenessProbe"] = _probe(release.health, 15, 8)
    return made


def loader(s: ModelSite, asked: Resources) -> Container:
    """What fetches the weights into their volume."""
    made: Container = {
        "name": "load-weights",
        "image": weights.loader(s),
        "imagePullPolicy": "IfNotPresent",
        "command": weights.load(s),
        "env": environment(),
        "resources": asked,
        "volumeMounts": [
            {"name": weights.VOLUME, "mountPath": weights.MOUNT},
            {"name": "home", "mountPath": HOME},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
        ],
        "securityContext": security(),
    }
    if secrets := list(weights.credentials(s)):
        made["envFrom"] = secrets
    return made


def waiter(s: ModelSite, asked: Resources) -> Container:
    """What holds a server back until the weights are there."""
    return {
        "name": "wait-for-weights",
        "image": s.model.engine.image or "",
        "imagePullPolicy": "IfNotPresent",
        "command": weights.wait(s),
        "env": environment(),
        "resources": asked,
        "volumeMounts": [weights.mount(s)],
        "securityContext": security(),
    }


def scratch() -> list[Volume]:
    """Where a container may write: its root file system is read-only."""
    return [
        {"name": "home", "emptyDir": {"sizeLimit": _SCRATCH}},
        {"name": "tmp", "emptyDir": {"sizeLimit": _SCRATCH}},
    ]


def shared_memory(part: ServingPart) -> Volume:
    """For ranks to exchange data by. It counts as the pod's memory, so it has a bound within that."""
    size = min(part.memory // 4, _MOST_SHM)
    return {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": in_bytes(size)}}


def environment() -> list[Environment]:
    """Libraries look for the user and its home folder, and the image knows no user of this number."""
    return [
        {"name": "HOME", "value": HOME},
        {"name": "USER", "value": ENGINE},
    ]


def _alone() -> list[Environment]:
    """The weights are there, so the engine asks the Hub for nothing; and nobody is told that it runs."""
    return [{"name": "HF_HUB_OFFLINE", "value": "1"}, {"name": "DO_NOT_TRACK", "value": "1"}]


def security() -> ContainerSecurity:
    """What Pod Security `restricted` asks for, and more."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }


def resources(cpu: int, memory: int) -> Resources:
    """CPU (millicores) and memory (bytes), all of which is set aside: neither other pods nor a team's defaults for
    limits come between. Local storage is not the fit's to decide, so it is asked for as it is used."""
    amounts: Quantities = {"cpu": write(Quantity(Fraction(cpu, 1000), False)), "memory": in_bytes(memory)}
    return {
        "requests": {**amounts, "ephemeral-storage": "1Gi"},
        "limits": {**amounts, "ephemeral-storage": _SCRATCH},
    }


def in_bytes(size: int) -> str:
    """A number of bytes as a quantity."""
    return write(Quantity(Fraction(size), True))


def _with_devices(s: ModelSite, part: ServingPart) -> Resources:
    made = resources(part.cpu, part.memory)
    name = extended_resource(s, part)
    if name is None:
        return made
    if claimed(s, part) is not None:
        made["claims"] = [{"name": CLAIM}]
        return made
    # Of what cannot be overcommitted, requests are limits.
    made["requests"][name] = made["limits"][name] = str(part.devices)
    return made


def _probe(path: str, period: int, failures: int) -> Probe:
    return {
        "httpGet": {"path": path, "port": HTTP},
        "periodSeconds": period,
        "timeoutSeconds": period,
        "failureThreshold": failures,
    }

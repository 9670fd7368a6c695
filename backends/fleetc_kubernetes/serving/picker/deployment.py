"""The Deployment of the endpoint picker.

Facts: llm-d/llm-d-router v0.10.0 (0b43c1871782): flags and their defaults in pkg/epp/server/options.go, health in
cmd/epp/runner/health.go, the image's user and entry point in Dockerfile.epp.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ModelSite
from fleetc.language.cluster import Picker
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.quantity import parse
from fleetc_kubernetes.serving import container
from fleetc_kubernetes.serving.names import namespace
from fleetc_kubernetes.serving.picker.configuration import configuration
from fleetc_kubernetes.serving.picker.names import (
    GROUP,
    GRPC,
    GRPC_PORT,
    HEALTH,
    HEALTH_PORT,
    picker_labels,
    picker_metadata,
    picker_name,
    picker_of,
    selected,
)
from fleetc_kubernetes.serving.pod import priority_class, security

if TYPE_CHECKING:
    from fleetc_kubernetes.pod_objects import Container, GrpcProbe, PodSpec
    from fleetc_kubernetes.serving.objects import Deployment

_DRAIN: Final = 30
"""Seconds that it still answers after it was told to end: the default of --drain-timeout."""


def deployments(s: ModelSite) -> Iterator[Deployment]:
    """One replica: several would each know only the prefixes of the requests that they saw, and with an election all
    but one are never ready, which a rollout waits for in vain. While it is away any server is taken."""
    picker = picker_of(s)
    if picker is None:
        return
    yield {
        "apiVersion": api_version("Deployment", s.cluster),
        "kind": "Deployment",
        "metadata": picker_metadata(s),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 2,
            "progressDeadlineSeconds": 600,
            "selector": {"matchLabels": selected(s)},
            # The new one answers before the old one goes.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {"metadata": {"labels": picker_labels(s)}, "spec": _pod(s, picker)},
        },
    }


def _pod(s: ModelSite, picker: Picker) -> PodSpec:
    made: PodSpec = {
        "serviceAccountName": picker_name(s),
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _DRAIN + 30,
        "securityContext": security(),
        "containers": [_container(s, picker)],
    }
    if (priority := priority_class(s)) is not None:
        made["priorityClassName"] = priority
    return made


def _container(s: ModelSite, picker: Picker) -> Container:
    cpu, memory = int(parse(picker.cpu).value * 1000), int(parse(picker.memory).value)
    return {
        "name": "endpoint-picker",
        "image": picker.image or "",
        "imagePullPolicy": "IfNotPresent",
        "args": list(_arguments(s, picker)),
        "ports": [
            {"name": GRPC, "containerPort": GRPC_PORT, "protocol": "TCP"},
            {"name": HEALTH, "containerPort": HEALTH_PORT, "protocol": "TCP"},
        ],
        "resources": container.resources(cpu, memory),
        # It is not alive before it has seen its pool, which may be made after it.
        "livenessProbe": _probe(10, 12),
        "readinessProbe": _probe(2, 3),
        "securityContext": container.security(),
    }


def _arguments(s: ModelSite, picker: Picker) -> Iterator[str]:
    yield f"--pool-name={s.model.name}"
    yield f"--pool-namespace={namespace(s)}"
    yield f"--pool-group={GROUP}"
    yield "--zap-encoder=json"
    # It would send traces to an address that nobody gave it, and show its own memory to whoever asks.
    yield "--tracing=false"
    yield "--enable-pprof=false"
    if not picker.tls:
        yield "--secure-serving=false"
    # In the arguments, so that a change of it is one of the pods, too: it is read once.
    yield "--config-text"
    yield configuration(s)


def _probe(period: int, failures: int) -> GrpcProbe:
    return {"grpc": {"port": HEALTH_PORT}, "periodSeconds": period, "failureThreshold": failures}

"""Recorded rules: what DCGM tells of devices, by the pod that holds each, the model that it serves, and its team.

Whose a pod is, its labels say, which kube-state-metrics exposes where `--metric-labels-allowlist` names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import TelemetrySite
from fleetc_kubernetes.rules import ACTIVE, GROUP, OWNER, recording
from fleetc_kubernetes.telemetry.names import metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.rules import PrometheusRule, Rule

_NEEDED: Final = {"dcgm-exporter", "kube-state-metrics"}
_BY_MODEL: Final = "namespace, model, team"
_JOIN: Final = f"* on (namespace, pod) group_left (model, team) {OWNER}"
_HELD: Final = '{pod!=""}'


def device_rules(s: TelemetrySite) -> Iterator[PrometheusRule]:
    """Rules, where both sources are read."""
    version = served_in(s.cluster.components, GROUP, "PrometheusRule", "v1")
    if version is None or not {target.source for target in s.telemetry.targets} >= _NEEDED:
        return
    yield {
        "apiVersion": version,
        "kind": "PrometheusRule",
        "metadata": metadata(s, f"{s.telemetry.name}-devices"),
        "spec": {"groups": [{"name": f"{s.telemetry.name}-devices", "rules": list(_rules())}]},
    }


def _rules() -> Iterator[Rule]:
    yield recording(OWNER, _owners())
    yield recording(ACTIVE, _joined("avg", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"))
    yield recording("namespace_model_team:gpu_tensor_active:avg", _joined("avg", "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"))
    used, free, reserved = (_joined("sum", f"DCGM_FI_DEV_FB_{part}") for part in ("USED", "FREE", "RESERVED"))
    ratio = f"{used}\n/ ({used}\n+ {free}\n+ {reserved})"
    yield recording("namespace_model_team:gpu_memory_used:ratio", ratio)
    yield recording("namespace_model_team:gpu_power_watts:sum", _joined("sum", "DCGM_FI_DEV_POWER_USAGE"))
    yield recording("namespace_model_team:gpu_devices:count", _joined("count", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"))
    idle = _joined("count", "DCGM_FI_PROF_GR_ENGINE_ACTIVE", below="== 0")
    yield recording("namespace_model_team:gpu_devices_idle:count", idle)


def _owners() -> str:
    """The labels of pods under the names that people look for; what serves no model has no label `model`."""
    found = 'kube_pod_labels{label_fleetc_dev_team!=""}'
    for ours, theirs in (("model", "label_fleetc_dev_model"), ("team", "label_fleetc_dev_team")):
        found = f'label_replace({found}, "{ours}", "$1", "{theirs}", "(.+)")'
    return f"max by (namespace, pod, model, team) ({found})"


def _joined(operation: str, metric: str, below: str = "") -> str:
    compared = f"({metric}{_HELD} {below})" if below else f"{metric}{_HELD}"
    return f"{operation} by ({_BY_MODEL}) ({compared} {_JOIN})"

"""Rules of a Telemetry on what exporters tell, run by Prometheus's own engine: each recorded value is what another
model makes of the same devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from tests.backends.telemetry.test_telemetry import BOTH, objects, telemetry
from tests.live.promtool import Asked, Segment, Series, check, gauge, run

pytestmark = pytest.mark.live

MINUTES = 5
WHOSE = tuple[str, str, str]
"""Namespace, model and team."""


class Pod(NamedTuple):
    """A pod. One without a team is nobody's of ours; not all that a team runs serves a model."""

    namespace: str
    name: str
    team: str | None
    model: str | None


class Device(NamedTuple):
    """A GPU or a slice of one, as DCGM tells of it; memory in MiB."""

    node: str
    gpu: int
    slice: int | None
    pod: Pod | None
    active: float
    tensor: float
    used: int
    free: int
    reserved: int
    watts: int

    def series(self) -> Iterator[Series]:
        labels = {"gpu": str(self.gpu), "UUID": f"GPU-{self.node}-{self.gpu}", "hostname": self.node, "node": self.node}
        labels["job"] = "nvidia-dcgm-exporter"
        if self.slice is not None:
            labels |= {"GPU_I_ID": str(self.slice), "GPU_I_PROFILE": "1g.10gb"}
        if self.pod is not None:
            labels |= {"namespace": self.pod.namespace, "pod": self.pod.name, "container": "engine"}
        for name, value in (
            ("PROF_GR_ENGINE_ACTIVE", self.active),
            ("PROF_PIPE_TENSOR_ACTIVE", self.tensor),
            ("DEV_FB_USED", self.used),
            ("DEV_FB_FREE", self.free),
            ("DEV_FB_RESERVED", self.reserved),
            ("DEV_POWER_USAGE", self.watts),
        ):
            yield gauge(f"DCGM_FI_{name}", labels, [Segment(MINUTES, value)])


def labels_of(pod: Pod, instance: str) -> Series:
    """What kube-state-metrics tells of a pod's labels."""
    labels = {"namespace": pod.namespace, "pod": pod.name, "uid": f"uid-{pod.name}", "instance": instance}
    if pod.team is not None:
        labels["label_fleetc_dev_team"] = pod.team
    if pod.model is not None:
        labels["label_fleetc_dev_model"] = pod.model
    return gauge("kube_pod_labels", labels, [Segment(MINUTES, 1)])


VALUES: Mapping[str, Callable[[list[Device]], float | None]] = {
    "gpu_active:avg": lambda held: sum(d.active for d in held) / len(held),
    "gpu_tensor_active:avg": lambda held: sum(d.tensor for d in held) / len(held),
    "gpu_memory_used:ratio": lambda held: sum(d.used for d in held) / sum(d.used + d.free + d.reserved for d in held),
    "gpu_power_watts:sum": lambda held: float(sum(d.watts for d in held)),
    "gpu_devices:count": lambda held: float(len(held)),
    "gpu_devices_idle:count": lambda held: float(sum(d.active == 0 for d in held)) or None,
}
"""What is recorded of the devices that one holds, by the end of its name."""


def drawn(dice: Random) -> tuple[list[Pod], list[Device]]:
    """Pods on some nodes, of one name in two namespaces too, and devices that they hold or that nobody holds."""
    pods = [
        Pod(namespace, f"{model or 'job'}-{n}", team, model)
        for namespace, team in (("search", "search"), ("search-batch", "search"), ("risk", "risk"), ("other", None))
        for model in ("llama", "qwen", None)
        for n in range(dice.randint(0, 2))
    ]
    devices = list[Device]()
    for node in ("n1", "n2", "n3"):
        for gpu in range(8):
            for part in dice.choice(((None,), (None,), (0, 1, 2))):
                pod = dice.choice([None, *pods])
                active = dice.choice((0.0, dice.random()))
                used, free, reserved = dice.randint(0, 80_000), dice.randint(0, 80_000), dice.randint(1, 900)
                watts = dice.randint(60, 700)
                devices.append(Device(node, gpu, part, pod, active, active / 2, used, free, reserved, watts))
    return pods, devices


def held(devices: list[Device]) -> dict[WHOSE, list[Device]]:
    """The devices that pods of teams hold."""
    out: dict[WHOSE, list[Device]] = {}
    for device in devices:
        pod = device.pod
        if pod is not None and pod.team is not None:
            out.setdefault((pod.namespace, pod.model or "", pod.team), []).append(device)
    return out


def wanted(devices: list[Device]) -> Iterator[Asked]:
    """That each value is recorded, and that no others are."""
    by = held(devices)
    for name, value in VALUES.items():
        metric, counted = f"namespace_model_team:{name}", 0
        for (namespace, model, team), of in by.items():
            found = f'sum({metric}{{namespace="{namespace}", model="{model}", team="{team}"}})'
            expected = value(of)
            counted += expected is not None
            near = found if expected is None else f"abs({found} - {expected!r}) < bool 1e-6"
            yield Asked(near, MINUTES - 1, None if expected is None else 1.0)
        yield Asked(f"count({metric})", MINUTES - 1, float(counted) or None)


def rule() -> Mapping[str, Any]:
    found: Mapping[str, Any] = objects(telemetry(targets=BOTH))["PrometheusRule/all-devices"]
    return found


def test_they_are_as_promtool_wants_them(tmp_path: Path) -> None:
    assert check([rule()], tmp_path) == ""


@pytest.mark.parametrize("seed", range(12))
def test_what_is_recorded(seed: int, tmp_path: Path) -> None:
    pods, devices = drawn(Random(seed))
    # Two of kube-state-metrics, as while one takes over from the other.
    series = [labels_of(pod, instance) for pod in pods for instance in ("a:8080", "b:8080")[: 1 + seed % 2]]
    series += [one for device in devices for one in device.series()]
    assert run(rule(), series, wanted(devices), tmp_path, "1m") == ""


def test_one_wrong_value_is_told(tmp_path: Path) -> None:
    """What is asked can fail."""
    pods, devices = drawn(Random(1))
    series = [labels_of(pod, "a:8080") for pod in pods] + [one for device in devices for one in device.series()]
    n = next(n for n, device in enumerate(devices) if device.pod is not None and device.pod.team is not None)
    devices[n] = devices[n]._replace(watts=devices[n].watts + 1)
    told = run(rule(), series, wanted(devices), tmp_path, "1m")
    assert "gpu_power_watts:sum" in told
    assert "gpu_active:avg" not in told

"""Deployments and LeaderWorkerSets of models: what the engine is told, and how its pods start, run and end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.serving import sites
from tests.backends.serving.sites import MINORS, engine, made, of, one, part, site, templates, wide

from fleetc.check.schemas import check_object
from fleetc.language.serving import ServingPart

OWNED = {
    "app.kubernetes.io/managed-by": "fleetc",
    "app.kubernetes.io/part-of": "acme",
    "fleetc.dev/team": "search",
    "fleetc.dev/model": "llama",
}


def values(command: list[str]) -> dict[str, str]:
    """The flags of a command, each with its value."""
    return {flag: after for flag, after in zip(command, [*command[1:], ""], strict=True) if flag.startswith("--")}


def test_a_deployment() -> None:
    found = one(made(site()), "Deployment")
    assert found["metadata"] == {
        "name": "llama-h100",
        "namespace": "search",
        "labels": {**OWNED, "fleetc.dev/pool": "h100"},
    }
    spec = found["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    assert spec["selector"] == {"matchLabels": {"fleetc.dev/model": "llama", "fleetc.dev/pool": "h100"}}
    pod = spec["template"]
    assert pod["metadata"]["labels"] == {
        **OWNED,
        "fleetc.dev/pool": "h100",
        "app.kubernetes.io/component": "server",
    }
    assert pod["spec"]["nodeSelector"] == {"fleetc.dev/pool": "h100"}
    assert pod["spec"]["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
    ]
    assert pod["spec"]["priorityClassName"] == "serving"
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["enableServiceLinks"] is False


def test_the_command() -> None:
    container = engine(one(made(site()), "Deployment"))
    assert container["image"] == sites.IMAGE
    assert container["command"] == [
        *("python3", "-m", "vllm.entrypoints.openai.api_server", "--port", "8000", "--model", "/models"),
        *("--served-model-name", "llama", "--tensor-parallel-size", "4", "--max-model-len", "32768"),
        *("--max-num-seqs", "16", "--gpu-memory-utilization", "0.9"),
    ]


@pytest.mark.parametrize(
    ("planned", "own", "flags"),
    [
        ({"cache": "fp8"}, {}, {"--kv-cache-dtype": "fp8_e4m3"}),
        ({"weights": "bf16"}, {}, {"--dtype": "bfloat16"}),
        ({"utilization": 875}, {}, {"--gpu-memory-utilization": "0.875"}),
        ({}, {"data": 4, "tensor": 1, "expert": True}, {"--data-parallel-size": "4", "--max-num-seqs": "4"}),
        ({}, {"pipeline": 4, "tensor": 1}, {"--pipeline-parallel-size": "4"}),
    ],
)
def test_flags(planned: dict[str, Any], own: dict[str, Any], flags: dict[str, str]) -> None:
    command = engine(one(made(site(part(**own), planned=planned)), "Deployment"))["command"]
    assert flags.items() <= values(command).items()
    assert "--quantization" not in command
    assert ("--enable-expert-parallel" in command) == ("expert" in own)


def test_sglang() -> None:
    planned = {"engine": "sglang", "version": "0.5.0"}
    found = made(site(part(), planned=planned))
    command = values(engine(one(found, "Deployment"))["command"])
    assert (command["--host"], command["--port"]) == ("0.0.0.0", "30000")
    assert command["--mem-fraction-static"] == "0.9"
    assert "--enable-metrics" in command
    assert one(found, "Service")["spec"]["ports"][0]["port"] == 30000


def test_probes_and_the_end() -> None:
    pod = one(made(site()), "Deployment")["spec"]["template"]["spec"]
    container = pod["containers"][0]
    start = container["startupProbe"]
    assert start["httpGet"] == {"path": "/health", "port": "http"}
    # 400 GB at 200 MB/s.
    assert start["periodSeconds"] * start["failureThreshold"] > 400e9 / 200e6
    assert {"readinessProbe", "livenessProbe"} <= container.keys()
    script = container["lifecycle"]["preStop"]["exec"]["command"][2]
    waits = sum(int(n) for n in re.findall(r"(?:sleep\(|\+ )(\d\d+)", script))
    assert 0 < waits < pod["terminationGracePeriodSeconds"]
    compile(script, "preStop", "exec")


def test_the_end_waits_for_all_requests() -> None:
    script = engine(one(made(site()), "Deployment"))["lifecycle"]["preStop"]["exec"]["command"][2]
    pattern = re.search(r're\.compile\(r"(.*)", re\.M\)', script)
    assert pattern is not None
    page = (
        "# TYPE vllm:num_requests_running gauge\n"
        'vllm:num_requests_running{engine="0",model_name="llama"} 3.0\n'
        'vllm:num_requests_waiting{engine="0",model_name="llama"} 2.0\n'
        'vllm:num_requests_waiting_by_reason{reason="x"} 7.0\n'
    )
    assert re.findall(pattern[1], page, re.MULTILINE) == ["3.0", "2.0"]


def test_resources_are_set_aside() -> None:
    asked = engine(one(made(site()), "Deployment"))["resources"]
    assert asked["limits"] == {
        "cpu": "18",
        "memory": "136Gi",
        "ephemeral-storage": "10Gi",
        "nvidia.com/gpu": "4",
    }
    assert {**asked["limits"], "ephemeral-storage": "1Gi"} == asked["requests"]


@pytest.mark.parametrize(
    ("own", "provider", "resource"),
    [
        ({"accelerator": "A100-80", "profile": "3g.40gb", "devices": 1}, "onprem", "nvidia.com/mig-3g.40gb"),
        ({"accelerator": "A100-80", "profile": "1g.10gb+me", "devices": 1}, "onprem", "nvidia.com/mig-1g.10gb.me"),
        ({"accelerator": "A100-80", "profile": "3g.40gb", "devices": 1}, "gke", "nvidia.com/gpu"),
        ({"accelerator": "L4", "profile": "timeSlicing", "devices": 1}, "onprem", "nvidia.com/gpu"),
        ({"accelerator": "TPU-v6e", "devices": 8}, "gke", "google.com/tpu"),
    ],
)
def test_resources_by_name(own: dict[str, Any], provider: str, resource: str) -> None:
    found = one(made(site(part(**own), here={"provider": provider})), "Deployment")
    assert engine(found)["resources"]["limits"][resource] == str(own["devices"])


def test_a_device_that_is_shared_in_time() -> None:
    own = part("l4", accelerator="L4", profile="timeSlicing", devices=1, tensor=1)
    found = one(made(site(own, pools={"l4": {"sharing": {"timeSlicing": 8}}})), "Deployment")
    assert values(engine(found)["command"])["--gpu-memory-utilization"] == "0.112"


def test_without_devices() -> None:
    found = one(made(site(part(accelerator="", devices=0, tensor=1, cpu=1000, memory=2**30))), "Deployment")
    assert "--gpu-memory-utilization" not in engine(found)["command"]
    assert engine(found)["resources"]["limits"] == {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "10Gi"}
    assert "tolerations" not in templates(found)[0]["spec"]


@pytest.mark.parametrize(
    ("allowed", "chosen"),
    [((), "serving"), (("batch", "serving"), "serving"), (("batch", "preemptible"), "batch")],
)
def test_priority(allowed: tuple[str, ...], chosen: str) -> None:
    found = one(made(site(of={"priorityClasses": list(allowed)})), "Deployment")
    assert templates(found)[0]["spec"]["priorityClassName"] == chosen


def test_the_clusters_own_priority_where_there_is_no_class() -> None:
    found = one(made(site(here={"priorityClasses": {}})), "Deployment")
    assert "priorityClassName" not in templates(found)[0]["spec"]


def test_replicas_over_zones() -> None:
    found = one(made(site(spec={"placement": {"spread": "zone", "failover": False}})), "Deployment")
    assert templates(found)[0]["spec"]["topologySpreadConstraints"][0]["topologyKey"] == "topology.kubernetes.io/zone"


def test_several_nodes() -> None:
    found = one(made(site(wide(), here={"zones": ["a", "b"]})), "LeaderWorkerSet")
    assert found["metadata"]["name"] == "llama-h100"
    spec = found["spec"]
    assert spec["replicas"] == 1
    assert spec["leaderWorkerTemplate"]["size"] == 2
    assert spec["rolloutStrategy"]["rollingUpdateConfiguration"] == {"maxUnavailable": 1, "maxSurge": 0}
    leader, worker = (engine(found, n) for n in (0, 1))
    said = values(leader["command"])
    assert said["--nnodes"] == "$(LWS_GROUP_SIZE)"
    assert said["--node-rank"] == "$(LWS_WORKER_INDEX)"
    assert said["--master-addr"] == "$(LWS_LEADER_ADDRESS)"
    assert (said["--tensor-parallel-size"], said["--pipeline-parallel-size"]) == ("8", "2")
    assert worker["command"] == [*leader["command"], "--headless"]
    assert "startupProbe" in leader
    assert not {"startupProbe", "readinessProbe", "livenessProbe", "ports"} & worker.keys()
    near = templates(found)[1]["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert near[0]["matchLabelKeys"] == ["leaderworkerset.sigs.k8s.io/group-key"]


def test_data_ranks_on_several_nodes() -> None:
    own = wide(tensor=1, pipeline=1, data=16, expert=True)
    found = one(made(site(own)), "LeaderWorkerSet")
    said = values(engine(found)["command"])
    assert said["--data-parallel-size"] == "16"
    assert said["--data-parallel-size-local"] == "8"
    assert said["--data-parallel-address"] == "$(LWS_LEADER_ADDRESS)"
    assert "--nnodes" not in said
    worker = engine(found, 1)["command"]
    assert worker[:4] == ["/bin/sh", "-c", 'exec "$@" --data-parallel-start-rank $((LWS_WORKER_INDEX * 8))', "sh"]
    assert worker[4:] == [*engine(found)["command"], "--headless"]


def test_several_nodes_of_sglang() -> None:
    found = one(made(site(wide(), planned={"engine": "sglang", "version": "0.5.0"})), "LeaderWorkerSet")
    assert values(engine(found, 1)["command"])["--dist-init-addr"] == "$(LWS_LEADER_ADDRESS):20000"
    assert engine(found, 1)["command"] == engine(found)["command"]


def test_several_nodes_need_a_component() -> None:
    assert of(made(site(wide(), components={})), "LeaderWorkerSet") == []


def test_the_pods_of_groups_are_checked_as_pods() -> None:
    found = one(made(site(wide())), "LeaderWorkerSet")
    templates(found)[1]["spec"]["volumes"].pop()
    (problem,) = check_object(found, "1.35").problems
    assert problem.path[:3] == ("spec", "leaderWorkerTemplate", "workerTemplate")
    assert problem.message == "no volume named `shm`"


def test_a_part_keeps_its_name_and_selector_when_another_comes() -> None:
    alone = one(made(site(part())), "Deployment")
    both = of(made(site(part(), part("h200", accelerator="H200"))), "Deployment")
    assert both[0] == alone
    assert [item["metadata"]["name"] for item in both] == ["llama-h100", "llama-h200"]


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("own", [part(), wide()], ids=["one", "several"])
def test_every_minor(minor: str, own: ServingPart) -> None:
    assert made(site(own, here={"kubernetes": minor}))


@given(parts=sites.parts(), minor=st.sampled_from(MINORS), provider=st.sampled_from(("gke", "eks", "onprem")))
def test_any_parts(parts: tuple[ServingPart, ...], minor: str, provider: str) -> None:
    found = made(site(*parts, here={"kubernetes": minor, "provider": provider}))
    workloads = [*of(found, "Deployment"), *of(found, "LeaderWorkerSet")]
    assert {item["metadata"]["name"] for item in workloads} == {f"llama-{p.pool}" for p in parts}
    service = one(found, "Service")["spec"]["selector"]
    for item in workloads:
        roles = [service.items() <= pod["metadata"]["labels"].items() for pod in templates(item)]
        assert roles == [True, False][: len(roles)]
        for pod in templates(item):
            mounted = {m["name"] for c in pod["spec"]["containers"] for m in c["volumeMounts"]}
            assert mounted == {volume["name"] for volume in pod["spec"]["volumes"]}

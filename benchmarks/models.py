"""Pools and models for a synthetic fleet: a tenth of the models run on every cluster, the others on twenty each."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fleet import spec, write

TEAM = "serving"
NARROW = 20
"""Clusters of a model that is not everywhere."""
SHAPES = (("llama-3.1-8b", "H100:1"), ("qwen3-32b", "H100:2"), ("llama-3.1-70b", "H100:4"), ("mistral-7b", "L4:1"))
COMPONENTS = {
    "gateway-api-standard": "1.6.1",
    "keda": "2.20.2",
    "kueue": "0.19.2",
    "lws": "0.10.0",
    "prometheus-operator": "0.93.0",
}


def write_models(out: Path, clusters: int, models: int) -> None:
    """Add to the specs below `out`, which `write_fleet` wrote."""
    platform = spec("Platform", "serving", {"components": COMPONENTS})
    team = spec("Team", TEAM, {"namespaces": [TEAM]})
    write(out / "specs/serving.yaml", [platform, team])
    for n in range(clusters):
        write(out / f"specs/pools/c{n:04}.yaml", [_pool(n, "h100", "H100:8", 16), _pool(n, "l4", "L4:4", 8)])
    for n in range(models):
        write(out / f"specs/models/m{n:02}.yaml", [_model(n, clusters)])


def _pool(cluster: int, name: str, accelerators: str, nodes: int) -> dict[str, object]:
    made: dict[str, object] = {
        "accelerators": accelerators,
        "machine": {"cpu": 192, "memory": "2Ti"},
        "nodes": nodes,
        "provisioning": "static",
        "price": "40.5",
    }
    return {**spec("GPUPool", name, made), "metadata": {"name": name, "cluster": f"c{cluster:04}"}}


def _model(n: int, clusters: int) -> dict[str, object]:
    shape, resources = SHAPES[n % len(SHAPES)]
    many = clusters if n % 10 == 0 else min(NARROW, clusters)
    made: dict[str, object] = {
        "source": f"hf://bench/{shape}@{'0' * 40}",
        "architecture": shape,
        "precision": "bf16" if shape != "llama-3.1-70b" else "fp8",
        "context": "8Ki",
        "concurrency": 3,
        "autoscaling": {"queue": 10},
        "engine": {"image": "registry.bench.example/vllm@sha256:" + "0" * 64},
        "resources": [resources],
        "replicas": f"{many}..{2 * many}",
        "placement": {"spread": "cluster", "count": many},
    }
    return spec("Model", f"m{n:02}", made, TEAM)

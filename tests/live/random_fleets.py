"""Small random fleets of one cluster: pools of a few nodes, and models that may or may not have room on them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any, Final

CLUSTER: Final = "c"
# Of a node: accelerators, and how each may be shared.
_DEVICES: Final[tuple[tuple[str, list[dict[str, Any]]], ...]] = (
    ("H100:8", [{}]),
    ("H200:8", [{}]),
    ("A100-80:8", [{}, {"mig": "3g.40gb"}, {"timeSlicing": 2}]),
    ("L40S:4", [{}]),
)
# Of a model: its architecture, precision, and what it may take.
_MODELS: Final = (
    ("llama-3.1-8b", "bf16", ["auto"]),
    ("llama-3.1-8b", "bf16", ["H100:1", "H200:1", "A100-80:1", "L40S:1"]),
    ("mistral-7b", "bf16", ["A100-80/3g.40gb:1", "auto"]),
    ("qwen3-32b", "bf16", ["auto"]),
    ("llama-3.1-70b", "bf16", ["H200:4", "H100:4", "A100-80:4"]),
    ("llama-3.1-70b", "bf16", ["H100:8", "H200:8", "A100-80:8"]),
    ("llama-3.1-70b", "bf16", ["H100:16", "H200:16"]),
)
_DIGEST: Final = "0" * 64


def write_random(root: Path, seed: int) -> list[str]:
    """Write a fleet; the names of its models. Names are of the seed, so that fleets can share a control plane."""
    dice = Random(seed)
    components = {"lws": "0.10.0", **({"nvidia-dra-driver": "0.4.0"} if dice.random() < 0.5 else {})}
    fleet = {"organisation": "random", "environments": ["prod"]}
    spec = {"kubernetes": "1.36", "provider": "onprem", "environment": "prod", "components": components}
    docs = [
        _doc("Fleet", {"name": "random"}, fleet),
        _doc("Cluster", {"name": CLUSTER}, spec),
        _doc("Team", {"name": f"t{seed}"}, {"namespaces": [f"t{seed}"]}),
    ]
    kinds = dice.sample(_DEVICES, dice.randint(1, 3))
    for n, (accelerators, sharing) in enumerate(kinds):
        pool = {"accelerators": accelerators, "nodes": dice.randint(1, 3), "sharing": dice.choice(sharing)}
        pool |= {"machine": {"cpu": dice.choice((64, 128)), "memory": "1Ti"}, "price": str(10 + n)}
        docs.append(_doc("GPUPool", {"name": f"s{seed}-p{n}", "cluster": CLUSTER}, pool))
    names = [f"s{seed}-m{n}" for n in range(dice.randint(2, 5))]
    docs += [_doc("Model", {"name": name, "team": f"t{seed}"}, _model(dice)) for name in names]
    _write(root, docs)
    return names


def write_divided(root: Path, *, dra: bool) -> None:
    """Write a fleet whose one pool is divided: seven small pods could leave none of five nodes whole for two large
    ones."""
    name = "divided-dra" if dra else "divided"
    components = {"nvidia-dra-driver": "0.4.0"} if dra else {}
    spec = {"kubernetes": "1.36", "provider": "onprem", "environment": "prod", "components": components}
    pool = {"accelerators": "H100:8", "nodes": 5, "machine": {"cpu": 128, "memory": "1Ti"}}
    asked: dict[str, dict[str, Any]] = {
        "small": {"resources": ["H100:1"], "replicas": 7},
        "large": {"resources": ["H100:8"], "replicas": 2},
    }
    shared = _model(Random(0)) | {"source": f"oci://m.example/llama@sha256:{_DIGEST}", "architecture": "llama-3.1-8b"}
    shared["pod"] = {"perDevice": {"cpu": "2", "memory": "64Gi"}}
    docs = [
        _doc("Fleet", {"name": "random"}, {"organisation": "random", "environments": ["prod"]}),
        _doc("Cluster", {"name": CLUSTER}, spec),
        _doc("Team", {"name": name}, {"namespaces": [name]}),
        _doc("GPUPool", {"name": name, "cluster": CLUSTER}, pool),
        *(_doc("Model", {"name": f"{name}-{size}", "team": name}, shared | more) for size, more in asked.items()),
    ]
    _write(root, docs)


def _write(root: Path, docs: list[dict[str, Any]]) -> None:
    (root / "specs").mkdir(parents=True)
    # JSON is YAML.
    (root / "specs/fleet.yaml").write_text("\n---\n".join(map(json.dumps, docs)), encoding="utf-8")


def _doc(kind: str, metadata: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "fleetc/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _model(dice: Random) -> dict[str, Any]:
    architecture, precision, resources = dice.choice(_MODELS)
    return {
        "source": f"oci://m.example/{architecture}@sha256:{_DIGEST}",
        "architecture": architecture,
        "precision": precision,
        "context": "8Ki",
        "concurrency": 4,
        "engine": {"image": f"registry.random.example/vllm@sha256:{_DIGEST}"},
        "resources": resources,
        "replicas": dice.choice((1, 2, 3, "1..2")),
        "pod": {"perDevice": {"cpu": dice.choice(("2", "8", "15")), "memory": "64Gi"}},
    }

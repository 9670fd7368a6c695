"""`python -m benchmarks.planning`: specs of many models on many clusters, planned. Nothing here passes or fails."""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

from benchmarks.run import pace
from fleetc.driver.files import spec_files
from fleetc.driver.front import front
from fleetc.driver.load import Sources
from fleetc.plan import Plan
from fleetc.plan.capacity import capacity
from fleetc.plan.placement import solve
from fleetc.resolve import World

ROUNDS = 3
REGIONS = 8
TEAMS = 10
# Of one cluster: name, accelerators, machine, nodes, capacity, price of a node.
POOLS = (
    ("h100", "H100:8", "a3-highgpu-8g", "4..12", "reserved", "88.1"),
    ("h200", "H200:8", "a3-ultragpu-8g", "4..8", "reserved", "90.5"),
    ("l4", "L4:4", "g2-standard-48", "2..8", "onDemand", "4.1"),
    ("spot", "H100:8", "a3-highgpu-8g", "1..8", "spot", "30"),
    ("a100", "A100-80:8", "a2-ultragpu-8g", "2..4", "onDemand", "40.1"),
)
SHAPES = ("llama-3.1-8b", "llama-3.1-70b", "qwen3-32b", "mistral-7b", "qwen2.5-72b", "gpt-oss-20b")
RESOURCES = (["auto"], ["auto"], ["H100:8"], ["H100:8", "H200:4"], ["H200:4", "A100-80:8"])


def write_specs(root: Path, models: int, clusters: int, seed: int) -> None:
    """A fleet with five pools a cluster, and models in one region, one jurisdiction, anywhere, some with failover."""
    random = Random(seed)
    fleet = {"organisation": "big", "environments": ["prod"]}
    documents = [_spec("Fleet", {"name": "big"}, fleet)]
    documents += [_spec("Team", {"name": f"t{n}"}, {"namespaces": [f"t{n}"]}) for n in range(TEAMS)]
    for n in range(clusters):
        region = f"r{n % REGIONS}"
        place = {"region": region, "zones": [f"{region}-a", f"{region}-b"], "residency": f"j{n % 3}"}
        spec = {"kubernetes": "1.35", "provider": "gke", "environment": "prod", **place}
        documents.append(_spec("Cluster", {"name": f"c{n:03}"}, spec))
        for name, accelerators, machine, nodes, kind, price in POOLS:
            pool = {"accelerators": accelerators, "machine": machine, "nodes": nodes, "capacity": kind, "price": price}
            documents.append(_spec("GPUPool", {"name": name, "cluster": f"c{n:03}"}, pool))
    documents += [_spec("Model", {"name": f"m{n:04}", "team": f"t{n % TEAMS}"}, _model(random)) for n in range(models)]
    (root / "specs").mkdir()
    # JSON is YAML.
    (root / "specs/fleet.yaml").write_text("\n---\n".join(json.dumps(document) for document in documents))


def _spec(kind: str, metadata: Mapping[str, str], spec: Mapping[str, object]) -> dict[str, object]:
    return {"apiVersion": "fleetc/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _model(random: Random) -> dict[str, object]:
    shape = random.choice(SHAPES)
    placements: list[dict[str, object]] = [
        {},
        {"regions": [f"r{random.randrange(REGIONS)}"]},
        {"residency": [f"j{random.randrange(3)}"], "spread": "cluster"},
        {"failover": True},
    ]
    placement = random.choice(placements)
    return {
        "source": f"oci://m.example/{shape}@sha256:{'0' * 64}",
        "architecture": shape,
        "precision": "bf16",
        "context": random.choice(("8Ki", "16Ki")),
        "concurrency": random.choice((4, 8, 16)),
        "replicas": "2..4" if placement.get("failover") else random.choice(("1..4", "2..4", 1, 2)),
        "resources": random.choice(RESOURCES),
        "placement": placement,
    }


def main() -> None:
    """Print the best of some rounds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--models", type=int, default=1000)
    options.add_argument("--clusters", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    gc.disable()
    with tempfile.TemporaryDirectory() as folder:
        write_specs(Path(folder), given.models, given.clusters, given.seed)
        sources = Sources(folder)
        found = front(sources, list(spec_files(folder)), {})
    assert not found.diagnostics, found.diagnostics[:3]
    times: list[tuple[float, float]] = []
    placed = left = 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        made = capacity(Plan(World(found.docs, found.table)), {})
        middle = time.perf_counter()
        result = solve(made.problem)
        times.append((middle - start, time.perf_counter() - middle))
        placed, left = len(result.placed), len(result.unplaced)
    asked, solved = (min(column) for column in zip(*times, strict=True))
    print(f"{given.models:,} models on {given.clusters:,} clusters: {placed:,} placed, {left:,} without room")
    print(f"from specs to the problem {asked:.2f} s, solved {solved:.2f} s; pace {pace() * 1000:.0f} ms")


if __name__ == "__main__":
    main()

"""A synthetic fleet: `python -m benchmarks.fleet --clusters N --objects M --out DIR`.

Every cluster emits M objects (from 50 on): what it offers itself, what its teams have there, and raw objects of
Manifests. A share of these (`--specific`, 5 % unless told) holds a value of that one cluster, through overrides that
match it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fleetc.emission.yaml import emit

PROVIDERS = (
    ("gke", "europe-west4", "eu"),
    ("eks", "us-east-1", "us"),
    ("aks", "westeurope", "eu"),
    ("onprem", "fra", "eu"),
)
STORAGE = {
    "onprem": dict.fromkeys(("general", "fast", "archive"), "rook-ceph.rbd.csi.ceph.com"),
    "eks": {"shared": "efs.csi.aws.com"},
}
"""What is not in fleetc's own table, so that every cluster has three storage classes."""
ENVIRONMENTS = ("dev", "staging", "prod")
HUB = "c0000"
MINORS = ("1.33", "1.34", "1.35", "1.36")
TEAMS = 3
OWN = 8
"""The objects that a cluster emits for itself: five PriorityClasses and three StorageClasses. A test holds this."""
OF_TEAM = 13
"""The objects that a cluster emits for each team."""
IN_MANIFEST = 8


def write_fleet(
    out: Path,
    clusters: int,
    objects: int,
    specific: float = 0.05,
    platform: str | None = None,
    delivery: str | None = None,
) -> None:
    """Write the specs below `out`; `platform`, `delivery`: those of all clusters, the first of which is the hub."""
    write(out / "specs/fleet.yaml", [spec("Fleet", "bench", _fleet(platform, delivery))])
    for n in range(clusters):
        write(out / f"specs/clusters/c{n:04}.yaml", [_cluster(n, ENVIRONMENTS[min(n % 10, 2)], delivery)])
    for n in range(TEAMS):
        write(out / f"specs/teams/team{n}.yaml", [_team(n)])
    left = max(objects - OWN - OF_TEAM * TEAMS, 1)
    own = min(round(objects * specific), left)
    for n, first in enumerate(range(0, left - own, IN_MANIFEST)):
        write(out / f"specs/manifests/app{n}.yaml", [_manifest(n, min(IN_MANIFEST, left - own - first))])
    if own:
        write(out / "specs/manifests/specific.yaml", [_specific(own, clusters)])


def _fleet(platform: str | None, delivery: str | None) -> dict[str, object]:
    cluster: dict[str, object] = {"platform": platform} if platform is not None else {}
    made: dict[str, object] = {"organisation": "bench", "environments": [*ENVIRONMENTS]}
    if delivery is not None:
        made["repository"] = {"url": "https://git.bench.example/platform.git", "credential": "repository"}
        cluster |= {"delivery": delivery} | ({"argocd": {"hub": HUB}} if delivery == "argocd" else {})
    return {**made, "defaults": {"cluster": cluster}} if cluster else made


def spec(kind: str, name: str, fields: dict[str, object], team: str | None = None) -> dict[str, object]:
    """A document."""
    metadata = {"name": name} if team is None else {"name": name, "team": team}
    return {"apiVersion": "fleetc/v1alpha1", "kind": kind, "metadata": metadata, "spec": fields}


def _cluster(n: int, environment: str, delivery: str | None) -> dict[str, object]:
    provider, region, residency = PROVIDERS[n % len(PROVIDERS)]
    made: dict[str, object] = {
        "kubernetes": MINORS[n // 7 % len(MINORS)],
        "provider": provider,
        "region": region,
        "environment": environment,
        "residency": residency,
    }
    if provider in STORAGE:
        classes = [{"name": n, "provisioner": by, "default": n == "general"} for n, by in STORAGE[provider].items()]
        made["storage"] = {"classes": classes}
    name = f"c{n:04}"
    if delivery == "argocd":
        made |= _registered(n, provider) if name != HUB else {"components": {"argo-cd": "3.5.1"}}
    return spec("Cluster", name, made)


def _registered(n: int, provider: str) -> dict[str, object]:
    """Where the hub, which is on GKE, reaches a cluster, and as whom it logs in."""
    login = {} if provider == "gke" else {"login": "serviceAccount"}
    return {"argocd": {"server": f"https://c{n:04}.bench.example", **login}}


def _team(n: int) -> dict[str, object]:
    return spec(
        "Team",
        f"team{n}",
        {
            "contact": f"team{n}@bench.example",
            "namespaces": [f"team{n}"],
            "members": {"admins": [f"team{n}-leads"], "developers": [f"team{n}-devs"]},
            "quota": {"cpu": 100 + n, "memory": "1Ti", "pods": 500},
            "network": {"egress": [f"10.{n}.0.0/16:443"]},
            "overrides": [{"match": {"environments": ["dev"]}, "set": {"quota": {"cpu": 10}}}],
        },
    )


def _manifest(n: int, count: int) -> dict[str, object]:
    namespace = f"team{n % TEAMS}"
    objects = [_config_map(f"app{n}-{m}", namespace, {"level": "info", "workers": "4"}) for m in range(count // 2)]
    objects += [_deployment(f"app{n}-{m}", namespace) for m in range(count // 2, count)]
    return spec("Manifest", f"app{n}", {"objects": objects}, team=namespace)


def _specific(count: int, clusters: int) -> dict[str, object]:
    names = [f"specific-{m}" for m in range(count)]
    base = [_config_map(name, "team0", {"endpoint": "https://none.bench.example"}) for name in names]

    def values(n: int) -> list[dict[str, object]]:
        return [_config_map(name, "team0", {"endpoint": f"https://c{n:04}.bench.example"}) for name in names]

    overrides = [{"match": {"clusters": [f"c{n:04}"]}, "set": {"objects": values(n)}} for n in range(clusters)]
    return spec("Manifest", "specific", {"objects": base, "overrides": overrides}, team="team0")


def _config_map(name: str, namespace: str, data: dict[str, str]) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def _deployment(name: str, namespace: str) -> dict[str, object]:
    labels = {"app.kubernetes.io/name": name}
    resources = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}}
    container = {
        "name": "app",
        "image": "registry.bench.example/app@sha256:" + "0" * 64,
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": resources,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "priorityClassName": "standard",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    made = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": made,
    }


def write(path: Path, documents: list[dict[str, object]]) -> None:
    """Write documents into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(emit(d) for d in documents), encoding="utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clusters", type=int, required=True)
    parser.add_argument("--objects", type=int, default=100, help="objects a cluster (default: 100)")
    parser.add_argument(
        "--specific", type=float, default=0.05, help="share that holds a value of its cluster (default: 0.05)"
    )
    parser.add_argument("--delivery", choices=("argocd", "pulumi"), help="what brings objects to clusters")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write_fleet(options.out, options.clusters, options.objects, options.specific, delivery=options.delivery)


if __name__ == "__main__":
    main()

"""Pins the CRDs of the packed manifest to files of public repositories.

    python -m tools.pin_crds DIR            write compiler/fleetc/catalogue/data/crd_pins.yaml
    python -m tools.pin_crds DIR --check    fail when that file is not what DIR gives

DIR holds INDEX.tsv, with the columns project, version, commit, commit_date, path_in_repo, group, kind, bytes and
sha256. That each file has its sha256 at its commit of its repository was seen in clones of these repositories, or in Go
modules of the same commit (docs/crds.md). A project without a repository here is left out, and told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.catalogue_components import Row, derive

TARGET = Path(__file__).parent.parent / "compiler/fleetc/catalogue/data/crd_pins.yaml"
SITE = "https://raw.githubusercontent.com"
_CATALOG = "metio/kube-custom-resources-rs"

REPOSITORIES = {
    "aibrix": "vllm-project/aibrix",
    "argo-cd": "argoproj/argo-cd",
    "argo-rollouts": "argoproj/argo-rollouts",
    "argo-workflows": "argoproj/argo-workflows",
    "cert-manager": "cert-manager/cert-manager",
    "cluster-api": "kubernetes-sigs/cluster-api",
    "cluster-autoscaler": "kubernetes/autoscaler",
    "cluster-inventory-api": "kubernetes-sigs/cluster-inventory-api",
    "external-secrets": "external-secrets/external-secrets",
    "falco-operator": "falcosecurity/falco-operator",
    "gateway-api-experimental": "kubernetes-sigs/gateway-api",
    "gateway-api-inference-extension": "kubernetes-sigs/gateway-api-inference-extension",
    "gateway-api-standard": "kubernetes-sigs/gateway-api",
    "gpu-operator": "NVIDIA/gpu-operator",
    "grafana-operator": "grafana/grafana-operator",
    "jobset": "kubernetes-sigs/jobset",
    "kaito": "kaito-project/kaito",
    "karpenter": "kubernetes-sigs/karpenter",
    "karpenter-provider-aws": "aws/karpenter-provider-aws",
    "keda": "kedacore/keda",
    "kro": "kubernetes-sigs/kro",
    "kserve": "kserve/kserve",
    "kubeflow": "kubeflow/kubeflow",
    "kubeflow-notebooks-v1": "kubeflow/notebooks",
    "kubeflow-notebooks-v2": "kubeflow/notebooks",
    "kubeflow-trainer": "kubeflow/trainer",
    "kuberay": "ray-project/kuberay",
    "kueue": "kubernetes-sigs/kueue",
    "kyverno": "kyverno/kyverno",
    "llm-d-inference-scheduler": "llm-d/llm-d-inference-scheduler",
    "llm-d-router": "llm-d/llm-d-router",
    "llm-d-workload-variant-autoscaler": "llm-d/llm-d-workload-variant-autoscaler",
    "lws": "kubernetes-sigs/lws",
    "mcs-api": "kubernetes-sigs/mcs-api",
    "node-feature-discovery-in-gpu-operator": "NVIDIA/gpu-operator",
    "nvidia-dra-driver": "kubernetes-sigs/dra-driver-nvidia-gpu",
    "opentelemetry-operator": "open-telemetry/opentelemetry-operator",
    "prometheus-operator": "prometheus-operator/prometheus-operator",
    "pulumi-kubernetes-operator": "pulumi/pulumi-kubernetes-operator",
    "sigstore-model-validation-operator": "sigstore/model-validation-operator",
    "sigstore-model-validation-operator-securesign-fork": "securesign/model-validation-operator",
    "sigstore-policy-controller": "sigstore/policy-controller",
    "spire-controller-manager": "spiffe/spire-controller-manager",
    "tetragon": "cilium/tetragon",
    "volcano": "volcano-sh/volcano",
}
"""The repository of each project. Those `via-metio-catalog` are copies that a catalogue keeps."""

_HEAD = """\
# CRDs that `fleetc schema pull` fetches: `url` and a file's path are its address, at a commit. Generated from upstream
# CRDs by tools/pin_crds.py, not edited by hand. `kinds` are those that a file declares, with their API groups.
"""


def repository(project: str) -> str | None:
    """The repository of a project; None where it is not known."""
    return _CATALOG if project.endswith("-via-metio-catalog") else REPOSITORIES.get(project)


def render(rows: Iterable[Row]) -> str:
    """The table's text: releases by project and version, files by path."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["project"], row["version"]), []).append(row)
    lines = [_HEAD.rstrip()]
    for (project, _), mine in sorted(found.items()):
        if repository(project) is not None:
            lines += _release(mine)
    return "\n".join(lines) + "\n"


def _release(rows: list[Row]) -> Iterator[str]:
    first = rows[0]
    yield f"- project: {first['project']}"
    yield f'  version: "{first["version"]}"'
    yield f'  date: "{first["commit_date"]}"'
    yield f"  url: {SITE}/{repository(first['project'])}/{first['commit']}/"
    yield "  files:"
    files: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda r: (r["path_in_repo"], r["group"], r["kind"])):
        files.setdefault(row["path_in_repo"], []).append(row)
    for path, same in files.items():
        yield f"  - path: {path}"
        kinds = ", ".join(f"{row['group']} {row['kind']}" for row in same)
        yield f"    kinds: [{kinds}]"
        yield f"    bytes: {same[0]['bytes']}"
        yield f'    sha256: "{same[0]["sha256"]}"'


def main(arguments: list[str]) -> int:
    """Write the table, or check it: see `derive`. A project without a repository is told."""

    def told(rows: list[Row]) -> str:
        for project in sorted({row["project"] for row in rows if repository(row["project"]) is None}):
            sys.stderr.write(f"{project}: no repository is known, left out\n")
        return render(rows)

    return derive("Pin upstream CRDs to files of public repositories.", TARGET, told, arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

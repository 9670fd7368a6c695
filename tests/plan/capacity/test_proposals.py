"""What hints propose, written as they say it: the fleet of the case is clean then, or has only its other errors."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from tests.pages import Page

CASES = Path(__file__).parents[2] / "cases"
MODELS, POOLS, TEAM = "specs/models.yaml", "specs/pools.yaml", "specs/teams/search.yaml"


class Step(NamedTuple):
    """A proposal of a case: what its hint says, the model it is of, and a text before and after in a file."""

    case: str
    said: str
    model: str
    before: str
    after: str
    file: str = MODELS


STEPS = [
    Step("weights-too-large", "`precision: int4`", "llama", "precision: bf16", "precision: int4"),
    Step("weights-too-large", "`resources: [H100:4]`", "llama", "resources: H100:1", "resources: [H100:4]"),
    Step("weights-too-large", "`resources: [L40S:8]`", "llama", "resources: H100:1", "resources: [L40S:8]"),
    Step("cache-too-large", "`concurrency: 3`", "llama", "concurrency: 64", "concurrency: 3"),
    Step("cache-too-large", "`context: 6Ki`", "llama", "context: 128Ki", "context: 6Ki"),
    Step("heads-not-divisible", "`resources: [H100:4]`", "llama", "resources: H100:3", "resources: [H100:4]"),
    Step("heads-not-divisible", "`resources: [H100:1]`", "qwen", "resources: [H100:5, H100:2]", "resources: [H100:1]"),
    Step("count-of-devices", "`resources: [H100:16]`", "llama", "resources: H100:12", "resources: [H100:16]"),
    Step("count-of-devices", "`resources: [H100:4]`", "llama", "resources: H100:12", "resources: [H100:4]"),
    Step("context-beyond", "`context: 40Ki` or less", "qwen", "context: 1Mi", "context: 40Ki"),
    Step("context-beyond", "`context: 128Ki` or less", "llama", "context: 200Ki", "context: 128Ki"),
    Step("formats", "`precision: int4`", "qwen", "precision: nvfp4", "precision: int4"),
    Step("formats", "`resources: [A100-80:1]`", "small", "resources: T4:1", "resources: [A100-80:1]"),
    Step("formats", "no `cachePrecision`", "cached", "  cachePrecision: fp8\n", ""),
    Step("formats", "`resources: [A100-80:1]`", "cached", "resources: T4:4", "resources: [A100-80:1]"),
    Step("mig", "`precision: int4`", "qwen", "precision: bf16", "precision: int4"),
    Step("mig", "`resources: [H100:1]`", "qwen", "resources: A100-80/3g.40gb:1", "resources: [H100:1]"),
    Step("mig", "`resources: [A100-80/3g.40gb:1]`", "small", "A100-80/3g.40gb:2", "[A100-80/3g.40gb:1]"),
    Step("tpu", "`resources: [TPU-v6e:8]`", "qwen", "resources: TPU-v6e:4", "resources: [TPU-v6e:8]"),
    Step("tpu", "`resources: [H100:1]`", "qwen", "resources: TPU-v6e:4", "resources: [H100:1]"),
    Step("tpu", "`engine: vllm`", "other", "engine: sglang", "engine: vllm"),
    Step("tpu", "`resources: [H100:1]`", "other", "resources: TPU-v6e:8", "resources: [H100:1]"),
    Step("tpu-only", "`engine: vllm`", "qwen", "engine: sglang", "engine: vllm"),
    Step("auto-fits-nowhere", "`concurrency: 9`", "qwen", "concurrency: 64", "concurrency: 9"),
    Step("auto-fits-nowhere", "`context: 4Ki`", "qwen", "context: 32Ki", "context: 4Ki"),
    Step(
        "auto-without-accelerators",
        "`resources: [cpu]` and `pod: {memory: 17Gi}`",
        "qwen",
        "  context: 8Ki\n",
        "  context: 8Ki\n  resources: [cpu]\n  pod: {memory: 17Gi}\n",
    ),
    Step("no-such-devices", "`resources: [H100:1]`", "qwen", "resources: H200:1", "resources: [H100:1]"),
    Step("no-such-devices", "`resources: [L40S:1]`", "qwen", "resources: H200:1", "resources: [L40S:1]"),
    Step("maintenance", "end the maintenance of GPUPool onprem-prod/h100", "qwen", "  maintenance: true\n", "", POOLS),
    Step("maintenance", "`resources: [H200:1]`", "qwen", "resources: H100:1", "resources: [H200:1]"),
    Step("quota", "`replicas: 1`", "llama", "replicas: 2", "replicas: 1"),
    Step("quota", "`quota: {devices: {H100: 8}}`", "llama", "{H100: 4}", "{H100: 8}", TEAM),
    Step("quota", "`clusters: [onprem-prod, eks-dev]`", "llama", "[onprem-prod]", "[onprem-prod, eks-dev]"),
    Step("quota-of-two-clusters", "`quota: {devices: {H100: 8}}`", "llama", "{H100: 4}", "{H100: 8}", TEAM),
    Step("not-enough-nodes", "`nodes: 1..8` in GPUPool eks-dev/l40s", "qwen", "nodes: 0..8", "nodes: 1..8", POOLS),
    Step("not-enough-nodes", "`nodes: 2` in GPUPool onprem-prod/h100", "llama", "nodes: 1\n", "nodes: 2\n", POOLS),
    Step("not-enough-nodes", "`replicas: 2..6`", "llama", "replicas: 3..6", "replicas: 2..6"),
    Step("tpu-nodes", "`nodes: 4..8` in GPUPool tpu/v6e", "llama", "nodes: 0..8", "nodes: 4..8", POOLS),
    Step("two-zones", "`zones: hall-1`", "deepseek", "zones: [hall-1, hall-2]", "zones: hall-1", POOLS),
    Step("failover", "remove `failover`", "qwen", "  placement: {failover: true}\n", ""),
    Step("failover", "remove `failover`", "two", "  placement: {failover: true}\n", ""),
    Step("spread", "`replicas: 1`", "by-zone", "replicas: 4", "replicas: 1"),
    Step("spread", "remove `spread: zone`", "by-zone", "  placement: {spread: zone}\n", ""),
    Step("spread", "remove `count`", "by-count", "  placement: {count: 2}\n", ""),
    Step("residency", "`regions: [eu-west-1, us-east-1]`", "qwen", "[eu-west-1]", "[eu-west-1, us-east-1]"),
    Step(
        "residency",
        "`residency: eu` in Cluster eks-dev",
        "apart",
        "  environment: dev\n",
        "  environment: dev\n  residency: eu\n",
        "specs/clusters/eks-dev.yaml",
    ),
    Step("cpu-memory", "`pod: {memory: 17Gi}`", "qwen", "memory: 8Gi", "memory: 17Gi"),
    Step("pod-too-large", "`pod.perDevice.memory: 62Gi`", "llama", "memory: 64Gi", "memory: 62Gi"),
    Step("pod-too-large", "`pod.perDevice.cpu: 15`", "cores", 'cpu: "16"', 'cpu: "15"'),
]


def _edit(text: str, step: Step) -> str:
    """The change, in the document of the model where the file is that of models."""
    documents = text.split("---\n")
    which = [n for n, doc in enumerate(documents) if step.file != MODELS or f"{{name: {step.model}, " in doc]
    at = next(n for n in which if step.before in documents[n])
    documents[at] = documents[at].replace(step.before, step.after)
    return "---\n".join(documents)


def _errors(text: str, model: str) -> list[str]:
    """The errors about a model."""
    return [error for error in text.split("\n\n") if f"Model {model}" in error.split("\n", 1)[0]]


@pytest.mark.parametrize("step", STEPS, ids=lambda s: f"{s.case}-{s.model}-{s.after.strip() or 'removed'}")
def test_what_a_hint_says_works(step: Step, tmp_path: Path) -> None:
    page = Page(CASES / f"plan-{step.case}.md", tmp_path / "acme")
    page.execute()
    # Some hints ask for several nodes, which these clusters can serve only with LeaderWorkerSets.
    fleet = page.root / "specs/fleet.yaml"
    groups = "  defaults:\n    cluster: {components: {lws: 0.10.0}}\n"
    fleet.write_text(fleet.read_text().replace("  defaults:\n", groups))
    before = page.run("fleetc check").stderr
    wrong = _errors(before, step.model)
    hints = [line for error in wrong for line in error.split("\n") if " = fix: " in line]
    assert any(step.said in hint for hint in hints)
    file = page.root / step.file
    file.write_text(_edit(file.read_text(), step))
    ran = page.run("fleetc check")
    assert _errors(ran.stderr, step.model) == []
    assert ran.stderr.count("error[") == before.count("error[") - len(wrong)

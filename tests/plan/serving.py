"""Model `m` of team `t` on clusters `a` to `c`, with what was planned of it given by the test."""

from __future__ import annotations

from collections.abc import Mapping

from tests.backends.serving.sites import ARTIFACT, HUB
from tests.check.fleet.clusters import FLEET, table, team
from tests.language.texts import docs, spec

from fleetc.language.serving import Serving, ServingPart
from fleetc.resolve import World
from fleetc.source.span import Path, Span


def texts(components: Mapping[str, str], minors: Mapping[str, str], source: str) -> list[str]:
    """The specs: three clusters, each with a pool `h100`, the team and the model."""
    out: list[str] = [FLEET, team()]
    for name in ("a", "b", "c"):
        fixed = f"kubernetes: '{minors.get(name, '1.35')}', provider: onprem, environment: dev"
        out.append(spec("Cluster", f"{{{fixed}, components: {{{components.get(name, '')}}}}}", f"{{name: {name}}}"))
        pool = "{accelerators: H100:8, machine: {cpu: 64, memory: 512Gi}, nodes: 4}"
        out.append(spec("GPUPool", pool, f"{{name: h100, cluster: {name}}}"))
    taken = ARTIFACT if source == "oci" else HUB
    model = f"{{source: '{taken}', architecture: llama-3.1-70b, resources: H100:4}}"
    return [*out, spec("Model", model, "{name: m, team: t}")]


def world(
    components: Mapping[str, str] | None = None, minors: Mapping[str, str] | None = None, source: str = "hub"
) -> World:
    """The fleet; `components` and `minors` by the cluster's name."""
    return World(docs(*texts(components or {}, minors or {}, source)), table())


def serving(*parts: ServingPart, model: str = "m") -> Serving:
    """What is planned of a model on some cluster."""
    return Serving(
        id=f"Serving/{model}", name=model, labels={}, team="t", parts=parts, engine="vllm", version="0.21.0",
        context=1024, concurrency=1, weights="bf16", cache="bf16", utilization=900, checkpoint=1,
    )  # fmt: skip


def locate(file: str, index: int, path: Path, key: bool) -> Span:
    """A place in whatever file, told apart by its path."""
    return Span(f"{file}#{'/'.join(map(str, path))}", index + 1, int(key) + 1)

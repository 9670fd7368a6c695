"""How the endpoint picker chooses, and by which metrics: its EndpointPickerConfig.

Facts: llm-d/llm-d-router v0.10.0 (0b43c1871782). Plugins and weights are those that it has without a configuration:
pkg/epp/config/loader/defaults.go; their parameters: pkg/epp/framework/plugins/datalayer, source/metrics and
extractor/metrics/factories.go. An empty specification is a metric that is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.serving.names import engine_of, release_of

_SCORERS: Final = {"queue-scorer": 2, "kv-cache-utilization-scorer": 2, "prefix-cache-scorer": 3}
_SPECIFICATIONS: Final = {
    "queuedRequestsSpec": "waiting",
    "runningRequestsSpec": "running",
    "kvUsageSpec": "kvCache",
    "loraSpec": "adapters",
    "cacheInfoSpec": "cacheConfiguration",
}
"""The role that each metric has in the catalogue."""


def configuration(s: ModelSite) -> str:
    """The configuration as YAML."""
    return "\n".join((*_plugins(s), *_profile(), ""))


def _plugins(s: ModelSite) -> Iterator[str]:
    name, release = engine_of(s).name, release_of(s)
    yield from ("apiVersion: llm-d.ai/v1alpha1", "kind: EndpointPickerConfig", "plugins:")
    yield from (f"- type: {scorer}" for scorer in _SCORERS)
    yield from ("- type: metrics-data-source", "  parameters:", f"    path: {release.metrics_path}")
    yield from ("- type: core-metrics-extractor", "  parameters:", f"    defaultEngine: {name}", "    engineConfigs:")
    yield f"    - name: {name}"
    for field, role in _SPECIFICATIONS.items():
        yield f'      {field}: "{release.metrics.get(role, "")}"'


def _profile() -> Iterator[str]:
    yield from ("schedulingProfiles:", "- name: default", "  plugins:")
    for scorer, weight in _SCORERS.items():
        yield from (f"  - pluginRef: {scorer}", f"    weight: {weight}")

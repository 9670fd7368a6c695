"""The Role of the endpoint picker: what it watches in the model's namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.picker.names import GROUP, picker_metadata, picker_of

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import PolicyRule, Role

_OPTIONAL: Final = (
    ("InferenceObjective", "inferenceobjectives"),
    ("InferenceModelRewrite", "inferencemodelrewrites"),
)
_OPTIONAL_GROUPS: Final = ("llm-d.ai", "inference.networking.x-k8s.io")
"""What it watches besides where the API server has it, and does not start without leave to: pkg/epp/server/
controller_config.go and controller_manager.go of llm-d/llm-d-router v0.10.0."""


def roles(s: ModelSite) -> Iterator[Role]:
    """It reads and changes nothing: one replica takes part in no election, and its metrics are not authenticated by
    token reviews."""
    if picker_of(s) is not None:
        yield {
            "apiVersion": api_version("Role", s.cluster),
            "kind": "Role",
            "metadata": picker_metadata(s),
            "rules": [_watched("", "pods"), _watched(GROUP, "inferencepools"), *_optional(s)],
        }


def _optional(s: ModelSite) -> Iterator[PolicyRule]:
    for group in _OPTIONAL_GROUPS:
        found = [plural for kind, plural in _OPTIONAL if served_in(s.cluster.components, group, kind, "v1alpha2")]
        if found:
            yield _watched(group, *found)


def _watched(group: str, *resources: str) -> PolicyRule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": ["get", "list", "watch"]}

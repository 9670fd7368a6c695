"""Raw objects, as their author wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleetc.emission.site import ManifestSite, Object
from fleetc_kubernetes.metadata import TEAM, common_labels


def raw_objects(s: ManifestSite) -> Iterator[Object]:
    """Each object with our labels added where it does not set them itself; everything else stays the same."""
    ours = common_labels(s)
    if s.manifest.team:
        ours[TEAM] = s.manifest.team
    for item in s.manifest.objects:
        yield _labelled(item.object, ours)


def _labelled(raw: Mapping[str, Any], ours: dict[str, str]) -> Object:
    metadata = raw["metadata"]
    labels = metadata.get("labels")
    if labels is not None and not isinstance(labels, Mapping):
        return raw  # The check of its schema says so; nothing is hidden here.
    return {**raw, "metadata": {**metadata, "labels": {**ours, **(labels or {})}}}

"""Raw objects, as their author wrote them, what tells them apart first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.emission.site import ManifestSite, Object
from fleetc_kubernetes.metadata import TEAM, common_labels

_FIRST: Final = ("apiVersion", "kind", "metadata")
_METADATA_FIRST: Final = ("name", "generateName", "namespace", "labels", "annotations")
"""The order in which objects are read, and in which `fleetc fmt` writes them."""


def raw_objects(s: ManifestSite) -> Iterator[Object]:
    """Each object with our labels added where it does not set them itself; everything else stays the same."""
    ours = common_labels(s)
    if s.manifest.team:
        ours[TEAM] = s.manifest.team
    for item in s.manifest.objects:
        yield _labelled(item.object, ours)


def _labelled(raw: Mapping[str, Any], ours: dict[str, str]) -> Object:
    metadata = _ordered(raw["metadata"], _METADATA_FIRST)
    labels = metadata.get("labels")
    if labels is None or isinstance(labels, Mapping):  # The check of its schema says what else it is.
        metadata["labels"] = {**ours, **(labels or {})}
    return {**_ordered(raw, _FIRST), "metadata": metadata}


def _ordered(raw: Mapping[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    return {**{key: raw[key] for key in first if key in raw}, **raw}

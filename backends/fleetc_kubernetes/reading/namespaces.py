"""Namespaces read back: what they are called, and what their labels and annotations say of the team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fleetc.emission.site import Object, TeamSite
from fleetc.language.types import OWN_LABEL_KEY
from fleetc_kubernetes.metadata import CONTACT, COST_CENTER
from fleetc_kubernetes.reading.values import Objects, text, texts
from fleetc_kubernetes.tenancy.namespace import POD_SECURITY


def read_namespaces(sites: Sequence[TeamSite], every: Objects, shares: Sequence[int]) -> dict[str, Any]:
    """`contact`, `costCenter`, `podSecurity` and `namespaces`."""
    names = [namespace.name for namespace in sites[0].team.namespaces]
    found = [every.get("Namespace", "", name) for name in names]
    contact, level = text(found[0], "metadata", "annotations", CONTACT), _level(found[0])
    cost = text(found[0], "metadata", "labels", COST_CENTER)
    spec: dict[str, Any] = {}
    if contact and any(s.team.contact != contact for s in sites):
        spec["contact"] = contact
    if cost and any(s.team.cost_center != cost for s in sites):
        spec["costCenter"] = cost
    spec["namespaces"] = [
        _namespace(item, share, contact, level) for item, share in zip(found, shares, strict=True) if item
    ]
    if level and any(s.team.pod_security != level for s in sites):
        spec["podSecurity"] = level
    return spec


def _level(item: Object) -> str:
    return text(item, "metadata", "labels", f"{POD_SECURITY}/enforce")


def _namespace(item: Object, share: int, contact: str, level: str) -> dict[str, Any]:
    spec: dict[str, Any] = {"name": text(item, "metadata", "name")}
    if share != 1:
        spec["share"] = share
    labels = {key: value for key, value in texts(item, "metadata", "labels").items() if OWN_LABEL_KEY.accepts(key)}
    if labels:
        spec["labels"] = labels
    notes = texts(item, "metadata", "annotations")
    if contact and notes.get(CONTACT) == contact:
        del notes[CONTACT]
    if notes:
        spec["annotations"] = notes
    if _level(item) not in ("", level):
        spec["podSecurity"] = _level(item)
    return spec

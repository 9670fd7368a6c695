"""What a change of one object loosens or tightens beside RBAC and network policies, and which data it puts at risk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from fleetc.check.change import admission
from fleetc.check.change.model import Effect, Key, Meaning, Value
from fleetc.check.rules.access import at, items
from fleetc.check.rules.quantity import parse

_LEVELS: Final = {"privileged": 0, "baseline": 1, "restricted": 2}
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_LOOSE: Final[dict[tuple[str, ...], bool]] = {
    ("privileged",): True,
    ("allowPrivilegeEscalation",): True,
    ("hostNetwork",): True,
    ("hostPID",): True,
    ("hostIPC",): True,
    ("runAsNonRoot",): False,
    ("readOnlyRootFilesystem",): False,
}
"""Fields of pods, and the value that lets a pod do more (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""
HOLDS_DATA: Final = {
    "Namespace": "everything in it is deleted with it",
    "PersistentVolumeClaim": "its volume is deleted with it, where the reclaim policy says so",
    "PersistentVolume": "what it holds is no longer reached",
    "CustomResourceDefinition": "all objects of its kind are deleted with it",
    "VolumeSnapshot": "the snapshot is deleted with it, where its class says so",
    "VolumeSnapshotContent": "the snapshot is deleted with it, where its class says so",
    "StatefulSet": "its claims stay, or are deleted with it, as its retention policy says",
    "Secret": "what it holds is not in git",
}
"""Kinds that data goes with when they go, and how."""
_AMOUNTS: Final[dict[str, tuple[str, ...]]] = {
    "ResourceQuota": ("hard",),
    "LimitRange": ("max", "default", "defaultRequest"),
    "ClusterQueue": ("nominalQuota", "borrowingLimit", "lendingLimit"),
    "Cohort": ("nominalQuota", "borrowingLimit", "lendingLimit"),
    "NodePool": ("limits",),
}
_RECLAIM: Final = "persistentVolumeReclaimPolicy"
_RETENTION: Final = "persistentVolumeClaimRetentionPolicy"
_ADMISSION: Final = (
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
)  # fmt: skip


def goes(kind: str, obj: Mapping[str, Any]) -> Iterator[Meaning]:
    """What it means that an object goes."""
    if kind == "StatefulSet" and not at(obj, "spec").get("volumeClaimTemplates"):
        return
    if kind in HOLDS_DATA:
        yield Meaning(Effect.DATA, HOLDS_DATA[kind])
    if kind in _ADMISSION:
        yield Meaning(Effect.LOOSENS, "what it refused is admitted")
    if kind in ("ResourceQuota", "LimitRange"):
        yield Meaning(Effect.RAISES, "nothing limits what it limited")


def comes(kind: str, obj: Mapping[str, Any]) -> Iterator[Meaning]:
    """What it means that an object comes."""
    if kind in _ADMISSION:
        yield Meaning(Effect.TIGHTENS, "what is admitted may be refused now, or changed")
    if kind in ("ResourceQuota", "LimitRange"):
        yield Meaning(Effect.LOWERS, "what was not limited is")


def differs(
    kind: str, found: Sequence[Value], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Meaning]:
    """What the differences of an object mean."""
    if kind == "Namespace":
        yield from _pod_security(found, before, after)
    if kind in (admission.POLICY, admission.BINDING):
        yield from admission.differs(kind, before, after)
    elif kind in _ADMISSION:
        yield Meaning(Effect.CHANGES, "what is admitted may be otherwise")
    for value in found:
        yield from _of_pods(value)
        if kind in _AMOUNTS:
            yield from _amount(kind, value)
    yield from _data(kind, found, before, after)


def _pod_security(found: Sequence[Value], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Meaning]:
    was, now = (str(at(obj, "metadata", "labels").get(_ENFORCE, "privileged")) for obj in (before, after))
    path = ("metadata", "labels", _ENFORCE)
    if was in _LEVELS and now in _LEVELS and was != now:
        loosens = _LEVELS[now] < _LEVELS[was]
        why = (
            f"pods of level {now} are admitted, before only {was}"
            if loosens
            else f"new pods must be {now}, before {was}"
        )
        yield Meaning(Effect.LOOSENS if loosens else Effect.TIGHTENS, why, path)
    for value in found:
        if value.path == ("metadata", "labels", f"{_ENFORCE}-version"):
            was, now = (version or "the latest version" for version in (value.before, value.after))
            why = f"pods are judged as of {now}, before as of {was}"
            yield Meaning(Effect.CHANGES, why, value.path)


def _of_pods(value: Value) -> Iterator[Meaning]:
    last = (str(value.path[-1]),)
    if last in _LOOSE and "template" in value.path:
        loose = _LOOSE[last]
        was, now = value.before is loose, value.after is loose
        # Of what is left out, the default is the loose one but for what only `true` loosens.
        if not loose:
            was, now = value.before is not True, value.after is not True
        if was != now:
            yield Meaning(Effect.LOOSENS if now else Effect.TIGHTENS, f"{last[0]} of pods", value.path)
    if "capabilities" in value.path and value.path[-1] in ("add", "drop"):
        old, new = (set(map(str, v)) if isinstance(v, list) else set[str]() for v in (value.before, value.after))
        come, go = (set[str]() if "ALL" in one else other - one for one, other in ((old, new), (new, old)))
        more, less = (come, go) if value.path[-1] == "add" else (go, come)
        if more:
            yield Meaning(Effect.LOOSENS, f"pods may have {', '.join(sorted(more))}", value.path)
        if less:
            yield Meaning(Effect.TIGHTENS, f"pods may not have {', '.join(sorted(less))}", value.path)


def _amount(kind: str, value: Value) -> Iterator[Meaning]:
    names = [str(step) for step in value.path if not isinstance(step, Key)]
    if not set(names) & set(_AMOUNTS[kind]):
        return
    was, now = parse(value.before), parse(value.after)
    if was is None and now is None:
        return
    if was is None or now is None:
        effect = Effect.RAISES if now is None else Effect.LOWERS
        why = "is not limited any more" if now is None else "was not limited"
    else:
        effect = Effect.RAISES if now > was else Effect.LOWERS
        why = _times(was, now)
    yield Meaning(effect, f"{names[-1]} {why}", value.path)


def _times(was: Decimal, now: Decimal) -> str:
    return f"{'grows' if now > was else 'shrinks'} to {round(100 * now / was):,} %" if was else "grows from 0"


def _data(kind: str, found: Sequence[Value], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Meaning]:
    if kind == "PersistentVolume":
        was, now = (at(obj, "spec").get(_RECLAIM, "Retain") for obj in (before, after))
        if now not in (was, "Retain"):
            yield Meaning(Effect.DATA, "what it holds is deleted when its claim goes", ("spec", _RECLAIM))
    if kind == "PersistentVolumeClaim":
        path = ("spec", "resources", "requests", "storage")
        size, wanted = (parse(at(obj, *path[:-1]).get("storage")) for obj in (before, after))
        if size is not None and wanted is not None and wanted < size:
            yield Meaning(Effect.IMMUTABLE, "a claim cannot shrink", path)
        elif size != wanted:
            yield Meaning(Effect.RAISES, "the volume grows, where its class allows that", path)
    if kind == "CustomResourceDefinition":
        for name in sorted(_served(before) - _served(after)):
            why = f"version {name} is served no more: objects stored in it cannot be read"
            yield Meaning(Effect.DATA, why, ("spec", "versions"))
    for value in found if kind == "StatefulSet" else ():
        if _RETENTION in value.path and "Delete" in repr(value.after):
            yield Meaning(Effect.DATA, "claims are deleted with the pods", value.path)


def _served(obj: Mapping[str, Any]) -> set[str]:
    return {str(version.get("name")) for _, version in items(at(obj, "spec"), "versions") if version.get("served")}

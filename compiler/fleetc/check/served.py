"""Which kinds a Kubernetes minor serves, at which apiVersion, and whether their objects live in namespaces."""

from __future__ import annotations

from functools import lru_cache

from fleetc.check import store
from fleetc.check.store import Scope
from fleetc.check.wording import nearest_name


def scope_of(api_version: str, kind: str, minor: str) -> Scope | None:
    """The scope of a kind, or None when no pack has it at this minor."""
    if f"{api_version} {kind}" in store.builtin(minor)["kinds"]:
        return store.scopes()[f"{api_version.rpartition('/')[0]} {kind}"]
    entry = store.custom(api_version, kind)
    if entry is None:
        return None
    return "Namespaced" if entry[1] == "N" else "Cluster"


def served(api_version: str, kind: str, minor: str) -> bool | None:
    """Whether objects of this kind can be applied at a minor; None when nothing is known of its group or kind.

    Custom kinds count as served when a packed CRD serves them. Built-in alpha and beta versions count as served,
    though the API server only offers them with `--runtime-config` (see `on_by_default`).
    """
    if f"{api_version} {kind}" in store.builtin(minor)["kinds"]:
        return True
    if store.custom(api_version, kind) is not None:
        return True
    group = api_version.rpartition("/")[0]
    known = group in store.builtin_groups() or f"{group} {kind}" in store.crds().kinds
    return False if known else None


def on_by_default(api_version: str) -> bool:
    """Whether an API server offers this built-in version unasked: since 1.24 only stable ones (KEP-3136)."""
    version = api_version.rpartition("/")[2]
    return "alpha" not in version and "beta" not in version


def nearest(api_version: str, kind: str, minor: str) -> str:
    """What to write instead of an unserved apiVersion and kind, as a hint; empty when nothing is near."""
    group = api_version.rpartition("/")[0]
    versions = _versions(kind, minor)
    same = [each for each in versions if each.rpartition("/")[0] == group]
    if same or versions:
        return f"{kind} is served as {', '.join(same or versions)}"
    minors = [each for each in store.kubernetes().minors if f"{api_version} {kind}" in store.builtin(each)["kinds"]]
    if minors and _order(minors[0]) > _order(minor):
        return f"served from {minors[0]} on"
    if minors:
        return f"served up to {minors[-1]}"
    meant = nearest_name(kind, _kinds(api_version, minor))
    return f"did you mean `{meant}`?" if meant else ""


def version_of(group: str, kind: str, minor: str) -> str | None:
    """The most stable apiVersion that serves a kind of a group; None when no pack has it at this minor."""
    return next((v for v in _versions(kind, minor) if v.rpartition("/")[0] == group), None)


@lru_cache(maxsize=256)
def _versions(kind: str, minor: str) -> tuple[str, ...]:
    """The apiVersions that serve a kind, stable ones first."""
    found = [key.split(" ")[0] for key in store.builtin(minor)["kinds"] if key.endswith(f" {kind}")]
    for key, versions in store.crds().kinds.items():
        group, _, name = key.partition(" ")
        if name == kind:
            found.extend(f"{group}/{version}" for version in versions)
    return tuple(sorted(found, key=_least_stable_last))


def _kinds(api_version: str, minor: str) -> list[str]:
    group, _, version = api_version.rpartition("/")
    builtin = [key.split(" ")[1] for key in store.builtin(minor)["kinds"] if key.startswith(f"{api_version} ")]
    custom = [
        key.split(" ")[1]
        for key, found in store.crds().kinds.items()
        if key.split(" ")[0] == group and version in found
    ]
    return sorted({*builtin, *custom})


def _least_stable_last(api_version: str) -> tuple[int, str]:
    version = api_version.rpartition("/")[2]
    return 2 * ("alpha" in version) + ("beta" in version), api_version


def _order(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))

"""What Pulumi does when the data of a stack changes; the program in `stacks/` is what does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change.model import Effect, Meaning, Value
from fleetc.check.rules.access import at

_ACCOUNT: Final = "serviceAccount"
_DELIVERS: Final = "the stack makes all that is emitted for the cluster, and takes over what is there"
_LOSES: Final = "the next `pulumi up` deletes what the stack delivered, and refuses while some of it is protected"
_ADMIN: Final = "Argo CD gets an account on the cluster that may do everything (argocd-manager, cluster-admin)"
_OTHERS: Final[dict[tuple[str, ...], str]] = {
    ("manifests",): "the stack's objects are read from there",
    ("install", "manifest"): "Argo CD's own manifest comes from there",
    ("repository", "url"): "Argo CD reads that repository",
    ("root",): "all Applications of the hub come from there",
    ("hub",): "the cluster is registered at that hub, and no longer at the other",
    ("registration", "server"): "Argo CD reaches the cluster there",
    ("registration", "certificateAuthority"): "Argo CD trusts that authority of the cluster",
    ("registration", "namespace"): "the registration is made anew in that namespace of the hub",
    ("registration", "login"): "Argo CD logs in otherwise",
}
"""By place, what a change means that does nothing else."""


def comes(data: Mapping[str, Any]) -> Iterator[Meaning]:
    """What a stack that comes does."""
    yield Meaning(Effect.ADDS, _does(data))
    yield from _account({}, data)


def goes(data: Mapping[str, Any]) -> Iterator[Meaning]:
    """What it means that there is nothing more to do: the program refuses to run, and so does nothing."""
    del data
    why = (
        "`pulumi up` refuses: what the stack made stays until `pulumi destroy`, and then goes but for what is retained"
    )
    yield Meaning(Effect.REMOVES, why)


def differs(found: Sequence[Value], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Meaning]:
    """What a change does."""
    if _role(before) != _role(after):
        yield Meaning(Effect.REMOVES, _undoes(before))
        yield Meaning(Effect.ADDS, _does(after))
    else:
        for value in found:
            yield _changes(value, after)
    yield from _account(before, after)


def _role(data: Mapping[str, Any]) -> str:
    """Whose work it is, and what for."""
    return "pulumi" if data.get("delivery") == "pulumi" else "hub" if "install" in data else "worker"


def _does(data: Mapping[str, Any]) -> str:
    match _role(data):
        case "pulumi":
            return _DELIVERS
        case "hub":
            root = at(data, "root")
            version = at(data, "install").get("version")
            return f"the stack installs Argo CD {version}, which syncs {root.get('path')} at {root.get('revision')}"
        case _:
            return f"the stack registers the cluster at the hub {data.get('hub')}"


def _undoes(data: Mapping[str, Any]) -> str:
    match _role(data):
        case "pulumi":
            return _LOSES
        case "hub":
            return "the next `pulumi up` takes Argo CD away, and refuses while its namespace is protected"
        case _:
            return f"the next `pulumi up` takes the registration away from the hub {data.get('hub')}"


def _changes(value: Value, after: Mapping[str, Any]) -> Meaning:
    path = tuple(str(step) for step in value.path)
    if path == ("install", "version"):
        return Meaning(Effect.RESTARTS, "Argo CD itself is updated", value.path)
    if path == ("install", "namespace"):
        why = "Argo CD is installed anew there, and `pulumi up` refuses while the old namespace is protected"
        return Meaning(Effect.REMOVES, why, value.path)
    if path == ("repository", "credential"):
        name = at(after, "repository").get("credential")
        why = f"set it before `pulumi up`: `pulumi config set --secret fleet:{name}`" if name else "it is read without"
        return Meaning(Effect.CHANGES, why, value.path)
    why = next((why for place, why in _OTHERS.items() if path[: len(place)] == place), "")
    return Meaning(Effect.CHANGES, why, value.path)


def _account(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Meaning]:
    """Who has no login of the provider gets an account and a token: an administrator comes, or goes."""
    had, has = (at(data, "registration").get("login") == _ACCOUNT for data in (before, after))
    path = ("registration", "login") if before else ()
    if has and not had:
        yield Meaning(Effect.WIDENS_RBAC, _ADMIN, path)
    elif had and not has:
        yield Meaning(Effect.NARROWS_RBAC, "the account of Argo CD on the cluster goes, with its token", path)

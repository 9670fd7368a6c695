"""Who may do what: the grants that all bindings of a cluster come to, and whether some grants cover another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fleetc.check.rules.access import at, items, strings
from fleetc.tuples import NamedTuple

KINDS: Final = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
_EVERYWHERE: Final = ""


class Grant(NamedTuple):
    """One rule given to one subject, in a namespace ("": in all, and outside of them). A rule is verbs, groups,
    resources, names of objects (none: all of them) and URLs. `role`: a role that is not emitted, whose rules are not
    known, by its name. `by`: the positions of the binding and of the role among the objects."""

    subject: tuple[str, str, str]
    namespace: str
    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str]
    urls: frozenset[str]
    role: str
    by: tuple[int, ...]


def grants(objects: Iterable[Mapping[str, Any]]) -> list[Grant]:
    """Every grant of the roles and bindings of a cluster."""
    listed = list(objects)
    roles = {
        (obj["kind"], str(at(obj, "metadata").get("namespace") or ""), str(at(obj, "metadata").get("name"))): n
        for n, obj in enumerate(listed)
        if obj.get("kind") in ("Role", "ClusterRole")
    }
    out: list[Grant] = []
    for n, obj in enumerate(listed):
        if obj.get("kind") in ("RoleBinding", "ClusterRoleBinding"):
            out += _bound(n, obj, listed, roles)
    return out


def covers(grant: Grant, others: Iterable[Grant]) -> bool:
    """Whether others give all that a grant gives. Each verb on each resource of each group is looked for by itself: two
    rules may cover one together."""
    near = [o for o in others if o.subject == grant.subject and o.namespace in (grant.namespace, _EVERYWHERE)]
    if grant.role:
        return any(o.role == grant.role for o in near)
    return all(any(_gives(o, atom) for o in near) for atom in _atoms(grant))


def words(grant: Grant, *, lost: bool = False) -> str:
    """A grant as people say it, of a binding whose namespace they see; `lost`: there was one."""
    kind, namespace, name = grant.subject
    who = f"{kind} {namespace}/{name}" if namespace and namespace != grant.namespace else f"{kind} {name}"
    where = "" if grant.namespace else " in the whole cluster"
    if grant.role:
        return f"{who} {'no longer has' if lost else 'has'} {grant.role}{where}"
    what = ", ".join(sorted(grant.urls or grant.resources)) or "nothing"
    named = f" named {', '.join(sorted(grant.names))}" if grant.names else ""
    may = "may no longer" if lost else "may"
    return f"{who} {may} {', '.join(sorted(grant.verbs))} {what}{named}{where}"


def _bound(
    n: int, binding: Mapping[str, Any], listed: list[Mapping[str, Any]], roles: Mapping[tuple[str, str, str], int]
) -> Iterator[Grant]:
    own = str(at(binding, "metadata").get("namespace") or "") if binding.get("kind") == "RoleBinding" else _EVERYWHERE
    ref = at(binding, "roleRef")
    kind, name = str(ref.get("kind")), str(ref.get("name"))
    role = roles.get((kind, own if kind == "Role" else "", name))
    for _, subject in items(binding, "subjects"):
        there = str(subject.get("namespace") or own) if subject.get("kind") == "ServiceAccount" else ""
        who = (str(subject.get("kind")), there, str(subject.get("name")))
        nothing = frozenset[str]()
        if role is None:
            yield Grant(who, own, nothing, nothing, nothing, nothing, nothing, f"{kind} {name}", (n,))
            continue
        for _, rule in items(listed[role], "rules"):
            yield Grant(
                who,
                own,
                frozenset(strings(rule, "verbs")),
                frozenset(strings(rule, "apiGroups")),
                frozenset(strings(rule, "resources")),
                frozenset(strings(rule, "resourceNames")),
                frozenset(strings(rule, "nonResourceURLs")),
                "",
                (n, role),
            )
        if at(listed[role], "aggregationRule"):
            yield Grant(who, own, nothing, nothing, nothing, nothing, nothing, f"{kind} {name}", (n, role))


class _Atom(NamedTuple):
    verb: str
    group: str
    resource: str
    name: str
    url: str


def _atoms(grant: Grant) -> Iterator[_Atom]:
    for verb in grant.verbs:
        yield from (_Atom(verb, "", "", "", url) for url in grant.urls)
        for group in grant.groups:
            for resource in grant.resources:
                yield from (_Atom(verb, group, resource, name, "") for name in grant.names or ("",))


def _gives(grant: Grant, atom: _Atom) -> bool:
    if grant.role or not _has(grant.verbs, atom.verb):
        return False
    if atom.url:
        return any(
            url in ("*", atom.url) or (url.endswith("*") and atom.url.startswith(url[:-1])) for url in grant.urls
        )
    named = not grant.names or atom.name in grant.names
    return named and _has(grant.groups, atom.group) and _resource(grant.resources, atom.resource)


def _has(given: frozenset[str], wanted: str) -> bool:
    return "*" in given or wanted in given


def _resource(given: frozenset[str], wanted: str) -> bool:
    """`*` is every resource with its subresources, `*/scale` that subresource of every one (rbac/v1 helpers)."""
    _, slash, sub = wanted.partition("/")
    return _has(given, wanted) or bool(slash and f"*/{sub}" in given)

"""Which namespaces may be one team's: by what binds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleetc.emission.site import Object
from fleetc.language.types import NAME
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.metadata import NAMESPACE_NAME, TEAM
from fleetc_kubernetes.reading.values import Objects, items, mapping, name_of, text
from fleetc_kubernetes.tenancy.local_queue import NAME as QUEUE
from fleetc_kubernetes.tenancy.network_policy import ALLOW_TEAM

_KUBERNETES: Final = ("kube-",)


class Candidate(NamedTuple):
    """A team that there may be. `declared`: fleetc's own label says so."""

    name: str
    namespaces: tuple[str, ...]
    declared: bool


def candidates(objects: Iterable[Object]) -> list[Candidate]:
    """The teams that there may be, in the order of their namespaces; each namespace is in one of them.

    Namespaces of one team have fleetc's label of that team; without it, a policy by which all of them reach each other,
    or RoleBindings to the same groups. A namespace that nothing binds to another is a team of its own.
    """
    every = Objects(objects)
    groups: dict[tuple[str, ...], list[str]] = {}
    for item in every.of("Namespace"):
        name = name_of(item)
        if NAME.accepts(name) and name != "default" and not name.startswith(_KUBERNETES):
            groups.setdefault(_bond(every, item), []).append(name)
    taken: set[str] = set()
    out: list[Candidate] = []
    for (kind, *words), names in groups.items():
        ordered = _ordered(every, names)
        name = words[0] if kind == "label" else _named(every, ordered)
        if name not in taken:
            out.append(Candidate(name, ordered, kind == "label"))
            taken.add(name)
    return out


def _bond(every: Objects, item: Object) -> tuple[str, ...]:
    name, label = name_of(item), text(item, "metadata", "labels", TEAM)
    if NAME.accepts(label):
        return "label", label
    together = peers(every, name)
    if name in together:
        return "policy", *sorted(together)
    groups = {
        f"{text(binding, 'roleRef', 'name')} {text(subject, 'name')}"
        for binding in every.of("RoleBinding", name)
        for subject in items(binding, "subjects")
        if text(subject, "kind") == "Group"
    }
    return ("groups", *sorted(groups)) if groups else ("alone", name)


def peers(every: Objects, namespace: str) -> list[str]:
    """The namespaces that reach a namespace by its team's policy, in the order of the policy."""
    for rule in items(every.get("NetworkPolicy", namespace, ALLOW_TEAM), "spec", "ingress"):
        for peer in items(rule, "from"):
            return selected(mapping(peer, "namespaceSelector"))
    return []


def selected(selector: Object) -> list[str]:
    """The namespaces that a selector names; none where it selects by something else."""
    if one := text(selector, "matchLabels", NAMESPACE_NAME):
        return [one]
    for requirement in items(selector, "matchExpressions"):
        if text(requirement, "key") == NAMESPACE_NAME:
            return [value for value in items(requirement, "values") if isinstance(value, str)]
    return []


def _ordered(every: Objects, names: list[str]) -> tuple[str, ...]:
    """Namespaces in the order that their policies list them in, which is the spec's."""
    order = peers(every, names[0])
    return tuple(order if sorted(order) == sorted(names) else names)


def _named(every: Objects, names: tuple[str, ...]) -> str:
    """What their queue is called; else the namespace whose name all others begin with; else the first."""
    queue = text(every.get("LocalQueue", names[0], QUEUE), "spec", "clusterQueue")
    stem = next((n for n in names if all(other == n or other.startswith(f"{n}-") for other in names)), names[0])
    return queue if NAME.accepts(queue) else stem

"""Rule `policy`: emitted objects meet the Policies of the fleet, as the API server of the cluster will judge them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.view import USAGE, Cell, Item, View
from fleetc.check.policy.judge import Judged, Ready, Ruled, bindings, concerns, judge, named, ready
from fleetc.check.policy.usage import Broken, Ends, Ruling, Seen, Usage, Use, used_by
from fleetc.check.policy.where import broken
from fleetc.check.rules.access import Map, at
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.emission.admission import RuleOf, kinds_of
from fleetc.emission.emission import Row
from fleetc.language.cluster import Cluster
from fleetc.language.policy import Policy
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_CODES: Final = {"deny": codes.POLICY_BROKEN, "warn": codes.POLICY_WARNED}
_NAMESPACE: Final = "namespaceObject"
_UNKNOWN: Final = "it reads `namespaceObject`, and the namespace is not emitted"
_AT_SERVERS: Final = "judged by API servers alone: `enforce: admission`"


class Here(NamedTuple):
    """A cluster as its policies are judged there: they, and the Namespaces that are emitted for it."""

    cluster: int
    name: str
    policies: tuple[Ready, ...]
    spaces: Mapping[str, Map]


def policy(view: View, tally: Tally) -> Iterator[Finding]:
    """Every object against every policy that is for it."""
    usage: Usage = view.once(USAGE, Usage)
    spaces = {name: space for _, cell in view.rows for name, space in spaces_of(cell, usage)}
    here = Here(view.index, view.cluster.name, readied(view.policies, view.cluster, usage), spaces)
    for row, cell in view.rows:
        ruling = ruled(here, row.subject, cell, usage)
        tally.join(ruling.counts)
        usage.count(view.index, ruling)
        for each in ruling.broken:
            yield from _findings(view, row, cell.items[each.object], each)


def readied(policies: Iterable[Policy], cluster: Cluster, usage: Usage) -> tuple[Ready, ...]:
    """Policies as a cluster has them; one object where they are the same for clusters."""
    out: list[Ready] = []
    for each in policies:
        key = (id(each), cluster.kubernetes, tuple([kind.text for kind in kinds_of(each, cluster)]))
        if key not in usage.ready:
            usage.ready[key] = ready(each, cluster)
        out.append(usage.ready[key])
    return tuple(out)


def spaces_of(cell: Cell, usage: Usage) -> Iterator[tuple[str, Map]]:
    """The Namespaces of a cell by name, as a server will hold them."""
    return ((item.facts.identity.name, usage.space(item.shape.key, item.shape.object)) for item in cell.spaces)


def ruled(here: Here, subject: str, cell: Cell, usage: Usage) -> Ruling:
    """What the policies come to for a cell, told once where these and its namespaces are the same."""
    around = tuple([id(here.spaces.get(name)) for name in cell.namespaces])
    key = (cell, tuple(map(id, here.policies)), around)
    ruling = usage.rulings.get(key)
    if ruling is None:
        ruling = usage.rulings[key] = _ruling(here, subject, cell, usage)
        usage.used |= ruling.used
    usage.of[here.cluster, subject] = ruling
    return ruling


def _ruling(here: Here, subject: str, cell: Cell, usage: Usage) -> Ruling:
    tally, broken, used, ends = Tally(), list[Broken](), set[Use](), Ends()
    for each, (n, item) in product(here.policies, enumerate(cell.items)):
        space = _space(item, here.spaces)
        if not concerns(each, item.shape.object, space):
            continue
        ends.objects[each.policy.name, item.facts.identity.kind] += 1
        if each.policy.enforce == "admission":
            tally.add("policy", State.SKIPPED, len(each.rules), _AT_SERVERS)
            continue
        judged = _judged(usage, Seen(each, item.shape.object, space, subject, here.name), item, here.spaces)
        used.update(used_by(each.policy.name, judged))
        ends.needs.update({(each.policy.name, name) for end in judged.rules for name in end.excepted})
        for end in judged.rules:
            state = _state(each.policy, end)
            tally.add("policy", state, reason=_reason(each.policy, end))
            ends.rules[each.policy.name, end.rule.name, state.value] += 1
            if not end.holds and not end.unsure and each.policy.action in _CODES:
                broken.append(Broken(n, each, end, space))
    whole = any(map(_looks, here.policies))
    spaces = tuple([item.shape.object if whole else _selected(item.shape.object) for item in cell.spaces])
    return Ruling(tally.counts, tuple(broken), frozenset(used), spaces, ends)


def _looks(each: Ready) -> bool:
    """Whether a rule looks at the namespaces of objects."""
    return any(_NAMESPACE in rule.expression for rule in each.rules)


def _selected(space: Map) -> Map:
    """What selectors see of a Namespace."""
    return {"metadata": {"name": space["metadata"]["name"], "labels": at(space, "metadata", "labels")}}


def _space(item: Item, spaces: Mapping[str, Map]) -> Map | None:
    """The Namespace of an object; of one that is not emitted, nothing but its name is known."""
    namespace = item.facts.identity.namespace
    return spaces.get(namespace) or named({"metadata": {"name": namespace}}) if namespace else None


def _judged(usage: Usage, seen: Seen, item: Item, spaces: Mapping[str, Map]) -> Judged:
    """Objects that are alike are judged once, unless a rule looks at their namespaces. Of those that are not known,
    that rule says nothing here."""
    looks = _looks(seen.ready)
    known = item.facts.identity.namespace in ("", *spaces)
    key = (id(seen.ready), item.shape.key, (repr(seen.space), known) if looks else "")
    found = usage.judged.get(key)
    if found is None:
        found = judge(seen.ready, seen.obj, seen.space)
        if looks and not known:
            rules = [
                r._replace(holds=False, unsure=_UNKNOWN) if _NAMESPACE in r.rule.expression else r for r in found.rules
            ]
            found = Judged(tuple(rules))
        usage.judged[key] = found
        usage.note(seen)
    return found


def _state(policy: Policy, ruled: Ruled) -> State:
    if ruled.unsure:
        return State.PARTIAL
    return State.VALID if ruled.holds else State.INVALID


def _reason(policy: Policy, ruled: Ruled) -> str:
    if ruled.unsure:
        return f"rule {ruled.rule.name} of Policy {policy.name} cannot be judged here: {ruled.unsure}"
    if ruled.holds and ruled.excepted:
        return f"an exception of Policy {policy.name}: {', '.join(ruled.excepted)}"
    return "" if ruled.holds or policy.action != "audit" else f"Policy {policy.name} only audits"


def _findings(view: View, row: Row, item: Item, found: Broken) -> Iterator[Finding]:
    here, rule, obj = found.ready, found.ruled.rule, item.shape.object
    for part in broken(here, rule, obj, bindings(here, obj, found.space)):
        what = f"{part.word}: " if part.word else ""
        why = f" ({found.ruled.error})" if found.ruled.error else ""
        message = f"{what}{rule.message}{why} (Policy {here.policy.name}, rule {rule.name})"
        place = view.place(row, found.object, part.path)
        said = ((here.policy.id, place_of(here.policy, rule), "the rule"),)
        yield Finding(_CODES[here.policy.action], place, name_of(item), message, rule.fix, said=said)


def place_of(policy: Policy, rule: RuleOf) -> Path:
    """Where a rule stands in its Policy's spec."""
    return ("rules", rule.name, "expression") if rule.own else ("pack",)

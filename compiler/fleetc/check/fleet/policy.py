"""Rule `policy`: emitted objects meet the Policies of the fleet, as the API server of the cluster will judge them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.facts import NAMESPACE
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.view import Item, View
from fleetc.check.policy.judge import Judged, Ready, Ruled, bindings, concerns, judge, named, ready
from fleetc.check.policy.usage import Usage
from fleetc.check.policy.where import broken
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.emission.admission import RuleOf, kinds_of
from fleetc.emission.emission import Row
from fleetc.language.policy import Policy
from fleetc.source.span import Path

USAGE: Final = "policies"
"""Under this name the run's memo holds what policies came to."""
_CODES: Final = {"deny": codes.POLICY_BROKEN, "warn": codes.POLICY_WARNED}
_NAMESPACE: Final = "namespaceObject"
_UNKNOWN: Final = "it reads `namespaceObject`, and the namespace is not emitted"
_AT_SERVERS: Final = "judged by API servers alone: `enforce: admission`"


def policy(view: View, tally: Tally) -> Iterator[Finding]:
    """Every object against every policy that is for it."""
    if not view.policies:
        return
    usage: Usage = view.once(USAGE, Usage)
    spaces = _spaces(view)
    for each in view.policies:
        here = _ready(view, usage, each)
        for row, n, item in view.items():
            space = _space(item, spaces)
            if not concerns(here, item.shape.object, space):
                continue
            usage.objects[each.name, view.index, item.facts.identity.kind] += 1
            if each.enforce == "admission":
                tally.add("policy", State.SKIPPED, len(here.rules), _AT_SERVERS)
                continue
            judged = _judged(usage, here, item, space, known=item.facts.identity.namespace in ("", *spaces))
            usage.needs.update({(each.name, name) for ruled in judged.rules for name in ruled.excepted})
            for ruled in judged.rules:
                state = _state(each, ruled)
                tally.add("policy", state, reason=_reason(each, ruled))
                usage.ends[each.name, ruled.rule.name, state.value] += 1
                if not ruled.holds and not ruled.unsure and each.action in _CODES:
                    yield from _findings(view, row, n, item, here, ruled, space)


def _ready(view: View, usage: Usage, policy: Policy) -> Ready:
    kinds = tuple([kind.text for kind in kinds_of(policy, view.cluster)])
    key = (id(policy), view.cluster.kubernetes, kinds)
    if key not in usage.ready:
        usage.ready[key] = ready(policy, view.cluster)
    return usage.ready[key]


def _spaces(view: View) -> dict[str, Mapping[str, Any]]:
    """The namespaces that are emitted for a cluster, as its server will hold them."""
    found = [i for _, _, i in view.items() if i.facts.identity.kind == NAMESPACE]
    return {i.facts.identity.name: view.once(("space", i.shape.key), partial(named, i.shape.object)) for i in found}


def _space(item: Item, spaces: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The Namespace of an object; of one that is not emitted, nothing but its name is known."""
    namespace = item.facts.identity.namespace
    return spaces.get(namespace) or named({"metadata": {"name": namespace}}) if namespace else None


def _judged(usage: Usage, here: Ready, item: Item, space: Mapping[str, Any] | None, *, known: bool) -> Judged:
    """Objects that are alike are judged once, unless a rule looks at their namespaces. Of those that are not `known`,
    that rule says nothing here."""
    looks = any(_NAMESPACE in rule.expression for rule in here.rules)
    key = (id(here), item.shape.key, (repr(space), known) if looks else "")
    found = usage.judged.get(key)
    if found is None:
        found = judge(here, item.shape.object, space)
        if looks and not known:
            rules = [
                r._replace(holds=False, unsure=_UNKNOWN) if _NAMESPACE in r.rule.expression else r for r in found.rules
            ]
            found = Judged(tuple(rules))
        usage.judged[key] = found
        usage.note(here, item.shape.object, space, found)
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


def _findings(
    view: View, row: Row, n: int, item: Item, here: Ready, ruled: Ruled, space: Mapping[str, Any] | None
) -> Iterator[Finding]:
    rule, obj = ruled.rule, item.shape.object
    values = bindings(here, obj, space)
    for part in broken(here, rule, obj, values):
        what = f"{part.word}: " if part.word else ""
        why = f" ({ruled.error})" if ruled.error else ""
        message = f"{what}{rule.message}{why} (Policy {here.policy.name}, rule {rule.name})"
        place = view.place(row, n, part.path)
        said = ((here.policy.id, place_of(here.policy, rule), "the rule"),)
        yield Finding(_CODES[here.policy.action], place, name_of(item), message, rule.fix, said=said)


def place_of(policy: Policy, rule: RuleOf) -> Path:
    """Where a rule stands in its Policy's spec."""
    return ("rules", rule.name, "expression") if rule.own else ("pack",)

"""What policies cover: the objects that each is for, how its rules ended, which API servers have it, and exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

from fleetc.check.policy.usage import Usage
from fleetc.driver.policies import never_fires
from fleetc.driver.reporting.model import Exemption, Policy, PolicyOn, Rule
from fleetc.emission.admission import RuleOf, rules_of
from fleetc.emission.emission import Emission
from fleetc.language import policy as language
from fleetc.language.document import Doc, Locate
from fleetc.plan import Plan, Subject
from fleetc.resolve.places import Places

ADMITS = "ValidatingAdmissionPolicy"


def policies_of(plan: Plan, emission: Emission, usage: Usage | None, locate: Locate) -> Iterator[Policy]:
    """The Policies of a fleet, by name. `usage`: what they came to; None where nothing was judged."""
    known = usage or Usage()
    by_policy: dict[tuple[str, int], dict[str, int]] = {}
    for (name, cluster, kind), count in sorted(known.objects.items()):
        group, _, word = kind.rpartition(" ")
        by_policy.setdefault((name, cluster), {})[f"{group}/{word}" if group else word] = count
    for subject in plan.subjects.values():
        if subject.kind == "Policy" and subject.doc is not None:
            yield _policy(plan, subject, subject.doc, emission, known, by_policy, locate)


def _policy(
    plan: Plan, subject: Subject, doc: Doc, emission: Emission, usage: Usage,
    objects: dict[tuple[str, int], dict[str, int]], locate: Locate,
) -> Policy:  # fmt: skip
    nodes = {n: cast(language.Policy, plan.world.variant(subject.id, n)) for n in subject.placed}
    row = emission.rows.get(subject.id)
    on: list[PolicyOn] = []
    for n, node in nodes.items():
        made = row.cells.get(n, ()) if row is not None else ()
        admitted = any(shape.object.get("kind") == ADMITS for shape in made)
        here = objects.get((subject.name, n), {})
        on.append(PolicyOn(plan.world.clusters[n].name, node.enforce, node.action, here, admitted))
    variants = list({id(node): (n, node) for n, node in reversed(nodes.items())}.values())[::-1]
    rules: dict[str, RuleOf] = {rule.name: rule for _, node in reversed(variants) for rule in rules_of(node)}
    exceptions: dict[str, Exemption] = {}
    for n, node in variants:
        places = Places(doc, plan.world.layers(doc, n), locate)
        for one in node.exceptions:
            exceptions.setdefault(one.name, _exemption(node.name, one, usage, places))
    built = any(node.enforce != "admission" for _, node in variants)
    return Policy(
        subject.name,
        next((node.pack for _, node in variants if node.pack is not None), None),
        tuple([_rule(subject.name, rule, usage, built=built) for rule in rules.values()]),
        tuple(exceptions.values()),
        tuple(on),
        doc.span(locate, ("metadata", "name")),
    )


def _rule(policy: str, rule: RuleOf, usage: Usage, *, built: bool) -> Rule:
    ends = Counter[str]()
    for (name, of, state), count in usage.ends.rules.items():
        if (name, of) == (policy, rule.name):
            ends[state] += count
    idle = never_fires(policy, rule, usage) if built and rule.own else None
    return Rule(rule.name, rule.own, rule.message, dict(sorted(ends.items())), idle)


def _exemption(policy: str, one: language.Exemption, usage: Usage, places: Places) -> Exemption:
    needed = usage.ends.needs[policy, one.name]
    span = places.span(("exceptions", one.name))
    return Exemption(
        one.name, one.owner, one.reason, one.expires, one.rules, one.match.namespaces, one.match.names, needed, span
    )

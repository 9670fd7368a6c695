"""What a change of an admission policy loosens or tightens: rules, what they are for, exceptions, and what becomes of
what does not meet them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.check.change.model import Effect, Meaning
from fleetc.check.rules.access import Map, at, items, strings

_STRICT: Final = {"Audit": 0, "Warn": 1, "Deny": 2}
_EXCEPTED: Final = "variables.excepted_"
POLICY: Final = "ValidatingAdmissionPolicy"
BINDING: Final = "ValidatingAdmissionPolicyBinding"


def differs(kind: str, before: Map, after: Map) -> Iterator[Meaning]:
    """What it means that a policy or a binding is otherwise; that something is, where more cannot be told."""
    was, now = at(before, "spec"), at(after, "spec")
    found = [*(_binding(was, now) if kind == BINDING else _policy(was, now))]
    yield from found or [Meaning(Effect.CHANGES, "what is admitted may be otherwise")]


def _binding(was: Map, now: Map) -> Iterator[Meaning]:
    old, new = (_strictness(strings(spec, "validationActions")) for spec in (was, now))
    path = ("spec", "validationActions")
    if new < old:
        yield Meaning(Effect.LOOSENS, "what it refused is admitted" if old == 2 else "it warns of nothing more", path)
    elif new > old:
        yield Meaning(Effect.TIGHTENS, "what is admitted may be refused now" if new == 2 else "it warns now", path)


def _strictness(actions: list[str]) -> int:
    return max((_STRICT.get(action, 0) for action in actions), default=0)


def _policy(was: Map, now: Map) -> Iterator[Meaning]:
    if was.get("failurePolicy", "Fail") != now.get("failurePolicy", "Fail"):
        loose = now.get("failurePolicy") == "Ignore"
        why = "what cannot be judged is " + ("admitted" if loose else "refused")
        yield Meaning(Effect.LOOSENS if loose else Effect.TIGHTENS, why, ("spec", "failurePolicy"))
    yield from _rules(was, now)
    yield from _matched(at(was, "matchConstraints"), at(now, "matchConstraints"))


def _rules(was: Map, now: Map) -> Iterator[Meaning]:
    old, new = _validations(was), _validations(now)
    path = ("spec", "validations")
    for name in old.keys() - new.keys():
        yield Meaning(Effect.LOOSENS, f"nothing is refused any more for: {name}", path)
    for name in new.keys() - old.keys():
        yield Meaning(Effect.TIGHTENS, f"objects may be refused for: {name}", path)
    for name in sorted(old.keys() & new.keys()):
        (mine, inner), (theirs, other) = _parted(old[name]), _parted(new[name])
        if inner == other and theirs - mine:
            yield Meaning(Effect.LOOSENS, f"objects are excepted from: {name}", path)
        if inner == other and mine - theirs:
            yield Meaning(Effect.TIGHTENS, f"objects are excepted no more from: {name}", path)


def _validations(spec: Map) -> Mapping[str, str]:
    """The expressions by what is said of what does not meet them; by themselves, where nothing is."""
    found = [item for _, item in items(spec, "validations")]
    return {str(item.get("message") or item.get("expression")): str(item.get("expression")) for item in found}


def _parted(expression: str) -> tuple[frozenset[str], str]:
    """The exceptions that stand before an expression, and the rest."""
    excepted: list[str] = []
    while expression.startswith(_EXCEPTED):
        name, _, expression = expression.partition(" || ")
        excepted.append(name)
    return frozenset(excepted), expression


def _matched(was: Map, now: Map) -> Iterator[Meaning]:
    old, new = _resources(was), _resources(now)
    path = ("spec", "matchConstraints", "resourceRules")
    if old - new:
        yield Meaning(Effect.LOOSENS, f"not judged any more: {', '.join(sorted(old - new))}", path)
    if new - old:
        yield Meaning(Effect.TIGHTENS, f"judged now: {', '.join(sorted(new - old))}", path)
    for name in ("namespaceSelector", "objectSelector"):
        before, after = _wanted(at(was, name)), _wanted(at(now, name))
        if before != after:
            narrower = all(key in after and (values is None or (after[key] is not None and after[key] <= values))
                           for key, values in before.items())  # fmt: skip
            why = "is for fewer objects" if narrower else "is for other objects"
            yield Meaning(Effect.LOOSENS if narrower else Effect.CHANGES, why, ("spec", "matchConstraints", name))


def _resources(constraints: Map) -> set[str]:
    """What is judged, as GROUP/RESOURCE OPERATION."""
    return {
        f"{group}/{resource} {operation}".lstrip("/")
        for _, rule in items(constraints, "resourceRules")
        for group in strings(rule, "apiGroups")
        for resource in strings(rule, "resources")
        for operation in strings(rule, "operations")
    }


def _wanted(selector: Map) -> dict[str, Any]:
    """What a selector asks of labels: the values that are one of, by key; None for any."""
    out: dict[str, Any] = {name: frozenset([value]) for name, value in at(selector, "matchLabels").items()}
    for _, item in items(selector, "matchExpressions"):
        values = strings(item, "values") if item.get("operator") == "In" else None
        out[str(item.get("key"))] = None if values is None else frozenset(values)
    return out

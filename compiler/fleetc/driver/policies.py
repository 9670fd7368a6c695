"""What is wrong with Policies themselves: expressions, examples, exceptions, and rules that nothing can break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast

from fleetc.catalogue.policies import pack
from fleetc.cel import Program
from fleetc.check.policy.engine import SEEN, SERVER_ONLY, Wrong, compiled, mistyped
from fleetc.check.policy.examples import tested
from fleetc.check.policy.judge import Ready, ready
from fleetc.check.policy.mutants import witness
from fleetc.check.served import nearest, version_of
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.inside import inside
from fleetc.emission.admission import RuleOf
from fleetc.language.policy import Exemption, Policy
from fleetc.plan import Plan
from fleetc.resolve.places import Places
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.policy.usage import Usage
    from fleetc.driver.load import Sources
    from fleetc.plan import Subject

_NO_CONTAINER: Final = " (in container '')"
"""What cel-go says of every unknown name, and nobody here has a use for."""
_AS_SERVERS: Final = "`enforce: admission`, which judges nothing at build"


_JUDGED: Final = (codes.POLICY_BROKEN, codes.POLICY_WARNED)


class _At(NamedTuple):
    """A Policy as it is on some cluster, and where its values stand."""

    ready: Ready
    places: Places
    sources: Sources


def policy_findings(planned: Plan, usage: Usage | None, sources: Sources, date: str) -> Iterator[Diagnostic]:
    """What is wrong with the Policies of a whole fleet on a day (YYYY-MM-DD)."""
    for subject in planned.subjects.values():
        if subject.kind != "Policy":
            continue
        for at in _variants(planned, subject, sources):
            # What is not judged, or not tested, says nothing of what it could do.
            wrong = [*_of_rules(at)] or [*_untrue(at)]
            yield from wrong
            yield from _exceptions(at, date)
            if usage is not None and not wrong:
                yield from _unused(at, usage, date)


def leading(found: Iterable[Diagnostic], policies: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What was `found` without what only follows from a Policy that cannot be judged: what it emits is no valid
    object, and what does not meet a rule that is wrong is not to blame."""
    broken = [(d.span.file, d.path) for d in policies if d.code is codes.BROKEN_RULE and d.span is not None]
    files = {file for file, _ in broken}
    rules = {(file, f"rule {path[2]})") for file, path in broken if path[:2] == ("spec", "rules") and len(path) > 2}
    for each in found:
        emitted = each.code is codes.INVALID_OBJECT and each.message.startswith("ValidatingAdmissionPolicy ")
        if emitted and each.span is not None and each.span.file in files:
            continue
        if each.code in _JUDGED and any((r.span.file, f"rule {_rule(each)}") in rules for r in each.related):
            continue
        yield each


def _rule(found: Diagnostic) -> str:
    """The end of what is said of an object that does not meet a rule: its name."""
    return found.message.rpartition(", rule ")[2].partition(" (on ")[0]


def _variants(planned: Plan, subject: Subject, sources: Sources) -> Iterator[_At]:
    """A Policy as it is on its clusters, each variant once."""
    world = planned.world
    assert subject.doc is not None
    seen: set[int] = set()
    for n in subject.placed:
        node = cast(Policy, world.variant(subject.id, n))
        if id(node) not in seen:
            seen.add(id(node))
            places = Places(subject.doc, world.layers(subject.doc, n), sources.locate)
            yield _At(ready(node, world.clusters[n]), places, sources)


def _of_rules(at: _At) -> Iterator[Diagnostic]:
    """What keeps the Policy from being judged at all."""
    policy, problem = at.ready.policy, at.places.problem
    if not at.ready.rules:
        message = f"Policy {policy.name} has no rule"
        yield problem(codes.BROKEN_RULE, message, ("rules",), "give it `rules`, or a `pack`")
    known = {rule.name for rule in pack(policy.pack).rules} if policy.pack is not None else set[str]()
    for n, name in enumerate(policy.exclude):
        if name not in known:
            message = (
                f"pack {policy.pack} has no rule {name}" if policy.pack else f"there is no pack to exclude {name} of"
            )
            hint = f"its rules are {', '.join(sorted(known))}" if known else "remove it, or name a `pack`"
            yield problem(codes.BROKEN_RULE, message, ("exclude", n), hint)
    for own in policy.rules:
        if own.name in known - {*policy.exclude}:
            message = f"rule {own.name} is in pack {policy.pack}, too"
            yield problem(
                codes.BROKEN_RULE, message, ("rules", own.name), "give it another name, or exclude the pack's"
            )
    yield from _kinds(at)
    for rule in at.ready.rules:
        if rule.own:
            yield from _expression(at, rule)


def _kinds(at: _At) -> Iterator[Diagnostic]:
    """Rules on objects say of which kinds, and those on pods are for kinds that have some."""
    kinds = at.ready.policy.match.kinds
    for n, kind in enumerate(at.ready.kinds if kinds else ()):
        if kind.pods is None and version_of(kind.group, kind.kind, at.ready.minor) is None:
            message = f"Kubernetes {at.ready.minor} and the CRDs that are known have no kind {kind.text}"
            hint = nearest(f"{kind.group}/v1" if kind.group else "v1", kind.kind, at.ready.minor)
            yield at.places.problem(codes.BROKEN_RULE, message, ("match", "kinds", n), hint or "correct its name")
    for rule in at.ready.rules:
        path: Path = ("rules", rule.name, "on") if rule.own else ("pack",)
        if rule.on == "object" and not kinds:
            message = f"rule {rule.name} is on objects, and `match.kinds` does not say of which kinds"
            yield at.places.problem(codes.BROKEN_RULE, message, path, "list them, such as match: {kinds: [Service]}")
        elif rule.on != "object" and not any(kind.pods for kind in at.ready.kinds):
            message = f"rule {rule.name} is on {rule.on}s, and no kind in `match.kinds` has any that the cluster serves"
            yield at.places.problem(
                codes.BROKEN_RULE, message, path, "leave `kinds` out, which means all that have some"
            )


def _expression(at: _At, rule: RuleOf) -> Iterator[Diagnostic]:
    """An expression compiles with the variables that it has, and comes to true or false."""
    names = SEEN[rule.on] if at.ready.policy.enforce != "admission" else (*SEEN[rule.on], *SERVER_ONLY)
    given = tuple([name for name in names if name != "params" or at.ready.made.parameters])
    found = compiled(rule.expression, given, at.ready.minor)
    path: Path = ("rules", rule.name, "expression")
    if isinstance(found, tuple):
        yield from (_uncompiled(at, rule, path, wrong) for wrong in found)
    if not isinstance(found, Program):
        return
    for kind, wrong in mistyped(rule.expression, rule.on, given, at.ready.kinds, at.ready.minor):
        message = f"rule {rule.name}, for {kind}: {wrong.reason}"
        hint = f"correct it; what only some kinds have is read as dyn({rule.on}).FIELD"
        yield Diagnostic(codes.BROKEN_RULE, message, _place(at, path, wrong), hint, ("spec", *path))
    if str(found.output) not in ("bool", "dyn"):
        message = f"rule {rule.name}: the expression comes to a {found.output}, and has to come to true or false"
        yield at.places.problem(codes.BROKEN_RULE, message, path, "compare it with something")


def _uncompiled(at: _At, rule: RuleOf, path: Path, wrong: Wrong) -> Diagnostic:
    message = f"rule {rule.name}: {wrong.reason.removesuffix(_NO_CONTAINER)}"
    hint = "correct the expression"
    name = next((n for n in SERVER_ONLY if f"'{n}'" in wrong.reason), None)
    if name is not None:
        message = f"rule {rule.name}: `{name}` is only known to an API server when it is asked, not at build"
        hint = f"do without, or set {_AS_SERVERS}"
    elif "'params'" in wrong.reason:
        hint = "give the Policy `parameters`"
    return Diagnostic(codes.BROKEN_RULE, message, _place(at, path, wrong), hint, ("spec", *path))


def _place(at: _At, path: Path, wrong: Wrong) -> Span:
    """The very place in the file."""
    span = at.places.span(path)
    return inside(at.sources.text(span.file) or "", span, wrong.line, wrong.column)


def _untrue(at: _At) -> Iterator[Diagnostic]:
    """Every rule has examples, and they are as the rule says."""
    for rule in at.ready.rules:
        lacking = [n for n, value in (("pass", rule.passing), ("fail", rule.failing)) if value is None]
        if rule.own and lacking:
            message = f"rule {rule.name} has no example of what {' and of what '.join(map(_ends, lacking))}"
            hint = f"add {' and '.join(f'`{n}: {{...}}`' for n in lacking)}, merged over a valid {rule.on}"
            yield at.places.problem(codes.UNTESTED_RULE, message, ("rules", rule.name), hint)
    if at.ready.policy.enforce == "admission":
        return
    for one in tested(at.ready):
        rule, which = one.example.rule, one.example.which
        message = f"`{which}` of rule {rule.name}: {one.message}"
        path: Path = ("rules", rule.name, which)
        yield at.places.problem(codes.WRONG_EXAMPLE, message, path, "correct the example, or the rule")


def _ends(which: str) -> str:
    return "passes" if which == "pass" else "fails"


def _exceptions(at: _At, date: str) -> Iterator[Diagnostic]:
    rules = {rule.name for rule in at.ready.rules}
    for exception in at.ready.policy.exceptions:
        base: Path = ("exceptions", exception.name)
        if not exception.match.names and not exception.match.namespaces:
            message = f"exception {exception.name} says of nothing what it is for"
            hint = "give it match: {namespaces: [...], names: [...]}"
            yield at.places.problem(codes.BROKEN_RULE, message, base, hint)
        for n, name in enumerate(exception.rules):
            if name not in rules:
                message, hint = f"there is no rule {name}", f"the rules are {', '.join(sorted(rules))}"
                yield at.places.problem(codes.BROKEN_RULE, message, (*base, "rules", n), hint)
        if exception.expires < date:
            yield _expired(at, exception, base)


def _expired(at: _At, exception: Exemption, base: Path) -> Diagnostic:
    message = f"exception {exception.name} has expired on {exception.expires}; {exception.owner} answers for it"
    hint = f"end it, or agree with its owner on another day; it is there because: {exception.reason}"
    return at.places.problem(codes.EXPIRED_EXCEPTION, message, (*base, "expires"), hint)


def never_fires(policy: str, rule: RuleOf, usage: Usage) -> bool:
    """Whether nothing that is emitted can break a Policy's own rule, however damaged; nothing is said of a pack's. What
    could is noted."""
    key = (policy, rule.name)
    if not rule.own or ("rule", *key) in usage.used or key in usage.witnesses:
        return False
    found = witness(rule, usage.seen.get(policy, []))
    if found is not None:
        usage.witnesses[key] = found.subject, found.cluster
    return found is None


def _unused(at: _At, usage: Usage, date: str) -> Iterator[Diagnostic]:
    """Exceptions that nothing needs, and rules that nothing can break."""
    policy = at.ready.policy
    if policy.enforce == "admission":
        return
    for exception in policy.exceptions:
        if ("exception", policy.name, exception.name) not in usage.used and exception.expires >= date:
            message = f"exception {exception.name} excepts nothing: what it is for is not there, or meets the rules"
            yield at.places.problem(codes.IDLE_EXCEPTION, message, ("exceptions", exception.name), "remove it")
    seen = usage.seen.get(policy.name, [])
    for rule in at.ready.rules:
        if never_fires(policy.name, rule, usage):
            what = (
                "no object of the fleet is one that it is for"
                if not seen
                else f"none of {len(seen)} objects, however damaged"
            )
            message = f"rule {rule.name} can be broken by nothing: {what}"
            hint = "see what `match` selects, and what the expression accepts"
            yield at.places.problem(codes.NEVER_FIRES, message, ("rules", rule.name), hint)

"""The CEL expressions of built-in objects, compiled as the API server does before it takes a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fleetc.cel import BOOL, CompileError, Problem, UnsupportedError
from fleetc.cel.places import Place, admission, device
from fleetc.cel.policy import Policy, Unclear, Wrong
from fleetc.check.states import SchemaProblem, State, Verdict
from fleetc.source.span import Path

Object = Mapping[str, Any]
Found = Iterator[Wrong | Unclear]
_COSTLY: Final = "what a loop costs is not estimated, and a server refuses a selector that may cost too much"
_NAMES: Final = ("expression", "valueExpression", "messageExpression")


def verdict(obj: Object, minor: str) -> Verdict | None:
    """What the expressions of an object come to, which is right in all else; None where it has none."""
    if not any(True for _ in _texts(obj)):
        return None
    problems: list[SchemaProblem] = []
    unclear: list[str] = []
    read = _KINDS.get(str(obj.get("kind")))
    found = (
        read(obj, minor) if read else iter([Unclear((), f"the CEL expressions of {obj.get('kind')} are not compiled")])
    )
    for each in found:
        if isinstance(each, Unclear):
            unclear.append(each.reason)
        else:
            problems += [_problem(each.path, problem) for problem in each.problems]
    if problems:
        return Verdict(State.INVALID, tuple(problems))
    return Verdict(State.PARTIAL, (), f"a CEL expression: {unclear[0]}") if unclear else Verdict(State.VALID)


def _problem(path: Path, problem: Problem) -> SchemaProblem:
    line = f"line {problem.line}, " if problem.line > 1 else ""
    return SchemaProblem(path, f"the CEL expression does not compile: {line}column {problem.column}: {problem.reason}")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, child in value.items():
            if name in _NAMES and isinstance(child, str):
                yield child
            else:
                yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def _policy(obj: Object, minor: str) -> Found:
    policy = Policy(_at(obj, "spec"), minor)
    for wrong in policy.wrong:
        yield wrong._replace(path=("spec", *wrong.path))
    yield from policy.unclear


def _mutation(obj: Object, minor: str) -> Found:
    yield from _policy(obj, minor)
    yield Unclear(("spec", "mutations"), "mutations of a MutatingAdmissionPolicy are not compiled")


def _webhooks(obj: Object, minor: str) -> Found:
    place = admission(minor, (BOOL,))
    for n, hook in _items(obj, "webhooks"):
        for number, condition in _items(hook, "matchConditions"):
            path: Path = ("webhooks", n, "matchConditions", number, "expression")
            yield from _compiled(place, path, str(condition.get("expression", "")).strip())


def _device_class(obj: Object, minor: str) -> Found:
    yield from _selectors(_at(obj, "spec"), ("spec",), minor)


def _claim(obj: Object, minor: str) -> Found:
    yield from _requests(_at(obj, "spec"), ("spec",), minor)


def _claim_template(obj: Object, minor: str) -> Found:
    yield from _requests(_at(_at(obj, "spec"), "spec"), ("spec", "spec"), minor)


def _requests(spec: Object, path: Path, minor: str) -> Found:
    for n, request in _items(_at(spec, "devices"), "requests"):
        here: Path = (*path, "devices", "requests", n)
        yield from _selectors(request, here, minor)  # In v1beta1, the request is one of a class itself.
        yield from _selectors(_at(request, "exactly"), (*here, "exactly"), minor)
        for number, sub in _items(request, "firstAvailable"):
            yield from _selectors(sub, (*here, "firstAvailable", number), minor)


def _selectors(of: Object, path: Path, minor: str) -> Found:
    for n, selector in _items(of, "selectors"):
        text = _at(selector, "cel").get("expression")
        if isinstance(text, str):
            yield from _compiled(device(minor), (*path, "selectors", n, "cel", "expression"), text, limited=True)


def _compiled(place: Place, path: Path, text: str, *, limited: bool = False) -> Found:
    """What is wrong with one expression. `limited`: a server refuses one that may cost too much."""
    try:
        program = place.compile(text)
    except CompileError as error:
        yield Wrong(path, text, error.problems)
    except UnsupportedError as error:
        yield Unclear(path, str(error))
    else:
        if limited and program.loops:
            yield Unclear(path, _COSTLY)


def _at(value: Object, name: str) -> Object:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _items(value: Object, name: str) -> Iterator[tuple[int, Object]]:
    found = value.get(name)
    for n, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield n, item


_KINDS: Final[dict[str, Callable[[Object, str], Found]]] = {
    "ValidatingAdmissionPolicy": _policy,
    "MutatingAdmissionPolicy": _mutation,
    "ValidatingWebhookConfiguration": _webhooks,
    "MutatingWebhookConfiguration": _webhooks,
    "DeviceClass": _device_class,
    "ResourceClaim": _claim,
    "ResourceClaimTemplate": _claim_template,
}

"""A ValidatingAdmissionPolicy: whether its expressions compile, and what it says of a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from fleetc.cel.places import Place, admission, held
from fleetc.cel.program import CompileError, Failure, Outcome, Problem, Program, Unsupported, UnsupportedError, Value
from fleetc.cel.types import BOOL, DYN, NULL, STRING, Messages, Type
from fleetc.cel.values import EvaluationError, UndecidedError
from fleetc.tuples import NamedTuple

Path = tuple[str | int, ...]
_LONGEST: Final = 5 * 1024
"""Bytes of a message that an expression makes."""


class Wrong(NamedTuple):
    """An expression of a policy that does not compile, by its path below `spec`."""

    path: Path
    expression: str
    problems: tuple[Problem, ...]


class Unclear(NamedTuple):
    """An expression of a policy of which this library cannot tell whether it compiles."""

    path: Path
    reason: str


class Typed(NamedTuple):
    """The types of an object and of params, beyond what a server looks at when a policy is created."""

    object: Type = DYN
    params: Type = DYN
    messages: Messages = MappingProxyType({})


class Validation(NamedTuple):
    """One validation of a policy, compiled."""

    program: Program
    message: str
    told: Program | None


class Decision(NamedTuple):
    """What a policy says of a request. `kind`: "admitted", "denied", "error" (which denies unless the policy ignores
    failures), or "unsupported"; `texts`: the messages, in the order of the validations."""

    kind: str
    texts: tuple[str, ...] = ()


class Policy:
    """A policy, compiled for servers of a minor. `wrong` and `unclear` hold what is not."""

    def __init__(self, spec: Mapping[str, Any], minor: str, typed: Typed | None = None) -> None:
        self._spec = spec
        self._minor = minor
        self._typed = typed or Typed()
        self._types: dict[str, Type] = {}
        self.wrong: list[Wrong] = []
        self.unclear: list[Unclear] = []
        self.conditions = [self._condition(n, item) for n, item in _items(spec, "matchConditions")]
        self.variables = {str(item.get("name")): self._variable(n, item) for n, item in _items(spec, "variables")}
        self.validations = [self._validation(n, item) for n, item in _items(spec, "validations")]
        for n, item in _items(spec, "auditAnnotations"):
            text = str(item.get("valueExpression", "")).strip()
            self._compile(self._place((STRING, NULL)), ("auditAnnotations", n, "valueExpression"), text)

    def _place(self, returns: tuple[Type, ...], *, authorizer: bool = True, variables: bool = True) -> Place:
        params = self._typed.params if self._spec.get("paramKind") is not None else None
        names = self._types if variables and self._spec.get("variables") else None
        return admission(
            self._minor,
            returns,
            object=self._typed.object,
            params=params,
            authorizer=authorizer,
            variables=names,
            messages=self._typed.messages,
        )

    def _compile(self, place: Place, path: Path, text: str) -> Program | None:
        try:
            return place.compile(text)
        except CompileError as error:
            self.wrong.append(Wrong(path, text, error.problems))
        except UnsupportedError as error:
            self.unclear.append(Unclear(path, str(error)))
        return None

    def _condition(self, n: int, item: Mapping[str, Any]) -> Program | None:
        text = str(item.get("expression", "")).strip()
        return self._compile(self._place((BOOL,), variables=False), ("matchConditions", n, "expression"), text)

    def _variable(self, n: int, item: Mapping[str, Any]) -> Program | None:
        program = self._compile(self._place(()), ("variables", n, "expression"), str(item.get("expression", "")))
        # Those behind it see the variable, whatever is wrong with it.
        self._types[str(item.get("name"))] = DYN if program is None else held(program.output)
        return program

    def _validation(self, n: int, item: Mapping[str, Any]) -> Validation | None:
        path: Path = ("validations", n)
        program = self._compile(self._place((BOOL,)), (*path, "expression"), str(item.get("expression", "")))
        told = None
        if text := str(item.get("messageExpression") or ""):
            told = self._compile(self._place((STRING,), authorizer=False), (*path, "messageExpression"), text)
        return None if program is None else Validation(program, str(item.get("message") or ""), told)

    def review(self, values: Mapping[str, object]) -> Decision:
        """What it says of a request, all of whose expressions compiled. `values`: `object`, `oldObject`, `request`,
        `namespaceObject`, and `params` where there are some."""
        known = {**values, "variables": _Variables(self.variables, values)}
        matched = self._matches(known)
        if matched is not None:
            return matched
        errors, denied = [], []
        for each in self.validations:
            outcome = each.program.evaluate(known) if each else Failure("does not compile")
            match outcome:
                case Unsupported(reason):
                    return Decision("unsupported", (reason,))
                case Failure(text):
                    errors.append(f"expression '{each.program.expression if each else ''}' resulted in error: {text}")
                case Value(value):
                    if value is not True and each is not None:
                        denied.append(_message(each, known))
        if errors and not self._ignores():
            return Decision("error", (*errors, *denied))
        return Decision("denied", tuple(denied)) if denied else Decision("admitted")

    def _ignores(self) -> bool:
        return self._spec.get("failurePolicy") == "Ignore"

    def _matches(self, known: Mapping[str, object]) -> Decision | None:
        """None where the policy has a say; else what comes of it."""
        errors: list[str] = []
        for program in self.conditions:
            outcome: Outcome = program.evaluate(known) if program else Failure("does not compile")
            match outcome:
                case Unsupported(reason):
                    return Decision("unsupported", (reason,))
                case Failure(text):
                    errors.append(text)
                case Value(False):
                    return Decision("admitted")
                case Value(_):
                    continue
        if not errors:
            return None
        return Decision("admitted") if self._ignores() else Decision("error", tuple(errors))


def _message(validation: Validation, known: Mapping[str, object]) -> str:
    text = ""
    if validation.told is not None:
        match validation.told.evaluate(known):
            case Value(str(said)):
                text = said.strip()
            case Unsupported(reason):
                text = f"a message that is not known here: {reason}"
            case _:
                pass  # As in the server, the plain message takes its place.
    if "\n" in text or len(text.encode()) > _LONGEST:
        text = ""
    return text or validation.message.strip() or f"failed expression: {validation.program.expression.strip()}"


class _Variables(Mapping[str, Any]):
    """The variables of a policy, each evaluated when it is first read."""

    def __init__(self, programs: Mapping[str, Program | None], values: Mapping[str, object]) -> None:
        self._programs = programs
        self._values = values
        self._known: dict[str, Any] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._programs

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._evaluate(name)
        return self._known[name]

    def _evaluate(self, name: str) -> Any:
        program = self._programs[name]
        outcome = program.evaluate({**self._values, "variables": self}) if program else Failure("does not compile")
        match outcome:
            case Value(value):
                return value
            case Failure(text):
                raise EvaluationError(f'composited variable "{name}" fails to evaluate: {text}')
            case Unsupported(reason):
                raise UndecidedError(reason)


def _items(spec: Mapping[str, Any], field: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = spec.get(field)
    for n, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, Mapping):
            yield n, item

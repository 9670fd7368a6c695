"""Where in an object a rule is broken: the pod or container that does not meet it, and the field that is read there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.cel import Program, Value
from fleetc.check.policy.engine import SEEN, compiled
from fleetc.check.policy.judge import Ready, kind_of
from fleetc.check.rules.access import Map
from fleetc.emission.admission import RuleOf
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
_READ: Final = re.compile(r"\b(object|pod|container)((?:\.\??[A-Za-z_][A-Za-z0-9_]*)+)(?![A-Za-z0-9_]*\()")


class Part(NamedTuple):
    """A pod or a container of an object, or the object itself, and what a rule calls it and what is around it."""

    path: Path
    names: Mapping[str, tuple[Path, Map]]
    word: str = ""


def parts(ready: Ready, rule: RuleOf, obj: Map) -> Iterator[Part]:
    """Everything of an object that a rule looks at by itself."""
    own = {"object": ((), obj)}
    if rule.on == "object":
        yield Part((), own)
        return
    kind = kind_of(ready, obj)
    for path, pod in kind.pods.pods(obj) if kind is not None and kind.pods is not None else ():
        names: dict[str, tuple[Path, Map]] = {**own, "pod": (path, pod)}
        if rule.on == "pod":
            yield Part(path, names)
            continue
        spec = pod.get("spec")
        for field in _CONTAINERS:
            for n, container in enumerate(spec.get(field) or () if isinstance(spec, Mapping) else ()):
                at: Path = (*path, "spec", field, n)
                yield Part(at, {**names, "container": (at, container)}, f"container {container.get('name')}")


def broken(ready: Ready, rule: RuleOf, obj: Map, values: Mapping[str, Any]) -> Iterator[Part]:
    """The parts that do not meet a rule, each at the field that decides; all of the object where none can be told."""
    program = compiled(rule.expression, SEEN[rule.on], ready.minor)
    found = False
    for part in parts(ready, rule, obj):
        if isinstance(program, Program):
            # As the server has them, which fills in what is not said.
            given = {**values, **{n: _filled(at, values, v) for n, (at, v) in part.names.items()}}
            if program.evaluate({k: v for k, v in given.items() if k in SEEN[rule.on]}) != Value(True):
                found = True
                yield part._replace(path=_read(rule, part))
    if not found:
        yield Part((), {})


def _filled(path: Path, values: Mapping[str, Any], value: Any) -> Any:
    """A part of an object as it is in the one that is judged."""
    found: Any = values["object"]
    try:
        for step in path:
            found = found[step]
    except (KeyError, IndexError, TypeError):
        return value
    return found


def _read(rule: RuleOf, part: Part) -> Path:
    """The deepest field that a rule reads in a part, of those that are there."""
    best = part.path
    for name, steps in _READ.findall(rule.expression):
        if name not in part.names:
            continue
        path, value = part.names[name]
        for step in steps.replace("?", "").strip(".").split("."):
            if not isinstance(value, Mapping) or step not in value:
                break
            path, value = (*path, step), value[step]
        if len(path) > len(best) and path[: len(part.path)] == part.path:
            best = path
    return best

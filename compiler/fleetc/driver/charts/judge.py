"""What is to say of one chart with its values: the schema of the values, both renderings, and each rendered object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from fleetc.catalogue.installs import Chart, merged
from fleetc.check import wording
from fleetc.check.crds import Components, Given
from fleetc.check.schemas import check_object
from fleetc.check.states import SchemaProblem, State, Verdict
from fleetc.diagnostics import Code, codes
from fleetc.driver.charts.find import Found
from fleetc.driver.charts.helm import HelmError, Render, Task, rendered_twice
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_SOURCE: Final = "\n# Source: "
_MOST_NAMES: Final = 3
_BROKEN: Final = "correct the values, or take another copy of the chart"
_NO_HELM: Final = "there is no helm: it is neither named by FLEETC_TOOLS nor on PATH"


class Said(NamedTuple):
    """Something wrong with a chart; `path` is in its values, () for the chart itself."""

    code: Code
    path: Path
    message: str
    hint: str


class Judged(NamedTuple):
    """How the check of one chart ended, why, and what it found."""

    state: State
    reason: str = ""
    said: tuple[Said, ...] = ()


class _Loader(yaml.CSafeLoader):
    """What YAML 1.1 makes dates and `=` of are strings to Kubernetes."""


for _tag in ("value", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda _, node: node.value)


def judge(chart: Chart, task: Task, values: Mapping[str, Any], render: Render | None, look: Look) -> Judged:
    """Check a chart. Without `render` only its values."""
    found = tuple(_values(chart, task.found, values))
    if found:
        return Judged(State.INVALID, said=found)
    if render is None:
        return Judged(State.SKIPPED, _NO_HELM)
    try:
        first, second = rendered_twice(task, render)
        objects = [each for each in yaml.load_all(first, Loader=_Loader) if each is not None]
    except (HelmError, yaml.YAMLError) as error:
        message = f"chart {chart.chart} {chart.version} cannot be rendered: {' '.join(str(error).split())}"
        return Judged(State.INVALID, said=(Said(codes.BROKEN_CHART, (), message, _BROKEN),))
    judged = _objects(chart, objects, look)
    return judged if first == second or judged.state is State.INVALID else _random(chart, first, second)


def _values(chart: Chart, found: Found, values: Mapping[str, Any]) -> Iterator[Said]:
    """What the chart's own schema says of its values with those that are given."""
    if found.schema is None:
        return
    # Imported here: 20 ms that only those pay who have a chart with a schema.
    from jsonschema_rs import ReferencingError, ValidationError, validator_for  # noqa: PLC0415

    name = f"{chart.chart} {chart.version}"
    try:
        validator = validator_for(found.schema, offline=True)
        errors = list(validator.iter_errors(_without_nulls(merged(found.values, values))))
    except (ReferencingError, ValidationError, ValueError) as error:
        message = f"values.schema.json of chart {name} cannot be read: {' '.join(str(error).split())}"
        yield Said(codes.BROKEN_CHART, (), message, "take another copy of the chart")
        return
    problems = {each for error in errors for each in wording.problems(error, found.schema, {})}
    for path, message, hint in sorted(problems, key=str):
        at = ".".join(map(str, path))
        said = f"values of chart {name}: {f'{at}: ' if at else ''}{message}"
        yield Said(codes.INVALID_VALUES, path, said, hint or "correct the value")


def _without_nulls(value: Any) -> Any:
    """As helm passes values on: what is null is away."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value


class Look(NamedTuple):
    """How objects are looked at: as an API server of this minor does, and where CRDs are given, with these."""

    minor: str
    given: Given | None
    components: Components

    def verdict(self, obj: Mapping[str, Any]) -> Verdict:
        """What is to say of one object."""
        if self.given is not None:
            return self.given.judge(obj, self.minor, self.components)
        return check_object(obj, self.minor)


def _objects(chart: Chart, objects: list[Any], look: Look) -> Judged:
    said: list[Said] = []
    reason = ""
    for each in objects:
        if not isinstance(each, dict):
            problems: tuple[SchemaProblem, ...] = (SchemaProblem((), "a document is no object"),)
        else:
            verdict = look.verdict(each)
            problems = verdict.problems
            if verdict.state is not State.VALID and verdict.state is not State.INVALID:
                reason = reason or f"of what the chart renders: {verdict.reason}"
        for problem in problems:
            at = ".".join(map(str, problem.path))
            message = f"chart {chart.chart} {chart.version} renders {_name(each)}: {f'{at}: ' if at else ''}"
            hint = problem.hint or "correct the values, or take another version of the component"
            said.append(Said(codes.INVALID_OBJECT, (), f"{message}{problem.message}", hint))
    if said:
        return Judged(State.INVALID, said=tuple(said))
    return Judged(State.PARTIAL, reason) if reason else Judged(State.VALID)


def _name(obj: Any) -> str:
    if not isinstance(obj, dict):
        return "something"
    metadata = obj.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    where = f"{named['namespace']}/" if "namespace" in named else ""
    return f"{obj.get('kind')} {where}{named.get('name')}"


def _random(chart: Chart, first: str, second: str) -> Judged:
    """Two renderings differ: in which templates."""
    parts = [_by_template(text) for text in (first, second)]
    names = [name for name in parts[0] | parts[1] if parts[0].get(name) != parts[1].get(name)]
    shown = ", ".join(names[:_MOST_NAMES]) + (f" and {len(names) - _MOST_NAMES} more" * (len(names) > _MOST_NAMES))
    message = f"chart {chart.chart} {chart.version} renders something else each time: {shown}"
    hint = "give values with which it makes no keys, passwords or times itself"
    said = Said(codes.RANDOM_CHART, (), message, hint)
    return Judged(State.PARTIAL, "a chart renders something else each time", (said,))


def _by_template(text: str) -> dict[str, str]:
    """What each template renders, by the comment with which helm tells of it."""
    out: dict[str, str] = {}
    for part in f"\n{text}".split(_SOURCE)[1:]:
        name, _, rest = part.partition("\n")
        out[name] = out.get(name, "") + rest
    return out

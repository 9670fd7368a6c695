"""Turns the findings of the JSON Schema validator into plain words at a data path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fleetc.check.states import SchemaProblem
from fleetc.language.wording import nearest
from fleetc.source.span import Path

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_LIMITS = {
    "minimum": "must be at least {limit}, got {value}",
    "maximum": "must be at most {limit}, got {value}",
    "exclusiveMinimum": "must be more than {limit}, got {value}",
    "exclusiveMaximum": "must be less than {limit}, got {value}",
    "minLength": "must have at least {limit} characters",
    "maxLength": "must have at most {limit} characters, got {size}",
    "minItems": "must have at least {limit} items, got {size}",
    "maxItems": "must have at most {limit} items, got {size}",
    "minProperties": "must have at least {limit} fields, got {size}",
    "maxProperties": "must have at most {limit} fields, got {size}",
    "multipleOf": "must be a multiple of {limit}, got {value}",
}
_ONE = {
    "must have at least 1 items, got 0": "must not be empty",
    "must have at least 1 characters": "must not be empty",
}


def problems(error: ValidationError, schema: dict[str, Any], words: dict[str, str]) -> Iterator[SchemaProblem]:
    """What one finding says; `schema` is the validator's own, `words` the meaning of its patterns."""
    path: Path = tuple(error.instance_path)
    match error.kind.name:
        case "additionalProperties":
            yield from _unknown(error, path, schema)
        case "required":
            yield SchemaProblem(path, f"missing field `{error.kind.as_dict()['property']}`")
        case "anyOf" | "oneOf":
            yield from _branches(error, path, schema, words)
        case "propertyNames":
            yield from _key(error.kind.as_dict()["error"], path, words)
        case _:
            yield SchemaProblem(path, _sentence(error, words), _hint(error))


def type_name(value: object) -> str:
    """The JSON type of a value as users say it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "mapping"


def nearest_name(name: str, known: list[str]) -> str:
    """The known name that was probably meant, or an empty string."""
    return nearest(name, known, 0.75) or ""


def _unknown(error: ValidationError, path: Path, schema: dict[str, Any]) -> Iterator[SchemaProblem]:
    known = sorted(_parent(schema, list(error.schema_path)[:-1]).get("properties", {}))
    for name in sorted(error.kind.as_dict()["unexpected"]):
        meant = nearest_name(name, known)
        few = f"known fields: {', '.join(known)}" if 0 < len(known) <= 8 else ""
        said = f"unknown field `{name}`" + (f"; did you mean `{meant}`?" if meant else "")
        yield SchemaProblem((*path, name), said, "" if meant else few)


def _parent(schema: dict[str, Any], steps: list[str | int]) -> dict[str, Any]:
    """The schema that a validator's path leads to, following references."""
    place: Any = schema
    for step in steps:
        place = schema["$defs"][place["$ref"].removeprefix("#/$defs/")] if step == "$ref" else place[step]
    return place if isinstance(place, dict) else {}


def _branches(
    error: ValidationError, path: Path, schema: dict[str, Any], words: dict[str, str]
) -> Iterator[SchemaProblem]:
    """One sentence for a choice: the fields to choose from, or the findings of the branch that came closest."""
    branches: list[list[ValidationError]] = error.kind.as_dict()["context"]
    choices = _branch_fields(error, schema)
    if choices:
        quantity = "one of" if error.kind.name == "anyOf" else "exactly one of"
        yield SchemaProblem(path, f"needs {quantity} the fields {', '.join(f'`{name}`' for name in choices)}")
        return
    # A branch of the right type says more than one that wants another type altogether.
    failed = [branch for branch in branches if branch]
    typed = [branch for branch in failed if not any(_is_type_clash(each, path) for each in branch)]
    if len(typed) == 1:
        for each in typed[0]:
            yield from problems(each, schema, words)
    elif failed and not typed:
        wanted = sorted({_article_free(kind) for branch in failed for each in branch for kind in _types(each)})
        yield SchemaProblem(path, f"expected {' or '.join(wanted)}, got {type_name(error.instance)}")
    else:
        yield SchemaProblem(path, f"matches {'more than one' if not failed else 'none'} of the allowed forms")


def _branch_fields(error: ValidationError, schema: dict[str, Any]) -> list[str]:
    """The fields of a choice that is only about which of them are present."""
    out: list[str] = []
    for branch in _parent(schema, list(error.schema_path)[:-1]).get(error.kind.name, []):
        required = branch.get("required", [])
        if len(required) == 1:
            out.extend(required)
        elif "not" not in branch:
            return []
    return sorted(set(out))


def _is_type_clash(error: ValidationError, path: Path) -> bool:
    return error.kind.name == "type" and tuple(error.instance_path) == path


def _types(error: ValidationError) -> list[str]:
    return error.kind.as_dict()["types"] if error.kind.name == "type" else []


def _article_free(kind: str) -> str:
    return {"array": "list", "object": "mapping"}.get(kind, kind)


def _key(error: ValidationError, path: Path, words: dict[str, str]) -> Iterator[SchemaProblem]:
    name = str(error.instance)
    said = _sentence(error, words)
    quoted = json.dumps(name, ensure_ascii=False)
    yield SchemaProblem((*path, name), f"the key {said}" if said.startswith(quoted) else f"the key {quoted} {said}")


def _sentence(error: ValidationError, words: dict[str, str]) -> str:
    kind, facts, value = error.kind.name, error.kind.as_dict(), error.instance
    if kind in _LIMITS:
        size = len(value) if isinstance(value, (str, list, dict)) else 0
        said = _LIMITS[kind].format(limit=facts["limit" if "limit" in facts else "multiple_of"], size=size, value=value)
        return _ONE.get(said, said)
    match kind:
        case "type":
            wanted = [_article_free(name) for name in facts["types"] if name != "null"]
            return f"expected {' or '.join(wanted)}, got {type_name(value)}"
        case "enum":
            options = [str(option) for option in facts["options"] if option not in (None, "")]
            return f"{json.dumps(value)} is not one of {', '.join(options)}"
        case "pattern":
            meaning = words.get(facts["pattern"], f"text that matches {facts['pattern']}")
            return f"{json.dumps(value, ensure_ascii=False)} is not {meaning}"
        case "uniqueItems":
            return "has an item twice"
        case "not":
            return "has a value or a combination of fields that is not allowed"
        case _:
            return error.message


def _hint(error: ValidationError) -> str:
    """Enums are often only written in another case."""
    if error.kind.name != "enum" or not isinstance(error.instance, str):
        return ""
    options = [option for option in error.kind.as_dict()["options"] if isinstance(option, str) and option]
    meant = nearest_name(error.instance, options)
    return f"did you mean `{meant}`?" if meant else ""

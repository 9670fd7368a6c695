"""Checks one object as an API server does: its schema, what the schema misses, and the rules between its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from fleetc.check import maplists, rules, store
from fleetc.check.served import nearest, scope_of, served
from fleetc.check.states import SchemaProblem, State, Verdict
from fleetc.check.wording import problems

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

__all__ = ["check_object", "nearest", "scope_of", "served"]

_CEL_REASON = "CEL rules of the CRD are not checked offline"
_HEADERS = ("apiVersion", "kind")
_WITH_EXPRESSIONS = ("admissionregistration.k8s.io/", "resource.k8s.io/")
"""The groups whose objects hold CEL."""


class Schema:
    """One kind at one minor, compiled."""

    def __init__(self, definitions: store.Definitions, validator: Draft202012Validator) -> None:
        self._definitions = definitions
        self.validator = validator
        self.lists = maplists.build(definitions)
        self.clean = Verdict(State.PARTIAL, (), _CEL_REASON) if definitions.cel else Verdict(State.VALID)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The schema itself, parsed only when a finding needs it."""
        parsed: dict[str, Any] = json.loads(self._definitions.schema_text())
        return parsed


@lru_cache(maxsize=4096)
def compiled(api_version: str, kind: str, minor: str) -> Schema | None:
    """The compiled schema of a kind, None when no pack has it; made once per process."""
    found = store.definitions(api_version, kind, minor)
    if found is None:
        return None
    return schema_of(found)


_by_text: dict[str, Schema] = {}


def schema_of(definitions: store.Definitions) -> Schema:
    """The compiled schema, made once for equal ones. Raises ValueError where it is none."""
    text = definitions.schema_text()
    return _by_text.get(text) or _by_text.setdefault(text, Schema(definitions, _validator(text)))


def _validator(text: str) -> Draft202012Validator:
    # Imported here: 20 ms that a build with nothing to check does not pay.
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    # Linear-time expressions, as in the API server: patterns of CRDs are RE2.
    return Draft202012Validator(json.loads(text), pattern_options=RegexOptions(), validate_formats=False)


def check_object(obj: Mapping[str, Any], minor: str) -> Verdict:
    """What an API server of this minor ("1.35") would say of an object; every problem, sorted by path.

    Raises ValueError for a minor without packed schemas.
    """
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
        return Verdict(State.INVALID, tuple(SchemaProblem((name,), _header(obj, name)) for name in _bad_headers(obj)))
    schema = compiled(api_version, kind, minor)
    if schema is None:
        return _unserved(api_version, kind, minor)
    return examine(schema, obj, api_version, kind, minor)


def examine(schema: Schema, obj: Mapping[str, Any], api_version: str, kind: str, minor: str) -> Verdict:
    """What is to say of an object whose schema is this one."""
    found: list[SchemaProblem] = []
    if not schema.validator.is_valid(obj):
        words = store.kubernetes().words
        for error in schema.validator.iter_errors(obj):
            found.extend(problems(error, schema.schema, words))
    if schema.lists is not None:
        found.extend(maplists.duplicates(schema.lists, obj))
    for rule in rules.of(api_version, kind):
        found.extend(rule(obj))
    if found:
        return Verdict(State.INVALID, tuple(sorted(set(found), key=_place)))
    if api_version.startswith(_WITH_EXPRESSIONS):
        # Imported here: 30 ms that only who has such objects pays.
        from fleetc.check.expressions import verdict  # noqa: PLC0415

        return verdict(obj, minor) or schema.clean
    return schema.clean


def _place(problem: SchemaProblem) -> tuple[list[tuple[bool, int, str]], str, str]:
    # Indexes sort as numbers, and before names, so that no two steps of different type are compared.
    steps = [(isinstance(step, str), 0 if isinstance(step, str) else step, str(step)) for step in problem.path]
    return steps, problem.message, problem.hint


def _bad_headers(obj: Mapping[str, Any]) -> list[str]:
    return [name for name in _HEADERS if not isinstance(obj.get(name), str) or not obj[name]]


def _header(obj: Mapping[str, Any], name: str) -> str:
    return f"`{name}` must be a string" if obj.get(name) else f"missing field `{name}`"


def _unserved(api_version: str, kind: str, minor: str) -> Verdict:
    if served(api_version, kind, minor) is None:
        return Verdict(State.SKIPPED, (), f"no schema known for {api_version} {kind}")
    group = api_version.rpartition("/")[0]
    builtin = group in store.builtin_groups()
    who = f"Kubernetes {minor}" if builtin else "the packed CRD"
    problem = SchemaProblem(
        ("apiVersion",), f"{api_version} {kind} is not served by {who}", nearest(api_version, kind, minor)
    )
    return Verdict(State.INVALID, (problem,))

"""CRDs that were given: which of them a cluster has, and what their CEL rules say of an object."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import yaml

from fleetc.catalogue.components import component, providers_of
from fleetc.catalogue.engines import order
from fleetc.check import cel, store
from fleetc.check.states import SchemaProblem, State, Verdict
from fleetc.source.span import Path

_OLD: Final = re.compile(r"\boldSelf\b")
_ESCAPED: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_RESERVED: Final = re.compile(
    "true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while"
)


class _Loader(yaml.CSafeLoader):
    """PyYAML fails on `- =`, which YAML 1.1 gives a meaning of its own and a published CRD holds as a string."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _loader, _node: "=")


class Crd(NamedTuple):
    """One file that holds the CRD of a kind. `project` and `version` are "" where nothing tells them; a project is
    called as the component in the catalogue."""

    project: str
    version: str
    group: str
    kind: str
    sha256: str
    data: bytes

    def schema(self, version: str) -> Mapping[str, Any] | None:
        """The structural schema of a served version. Raises ValueError where the file is no YAML."""
        for spec in _specs(self.data):
            if (spec.get("group"), spec.get("names", {}).get("kind")) == (self.group, self.kind):
                for each in spec.get("versions", ()):
                    if each["name"] == version and each.get("served", True):
                        found: Mapping[str, Any] = each.get("schema", {}).get("openAPIV3Schema", {})
                        return found
        return None


@lru_cache(maxsize=128)
def _specs(data: bytes) -> tuple[dict[str, Any], ...]:
    return tuple(d["spec"] for d in documents(data))


def documents(data: bytes) -> list[dict[str, Any]]:
    """The CRDs of a file. Raises ValueError where it is no YAML."""
    try:
        # The loader is a safe one: it is CSafeLoader with one more scalar.
        found = list(yaml.load_all(data, Loader=_Loader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    return [d for d in found if isinstance(d, dict) and d.get("kind") == "CustomResourceDefinition" and "spec" in d]


Components = tuple[tuple[str, str], ...]
"""The components of a cluster with their versions, sorted."""


class Given:
    """All CRDs that were given."""

    def __init__(self, crds: Sequence[Crd]) -> None:
        self._crds: dict[tuple[str, str], list[Crd]] = {}
        for each in crds:
            self._crds.setdefault((each.group, each.kind), []).append(each)

    def judge(self, obj: Mapping[str, Any], has: Components, verdict: Verdict) -> Verdict:
        """What is left to say of an object whose schema was checked with this verdict."""
        group, _, version = str(obj.get("apiVersion")).rpartition("/")
        if verdict.state in (State.INVALID, State.SKIPPED):
            return verdict
        if group in store.builtin_groups():
            return _expressions(obj) if verdict.state is State.PARTIAL else verdict
        kind = str(obj.get("kind"))
        crd = self.choose(group, kind, has)
        if isinstance(crd, str):
            return Verdict(State.PARTIAL, (), crd)
        schema = crd.schema(version)
        if schema is None:
            problem = SchemaProblem(("apiVersion",), f"{crd.project} {crd.version} does not serve {version} of {kind}")
            return Verdict(State.INVALID, (problem,))
        if (crd.sha256, version) not in _packed():
            return Verdict(State.PARTIAL, (), f"the packed structure of {kind} is not that of the given CRD")
        found, unrun = run(schema, obj)
        if found:
            return Verdict(State.INVALID, tuple(found))
        return (
            Verdict(State.PARTIAL, (), f"a CEL rule of {kind} is not run: {unrun[0]}")
            if unrun
            else Verdict(State.VALID)
        )

    def choose(self, group: str, kind: str, has: Components) -> Crd | str:
        """The CRD that a cluster with these components has, or why none is known to be."""
        found = self._crds.get((group, kind), [])
        if not found:
            return f"no CRD of {kind} ({group}) was given"
        versions = dict(has)
        mine = [each for each in found if each.project in versions]
        same = [each for each in mine if each.version and order(each.version) == order(versions[each.project])]
        if same:
            # Where a cluster has several of one kind, such as Karpenter's and its provider's, that whose structure is
            # packed, too.
            packed = {digest for digest, _ in _packed()}
            return next((each for each in same if each.sha256 in packed), same[0])
        if mine:
            there = mine[0]
            wanted = f"{there.project} {versions[there.project]}"
            said = f"is of version {there.version}" if there.version else "names no version"
            return f"the cluster has {wanted}; the given CRD of {kind} {said}"
        if len(found) == 1 and not providers_of(group, kind) and component(found[0].project) is None:
            return found[0]  # No component could name a version: there is one CRD of the kind.
        return f"the version of the CRD of {kind} is not known: no component of the cluster is one of those given"


@lru_cache(maxsize=1)
def _packed() -> frozenset[tuple[str, str]]:
    """The digest of each packed CRD, with the versions that are packed of it."""
    head, *lines = store.manifest()
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    return frozenset((row["sha256"], version) for row in rows for version in row["served"].split(",") if version)


def run(schema: Mapping[str, Any], obj: Mapping[str, Any]) -> tuple[list[SchemaProblem], list[str]]:
    """The rules of a schema on a new object that meets its structure: what they find, and why some were not run."""
    found: list[SchemaProblem] = []
    unrun: list[str] = []
    for path, node, value in _places(schema, defaulted(schema, obj), ()):
        for rule in node.get("x-kubernetes-validations", ()):
            try:
                found += _rule(rule, path, node, value)
            except (cel.UncompiledError, cel.UnevaluatedError) as error:
                unrun.append(str(error))
    return found, unrun


def expression_of(rule: Mapping[str, Any]) -> str | None:
    """The expression as it applies to a new object; None for a rule on transitions alone."""
    text = str(rule["rule"])
    if not _OLD.search(text):
        return text
    return _OLD.sub("optional.none()", text) if rule.get("optionalOldSelf") else None


def _rule(rule: Mapping[str, Any], path: Path, node: Mapping[str, Any], value: Any) -> Iterator[SchemaProblem]:
    expression = expression_of(rule)
    if expression is None:
        return
    bound = typed(node, value)
    try:
        if cel.evaluate(expression, bound) is True:
            return
        why = ""
    except RuntimeError as error:
        if "not found" not in str(error).lower():
            raise cel.UnevaluatedError(f"`{expression}`: {error}") from None
        why = f" ({' '.join(str(error).split())})"
    message = rule.get("message") or f"fails the CEL rule `{' '.join(expression.split())}`"
    if "messageExpression" in rule:
        message = _message(str(rule["messageExpression"]), bound) or message
    at = (*path, *re.findall(r"[^.\[\]']+", str(rule.get("fieldPath", ""))))
    reason = rule.get("reason", "")
    yield SchemaProblem(at, f"{message}{why}{f' ({reason})' if reason else ''}", "see the CEL rule in the CRD")


def _message(expression: str, bound: Any) -> str:
    try:
        said = cel.evaluate(expression, bound)
    except (RuntimeError, cel.UncompiledError):
        return ""  # As in the API server, the plain message takes its place.
    return said if isinstance(said, str) else ""


def _places(node: Mapping[str, Any], value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any], Any]]:
    """Every place of an object with the schema that is there."""
    if value is None:
        return
    yield path, node, value
    if isinstance(value, dict):
        for name, child in value.items():
            below = _below(node, name)
            if below is not None:
                yield from _places(below, child, (*path, name))
    elif isinstance(value, list) and isinstance(node.get("items"), dict):
        for n, child in enumerate(value):
            yield from _places(node["items"], child, (*path, n))


def _below(node: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    properties: Mapping[str, Any] = node.get("properties", {})
    found = properties.get(name, node.get("additionalProperties"))
    return found if isinstance(found, dict) else None


def defaulted(node: Mapping[str, Any], value: Any) -> Any:
    """A value with the schema's defaults filled in, as the API server does before it validates."""
    if isinstance(value, dict):
        fields: Mapping[str, Any] = node.get("properties", {})
        lacks = {n: s["default"] for n, s in fields.items() if "default" in s and _absent(s, value.get(n))}
        whole = {**value, **lacks}
        return {n: v if (s := _below(node, n)) is None else defaulted(s, v) for n, v in whole.items()}
    if isinstance(value, list) and isinstance(node.get("items"), dict):
        return [defaulted(node["items"], child) for child in value]
    return value


def _absent(node: Mapping[str, Any], value: Any) -> bool:
    return value is None and not node.get("nullable")


def typed(node: Mapping[str, Any], value: Any) -> Any:
    """A value as CEL sees it: names that it cannot say are escaped, numbers are floats where they are so."""
    if isinstance(value, dict):
        fields: Mapping[str, Any] = node.get("properties", {})
        return {
            escaped(n) if n in fields else n: v if (s := _below(node, n)) is None else typed(s, v)
            for n, v in value.items()
        }
    if isinstance(value, list):
        below = node.get("items")
        return [typed(below, child) for child in value] if isinstance(below, dict) else value
    return float(value) if node.get("type") == "number" and isinstance(value, int) else value


def escaped(name: str) -> str:
    """A field's name as rules write it."""
    if _RESERVED.fullmatch(name):
        return f"__{name}__"
    return re.sub(r"__|[.\-/]", lambda found: _ESCAPED[found[0]], name)


def _expressions(obj: object) -> Verdict:
    """The expressions of a built-in object, compiled."""
    found: list[SchemaProblem] = []
    for path, text in _texts(obj, ()):
        try:
            cel.compiled(text)
        except cel.UncompiledError as error:
            if not error.wrong:
                return Verdict(State.PARTIAL, (), f"a CEL expression is not compiled: {error}")
            found.append(SchemaProblem(path, f"the CEL expression does not compile: {error}"))
    return Verdict(State.INVALID, tuple(found)) if found else Verdict(State.VALID)


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for name, child in value.items():
            if name in ("expression", "valueExpression", "messageExpression") and isinstance(child, str):
                yield (*path, name), child
            else:
                yield from _texts(child, (*path, name))
    elif isinstance(value, list):
        for n, child in enumerate(value):
            yield from _texts(child, (*path, n))

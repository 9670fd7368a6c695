"""CRDs that were given: which of them a cluster has, and what their CEL rules say of an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import yaml

from fleetc.catalogue.components import component, providers_of
from fleetc.catalogue.engines import order
from fleetc.check import store
from fleetc.check.crd_rules import run
from fleetc.check.definitions import definition_line
from fleetc.check.schemas import Schema, check_object, examine, schema_of
from fleetc.check.states import SchemaProblem, State, Verdict
from fleetc.check.store import Scope
from fleetc.check.structural import root
from fleetc.tuples import NamedTuple


class _Loader(yaml.CSafeLoader):
    """PyYAML fails on `- =`, which YAML 1.1 gives a meaning of its own and a published CRD holds as a string."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _loader, _node: "=")


_MOST_VALUES: Final = 2_000_000
"""Of a file; the largest published ones have less than a tenth of that."""
UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a CRD raises that is not one."""


class Crd(NamedTuple):
    """One file that holds the CRD of a kind. `project` and `version` are "" where nothing tells them; a project is
    called as the component in the catalogue."""

    project: str
    version: str
    group: str
    kind: str
    sha256: str
    data: bytes
    scope: Scope = "Namespaced"

    def schema(self, version: str) -> Mapping[str, Any] | None:
        """The structural schema of a served version. Raises one of UNREADABLE where the file is none that can be
        read."""
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
    if _size(found, {}) > _MOST_VALUES:
        raise ValueError("its aliases expand to too much")
    return [d for d in found if isinstance(d, dict) and d.get("kind") == "CustomResourceDefinition" and "spec" in d]


def _size(value: object, known: dict[int, int]) -> int:
    """The number of values, those behind aliases counted each time."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        below = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(child, known) for child in below)
    return known[id(value)]


Components = tuple[tuple[str, str], ...]
"""The components of a cluster with their versions, sorted."""


class Given:
    """All CRDs that were given."""

    def __init__(self, crds: Sequence[Crd]) -> None:
        self._crds: dict[tuple[str, str], list[Crd]] = {}
        for each in crds:
            self._crds.setdefault((each.group, each.kind), []).append(each)

    def of(self, group: str, kind: str) -> tuple[Crd, ...]:
        """All that were given of a kind."""
        return tuple(self._crds.get((group, kind), ()))

    def judge(self, obj: Mapping[str, Any], minor: str, has: Components) -> Verdict:
        """What an API server of this minor would say of an object, on a cluster with these components.

        Where no CRD that was given is the cluster's, its packed structure is looked at: that is partial.
        """
        group, kind = str(obj.get("apiVersion")).rpartition("/")[0], str(obj.get("kind"))
        if group in store.builtin_groups():
            return check_object(obj, minor)
        crd = self.choose(group, kind, has)
        if isinstance(crd, str):
            verdict = check_object(obj, minor)
            return verdict if verdict.state in (State.INVALID, State.SKIPPED) else Verdict(State.PARTIAL, (), crd)
        try:
            return _judged(crd, obj, minor)
        except UNREADABLE as error:
            why = " ".join(str(error).split())
            return Verdict(State.PARTIAL, (), f"the given CRD of {kind} ({group}) is none that can be read: {why}")

    def scope(self, obj: Mapping[str, Any], has: Components) -> Scope | None:
        """Whether objects of a kind live in namespaces, as the CRD of the cluster says; None where none was given."""
        crd = self.choose(str(obj.get("apiVersion")).rpartition("/")[0], str(obj.get("kind")), has)
        return None if isinstance(crd, str) else crd.scope

    def choose(self, group: str, kind: str, has: Components) -> Crd | str:
        """The CRD that a cluster with these components has, or why none is known to be."""
        found = self._crds.get((group, kind), [])
        if not found:
            return f"no CRD of {kind} ({group}) was given"
        versions = dict(has)
        mine = [each for each in found if each.project in versions]
        same = [each for each in mine if each.version and order(each.version) == order(versions[each.project])]
        if same:
            # Where a cluster has several of one kind, such as Karpenter's and its provider's, that which is packed: it
            # is the newest.
            return next((each for each in same if each.sha256 in _packed()), same[0])
        if mine:
            there = mine[0]
            wanted = f"{there.project} {versions[there.project]}"
            said = f"is of version {there.version}" if there.version else "names no version"
            return f"the cluster has {wanted}; the given CRD of {kind} {said}"
        if len(found) == 1 and not providers_of(group, kind) and component(found[0].project) is None:
            return found[0]  # No component could name a version: there is one CRD of the kind.
        return f"the version of the CRD of {kind} is not known: no component of the cluster is one of those given"


@lru_cache(maxsize=1)
def _packed() -> frozenset[str]:
    """The digests of the CRDs of which something is packed."""
    head, *lines = store.manifest()
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    return frozenset(row["sha256"] for row in rows if row["served"])


def _judged(crd: Crd, obj: Mapping[str, Any], minor: str) -> Verdict:
    """What a CRD says of an object of its kind."""
    api_version = str(obj["apiVersion"])
    version = api_version.rpartition("/")[2]
    schema = crd.schema(version)
    if schema is None:
        problem = SchemaProblem(("apiVersion",), f"{crd.project} {crd.version} does not serve {version} of {crd.kind}")
        return Verdict(State.INVALID, (problem,))
    verdict = examine(_compiled(crd, version, minor), obj, api_version, crd.kind, minor)
    if verdict.state is not State.VALID:
        return verdict
    found, unrun = run(schema, obj, minor)
    if found:
        return Verdict(State.INVALID, tuple(found))
    return Verdict(State.PARTIAL, (), f"a rule of {crd.kind} is not run: {unrun[0]}") if unrun else verdict


@lru_cache(maxsize=512)
def _compiled(crd: Crd, version: str, minor: str) -> Schema:
    structure = root(dict(crd.schema(version) or {}), crd.group, crd.kind, version)
    return schema_of(store.custom_definitions([definition_line("given", structure)], minor))

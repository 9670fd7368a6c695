"""What a Kubernetes object is called: its identity, its name among a stack's resources, its type token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pulumi

Object = dict[str, Any]
"""A Kubernetes object as YAML has it; values that are secret are Pulumi's outputs."""

_VERSIONS: Final = (
    *("v1", "v2", "v3"),
    *("v1alpha1", "v1alpha2", "v1alpha3", "v2alpha1"),
    *("v1beta1", "v1beta2", "v1beta3", "v2beta1", "v2beta2"),
)
"""The versions that API groups go through; a resource keeps its identity from one to another."""


class StackError(pulumi.RunError):
    """What a user can mend; Pulumi prints the message without a traceback."""


class Identity(NamedTuple):
    """What makes two manifests the same object: not the API version, which changes while the object stays."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def logical(self) -> str:
        """The name among the stack's resources, such as `Deployment.apps/search/search-api`, unique and stable."""
        kind = f"{self.kind}.{self.group}" if self.group else self.kind
        return "/".join(part for part in (kind, self.namespace, self.name) if part)


def identity(obj: Mapping[str, Any]) -> Identity:
    """The identity of an object that has an apiVersion, a kind and a name."""
    meta = obj["metadata"]
    return Identity(group_of(obj["apiVersion"]), obj["kind"], meta.get("namespace", ""), meta["name"])


def group_of(api_version: str) -> str:
    """The API group of an `apiVersion`; empty for the core group."""
    return api_version.rpartition("/")[0]


def token(api_version: str, kind: str) -> str:
    """The type by which the Kubernetes provider knows a kind, such as `kubernetes:core/v1:Namespace`."""
    return f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}"


def other_tokens(api_version: str, kind: str) -> list[str]:
    """The types that the same object has in other versions of its group."""
    group, _, version = api_version.rpartition("/")
    return [token(f"{group}/{other}" if group else other, kind) for other in _VERSIONS if other != version]


def strings(value: Any) -> Iterator[str]:
    """Every text that stands in a document as a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)

"""Where the server takes expressions: what variables each place has, and what an expression there must come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from fleetc.cel import program
from fleetc.cel.environment import environment
from fleetc.cel.libraries.authorizer import AUTHORIZER, RESOURCE_CHECK
from fleetc.cel.program import CompileError, Problem, Program
from fleetc.cel.types import (
    ANY,
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    QUANTITY,
    STRING,
    TIMESTAMP,
    UINT,
    Messages,
    Type,
    listing,
    mapping,
    message,
)
from fleetc.tuples import NamedTuple

_GVK: Final = message("kubernetes.GroupVersionKind")
_GVR: Final = message("kubernetes.GroupVersionResource")
_USER: Final = message("kubernetes.UserInfo")
REQUEST: Final = message("kubernetes.AdmissionRequest")
"""What an admission policy reads of the request (apiserver, pkg/admission/plugin/cel)."""
NAMESPACE: Final = message("kubernetes.Namespace")
"""What it reads of the namespace of the object."""
_DEVICE: Final = message("kubernetes.DRADevice")
_VARIABLES: Final = message("kubernetes.variables")
_PARTS: Final = {part: message(f"kubernetes.Namespace{part}") for part in ("Metadata", "Spec", "Status", "Condition")}
_TEXTS: Final = listing(STRING)
_LABELS: Final = mapping(STRING, STRING)

ADMISSION: Final[Messages] = {
    _GVK.name: {"group": STRING, "version": STRING, "kind": STRING},
    _GVR.name: {"group": STRING, "version": STRING, "resource": STRING},
    _USER.name: {"username": STRING, "uid": STRING, "groups": _TEXTS, "extra": mapping(STRING, _TEXTS)},
    REQUEST.name: {
        **{"kind": _GVK, "resource": _GVR, "subResource": STRING, "requestKind": _GVK, "requestResource": _GVR},
        **{"requestSubResource": STRING, "name": STRING, "namespace": STRING, "operation": STRING},
        **{"userInfo": _USER, "dryRun": BOOL, "options": DYN},
    },
    NAMESPACE.name: {"metadata": _PARTS["Metadata"], "spec": _PARTS["Spec"], "status": _PARTS["Status"]},
    _PARTS["Spec"].name: {"finalizers": _TEXTS},
    _PARTS["Status"].name: {"conditions": listing(_PARTS["Condition"]), "phase": STRING},
    _PARTS["Condition"].name: {
        **{"status": STRING, "type": STRING, "lastTransitionTime": TIMESTAMP, "message": STRING, "reason": STRING}
    },
    _PARTS["Metadata"].name: {
        **{"name": STRING, "generateName": STRING, "namespace": STRING, "labels": _LABELS, "annotations": _LABELS},
        **{"UID": STRING, "creationTimestamp": TIMESTAMP, "deletionGracePeriodSeconds": INT},
        **{"deletionTimestamp": TIMESTAMP, "generation": INT, "resourceVersion": STRING, "finalizers": _TEXTS},
    },
}
_SIMPLE: Final = frozenset({BOOL, BYTES, DOUBLE, DURATION, INT, NULL, STRING, TIMESTAMP, UINT})
_ALLOCATES_MANY: Final = 36


class Place(NamedTuple):
    """A place for expressions. `returns`: the types that they may have; empty for all."""

    variables: Mapping[str, Type]
    messages: Messages
    returns: tuple[Type, ...]
    minor: str
    bind: bool = False

    def compile(self, expression: str) -> Program:
        """An expression as the server takes it here. Raises CompileError and UnsupportedError."""
        within = environment(self.minor, bind=self.bind)
        made = program.compile(expression, self.variables, self.minor, messages=self.messages, within=within)
        if self.returns and made.output not in self.returns:
            wanted = str(self.returns[0]) if len(self.returns) == 1 else f"one of {', '.join(map(str, self.returns))}"
            raise CompileError((Problem(1, 1, f"must evaluate to {wanted} but got {made.output}"),))
        return made


def admission(
    minor: str,
    returns: tuple[Type, ...],
    *,
    object: Type = DYN,
    params: Type | None = None,
    authorizer: bool = True,
    variables: Mapping[str, Type] | None = None,
    messages: Messages | None = None,
) -> Place:
    """Where an admission policy has expressions. `params`: there are some, of this type; `variables`: what the policy
    names, where it names any; `messages`: of the types of object and params, where those are known."""
    known: dict[str, Type] = {"object": object, "oldObject": object, "request": REQUEST, "namespaceObject": NAMESPACE}
    own: dict[str, Mapping[str, Type]] = dict(ADMISSION)
    if params is not None:
        known["params"] = params
    if authorizer:
        known |= {"authorizer": AUTHORIZER, "authorizer.requestResource": RESOURCE_CHECK}
    if variables is not None:
        known["variables"] = _VARIABLES
        own[_VARIABLES.name] = variables
    return Place(known, _Joined(own, messages or {}), returns, minor)


class _Joined(Mapping[str, Mapping[str, Type]]):
    """The messages of a place and those of its objects, which are made when they are asked for."""

    def __init__(self, own: Messages, others: Messages) -> None:
        self._own = own
        self._others = others

    def __getitem__(self, name: str) -> Mapping[str, Type]:
        return self._own[name] if name in self._own else self._others[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._own, **self._others})

    def __len__(self) -> int:
        return len({*self._own, *self._others})


def held(found: Type) -> Type:
    """The type of a variable of a policy, by that of its expression: what is not plain is looked at when it runs."""
    if found.name in ("list", "map"):
        return found._replace(parameters=tuple(held(part) for part in found.parameters))
    return found if found in _SIMPLE else DYN


@lru_cache(maxsize=16)
def device(minor: str) -> Place:
    """Where a DeviceClass or a claim selects devices (dynamic-resource-allocation, cel)."""
    fields = {
        "driver": STRING,
        "attributes": mapping(STRING, mapping(STRING, ANY)),
        "capacity": mapping(STRING, mapping(STRING, QUANTITY)),
    }
    if int(minor.partition(".")[2]) >= _ALLOCATES_MANY:
        fields["allowMultipleAllocations"] = BOOL
    return Place({"device": _DEVICE}, {_DEVICE.name: fields}, (BOOL, ANY), minor, bind=True)

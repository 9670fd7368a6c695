"""Questions to the server's authorizer: what they are made of is known, the answers are not."""

from __future__ import annotations

from typing import Final

from fleetc.cel.functions import Library
from fleetc.cel.types import Type

_PREFIX: Final = "kubernetes.authorization"
AUTHORIZER: Final = Type(f"{_PREFIX}.Authorizer", (), "opaque")
RESOURCE_CHECK: Final = Type(f"{_PREFIX}.ResourceCheck", (), "opaque")
_PATH: Final = Type(f"{_PREFIX}.PathCheck", (), "opaque")
_GROUP: Final = Type(f"{_PREFIX}.GroupCheck", (), "opaque")
_DECISION: Final = Type(f"{_PREFIX}.Decision", (), "opaque")
AUTHORIZERS: Final = Library(since=27, types=(AUTHORIZER, RESOURCE_CHECK, _PATH, _GROUP, _DECISION))
SELECTORS: Final = Library(since=31)

for _name, _signature in (
    ("path", f"{AUTHORIZER}.(string) -> {_PATH}"),
    ("group", f"{AUTHORIZER}.(string) -> {_GROUP}"),
    ("serviceAccount", f"{AUTHORIZER}.(string, string) -> {AUTHORIZER}"),
    ("resource", f"{_GROUP}.(string) -> {RESOURCE_CHECK}"),
    ("subresource", f"{RESOURCE_CHECK}.(string) -> {RESOURCE_CHECK}"),
    ("namespace", f"{RESOURCE_CHECK}.(string) -> {RESOURCE_CHECK}"),
    ("name", f"{RESOURCE_CHECK}.(string) -> {RESOURCE_CHECK}"),
    ("check", f"{_PATH}.(string) -> {_DECISION}"),
    ("check", f"{RESOURCE_CHECK}.(string) -> {_DECISION}"),
    ("errored", f"{_DECISION}.() -> bool"),
    ("error", f"{_DECISION}.() -> string"),
    ("allowed", f"{_DECISION}.() -> bool"),
    ("reason", f"{_DECISION}.() -> string"),
):
    AUTHORIZERS.declare(_name, _signature, run=None)
for _name in ("fieldSelector", "labelSelector"):
    SELECTORS.declare(_name, f"{RESOURCE_CHECK}.(string) -> {RESOURCE_CHECK}", run=None)

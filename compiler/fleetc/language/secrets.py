"""Values of secrets do not belong in git: where a raw object holds one."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleetc.diagnostics import codes
from fleetc.language.problem import Problem
from fleetc.language.wording import quoted
from fleetc.source.span import Path

_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----")
_ENCODED = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/\s]{0,100}")
"""How a PEM block starts in base64."""
_WORDS = re.compile('PRIVATE KEY|LS0tLS1CRUdJTi|"Secret"')
"""One of these is in every text that is of interest."""
_HINT = "keep it in a secret store, and write an ExternalSecret (external-secrets.io/v1) that refers to it"


def find(value: Any, at: Path) -> Iterator[Problem]:
    """Problems for the values of Secrets and for private keys, however deep they stand: in a List, in a template."""
    return _found(value, at) if _may_hold_some(value) else iter(())


def _may_hold_some(value: Any) -> bool:
    """Whether to look closer: almost never."""
    left = [value]
    while left:
        item = left.pop()
        cls = type(item)
        if cls is str:
            if _WORDS.search(item):
                return True
        elif cls is dict:
            if item.get("kind") == "Secret":
                return True
            left.extend(item.values())
        elif cls is list:
            left.extend(item)
        elif isinstance(item, Mapping):
            return True
    return False


def _found(value: Any, at: Path) -> Iterator[Problem]:
    match value:
        case str():
            if _is_private_key(value):
                yield Problem(codes.SECRET_VALUE, "a private key is written here", at, _HINT)
            elif _is_secret_as_text(value):
                yield Problem(codes.SECRET_VALUE, "a Secret with its values is written here as text", at, _HINT)
        case Mapping():
            fields = _values_of_secret(value)
            for field in fields:
                for key in value[field]:
                    message = f"the value of secret key {quoted(key)} is written here"
                    yield Problem(codes.SECRET_VALUE, message, (*at, field, key), _HINT, True)
            for key, item in value.items():
                if key not in fields:
                    yield from _found(item, (*at, key))
        case list():
            for n, item in enumerate(value):
                yield from _found(item, (*at, n))
        case _:
            pass


def _values_of_secret(value: Mapping[Any, Any]) -> list[str]:
    """The fields with values, when this is a Secret."""
    is_secret = value.get("kind") == "Secret" and value.get("apiVersion") == "v1"
    return [field for field in ("data", "stringData") if is_secret and isinstance(value.get(field), Mapping)]


def _is_private_key(text: str) -> bool:
    if _PRIVATE_KEY.search(text):
        return True
    encoded = _ENCODED.search(text)
    if encoded is None:
        return False
    packed = "".join(encoded[0].split())
    try:
        start = base64.b64decode(packed[: len(packed) // 4 * 4])
    except binascii.Error:
        return False
    return _PRIVATE_KEY.search(start.decode("utf-8", "replace")) is not None


def _is_secret_as_text(text: str) -> bool:
    """As in kubectl's annotation `last-applied-configuration`, which comes along when an object is copied from a
    cluster."""
    if '"Secret"' not in text or not text.lstrip().startswith("{"):
        return False
    try:
        return any(find(json.loads(text), ()))
    except (ValueError, RecursionError):
        return False

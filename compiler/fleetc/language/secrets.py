"""Values of secrets do not belong in git: where a raw object holds one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleetc.diagnostics import codes
from fleetc.language.problem import Problem
from fleetc.source.span import Path

_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z]+ )?PRIVATE KEY-----")
_HINT = "keep it in a secret store, and write an ExternalSecret (external-secrets.io/v1) that refers to it"


def find(value: Any, at: Path) -> Iterator[Problem]:
    """Problems for the values of a Secret, and for private keys anywhere."""
    if isinstance(value, Mapping) and value.get("kind") == "Secret" and value.get("apiVersion") == "v1":
        for field in ("data", "stringData"):
            entries = value.get(field)
            for key in entries if isinstance(entries, Mapping) else ():
                yield Problem(
                    codes.SECRET_VALUE,
                    f"the value of secret key `{key}` is written here",
                    (*at, field, key),
                    _HINT,
                    True,
                )
    else:
        yield from _private_keys(value, at)


def _private_keys(value: Any, at: Path) -> Iterator[Problem]:
    match value:
        case str():
            if _PRIVATE_KEY.search(value):
                yield Problem(codes.SECRET_VALUE, "a private key is written here", at, _HINT)
        case Mapping():
            for key, item in value.items():
                yield from _private_keys(item, (*at, key))
        case list():
            for n, item in enumerate(value):
                yield from _private_keys(item, (*at, n))
        case _:
            pass

"""What the API server answers when it refuses."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, Final

from fleetc_rehearsal.errors import Cause, Refused

_MOST_TEXT: Final = 500
_UNTYPED: Final = "failed to create typed patch object"
_TYPED: Final = re.compile(r"(?:: |^ +)\.(\S+): (.+)$", re.MULTILINE)
_STRICT: Final = re.compile(r'(unknown|duplicate) field "([^"]+)"')


def refusal(status: int, body: bytes) -> Refused:
    """The refusal in an answer: a Status object as a rule, plain text from what stands before the API."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.get("kind") != "Status":
        return Refused(status, _word(status), body[:_MOST_TEXT].decode(errors="replace").strip() or "no reason given")
    details = told.get("details") or {}
    message = told.get("message") or "no reason given"
    causes = [_cause(each) for each in details.get("causes") or ()] or _causes_in(message)
    return Refused(status, told.get("reason") or _word(status), message, causes)


def _causes_in(message: str) -> list[Cause]:
    """The fields that a message names. Strict validation gives no causes: it says one sentence, or a line for each."""
    _, typed, rest = message.partition(_UNTYPED)
    if typed:
        return [Cause(path, what) for path, what in _TYPED.findall(rest)]
    return [Cause(path, f"{what} field") for what, path in _STRICT.findall(message)]


def _cause(told: dict[str, Any]) -> Cause:
    return Cause(told.get("field", ""), told.get("message", ""), told.get("reason", ""))


def _word(status: int) -> str:
    """The name of a status, for what has no reason: `Service Unavailable` becomes ServiceUnavailable."""
    try:
        return HTTPStatus(status).phrase.replace(" ", "")
    except ValueError:
        return "Unknown"

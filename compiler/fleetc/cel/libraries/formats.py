"""The formats that Kubernetes names, there since 1.31. What exactly is wrong with a text is the server's to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from fleetc.cel.functions import Library
from fleetc.cel.libraries import urls
from fleetc.cel.times import timestamp
from fleetc.cel.types import FORMAT
from fleetc.cel.values import ABSENT, EvaluationError, Opaque, Optional, UndecidedError, Unknown

FORMATS: Final = Library(since=31, types=(FORMAT,))
_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WORD: Final = "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_BASE64: Final = "[A-Za-z0-9+/]"


_REASONS: Final = Unknown("the words of the server on a format are not repeated here")


def _pattern(pattern: str, most: int) -> Callable[[str], bool]:
    found = re.compile(pattern)
    return lambda text: len(text.encode()) <= most and found.fullmatch(text) is not None


def _prefix(test: Callable[[str], bool]) -> Callable[[str], bool]:
    """A name that more is put behind, and may end in a dash."""
    return lambda text: test(f"{text[:-1]}a" if len(text) > 1 and text.endswith("-") else text)


_label = _pattern(_LABEL, 63)
_subdomain = _pattern(rf"{_LABEL}(\.{_LABEL})*", 253)
_label_1035 = _pattern("[a-z]([-a-z0-9]*[a-z0-9])?", 63)
_word = _pattern(_WORD, 63)


def _qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    return _word(name) and (not slash or _subdomain(prefix))


def _date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None


def _datetime(text: str) -> bool:
    if timestamp(text) is not None:
        return True
    if re.match(r"\d{4}-\d\d-\d\d[Tt ]", text):
        raise UndecidedError("such a time is not read here")
    return False


def _uri(text: str) -> bool:
    try:
        urls.parse(text)
    except EvaluationError:
        return False
    return True


_TESTS: Final[dict[str, Callable[[str], bool]]] = {
    "dns1123Label": _label,
    "dns1123Subdomain": _subdomain,
    "dns1035Label": _label_1035,
    "qualifiedName": _qualified,
    "dns1123LabelPrefix": _prefix(_label),
    "dns1123SubdomainPrefix": _prefix(_subdomain),
    "dns1035LabelPrefix": _prefix(_label_1035),
    "labelValue": lambda text: not text or _word(text),
    "uri": _uri,
    "uuid": _pattern("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", 100),
    "byte": _pattern(rf"({_BASE64}{{4}})*({_BASE64}{{2}}==|{_BASE64}{{3}}=|{_BASE64}{{4}})", 10**6),
    "date": _date,
    "datetime": _datetime,
}


def _named(name: str) -> Opaque:
    return Opaque(FORMAT, name)


for _name in _TESTS:
    FORMATS.declare(f"format.{_name}", "() -> format", run=lambda name=_name: _named(name))


@FORMATS("format.named", "(string) -> optional(format)")
def _find(name: str) -> Optional:
    return Optional(_named(name)) if name in _TESTS else ABSENT


@FORMATS("validate", "format.(string) -> optional(list(string))")
def _validate(of: Opaque, text: str) -> Any:
    return ABSENT if _TESTS[str(of.value)](text) else Optional(_REASONS)

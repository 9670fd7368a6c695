"""CEL as the API server runs it on custom objects: the library, and the functions that Kubernetes adds to it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

NOT_INSTALLED: Final = "cel-expr-python is not installed, with which CEL rules are run"
_SUFFIXES: Final[dict[str, Decimal | int]] = {
    **{"": 1, "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3")},
    **{name: 10 ** (3 * n) for n, name in enumerate("kMGTPE", 1)},
    **{f"{name}i": 1024**n for n, name in enumerate("KMGTPE", 1)},
}
_QUANTITY: Final = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkKMGTPE]?i?)")


class UncompiledError(ValueError):
    """An expression that is not compiled here. `wrong`: no server would compile it either."""

    def __init__(self, reason: str, *, wrong: bool = False) -> None:
        super().__init__(reason)
        self.wrong = wrong


class UnevaluatedError(RuntimeError):
    """An expression that is compiled and cannot be evaluated here, for what the library does not do."""


def quantity(text: str) -> str:
    """The canonical number of a quantity, as text. Raises ValueError."""
    found = _QUANTITY.fullmatch(text)
    if found is None or found[2] not in _SUFFIXES:
        raise ValueError(f"no quantity: {text}")
    try:
        return format((Decimal(found[1]) * _SUFFIXES[found[2]]).normalize(), "f")
    except InvalidOperation:
        raise ValueError(f"no quantity: {text}") from None


def _holds(make: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        with suppress(ValueError):
            make(text)
            return True
        return False

    return check


def _url(text: str) -> str:
    found = urlsplit(text)
    if not (found.scheme and found.netloc) and not text.startswith("/"):
        raise ValueError(f"no absolute URL: {text}")
    return text


def _find(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return found[0] if found else ""


def _cidr(text: str) -> object:
    address, slash, _ = text.partition("/")
    if not slash:
        raise ValueError(f"no range: {text}")
    ipaddress.ip_address(address)
    return ipaddress.ip_network(text, strict=False)


def _compare(a: str, b: str) -> int:
    x, y = Decimal(a), Decimal(b)
    return (x > y) - (x < y)


@lru_cache(maxsize=1)
def _environment() -> Any:
    """The environment of all rules; None when the library is not installed."""
    try:
        # Imported here: 30 ms and 16 MB, only where rules are run.
        from cel_expr_python import cel  # noqa: PLC0415
        from cel_expr_python.ext import ext_optional, ext_strings  # noqa: PLC0415
    except ImportError:
        return None
    text, truth, whole = cel.Type.STRING, cel.Type.BOOL, cel.Type.INT

    def function(name: str, given: int, gives: Any, impl: Callable[..., Any], *, member: bool = False) -> Any:
        parameters = [text] * given
        return cel.FunctionDecl(
            name,
            [cel.Overload(f"fleetc_{name}", return_type=gives, parameters=parameters, is_member=member, impl=impl)],
        )

    functions = [
        function("isIP", 1, truth, _holds(ipaddress.ip_address)),
        function("isCIDR", 1, truth, _holds(_cidr)),
        function("isURL", 1, truth, _holds(_url)),
        function("isQuantity", 1, truth, _holds(quantity)),
        function("quantity", 1, text, quantity),
        function("url", 1, text, _url),
        function("find", 2, text, _find, member=True),
        function("getScheme", 1, text, lambda u: urlsplit(u).scheme, member=True),
        function("getHost", 1, text, lambda u: urlsplit(u).netloc, member=True),
        function("isInteger", 1, truth, lambda q: "." not in q, member=True),
        function("compareTo", 2, whole, _compare, member=True),
        function("isLessThan", 2, truth, lambda a, b: _compare(a, b) < 0, member=True),
        function("isGreaterThan", 2, truth, lambda a, b: _compare(a, b) > 0, member=True),
    ]
    names = ("self", "object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer", "device")
    return cel.NewEnv(
        variables=dict.fromkeys(names, cel.Type.DYN),
        functions=functions,
        extensions=[ext_strings.ExtStrings(), ext_optional.ExtOptional()],
    )


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Any:
    """The compiled expression. Raises UncompiledError."""
    environment = _environment()
    if environment is None:
        raise UncompiledError(NOT_INSTALLED)
    try:
        return environment.compile(expression)
    except RuntimeError as error:
        text = " ".join(str(error).split())
        said = re.sub(r".*?ERROR: <input>:\d+:\d+: ", "", text).partition(" | ")[0]
        raise UncompiledError(said, wrong="Syntax error" in text) from None


def evaluate(expression: str, value: Any) -> Any:
    """What an expression says of `self`. Raises UncompiledError, and RuntimeError for an error at run time."""
    program = compiled(expression)
    result = program.eval(data={"self": value})
    if result.type().name() == "ERROR" or not isinstance(result.plain_value(), (bool, str)):
        raise RuntimeError(str(result.plain_value()))
    return result.plain_value()

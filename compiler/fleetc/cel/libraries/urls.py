"""URLs as Go reads them (net/url)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

from fleetc.cel.functions import Library
from fleetc.cel.types import URL
from fleetc.cel.values import EvaluationError, Opaque
from fleetc.tuples import NamedTuple

URLS: Final = Library(types=(URL,))
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"]|[^\x00-\x7f]|%[89A-Fa-f][0-9A-Fa-f])*")
_USER: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_KEPT: Final = "!$&'()*+,;=:@[]%/"


class Parts(NamedTuple):
    """What a URL consists of."""

    scheme: str
    user: str = ""
    host: str = ""
    path: str = ""
    query: str | None = None
    fragment: str = ""
    opaque: str = ""


def _wrong(text: str, reason: str) -> EvaluationError:
    return EvaluationError(f'URL parse error during conversion from string: parse "{text}": {reason}')


def parse(text: str) -> Parts:
    """An absolute URL, or an absolute path. Raises EvaluationError."""
    _parsed(text, text)
    rest, _, fragment = text.partition("#")
    return _parsed(rest, text)._replace(fragment=fragment)


def _parsed(rest: str, text: str) -> Parts:
    if not text:
        raise _wrong(text, "empty url")
    if _CONTROL.search(text):
        raise _wrong(text, "net/url: invalid control character in URL")
    if rest == "*":
        return Parts("", path="*")
    found = _SCHEME.match(rest)
    if rest.startswith(":"):
        raise _wrong(text, "missing protocol scheme")
    scheme = found[1].lower() if found else ""
    rest = rest[found.end() :] if found else rest
    rest, asks, query = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return Parts(scheme, query=query if asks else None, opaque=rest)
        raise _wrong(text, "invalid URI for request")
    user = host = ""
    if scheme and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        user, host = _host(authority, text)
        rest = slash + path
    if _BAD_ESCAPE.search(rest):
        raise _wrong(text, "invalid URL escape")
    return Parts(scheme, user, host, rest, query if asks else None)


def _host(authority: str, text: str) -> tuple[str, str]:
    """Who is named before a host, and the host."""
    user, at, host = authority.rpartition("@")
    if at and (not _USER.fullmatch(user) or _BAD_ESCAPE.search(user)):
        raise _wrong(text, "net/url: invalid userinfo")
    port = host.rpartition("]")[2] if host.startswith("[") else host
    if host.startswith("[") and "]" not in host:
        raise _wrong(text, "missing ']' in host")
    colon = port.rfind(":")
    if colon >= 0 and not re.fullmatch(r":[0-9]*", port[colon:]):
        raise _wrong(text, f'invalid port "{port[colon:]}" after host')
    if not _HOST.fullmatch(host):
        raise _wrong(text, "invalid character in host name")
    return user + at, unquote(host)


def _url(text: str) -> Opaque:
    return Opaque(URL, parse(text))


URLS.declare("url", "(string) -> url", run=_url)


@URLS("isURL", "(string) -> bool")
def _is_url(text: str) -> bool:
    try:
        _parsed(text, text)
    except EvaluationError:
        return False
    return True


@URLS("getScheme", "url.() -> string")
def _scheme(of: Opaque) -> str:
    return str(of.value.scheme)


@URLS("getHost", "url.() -> string")
def _get_host(of: Opaque) -> str:
    return str(of.value.host)


def _split(host: str) -> tuple[str, str]:
    """The name and the port of a host."""
    found = re.fullmatch(r"(.*?)(?::([0-9]*))?", host) if not host.startswith("[") else None
    if found is None:
        name, _, port = host[1:].partition("]")
        return name, port.removeprefix(":")
    return found[1], found[2] or ""


@URLS("getHostname", "url.() -> string")
def _hostname(of: Opaque) -> str:
    return _split(of.value.host)[0]


@URLS("getPort", "url.() -> string")
def _port(of: Opaque) -> str:
    return _split(of.value.host)[1]


@URLS("getEscapedPath", "url.() -> string")
def _escaped_path(of: Opaque) -> str:
    path = str(of.value.path)
    if re.fullmatch(rf"[A-Za-z0-9\-_.~{re.escape(_KEPT)}]*", path):
        return path
    return quote(unquote(path), safe="/~$&+,:;=@")


@URLS("getQuery", "url.() -> map(string, list(string))")
def _query(of: Opaque) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for part in str(of.value.query or "").split("&"):
        if not part or ";" in part or _BAD_ESCAPE.search(part):
            continue
        name, _, value = part.replace("+", " ").partition("=")
        out.setdefault(unquote(name), []).append(unquote(value))
    return out

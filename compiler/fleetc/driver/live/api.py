"""A client of the API server that can only read: GET is the one thing that it sends."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from fleetc import __version__
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.live.credentials import Credentials, credentials, trust
from fleetc.driver.live.kubeconfig import Context
from fleetc.tuples import NamedTuple

Object = Mapping[str, Any]
SECONDS: Final = 30.0
_PAGE: Final = 500
_TRIES: Final = 4
_BUSY: Final = (429, 503)
_LONGEST_PAUSE: Final = 5.0


class RefusedError(Exception):
    """The server's answer is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Resource(NamedTuple):
    """How a kind is served."""

    plural: str
    namespaced: bool


class Reader(Protocol):
    """What is asked of a cluster."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The answer to a GET, as data. Raises RefusedError, and Failure (FLT921) where nobody answers."""


class Api:
    """The server of a context; one connection, kept alive."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._at = urlsplit(context.server)
        if self._at.scheme not in ("http", "https") or not self._at.hostname:
            message = f"context {context.name}: `{context.server}` is no address of a server"
            raise Failure(Diagnostic(codes.BAD_KUBECONFIG, message, hint="mend the kubeconfig"))
        self._who: Credentials | None = None
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """See Reader. What is busy is asked again; a token that is refused is fetched again, once."""
        target = self._at.path.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        status, pause, text = self._exchange(target)
        if status == 401 and "exec" in self._context.user.value:
            self.close()
            self._who = None
            status, pause, text = self._exchange(target)
        for _ in range(_TRIES):
            if status not in _BUSY or pause is None:
                break
            time.sleep(min(pause, _LONGEST_PAUSE))
            status, pause, text = self._exchange(target)
        if status >= 300:
            raise RefusedError(status, _reason(status, text))
        try:
            return json.loads(text)
        except ValueError:
            raise self._unreachable("what answers is no Kubernetes API server") from None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, target: str) -> tuple[int, float | None, bytes]:
        """Status, how long to wait before asking again, text; sent again where a kept connection was closed."""
        if self._who is None:
            self._who = credentials(self._context)
        for kept in (self._connection is not None, False):
            if self._connection is None:
                self._connection = self._connect(self._who)
            try:
                self._connection.request("GET", target, headers=self._headers(self._who))
                answer = self._connection.getresponse()
                pause = answer.headers.get("Retry-After", "")
                return answer.status, float(pause) if pause.isdigit() else None, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if not kept or isinstance(error, TimeoutError):
                    raise self._unreachable(_words(error)) from None
        raise AssertionError("the second time nothing is kept")

    def _headers(self, who: Credentials) -> Mapping[str, str]:
        value = self._context.user.value
        told = {"Accept": "application/json", "User-Agent": f"fleetc/{__version__}"}
        if who.authorization:
            told["Authorization"] = who.authorization
        if value.get("as"):
            told["Impersonate-User"] = str(value["as"])
        return told

    def _connect(self, who: Credentials) -> http.client.HTTPConnection:
        at, proxy = self._at, self._proxy()
        host, port = at.hostname or "", at.port or (443 if at.scheme == "https" else 80)
        to, to_port = (proxy.hostname or "", proxy.port or 80) if proxy else (host, port)
        if at.scheme == "http":
            made = http.client.HTTPConnection(to, to_port, timeout=SECONDS)
        else:
            name = str(self._context.cluster.value.get("tls-server-name") or host)
            made = _Named(to, to_port, trust(self._context, who), name)
        if proxy:
            made.set_tunnel(host, port)
        return made

    def _proxy(self) -> SplitResult | None:
        """The proxy of the kubeconfig, else of the environment."""
        given = self._context.cluster.value.get("proxy-url")
        if not given and not urllib.request.proxy_bypass(self._at.netloc):
            given = urllib.request.getproxies().get(self._at.scheme)
        found = urlsplit(str(given)) if given else None
        if found and found.scheme != "http":
            raise self._unreachable(f"proxies of `{found.scheme}` are not supported, only those of http")
        return found

    def _unreachable(self, why: str) -> Failure:
        message = f"context {self._context.name}: {self._context.server} cannot be asked: {why}"
        hint = "see to it that `kubectl get namespaces` works with this context from here"
        return Failure(Diagnostic(codes.CLUSTER_UNREACHABLE, message, hint=hint))


class _Named(http.client.HTTPSConnection):
    """A connection whose server is known by another name than that which it is reached by."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, name: str) -> None:
        super().__init__(host, port, timeout=SECONDS, context=context)
        self._name = name
        self._trust = context

    def connect(self) -> None:
        """As HTTPSConnection does it, but for the name."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self._name)


def _reason(status: int, text: bytes) -> str:
    """What a server says is wrong: the message of its Status."""
    try:
        told = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        told = text[:200].decode(errors="replace").strip()
    return str(told) or f"status {status}"


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:.0f} s"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def resources(reader: Reader, api_version: str) -> Mapping[str, Resource]:
    """How the kinds of an API version are served; nothing where the server has no such version."""
    try:
        served = reader.get(_root(api_version))["resources"]
    except RefusedError as error:
        if error.status == 404:
            return {}
        raise
    return {r["kind"]: Resource(r["name"], bool(r["namespaced"])) for r in served if "/" not in r["name"]}


def listed(reader: Reader, api_version: str, resource: Resource, labels: str) -> Iterator[Object]:
    """All objects of a kind with some labels, in all namespaces."""
    query = {"labelSelector": labels, "limit": str(_PAGE)}
    while True:
        page = reader.get(f"{_root(api_version)}/{resource.plural}", query)
        yield from page["items"] or ()
        after = page["metadata"].get("continue")
        if not after:
            return
        query["continue"] = after


def one(reader: Reader, api_version: str, resource: Resource, namespace: str, name: str) -> Object | None:
    """One object; None where there is none."""
    inside = f"/namespaces/{quote(namespace, safe='')}" if resource.namespaced and namespace else ""
    try:
        found: Object = reader.get(f"{_root(api_version)}{inside}/{resource.plural}/{quote(name, safe='')}")
    except RefusedError as error:
        if error.status == 404:
            return None
        raise
    return found


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"

"""A small client of the API server's REST interface, on the standard library alone."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from fleetc_rehearsal.answers import refusal
from fleetc_rehearsal.errors import Refused, TimedOut

Object = dict[str, Any]
"""A Kubernetes object as JSON has it."""
Found = TypeVar("Found")

APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"
_JSON: Final = "application/json"
_SECONDS: Final = 180.0
"""A large CRD takes 8 s on two cores that have nothing else to do."""
_PAGE: Final = 500
_TRIES: Final = 10
_LONGEST_PAUSE: Final = 5.0
_BUSY: Final = (429, 503)


class Resource(NamedTuple):
    """How a kind is served."""

    plural: str
    namespaced: bool
    verbs: tuple[str, ...]


class Review(NamedTuple):
    """What a SubjectAccessReview asks: may this user do that."""

    user: str
    """A user, or `system:serviceaccount:NAMESPACE:NAME`."""
    verb: str
    resource: str
    """The plural."""
    group: str = ""
    namespace: str = ""
    """Empty for all namespaces, and for what has none."""
    name: str = ""
    subresource: str = ""
    groups: tuple[str, ...] = ()


class Client:
    """One connection, kept alive; for one thread. What the server refuses is raised as Refused."""

    def __init__(self, port: int, token: str, certificate: Path, chain: Path | None = None) -> None:
        """`certificate` is the server's own or its issuer's, with which it is verified; `chain` a client certificate
        with its key, of one who has no token ("")."""
        self.port = port
        self.token = token
        self.certificate = certificate
        self.chain = chain
        self.warnings: list[str] = []
        """What the server warned of, such as an API version that goes away; in order, as it came."""
        self._context = trusting(certificate)
        if chain:
            self._context.load_cert_chain(chain)
        self._connection = self._connect()
        self._served: dict[str, dict[str, Resource]] = {}

    def apply(
        self, obj: Mapping[str, Any], *, manager: str = "fleetc", force: bool = False, dry_run: bool = False
    ) -> Object:
        """Server-side apply with strict validation. Returns the object.

        An unknown field is refused with status 500, as the API server does it; by `create` with status 400.
        """
        query = {"fieldManager": manager, "fieldValidation": "Strict", "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        return self.request("PATCH", self._path_of(obj), obj, query=query, content=APPLY)

    def create(self, obj: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Create an object; Refused with reason AlreadyExists where there is one."""
        query = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry_run else {})}
        namespace = obj["metadata"].get("namespace", "")
        return self.request("POST", self.path(obj["apiVersion"], obj["kind"], namespace), obj, query=query)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object:
        """One object; Refused with status 404 where there is none."""
        return self.request("GET", self.path(api_version, kind, namespace, name))

    def look(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """One object, or None."""
        try:
            return self.get(api_version, kind, name, namespace)
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def every(self, api_version: str, kind: str, namespace: str = "", *, labels: str = "") -> Iterator[Object]:
        """All objects of a kind, of one namespace or of all, by a label selector."""
        path = self._all(api_version, kind, namespace)
        query: dict[str, str] = {"limit": str(_PAGE), **({"labelSelector": labels} if labels else {})}
        while True:
            page = self.request("GET", path, query=query)
            for item in page["items"]:
                yield {"apiVersion": api_version, "kind": kind, **item}
            after = page["metadata"].get("continue")
            if not after:
                return
            query["continue"] = after

    def patch(
        self, api_version: str, kind: str, name: str, change: Mapping[str, Any], namespace: str = "", *, part: str = ""
    ) -> Object:
        """A JSON merge patch, of a subresource such as `status` where `part` names it."""
        path = self.path(api_version, kind, namespace, name) + (f"/{part}" if part else "")
        return self.request("PATCH", path, change, content=MERGE)

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "", *, missing_ok: bool = False) -> None:
        """Ask for an object's end; finalizers and controllers may take their time."""
        try:
            self.request("DELETE", self.path(api_version, kind, namespace, name))
        except Refused as error:
            if not (missing_ok and error.status == 404):
                raise

    def allowed(self, review: Review) -> bool:
        """Whether a user may do that, by the server's own authorizers."""
        asked = {k: v for k, v in review._asdict().items() if k not in ("user", "groups") and v}
        spec = {"user": review.user, "groups": list(review.groups), "resourceAttributes": asked}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        answer = self.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
        return bool(answer["status"]["allowed"])

    def resource(self, api_version: str, kind: str) -> Resource:
        """How a kind is served, looked up once; Refused with status 404 where it is not."""
        known = self._served.get(api_version, {}).get(kind)
        if known is None:
            served = self.request("GET", _version_path(api_version))["resources"]
            self._served[api_version] = {
                r["kind"]: Resource(r["name"], r["namespaced"], tuple(r["verbs"]))
                for r in served
                if "/" not in r["name"]
            }
            known = self._served[api_version].get(kind)
        if known is None:
            raise Refused(404, "NotFound", f"the server has no {kind} in {api_version}")
        return known

    def refresh(self) -> None:
        """Forget what is served; for after CRDs came or went."""
        self._served.clear()

    def path(self, api_version: str, kind: str, namespace: str = "", name: str = "") -> str:
        """The path of an object, or without a name of its collection; `default` where a namespace is left out."""
        resource = self.resource(api_version, kind)
        parts = [_version_path(api_version)]
        if resource.namespaced:
            parts += ["namespaces", quote(namespace or "default", safe="")]
        parts.append(resource.plural)
        if name:
            parts.append(quote(name, safe=""))
        return "/".join(parts)

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str = _JSON,
    ) -> Object:
        """Any request, with JSON both ways. A server that is busy, as after many CRDs, is asked again."""
        target = f"{path}?{urlencode(query)}" if query else path
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": _JSON, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        if data is not None:
            headers["Content-Type"] = content
        answer, text = self._exchange(method, target, data, headers)
        for _ in range(_TRIES):
            again = answer.headers.get("Retry-After")
            if answer.status not in _BUSY or not again:
                break
            time.sleep(min(float(again), _LONGEST_PAUSE))
            answer, text = self._exchange(method, target, data, headers)
        if answer.status >= 400:
            raise refusal(answer.status, text)
        self.warnings += answer.headers.get_all("Warning") or []
        told: Object = json.loads(text)
        return told

    def close(self) -> None:
        """Close the connection; the next request opens one again."""
        self._connection.close()

    def _exchange(
        self, method: str, target: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request, sent again where the server has closed the kept connection, unless that could do it twice."""
        kept = self._connection.sock is not None
        try:
            self._connection.request(method, target, data, dict(headers))
            answer = self._connection.getresponse()
            return answer, answer.read()
        except (ConnectionError, ssl.SSLEOFError, http.client.HTTPException):
            self._connection.close()
            if not kept or method == "POST":
                raise
            return self._exchange(method, target, data, headers)
        except BaseException:  # interrupted in the middle: what is still to be read belongs to no later request
            self._connection.close()
            raise

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=_SECONDS, context=self._context)

    def _all(self, api_version: str, kind: str, namespace: str) -> str:
        if namespace or not self.resource(api_version, kind).namespaced:
            return self.path(api_version, kind, namespace)
        return f"{_version_path(api_version)}/{self.resource(api_version, kind).plural}"

    def _path_of(self, obj: Mapping[str, Any]) -> str:
        meta = obj["metadata"]
        return self.path(obj["apiVersion"], obj["kind"], meta.get("namespace", ""), meta["name"])


def trusting(certificate: Path) -> ssl.SSLContext:
    """Trust in the one certificate that a server made for itself."""
    context = ssl.create_default_context(cafile=str(certificate))
    # Its issuer has no key identifier, which newer releases of Python require by default.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def until(check: Callable[[], Found | None], what: str, seconds: float = 60.0) -> Found:
    """Wait until a check returns something other than None or False, and return that. Raises TimedOut."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise TimedOut(f"after {seconds:.0f} s there was still no {what}")
        time.sleep(0.1)


def _version_path(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
